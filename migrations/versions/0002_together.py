"""Working together: batches, phrases, notes, presence, what was put off; remarks and the batch in the ledger."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("to_status", sa.String(12), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        _moment("at"),
        _account("by_id"),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("left_count", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
    )
    op.create_index("ix_batch_by_id", "batch", ["by_id"])
    op.create_table(
        "phrase",
        sa.Column("id", sa.Integer(), primary_key=True),
        _unit(),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.UniqueConstraint("unit_id", "verdict", "text"),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        _unit(),
        sa.Column("node", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _moment("at"),
        _account("by_id"),
        sa.Column("by_name", sa.String(200), nullable=False),
        _of_submission(),
    )
    op.create_index("ix_note_submission_id", "note", ["submission_id", "id"])
    op.create_table(
        "postponement",
        _account("account_id", primary_key=True),
        sa.Column("submission_id", sa.Integer(), primary_key=True),
        _unit(),
        sa.Column("until", sa.Date()),
        _moment("at"),
        _of_submission(),
    )
    op.create_table(
        "presence",
        sa.Column("submission_id", sa.Integer(), primary_key=True),
        _account("account_id", primary_key=True),
        _unit(),
        sa.Column("name", sa.String(200), nullable=False),
        _moment("seen_at"),
        _of_submission(),
    )
    # Added, not rebuilt: batch_alter_table would lose the ledger's triggers.
    op.add_column("decision", sa.Column("remarks", sa.JSON(), nullable=True))
    op.add_column("decision", sa.Column("batch_id", sa.Integer(), nullable=True))
    op.create_index("ix_decision_batch_id", "decision", ["batch_id"])


def downgrade() -> None:
    op.drop_index("ix_decision_batch_id", table_name="decision")
    op.drop_column("decision", "batch_id")
    op.drop_column("decision", "remarks")
    for table in ("presence", "postponement", "note", "phrase", "batch"):
        op.drop_table(table)


def _unit() -> sa.Column[Any]:
    return sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False)


def _account(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey("ab_user.id"), nullable=False, **options)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _of_submission() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["submission_id", "unit_id"], ["submission.id", "submission.unit_id"])
