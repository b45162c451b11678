"""The numbers of a jurisdiction at this moment: what is folded, and what the ledger says since."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app import clock
from app.applications.due import TOO_LONG
from app.home.overview.booking import NET, PASSED, RETURNED, TERMINATED, WIDTH, Owner, booked, entries
from app.home.overview.folding import recent, standing_now
from app.home.overview.models import EVER, Flow, Mark, Standing
from app.review.counts import EVERYWHERE, Counts
from app.review.ledger import listed
from app.tenancy import beyond
from app.units.models import Unit

WEEKS = 13
WEEK = timedelta(days=7)


def week_ends() -> list[date]:
    """The days at whose ends the backlog is told, oldest first: today, and the same weekday of twelve weeks before."""
    return [clock.today() - WEEK * back for back in reversed(range(WEEKS))]


# ---- what came and went ----------------------------------------------------------------------------------------------


@dataclass
class Flows:
    """Numbers of jurisdictions by owner and (after, kind, node): what happened after the day `after`, and not after the
    next of the days that are told apart; or EVER, for all days. `tail` is what the ledger says past the watermark."""

    of: dict[Owner, dict[tuple[date, str, str], list[int]]] = field(default_factory=dict)
    decided: Counter[tuple[int, date]] = field(default_factory=Counter)
    dirty: set[int] = field(default_factory=set)  # the units whose ledger is not folded to its end

    def waiting(self, owner: Owner) -> Counter[tuple[str, str]]:
        """(kind, node) → how many records wait."""
        cells = self.of.get(owner, {})
        return Counter({(kind, node): found[NET] for (day, kind, node), found in cells.items() if day == EVER})

    def backlog(self, owner: Owner) -> list[tuple[date, Counter[str]]]:
        """How many records of each kind waited at the end of each of the days of `week_ends`."""
        waits: Counter[str] = Counter()
        for (kind, _node), number in self.waiting(owner).items():
            waits[kind] += number
        ends = []
        for end in week_ends():
            at_end = Counter(waits)
            for (after, kind, _node), found in self.of.get(owner, {}).items():
                if after >= end and after != EVER:
                    at_end[kind] -= found[NET]
            ends.append((end, at_end))
        return ends

    def verdicts(self, owner: Owner) -> dict[str, int]:
        """How many verdicts that stand were given in the last 30 days, by what they were."""
        since = recent() - timedelta(days=1)
        found = [n for (after, *_), n in self.of.get(owner, {}).items() if after != EVER and after >= since]
        places = {"passed": PASSED, "returned": RETURNED, "terminated": TERMINATED}
        return {name: sum(numbers[place] for numbers in found) for name, place in places.items()}

    def counts(self, owner: Owner, node: str | None) -> Counts:
        """What waits, as the menu counts it."""
        waits = self.waiting(owner).items()
        cells = Counter({(kind, "", "pending", at, EVERYWHERE): number for (kind, at), number in waits})
        return Counts(cells, frozenset(), node)


def flows(session: Session, main: Owner | None, others: Sequence[Owner]) -> Flows:
    """The numbers of jurisdictions inside the session's scope: of the main one week by week, of the others of the last
    30 days. Two statements: what is folded, by its primary key, and the rows of the ledger past the watermark."""
    told_apart = sorted({*week_ends(), recent() - timedelta(days=1)})
    found = Flows()
    folded = session.execute(_folded(main, others, told_apart)).all()
    for _mark, over, owner, after, kind, node, *numbers in folded:
        if over is not None:
            found.of.setdefault((over, owner), {})[after, kind, node] = numbers
    tail = booked(session.execute(entries(folded[0].folded_id if folded else 0)))
    wanted = {*others, *([main] if main else [])}
    for (over, owner, day, kind, node), numbers in tail.cells.items():
        after = day if day == EVER else max((each for each in told_apart if each < day), default=None)
        if (over, owner) in wanted and after is not None:
            cell = found.of.setdefault((over, owner), {}).setdefault((after, kind, node), [0] * WIDTH)
            for place, number in enumerate(numbers):
                cell[place] += number
    found.decided, found.dirty = tail.decided, tail.units
    return found


def _folded(main: Owner | None, others: Sequence[Owner], told_apart: Sequence[date]) -> Select[Any]:
    """(watermark, over, owner, after, kind, node, its numbers), all of one moment; the watermark alone where there are
    no numbers, and nothing where nothing was ever folded."""
    after = sa.case(*((Flow.day > day, day) for day in reversed(told_apart)), else_=EVER).label("after")
    since = {recent() - timedelta(days=1): others, told_apart[0]: [main] if main else []}
    asked = [_owned(owners, sa.or_(Flow.day > day, Flow.day == EVER)) for day, owners in since.items() if owners]
    sums = [sa.func.sum(of) for of in (Flow.net, Flow.passed, Flow.returned, Flow.terminated)]
    key = (Mark.folded_id, Flow.over, Flow.owner_id, after, Flow.kind, Flow.node)
    query = sa.select(*key, *(sa.cast(one, sa.Integer) for one in sums)).select_from(Mark)
    return query.outerjoin(Flow, sa.or_(*asked)).group_by(*key)


def _owned(owners: Sequence[Owner], days: ColumnElement[bool]) -> ColumnElement[bool]:
    (over,) = {over for over, _owner in owners}
    return sa.and_(Flow.over == over, Flow.owner_id.in_([owner for _over, owner in owners]), days)


# ---- how the units stand ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Units:
    """How the units of one region stand."""

    number: int = 0
    complete: int = 0  # registered
    backlog: int = 0  # of which something waits
    too_long: int = 0  # of which something waits too long
    oldest: datetime | None = None

    def __add__(self, other: "Units") -> "Units":
        names = ("number", "complete", "backlog", "too_long")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Units(**sums, oldest=min((at for at in (self.oldest, other.oldest) if at), default=None))


class Stand:
    """How each unit stands now, as SQL to join to `Unit`: as it was folded, of the `dirty` ones by their records."""

    def __init__(self, session: Session, dirty: set[int]) -> None:
        units = listed(session, sorted(dirty))
        self._folded = beyond(Standing, "standing")  # joined to Unit, which is scoped
        self._live = standing_now(units).subquery("live")
        self._clean = Unit.id.not_in(units) if dirty else sa.true()

    @cached_property
    def waiting(self) -> ColumnElement[int]:
        return sa.func.coalesce(self._live.c.waiting, self._folded.c.waiting, 0)

    @cached_property
    def oldest(self) -> ColumnElement[Any]:
        return sa.func.coalesce(self._live.c.oldest, self._folded.c.oldest, type_=Standing.oldest.type)

    def joined(self, query: Select[Any]) -> Select[Any]:
        query = query.outerjoin(self._folded, sa.and_(self._folded.c.unit_id == Unit.id, self._clean))
        return query.outerjoin(self._live, self._live.c.unit_id == Unit.id)

    @property
    def has_backlog(self) -> ColumnElement[bool]:
        return self.waiting > 0

    @property
    def waits_too_long(self) -> ColumnElement[bool]:
        """The oldest waits at least TOO_LONG days, as `days_since` counts them."""
        day = clock.today() - timedelta(days=TOO_LONG - 1)
        return self.oldest < datetime.combine(day, time.min, clock.ZONE)


def units_by_region(session: Session, stand: Stand, *inside: ColumnElement[bool]) -> Mapping[str, Units]:
    """Region → its units as they stand, those of the session's scope that meet the criteria. One statement, which goes
    through these units and through no records but those of the units with newer steps."""
    query: Any = sa.select(
        Unit.region,
        sa.func.count(),
        sa.func.count().filter(Unit.is_complete),
        sa.func.count().filter(stand.has_backlog),
        sa.func.count().filter(stand.waits_too_long),
        sa.func.min(stand.oldest, type_=Standing.oldest.type),
    )
    rows = session.execute(stand.joined(query.select_from(Unit)).where(*inside).group_by(Unit.region))
    return {row[0]: Units(*row[1:]) for row in rows}
