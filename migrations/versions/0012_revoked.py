"""Grants that were revoked, by whom and when."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("role_grant") as batch:
        batch.add_column(sa.Column("revoked_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("revoked_by_id", sa.Integer()))
        batch.create_foreign_key("fk_role_grant_revoked_by_id", "ab_user", ["revoked_by_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM role_grant WHERE revoked_at IS NOT NULL")  # without the column they would hold again
    with op.batch_alter_table("role_grant") as batch:
        batch.drop_constraint("fk_role_grant_revoked_by_id", type_="foreignkey")
        batch.drop_column("revoked_by_id")
        batch.drop_column("revoked_at")
