"""The units of a jurisdiction as a list: what was asked for, and the queries that answer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app.accounts.holders import search_text
from app.home.overview.folding import recent
from app.home.overview.models import UnitFlow
from app.home.overview.numbers import Flows, Stand
from app.review.ledger import listed
from app.review.listing import PAGE_SIZE, SEALED, BadAsk, page_number
from app.review.models import NODES, PENDING, Submission
from app.tenancy import Scope, scope_of
from app.units.models import Unit
from app.units.regions import REGIONS, region_bounds

TABS = {
    "backlog": _l("With a backlog"),
    "too_long": _l("Wait too long"),
    "unregistered": _l("Not registered"),
    "all": _l("All"),
}
SORTS = ("waiting", "oldest", "decided", "name")
COLLATION = {"sqlite": "BINARY", "postgresql": "C"}  # by code point on both


@dataclass(frozen=True)
class Wanted:
    """What the address asks of the list, checked."""

    status: str = "backlog"  # a key of TABS
    q: str = ""
    region: str = ""  # GB/T 2260; with all below it
    level: str = ""  # `own`: not what is below it
    sort: str = "-waiting"
    page: int = 1

    @classmethod
    def parse(cls, args: Mapping[str, str], regions: Sequence[str]) -> "Wanted":
        """`regions` are those that may be asked for. Raises BadAsk for what no form of ours sends."""
        if any("\x00" in value for value in args.values()):
            raise BadAsk(_("Control characters cannot be kept: remove them."))
        words = {name: args.get(name, "") for name in ("status", "region", "level", "sort")}
        wanted = cls(
            q=search_text(args.get("q", "")),
            page=page_number(args.get("page") or "1"),
            **{name: word for name, word in words.items() if word},
        )
        if wanted.status not in TABS:
            raise BadAsk(_("There is no such state: choose one of the tabs."))
        if wanted.sort.removeprefix("-") not in SORTS:
            raise BadAsk(_("The list cannot be sorted by that: choose one of its columns."))
        if wanted.region not in ("", *regions) or wanted.level not in ("", "own"):
            raise BadAsk(_("The list cannot be filtered by that: choose one of its regions."))
        return wanted

    def query_string(self, **changes: Any) -> str:
        """The question as a query string, with changes; what is as usual is left out."""
        usual = vars(Wanted())
        asked = vars(replace(self, **changes))
        return urlencode({name: value for name, value in asked.items() if value and value != usual[name]})

    def matching(self) -> list[ColumnElement[bool]]:
        """The criteria on Unit of what search and filter narrow to."""
        if self.q.startswith(SEALED):  # somebody's number, which no unit has
            return [sa.false()]
        found = [sa.or_(Unit.name.icontains(self.q, autoescape=True), Unit.code == self.q.upper())] if self.q else []
        return [*found, *inside_region(self.region, self.level == "own")]

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.region or self.level)


def inside_region(code: str, only: bool = False) -> list[ColumnElement[bool]]:
    """The criteria on Unit that it lies in a region: in itself or below, or `only` in itself."""
    if not code:
        return []
    return [Unit.region == code if only else Unit.region.between(*region_bounds(code))]


def inside(scope: Scope) -> list[ColumnElement[bool]]:
    """The criteria on Unit of whose units the overview is: a department's are those below it."""
    return [Unit.department_id == scope.unit_id] if scope.kind == "department" else []


def regions_of(scope: Scope) -> list[str]:
    """The regions that the list can be filtered by."""
    return [code for code in REGIONS if scope.kind == "region" and scope.low <= code <= scope.high]


def _on_tab(tab: str, stand: Stand) -> ColumnElement[bool]:
    return {
        "backlog": stand.has_backlog,
        "too_long": stand.waits_too_long,
        "unregistered": Unit.is_complete.is_(False),
        "all": sa.true(),
    }[tab]


def numbers(session: Session, wanted: Wanted, stand: Stand) -> dict[str, int]:
    """How many units each tab has, and `found`: how many match. One statement."""
    tabs = [sa.func.count().filter(_on_tab(tab, stand)) for tab in TABS]
    found = sa.func.count().filter(_on_tab(wanted.status, stand), *wanted.matching())
    every: Any = sa.select(*tabs, found).select_from(Unit)
    query = stand.joined(every).where(*inside(scope_of(session)))
    *each, matching = session.execute(query).one()
    return dict(zip(TABS, each, strict=True)) | {"found": matching}


def all_of(session: Session, wanted: Wanted, stand: Stand, flows: Flows) -> Select[Any]:
    """Everything that matches, in the order of the list. Sorted by what was decided, it goes through the last 30 days
    of these units; else only through the units."""
    columns = (Unit.id, Unit.code, Unit.name, Unit.nature, Unit.region, Unit.is_complete)
    query = sa.select(*columns, stand.waiting.label("waiting"), stand.oldest.label("oldest")).select_from(Unit)
    query = stand.joined(query).where(_on_tab(wanted.status, stand), *wanted.matching(), *inside(scope_of(session)))
    sort, down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    if sort == "decided":
        since = recent()
        newer = Counter({pk: number for (pk, day), number in flows.decided.items() if day >= since})
        folded = _decided(sa.true()).subquery("folded")
        tail = listed(session, [list(pair) for pair in newer.items()], 2).subquery("tail")
        unit_id, number = tail.c
        query = query.outerjoin(folded, folded.c.unit_id == Unit.id).outerjoin(tail, unit_id == Unit.id)
        by: Any = sa.func.coalesce(folded.c.number, 0) + sa.func.coalesce(number, 0)
    elif sort == "name":
        by = sa.collate(Unit.name, COLLATION[session.get_bind().dialect.name])
    else:
        by = getattr(stand, sort)
    order = [by.desc() if down else by, stand.oldest.is_(None), stand.oldest, Unit.id]
    return query.order_by(*([stand.oldest.is_(None)] if sort == "oldest" else []), *order)


def page_of(session: Session, wanted: Wanted, stand: Stand, flows: Flows) -> Select[Any]:
    query = all_of(session, wanted, stand, flows)
    return query.limit(PAGE_SIZE).offset((wanted.page - 1) * PAGE_SIZE)


# ---- what stands in the rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Details:
    """Of some units: how many records of each kind wait there by (unit, kind), and how many verdicts of the unit that
    stand were given in the last 30 days."""

    waiting: Mapping[tuple[int, str], int]
    decided: Mapping[int, int]


def details_of(session: Session, ids: Sequence[int], flows: Flows) -> Details:
    """Two statements, whatever the number of units."""
    each = (Submission.unit_id, Submission.kind)
    there = (PENDING, Submission.node == NODES[0], Submission.unit_id.in_(listed(session, ids)))
    query = sa.select(*each, sa.func.count()).where(*there)
    waiting = {(unit, kind): number for unit, kind, number in session.execute(query.group_by(*each))}
    folded = session.execute(_decided(UnitFlow.unit_id.in_(listed(session, ids))))
    decided = Counter({row.unit_id: row.number for row in folded})
    since, shown = recent(), set(ids)
    for (unit, day), number in flows.decided.items():
        if day >= since and unit in shown:
            decided[unit] += number
    return Details(waiting, decided)


def _decided(criterion: ColumnElement[bool]) -> Select[Any]:
    number = sa.cast(sa.func.sum(UnitFlow.decided), sa.Integer).label("number")
    query: Any = sa.select(UnitFlow.unit_id, number).where(UnitFlow.day >= recent(), criterion)
    return query.group_by(UnitFlow.unit_id)
