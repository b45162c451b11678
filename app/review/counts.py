"""Counts of what waits and what was done: one statement on one table for all kinds."""

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.review.models import NODES, Submission
from app.review.tabs import bit, is_on_tab, node_of

EVERYWHERE = -1  # all bits of `reached`


@dataclass(frozen=True)
class Counts:
    """Numbers of records by (kind, type, status, node, reached), for a reader at a node."""

    cells: Counter[tuple[str, str, str, str, int]]
    node: str | None = None

    def waiting(self, kind: str) -> int:
        return self.of(kind, status="pending")

    def of(self, kind: str, types: Container[str] | None = None, status: str = "all") -> int:
        """How many there are of a kind, of some of its types, on one tab of its desk."""
        at = node_of(kind, self.node)
        return sum(
            number
            for (of, type_, state, node, reached), number in self.cells.items()
            if of == kind
            and (types is None or type_ in types)
            and is_on_tab(status, at, state, node)
            and (at is None or reached & bit(at))
        )

    def types(self, kind: str) -> set[str]:
        """The types of which something is there."""
        return {type_ for of, type_, *_rest in self.cells if of == kind}


def counts(session: Session, node: str | None = None) -> Counts:
    """All counts in the session's scope, for a reader at a node. Index-only: on `ix_submission_unit_list` for a unit,
    which sees all there is and needs no `reached`, on `ix_submission_region_counts` for a region."""
    seen: Any = sa.literal(EVERYWHERE) if node in (None, NODES[0]) else Submission.reached
    cell = (Submission.kind, Submission.type, Submission.status, Submission.node)
    grouped = cell if node in (None, NODES[0]) else (*cell, seen)
    rows = session.execute(sa.select(*cell, seen, sa.func.count()).group_by(*grouped))
    return Counts(Counter({tuple(key): number for *key, number in rows}), node)
