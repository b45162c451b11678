"""Counts of what waits and what was done: one statement on one table for all kinds."""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.review.models import Submission


@dataclass(frozen=True)
class Counts:
    """Numbers of records by (kind, type, status)."""

    cells: Counter[tuple[str, str, str]]

    def waiting(self, kind: str) -> int:
        return self.of(kind, status="pending")

    def of(self, kind: str, types: Container[str] | None = None, status: str = "all") -> int:
        """How many there are of a kind, of some of its types, in one status; the number behind a tab."""
        return sum(
            number
            for (of, type_, state), number in self.cells.items()
            if of == kind and (types is None or type_ in types) and status in ("all", state)
        )

    def types(self, kind: str) -> set[str]:
        """The types of which something is there."""
        return {type_ for of, type_, _status in self.cells if of == kind}


def counts(session: Session) -> Counts:
    """All counts in the session's scope. Index-only on `ix_submission_unit_list` for a unit."""
    cell = (Submission.kind, Submission.type, Submission.status)
    rows = session.execute(sa.select(*cell, sa.func.count()).group_by(*cell))
    return Counts(Counter({(kind, type_, status): number for kind, type_, status, number in rows}))
