"""The doors: who is in, who guesses, and passwords that were given out."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("ab_user", sa.Column("initial_until", sa.DateTime(timezone=True)))
    op.add_column("ab_user", sa.Column("former_passwords", sa.JSON()))
    op.add_column("ab_user", sa.Column("second_sealed", sa.LargeBinary()))
    op.add_column("ab_user", sa.Column("second_since", sa.DateTime(timezone=True)))
    op.add_column("ab_user", sa.Column("second_step", sa.BigInteger()))
    op.add_column("ab_user", sa.Column("recovery", sa.JSON()))
    op.create_table(
        "sitting",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("second_at", sa.DateTime(timezone=True)),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_sitting_user_id", "sitting", ["user_id", "ended_at"])
    op.create_index("ix_sitting_seen_at", "sitting", ["seen_at"])
    op.create_table(
        "guesses",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("guesses")
    op.drop_table("sitting")
    for name in ("recovery", "second_step", "second_since", "second_sealed", "former_passwords", "initial_until"):
        op.drop_column("ab_user", name)
