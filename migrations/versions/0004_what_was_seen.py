"""What a page had seen of a record: the length of its ledger, and since when it waits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

FILL = (
    "UPDATE submission SET steps = (SELECT count(*) FROM decision WHERE submission_id = submission.id)",
    "UPDATE submission SET pending_since = received_at WHERE status = 'pending'",
)


def upgrade() -> None:
    # Added, not rebuilt: batch_alter_table would lose the triggers.
    op.add_column("submission", sa.Column("steps", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("submission", sa.Column("pending_since", sa.DateTime(timezone=True), nullable=True))
    for statement in FILL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("submission", "pending_since")
    op.drop_column("submission", "steps")
