"""The migrations: up, down with data in the tables, and up again; what they make is what the models say."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_appbuilder.models.sqla import Model
from flask_migrate import downgrade, upgrade

from app.operations import demo
from app.sealing import check_key
from app.tenancy import UNGUARDED, everything
from tests.browsing import Browser, rowids
from tests.conftest import PASSWORD

KEPT = {
    "attachment": ("update",),
    "post_approval": ("update", "delete"),
    "recommendation": ("update", "delete"),
}
TRIGGERS = {
    "sqlite": {
        ("audit_entry", "audit_entry_no_delete"),
        ("audit_entry", "audit_entry_no_update"),
        ("decision", "decision_no_delete"),
        ("decision", "decision_no_update"),
        ("submission", "submission_fixed"),
        *((table, f"{table}_kept_{event}") for table, events in KEPT.items() for event in events),
        ("attachment", "attachment_kept_insert"),
    },
    "postgresql": {
        ("audit_entry", "audit_entry_no_change"),
        ("audit_entry", "audit_entry_no_truncate"),
        ("decision", "decision_no_change"),
        ("decision", "decision_no_truncate"),
        ("submission", "submission_fixed"),
        *((table, f"{table}_kept_{event}") for table, events in KEPT.items() for event in (*events, "truncate")),
    },
}
TRIGGER_NAMES = {
    "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
}


def on_database(app: Flask, ask: Callable[[sa.Connection], Any]) -> Any:
    """The answer of a question to the database, asked as its owner and without any guard."""
    engine = sa.create_engine(
        app.config["MIGRATION_DATABASE_URL"], poolclass=sa.NullPool, execution_options={UNGUARDED: "a test"}
    )
    with engine.connect() as connection:
        return ask(connection)


def triggers(connection: sa.Connection) -> set[tuple[str, str]]:
    return {tuple(row) for row in connection.exec_driver_sql(TRIGGER_NAMES[connection.dialect.name])}


def tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def registrations(connection: sa.Connection) -> int:
    return connection.exec_driver_sql("SELECT count(*) FROM registration").scalar_one()


def down(app: Flask, revision: str = "base") -> None:
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()
        downgrade(revision=revision)


def up(app: Flask) -> None:
    with app.app_context():
        upgrade()


# ---- what the migrations make ----------------------------------------------------------------------------------------


def test_the_migrated_schema_is_what_the_models_say(app):
    def differences(connection: sa.Connection) -> Any:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, Model.metadata)

    assert on_database(app, differences) == []


def test_a_column_that_only_the_models_know_is_a_difference(app):
    """The comparison above can fail."""
    metadata = sa.MetaData(naming_convention=Model.metadata.naming_convention)
    for table in Model.metadata.tables.values():
        table.to_metadata(metadata)
    metadata.tables["unit"].append_column(sa.Column("forgotten", sa.Integer))
    differences = on_database(app, lambda c: compare_metadata(MigrationContext.configure(c), metadata))
    assert [(difference[0], difference[2]) for difference in differences] == [("add_column", "unit")]


def test_the_checks_of_the_models_are_in_the_database(app):
    """`compare_metadata` does not look at them. A check that stands in a class body never reaches its table."""
    constraints = [
        constraint
        for table in Model.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    ]

    def declared(connection: sa.Connection) -> set[tuple[str, str | None]]:
        names = connection.dialect.identifier_preparer
        return {(constraint.table.name, names.format_constraint(constraint)) for constraint in constraints}

    def migrated(connection: sa.Connection) -> set[tuple[str, str | None]]:
        inspector = sa.inspect(connection)
        return {(table, c["name"]) for table in Model.metadata.tables for c in inspector.get_check_constraints(table)}

    assert on_database(app, migrated) == on_database(app, declared)
    assert len(constraints) >= 5


def test_foreign_keys_and_unique_constraints_have_names_that_a_migration_can_drop(app):
    def nameless(connection: sa.Connection) -> list[Any]:
        inspector = sa.inspect(connection)
        ours = [table for table in Model.metadata.tables if not table.startswith("ab_")]
        found = [(t, c) for t in ours for c in inspector.get_foreign_keys(t) + inspector.get_unique_constraints(t)]
        return [(table, constraint) for table, constraint in found if not constraint["name"]]

    assert on_database(app, nameless) == []


def test_the_triggers_are_there(app, engine):
    assert on_database(app, triggers) == TRIGGERS[engine.name]


# ---- down, and up again ----------------------------------------------------------------------------------------------


def test_down_with_the_demo_in_it_leaves_nothing(demo_app):
    assert on_database(demo_app, registrations) > 250
    down(demo_app)
    assert on_database(demo_app, tables) == {"alembic_version"}
    assert on_database(demo_app, triggers) == set()


def test_down_on_postgresql_leaves_no_function(engine, demo_app):
    if engine.name != "postgresql":
        pytest.skip("SQLite has no functions")
    down(demo_app)
    functions = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    assert on_database(demo_app, lambda c: c.exec_driver_sql(functions).scalars().all()) == []


def test_up_again_is_the_same_schema_and_empty(app, engine, demo_app):
    down(demo_app)
    up(demo_app)
    assert on_database(demo_app, tables) == on_database(app, tables)
    assert on_database(demo_app, triggers) == TRIGGERS[engine.name]
    assert on_database(demo_app, registrations) == 0


def test_up_again_is_a_database_that_works(demo_app):
    down(demo_app)
    up(demo_app)
    with demo_app.app_context():
        with everything("tests") as session:
            check_key(session)
        demo.load()
    browser = Browser(demo_app).sign_in("unit.public", PASSWORD)
    first = rowids(browser.get("/registrations/list/"))[0]
    decided = browser.post("/registrations/decide", {"rowid": first, "verdict": "pass", "opinion": "同意", "query": ""})
    assert decided.status_code == 303


def test_one_step_down_and_up_again_loses_no_row_and_no_trigger(demo_app, engine):
    """The newest migration."""

    def counted(connection: sa.Connection) -> dict[str, int]:
        names = sorted(tables(connection) - {"alembic_version"})
        return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in names}

    before = on_database(demo_app, counted)
    assert before["notice"] > 0
    down(demo_app, "-1")
    between = on_database(demo_app, counted)
    assert between == {name: number for name, number in before.items() if name in between}
    up(demo_app)
    own = dict.fromkeys(before.keys() - between.keys(), 0)  # its tables went with what they held
    assert on_database(demo_app, counted) == before | own
    assert on_database(demo_app, triggers) == TRIGGERS[engine.name]


def test_up_on_what_is_up_changes_nothing(demo_app, engine):
    before = on_database(demo_app, registrations)
    up(demo_app)
    assert on_database(demo_app, registrations) == before
    assert on_database(demo_app, triggers) == TRIGGERS[engine.name]


def test_the_log_still_speaks_after_a_migration(app, caplog):
    """Alembic's way to configure the log silences every logger that is there already."""
    up(app)
    app.test_client().get("/healthz")
    assert any(record.name == "access" for record in caplog.records)


def test_a_revoked_grant_does_not_hold_again_below_the_migration_that_knows_of_it(demo_app):
    def ask(statement: str) -> Any:
        def run(connection: sa.Connection) -> Any:
            found = connection.exec_driver_sql(statement)
            rows = found.scalars().all() if found.returns_rows else None
            connection.commit()
            return rows

        return on_database(demo_app, run)

    held = ask("SELECT role FROM role_grant ORDER BY id")
    indexes = on_database(demo_app, lambda c: {i["name"] for i in sa.inspect(c).get_indexes("role_grant")})
    ask("UPDATE role_grant SET revoked_at = '2026-11-20 01:00:00', revoked_by_id = user_id WHERE id = 1")
    with demo_app.app_context():
        demo_app.extensions["sqlalchemy"].engine.dispose()
        downgrade(revision="0011")
    assert ask("SELECT role FROM role_grant ORDER BY id") == held[1:]
    up(demo_app)
    assert ask("SELECT count(*) FROM role_grant WHERE revoked_at IS NOT NULL") == [0]
    assert on_database(demo_app, lambda c: {i["name"] for i in sa.inspect(c).get_indexes("role_grant")}) == indexes
    checks = on_database(demo_app, lambda c: [one["name"] for one in sa.inspect(c).get_check_constraints("role_grant")])
    assert checks == ["ck_role_grant_over_one"]
