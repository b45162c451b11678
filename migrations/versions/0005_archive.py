"""业绩档案: attachments, archive items, requests to withdraw them, the marks by which duplicates are found."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id")),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])
    op.create_index("ix_attachment_unit_id", "attachment", ["unit_id"])
    op.create_table("archive_item", _of_submission_id(), sa.Column("data", sa.JSON(), nullable=False))
    op.create_table(
        "withdrawal",
        _of_submission_id(),
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("archive_item.id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("ix_withdrawal_item_id", "withdrawal", ["item_id"])
    op.create_table(
        "archive_mark",
        sa.Column("submission_id", sa.Integer(), primary_key=True),
        sa.Column("field", sa.String(40), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["submission_id", "unit_id"], ["submission.id", "submission.unit_id"]),
    )
    op.create_index("ix_archive_mark_value", "archive_mark", ["value", "type", "field"])


def downgrade() -> None:
    for table in ("archive_mark", "withdrawal", "archive_item", "attachment"):
        op.drop_table(table)


def _of_submission_id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), sa.ForeignKey("submission.id"), primary_key=True)
