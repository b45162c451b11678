"""公示 keeps the list that was posted."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("notice", sa.Column("posted", sa.JSON()))


def downgrade() -> None:
    op.drop_column("notice", "posted")
