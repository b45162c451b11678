"""Counts of what waits and what was done: one statement on one table for all kinds."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.review.models import Submission


@dataclass(frozen=True)
class Counts:
    """Numbers of records by (kind, status)."""

    cells: Counter[tuple[str, str]]

    def waiting(self, kind: str) -> int:
        return self.cells[kind, "pending"]

    def tab(self, kind: str, status: str) -> int:
        """The number behind a tab; `all` is every status."""
        if status == "all":
            return sum(number for (of, _), number in self.cells.items() if of == kind)
        return self.cells[kind, status]


def counts(session: Session) -> Counts:
    """All counts in the session's scope. Index-only on `ix_submission_unit_list` for a unit."""
    query = sa.select(Submission.kind, Submission.status, sa.func.count()).group_by(Submission.kind, Submission.status)
    return Counts(Counter({(kind, status): number for kind, status, number in session.execute(query)}))
