"""Random histories of records: drawn by hypothesis, moved by the table of rules, put into a database as rows.

    @given(stories=histories())
    def test(make, stories):
        replay(make, stories, [(unit_id, "350102"), (other_id, "350103")], until=NOW)
        ... what a page says against `read(make)`, which is all that is stored, as plain values.

Whatever is drawn is a history that could have been: a move picks among the steps that RULES allows there, so that a
failing one shrinks to few records and few steps. The times are whole seconds; some are the first moment of a week.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.applications.models import Application, Plan
from app.archive.models import ArchiveItem, Withdrawal
from app.extensions import begin_write
from app.review.models import NODES, Decision, Submission, Version
from app.review.rules import RULES, VERDICTS
from app.sealing import Number, digest
from app.staff.models import Person, Registration
from app.tenancy import bulk_insert, everything, reaching
from tests.factories import Make, id_number, mobile

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
    """Up to `most` records, each with up to so many moves, in so many units."""
    gaps = st.one_of(st.integers(0, 3 * _DAY), st.integers(0, 6 * 7 * _DAY))
    move = st.builds(Move, st.integers(0, 5), gaps, st.integers(0, 3).map(lambda n: n == 3))
    story = st.builds(
        Story,
        st.sampled_from(list(kinds)),
        st.integers(0, units - 1),
        st.integers(0, MOST_WEEKS * 7 * _DAY),
        st.integers(0, len(ROUTES) - 1),
        st.lists(move, max_size=moves).map(tuple),
    )
    return st.lists(story, max_size=most)


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
        return [
            step for (kind, status, step) in RULES if (kind, status) == (self.kind, self.status) and self._may(step)
        ]

    def _may(self, step: str) -> bool:
        last = self.ledger[-1]["step"] if self.ledger else None
        if step in VERDICTS:
            return self.node in RULES[self.kind, self.status, step].nodes
        needs = {"take_back": VERDICTS, "lift": ("terminate",), "withdraw": ()}  # the last goes with a request alone
        return step not in needs or last in needs[step]

    def take(self, step: str, at: datetime, node: str | None = None) -> None:
        """Take a step, as app/review/workflow.py does."""
        rule, before, taken_at = RULES[self.kind, self.status, step], self.status, node or self.node
        along = step in ("withdraw", "take_back") and self.kind == "archive_item" and before in ("passed", "withdrawn")
        self.status = rule.to
        if step in ("submit", "resubmit"):
            self.version, self.node, self.submitted_at, self.decided_at = self.version + 1, "unit", at, None
            taken_at = "unit"
        elif step == "take_back" and not (along and before == "withdrawn"):
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


# ---- into the database -----------------------------------------------------------------------------------------------


def replay(
    make: Make,
    stories: Sequence[Story],
    units: Sequence[tuple[int, str]],
    until: datetime,
    closes_on: date | None = None,
) -> list[Record]:
    """Store what came of the stories in these units, each an id and a region; applications are for a plan that closes
    on that day. Records of earlier calls stay."""
    records = play(stories, until)
    for record in records:
        assert record.unit < len(units)
    with make.app.app_context(), everything("tests") as session:
        begin_write(session)
        _store(session, records, units, _plan(session, closes_on or until.date() + timedelta(days=30)))
        session.commit()
    return records


def _plan(session: Session, closes_on: date) -> Plan:
    code = f"H{closes_on:%Y%m%d}"
    found = session.scalar(sa.select(Plan).where(Plan.code == code))
    if found is None:
        facts = {"year": closes_on.year, "series": "engineering", "level": "associate_senior", "committee": "评委会"}
        window = {"opens_on": closes_on - timedelta(days=365), "closes_on": closes_on}
        found = Plan(code=code, name="随机历史的评审计划", region="350000", **facts, **window)
        session.add(found)
        session.flush()
    return found


def _store(session: Session, records: Sequence[Record], units: Sequence[tuple[int, str]], plan: Plan) -> None:
    people: dict[int, dict[str, Any]] = {}
    for record in records:
        belongs = record.kind == "registration" and _stands(record, "pass")
        one = {"id": _id(record.person), "number_index": f"h{record.person}", "unit_id": None}
        people.setdefault(record.person, one)
        if belongs:
            people[record.person]["unit_id"] = units[record.unit][0]
    bulk_insert(session, Person, list(people.values()))
    bulk_insert(session, Submission, [_submission(record, units[record.unit], plan) for record in records])
    for kind, (model, facts) in FACTS.items():
        rows = [
            {"id": _id(record.number), "unit_id": units[record.unit][0]} | facts(record, plan)
            for record in records
            if record.kind == kind
        ]
        bulk_insert(session, model, rows)
    own = [(record, {"submission_id": _id(record.number), "unit_id": units[record.unit][0]}) for record in records]
    bulk_insert(session, Version, [there | row for record, there in own for row in _versions(record)])
    steps = sorted(
        (
            (entry["at"], record.number, n, there | entry)
            for record, there in own
            for n, entry in enumerate(record.ledger)
        ),
        key=lambda step: step[:3],
    )
    top = session.scalar(sa.select(sa.func.coalesce(sa.func.max(Decision.id), 0))) or 0
    named = {"opinion": "意见", "by_name": "某人"}
    # Numbered as they came, those of one record in their order.
    bulk_insert(
        session, Decision, [named | row | {"id": max(top, _BASE) + n} for n, (*_key, row) in enumerate(steps, start=1)]
    )


_BASE = 5_000_000  # beyond what a sequence of PostgreSQL reaches in a test


def _id(number: int) -> int:
    return _BASE + number


def _stands(record: Record, step: str) -> bool:
    """Whether the newest of these steps was not taken back."""
    steps = [entry["step"] for entry in record.ledger]
    taken = [n for n, one in enumerate(steps) if one == step and steps[n + 1 : n + 2] != ["take_back"]]
    return bool(taken)


def _submission(record: Record, unit: tuple[int, str], plan: Plan) -> dict[str, Any]:
    return {
        "id": _id(record.number),
        "kind": record.kind,
        "type": "paper" if record.kind == "archive_item" else "",
        "ref": f"H{record.number}",
        "unit_id": unit[0],
        "region": unit[1],
        "person_id": _id(record.person),
        "person_name": f"人员{record.person}",
        "title": "" if record.kind == "registration" else f"题名{record.number}",
        "status": record.status,
        "node": record.node,
        "reached": record.reached,
        "version": record.version,
        "submitted_at": record.submitted_at,
        "received_at": record.submitted_at,
        "pending_since": record.ledger[-1]["at"] if record.status == "pending" else None,
        "steps": len(record.ledger),
        "decided_at": record.decided_at,
        "due_on": plan.closes_on if record.kind == "application" else None,
    }


def _versions(record: Record) -> list[dict[str, Any]]:
    data = {"type": "paper"} if record.kind == "archive_item" else {}
    came = [entry for entry in record.ledger if entry["step"] in ("submit", "resubmit")]
    named = [f"{record.number}-{entry['version']}".encode() for entry in came]
    return [
        {"number": entry["version"], "submitted_at": entry["at"], "data": data, "digest": digest(name)}
        for entry, name in zip(came, named, strict=True)
    ]


def _registration(record: Record, _plan: Plan) -> dict[str, Any]:
    numbers = Number.of(id_number(record.person)).columns("id_number") | Number.of(mobile(record.person)).columns(
        "mobile"
    )
    return numbers | {"gender": "1", "id_type": "resident_id", "political_status": "13", "email": "h@example.cn"}


def _application(record: Record, plan: Plan) -> dict[str, Any]:
    facts = {"plan_id": plan.id, "year": plan.year, "specialty": "软件工程", "data": {"cited": {}}}
    return facts | {"route": ",".join(record.route)}


# kind → its table, and the columns of its own
FACTS: dict[str, Any] = {
    "registration": (Registration, _registration),
    "archive_item": (ArchiveItem, lambda _record, _plan: {"data": {}}),
    "withdrawal": (Withdrawal, lambda record, _plan: {"item_id": _id(record.item.number), "reason": "补充材料"}),
    "application": (Application, _application),
}


# ---- what is stored, as plain values ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stored:
    """A record, and its ledger in its order: rows with the names of the columns."""

    row: Any
    ledger: tuple[Any, ...]

    def before(self, entry: Any) -> Any:
        """The ledger row before another one: that of a verdict made the record pending where it was given."""
        return self.ledger[self.ledger.index(entry) - 1]

    def stands(self, entry: Any) -> bool:
        """Whether a verdict was not taken back."""
        return all(one.step != "take_back" for one in self.ledger[self.ledger.index(entry) + 1 :][:1])

    def verdicts(self, node: str) -> list[Any]:
        """The verdicts of a node that stand."""
        return [one for one in self.ledger if one.node == node and one.step in VERDICTS and self.stands(one)]


def read(make: Make, *criteria: Any) -> list[Stored]:
    """All records that are stored, or those that match criteria on the table of Submission, each with its ledger. By
    two plain reads, past every scope."""
    rows, entries = Submission.__table__, Decision.__table__
    records = make.read(reaching(sa.select(rows).where(*criteria).order_by(rows.c.id), "a test looks at all there is"))
    ledger: dict[int, list[Any]] = {}
    for entry in make.read(reaching(sa.select(entries).order_by(entries.c.id), "a test looks at the ledger")):
        ledger.setdefault(entry.submission_id, []).append(entry)
    return [Stored(row, tuple(ledger.get(row.id, ()))) for row in records]
