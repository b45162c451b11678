"""The numbers of the archive's start page come from indexes alone: who has most waiting, what was decided when."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

# name: (columns, the rows that are in it)
INDEXES = {
    "ix_submission_waiting": (
        ["kind", "unit_id", "person_id", "person_name", "submitted_at", "region", "status"],
        "status = 'pending'",
    ),
    "ix_submission_region_decided": (["kind", "region", "status", "decided_at"], "decided_at IS NOT NULL"),
}


def upgrade() -> None:
    for name, (columns, rows) in INDEXES.items():
        only: Any = sa.text(rows)
        op.create_index(name, "submission", columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, table_name="submission")
