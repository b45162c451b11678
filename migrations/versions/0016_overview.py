"""辖区总览: what the ledger is folded into."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
COUNTS = ("net", "passed", "returned", "terminated")


def upgrade() -> None:
    op.create_table(
        "overview_mark",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("folded_id", sa.Integer(), nullable=False),
        sa.Column("noted_id", sa.Integer(), nullable=False),
        sa.Column("noted_xid", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "overview_flow",
        sa.Column("over", sa.String(10), primary_key=True),
        sa.Column("owner_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("node", sa.String(12), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
    )
    op.create_table(
        "overview_unit_flow",
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "day"),
    )
    op.create_index("ix_overview_unit_flow_day", "overview_unit_flow", ["day"])
    op.create_table(
        "overview_standing",
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("oldest", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("unit_id"),
    )


def downgrade() -> None:
    for table in ("overview_standing", "overview_unit_flow", "overview_flow", "overview_mark"):
        op.drop_table(table)
