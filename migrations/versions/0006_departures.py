"""The end of a person's belonging to a unit."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

IN_FORCE = sa.text("undone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "departure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("remark", sa.String(500), nullable=False),
        sa.Column("after_id", sa.Integer(), sa.ForeignKey("decision.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), sa.ForeignKey("ab_user.id")),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("how IN ('transferred', 'left')", name=op.f("ck_departure_how")),
    )
    op.create_index("ix_departure_person_id", "departure", ["person_id", "id"])
    op.create_index(
        "uq_departure_in_force",
        "departure",
        ["person_id", "after_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade() -> None:
    op.drop_table("departure")
