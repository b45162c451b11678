"""单位登录, units that complete their information, who asks for a role, and stand-ins."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("ab_user", sa.Column("issuer", sa.String(200)))
    op.add_column("ab_user", sa.Column("subject", sa.String(255)))
    op.add_column("ab_user", sa.Column("sign_on_unit", sa.String(18)))
    op.add_column("ab_user", sa.Column("number_told", sa.Boolean()))
    op.create_index("uq_ab_user_issuer", "ab_user", ["issuer", "subject", "sign_on_unit"], unique=True)
    op.add_column("sitting", sa.Column("id_token_sealed", sa.LargeBinary()))
    op.add_column("decision", sa.Column("for_name", sa.String(200)))
    op.add_column("unit", sa.Column("is_complete", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE unit SET is_complete = false WHERE code LIKE 'NZ%' AND address = ''")
    with op.batch_alter_table("role_grant") as batch:
        batch.add_column(sa.Column("stands_for_id", sa.Integer()))
        batch.create_foreign_key("fk_role_grant_stands_for_id", "ab_user", ["stands_for_id"], ["id"])
    op.create_table(
        "sign_on",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    op.create_index("ix_sign_on_expires_at", "sign_on", ["expires_at"])
    op.create_table(
        "unit_draft",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
    )
    op.create_table(
        "joining",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id"), nullable=False),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("role", sa.String(30), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by_id", sa.Integer(), sa.ForeignKey("ab_user.id")),
        sa.Column("granted", sa.Boolean()),
        sa.Column("reason", sa.String(500)),
    )
    op.create_index("ix_joining_unit_id", "joining", ["unit_id", "settled_at"])
    op.create_index("ix_joining_user_id", "joining", ["user_id", "id"])
    open_ones = sa.text("settled_at IS NULL")
    op.create_index(
        "uq_joining_user_id", "joining", ["user_id"], unique=True, sqlite_where=open_ones, postgresql_where=open_ones
    )


def downgrade() -> None:
    for table in ("joining", "unit_draft", "sign_on"):
        op.drop_table(table)
    # Without the column a stand-in's role would be one of his own.
    op.execute("DELETE FROM role_grant WHERE stands_for_id IS NOT NULL")
    with op.batch_alter_table("role_grant") as batch:
        batch.drop_constraint("fk_role_grant_stands_for_id", type_="foreignkey")
        batch.drop_column("stands_for_id")
    op.drop_column("unit", "is_complete")
    op.drop_column("decision", "for_name")
    op.drop_column("sitting", "id_token_sealed")
    op.drop_index("uq_ab_user_issuer", "ab_user")
    for name in ("number_told", "sign_on_unit", "subject", "issuer"):
        op.drop_column("ab_user", name)
