"""职称信息."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
SHOWN = sa.text("published_at IS NOT NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "news",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("author_id", sa.Integer(), sa.ForeignKey("ab_user.id")),
        sa.Column("author_name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(64)),
        sa.Column("digest", sa.String(43)),
        sa.CheckConstraint("withdrawn_at IS NULL OR published_at IS NOT NULL", name="withdrawn"),
        sa.UniqueConstraint("ref"),
    )
    op.create_index("ix_news_published_at", "news", ["published_at", "id"], sqlite_where=SHOWN, postgresql_where=SHOWN)


def downgrade() -> None:
    op.drop_table("news")
