"""The lists of what is decided are ordered by the decision."""

from alembic import op

revision = "0003"
down_revision = "0002"

COLUMNS = ["unit_id", "kind", "type", "status", "decided_at", "id"]


def upgrade() -> None:
    op.create_index("ix_submission_unit_decided", "submission", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_submission_unit_decided", table_name="submission")
