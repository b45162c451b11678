"""Random histories in a database, for the tests of pages of numbers.

    @given(stories=histories())
    def test(make, stories):
        replay(make, stories, [(unit_id, "350102"), (other_id, "350103")], until=NOW)
        ... what a page says against `read(make)`, which is all that is stored, as plain values.

How they are drawn stands in tests/home/stories.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.applications.models import Application, Plan
from app.archive.models import ArchiveItem, Withdrawal
from app.extensions import begin_write
from app.review.models import Decision, Submission, Version
from app.review.rules import VERDICTS
from app.sealing import Number, digest
from app.staff.models import Person, Registration
from app.tenancy import bulk_insert, everything, reaching
from tests.factories import Make, id_number, mobile
from tests.home.stories import CHINA, Move, Record, Story, histories, play, week_start

__all__ = ["CHINA", "Move", "Record", "Stored", "Story", "histories", "play", "read", "replay", "week_start"]

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
    data = {"type": "paper", "data": {}} if record.kind == "archive_item" else {}
    came = [entry for entry in record.ledger if entry["step"] in ("submit", "resubmit")]
    named = [f"{record.number}-{entry['version']}".encode() for entry in came]
    return [
        {"number": entry["version"], "submitted_at": entry["at"], "data": data, "digest": digest(name)}
        for entry, name in zip(came, named, strict=True)
    ]


def _registration(record: Record, _plan: Plan) -> dict[str, Any]:
    numbers = Number.of(id_number(record.person)).columns("id_number")
    numbers |= Number.of(mobile(record.person)).columns("mobile")
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
