"""任务中心: all that waits in a unit, and what somebody decided."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"
WAITING = sa.text("status = 'pending'")


def upgrade() -> None:
    columns = ["unit_id", "submitted_at", "id", "node", "kind", "status", "pending_since"]
    op.create_index("ix_submission_unit_waiting", "submission", columns, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_decision_by_id", "decision", ["by_id", "unit_id", "step", "submission_id"])


def downgrade() -> None:
    op.drop_index("ix_decision_by_id", "decision")
    op.drop_index("ix_submission_unit_waiting", "submission")
