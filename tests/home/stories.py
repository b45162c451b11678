"""Random histories of records as they are drawn by hypothesis, and what comes of them by the table of rules.

A move picks among the steps that RULES allows there, so that whatever is drawn could have been, and a failing history
shrinks to few records and few steps. The times are whole seconds; some are the first moment of a week.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from app.review.models import NODES
from app.review.rules import RULES, VERDICTS

CHINA = ZoneInfo("Asia/Shanghai")
KINDS = ("registration", "archive_item", "withdrawal", "application")
# The ways of applications after the unit.
ROUTES = (("county", "committee"), ("department", "county", "city", "province", "committee"), ("committee",))
MOST_WEEKS = 20  # how long before the end a history begins
_DAY = 24 * 60 * 60  # seconds
_numbers = itertools.count(1)


# ---- what is drawn ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """`choice` picks among the steps that are possible then; it follows so many seconds `after` the one before, at the
    first moment of that week where it `snaps`."""

    choice: int
    after: int
    snaps: bool = False


@dataclass(frozen=True)
class Story:
    """One record of a kind in the n-th of the units (of a withdrawal: with its item), so many seconds `before` the
    end; `way` picks an application's route."""

    kind: str
    unit: int
    before: int
    way: int
    moves: tuple[Move, ...]


def histories(
    most: int = 12, moves: int = 7, units: int = 2, kinds: Sequence[str] = KINDS
) -> st.SearchStrategy[list[Story]]:
    """Up to `most` records, each with up to so many moves, in so many units. Applications, which go furthest, come more
    often, and so does what leads on."""
    gaps = st.one_of(st.integers(0, 2 * _DAY), st.integers(0, 21 * _DAY))
    choices = st.one_of(st.just(0), st.integers(0, 5))
    move = st.builds(Move, choices, gaps, st.integers(0, 3).map(lambda n: n == 3))
    story = st.builds(
        Story,
        st.sampled_from([kind for kind in kinds for _ in range(3 if kind == "application" else 1)]),
        st.integers(0, units - 1),
        st.integers(0, MOST_WEEKS * 7 * _DAY),
        st.integers(0, len(ROUTES) - 1),
        st.lists(move, max_size=moves).map(tuple),
    )
    return st.one_of(st.lists(story, max_size=most // 2), st.lists(story, min_size=most // 2, max_size=most))


# ---- how it goes -----------------------------------------------------------------------------------------------------


@dataclass
class Record:
    """A record on its way, and its ledger: the columns of Decision."""

    kind: str
    unit: int
    route: tuple[str, ...] = ()
    item: "Record | None" = None  # of a withdrawal
    status: str | None = None
    node: str = "unit"
    version: int = 0
    reached: int = 0
    submitted_at: datetime = datetime.min
    decided_at: datetime | None = None
    ledger: list[dict[str, Any]] = field(default_factory=list)
    number: int = field(default_factory=lambda: next(_numbers))
    person: int = 0

    def __post_init__(self) -> None:
        self.person = self.item.person if self.item else self.number

    def possible(self) -> list[str]:
        """The steps that may follow, in the order of the table of rules."""
        here = (self.kind, self.status)
        return [step for (kind, status, step) in RULES if (kind, status) == here and self._may(step)]

    def _may(self, step: str) -> bool:
        last = self.ledger[-1]["step"] if self.ledger else None
        if step in VERDICTS:
            return self.node in RULES[self.kind, self.status, step].nodes
        needs = {"take_back": VERDICTS, "lift": ("terminate",), "withdraw": ()}  # the last goes with a request alone
        return step not in needs or last in needs[step]

    def take(self, step: str, at: datetime, node: str | None = None) -> None:
        """Take a step, as app/review/workflow.py does."""
        rule, before, taken_at = RULES[self.kind, self.status, step], self.status, node or self.node
        self.status = rule.to
        if step in ("submit", "resubmit"):
            self.version, self.node, self.submitted_at, self.decided_at = self.version + 1, "unit", at, None
            taken_at = "unit"
        elif (
            step == "take_back" and before != "withdrawn"
        ):  # an item's withdrawal is taken back with its request's verdict
            self.node = taken_at = self.ledger[-1]["node"]
            self.decided_at = None
        elif step in VERDICTS:
            self.decided_at = at
            self._go(rule.goes)
        self.reached |= 1 << NODES.index(self.node)
        where = {"node": taken_at, "to_node": self.node, "from_status": before, "to_status": self.status}
        self.ledger.append({"step": step, "version": self.version, "at": at} | where)

    def _go(self, goes: str) -> None:
        if goes == "back":
            self.node = "unit"
        elif goes == "on":
            self.node = next(node for node in self.route if NODES.index(node) > NODES.index(self.node))
            self.status = "passed" if self.node == NODES[-1] else "pending"


def play(stories: Sequence[Story], until: datetime) -> list[Record]:
    """The records that came of the stories, as they are at the end."""
    return [record for story in stories for record in _played(story, until) if record.ledger]


def _played(story: Story, until: datetime) -> list[Record]:
    record = Record(story.kind, story.unit, ROUTES[story.way] if story.kind == "application" else ())
    at = until - timedelta(seconds=story.before)
    records = [record]
    if story.kind == "withdrawal":
        item = Record("archive_item", story.unit)
        item.take("submit", at)
        item.take("pass", at)
        records = [item, record := Record("withdrawal", story.unit, item=item)]
    record.take("submit", at)
    for move in story.moves:
        at = _later(at, move)
        if at > until:
            break
        record = _moved(record, move.choice, at)
    return records


def _later(at: datetime, move: Move) -> datetime:
    after = at + timedelta(seconds=move.after)
    return max(at, week_start(after)) if move.snaps else after


def week_start(at: datetime) -> datetime:
    """The first moment of the week, Monday to Sunday by the province's calendar, that a moment is in."""
    day = at.astimezone(CHINA).date()
    monday = date.fromordinal(day.toordinal() - day.weekday())
    return datetime(monday.year, monday.month, monday.day, tzinfo=CHINA)


def _moved(record: Record, choice: int, at: datetime) -> Record:
    """Take one of the possible steps; answers which record moves on from here. The item of an agreed request goes with
    it, and moves by itself once it came again."""
    item = record.item
    steps = record.possible()
    again = item is not None and item.status == "withdrawn"
    if item is not None and again and choice % (len(steps) + 1) == len(steps):
        item.take("resubmit", at)
        return item
    if not steps:
        return record
    step = steps[choice % len(steps)]
    record.take(step, at)
    if item is not None and record.status == "passed":
        item.take("withdraw", at, "unit")
    elif item is not None and again and step == "take_back":
        item.take("take_back", at, "unit")
    return record
