"""Counts of what waits, of all kinds, and of what was done, of some: one statement on one table."""

from collections import Counter
from collections.abc import Collection, Container
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.review.models import NODES, Submission, said
from app.review.tabs import bit, come_to, is_on_tab, node_of, on_tab
from app.tenancy import scope_of

EVERYWHERE = -1  # all bits of `reached`


@dataclass(frozen=True)
class Counts:
    """Numbers of records by (kind, type, status, node, reached), for a reader at a node: of some kinds all records, of
    the others what waits."""

    cells: Counter[tuple[str, str, str, str, int]]
    kinds: frozenset[str]
    node: str | None = None

    def waiting(self, kind: str) -> int:
        return self.of(kind, status="pending")

    def of(self, kind: str, types: Container[str] | None = None, status: str = "all") -> int:
        """How many there are of a kind, of some of its types, on one tab of its desk."""
        assert kind in self.kinds or status == "pending", f"{kind} was not counted"
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
        assert kind in self.kinds, f"{kind} was not counted"
        return {type_ for of, type_, *_rest in self.cells if of == kind}


def counts(session: Session, kinds: Collection[str], node: str | None = None) -> Counts:
    """The counts in the session's scope, for a reader at a node. Index-only: on `ix_submission_unit_list` for a unit,
    which sees all there is and needs no `reached`, on `ix_submission_region_counts` for a region."""
    cell: list[Any] = [Submission.kind, Submission.type, Submission.status, Submission.node]
    if node not in (None, NODES[0]):
        cell.append(Submission.reached)
    query = _by_region(cell, kinds) if scope_of(session).kind == "region" else _grouped(cell, kinds)
    cells = Counter({(*key, EVERYWHERE)[:5]: number for *key, number in session.execute(query)})
    return Counts(cells, frozenset(kinds), node)


def _grouped(cell: list[Any], kinds: Collection[str]) -> Select[Any]:
    asked = sa.or_(Submission.kind.in_(kinds), Submission.status == "pending")
    return sa.select(*cell, sa.func.count()).where(asked).group_by(*cell)


def _by_region(cell: list[Any], kinds: Collection[str]) -> Select[Any]:
    """Region by region first, in the order of the index: neither engine sorts or hashes each row then, which took four
    times as long on SQLite, and half as long again on PostgreSQL."""
    regions = _grouped([Submission.region, *cell], kinds).subquery()
    _region, *columns, number = regions.c
    return sa.select(*columns, sa.cast(sa.func.sum(number), sa.Integer)).group_by(*columns)


def waiting(session: Session, kinds: Collection[str], node: str | None = None) -> dict[str, int]:
    """How many records of some kinds wait in the session's scope, for a reader at a node, as Counts says it. Where that
    is all that is asked, no more is read than what waits: one statement, each kind's number by an index of its own."""
    numbers = [
        sa.select(sa.func.count(Submission.id))
        .where(said(Submission.kind, kind), *come_to(at), *on_tab("pending", at))
        .scalar_subquery()
        for kind in kinds
        for at in [node_of(kind, node)]
    ]
    return dict(zip(kinds, session.execute(sa.select(*numbers)).one(), strict=True)) if kinds else {}
