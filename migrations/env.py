"""Runs the migrations on an engine of their own: no guard, and foreign keys off on SQLite.

With foreign keys on, rebuilding a table (`batch_alter_table`) deletes what refers to it by cascade.
"""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from app.tenancy import UNGUARDED

config = current_app.config
engine = sa.create_engine(
    config["MIGRATION_DATABASE_URL"], poolclass=sa.NullPool, execution_options={UNGUARDED: "migrations"}
)


def grant_to_app(connection: sa.Connection) -> None:
    """On PostgreSQL, give the application's role its rights: it owns nothing, and what is only added to it may only add to."""
    role = sa.make_url(config["SQLALCHEMY_DATABASE_URI"]).username
    if connection.dialect.name != "postgresql" or role in (
        None,
        sa.make_url(config["MIGRATION_DATABASE_URL"]).username,
    ):
        return
    name = connection.dialect.identifier_preparer.quote(role)
    connection.execute(sa.text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"))
    connection.execute(sa.text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}"))
    ledgers = {"decision", "audit_entry", "post_approval"} & set(sa.inspect(connection).get_table_names())
    for table in sorted(ledgers):
        connection.execute(sa.text(f"REVOKE UPDATE, DELETE ON {table} FROM {name}"))


with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=current_app.extensions["migrate"].db.metadata,
        render_as_batch=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if not context.is_offline_mode():
        grant_to_app(connection)
    connection.commit()
