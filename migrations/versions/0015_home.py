"""What 单位首页 asks of a unit: what waits, whatever its kind, and what its ledger says of the last weeks."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    op.create_index(
        "ix_submission_unit_waiting",
        "submission",
        ["unit_id", "submitted_at", "id", "kind", "node", "decided_at", "due_on", "status"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_index("ix_decision_unit_node_at", "decision", ["unit_id", "node", "at", "step", "submission_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_decision_unit_node_at", "decision")
    op.drop_index("ix_submission_unit_waiting", "submission")
