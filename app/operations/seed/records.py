"""A synthetic record on its way into the tables that all kinds share: its steps follow the table of rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.operations.seed.units import Employer
from app.review.models import Decision, Submission, Version
from app.review.workflow import RULES, VERDICTS
from app.sealing import Number, digest
from app.tenancy import bulk_insert

DAY = timedelta(days=1)
OPINIONS = {
    ("registration", "pass"): "材料齐全，同意",
    ("registration", "return"): "证件照片不清晰",
    ("archive_item", "pass"): "与原件相符，同意",
    ("archive_item", "return"): "证明材料缺少盖章页，请补充",
    ("archive_item", "withdraw"): "同意撤回修改",
    ("withdrawal", "pass"): "同意撤回修改",
    ("withdrawal", "return"): "材料无误，不必修改",
}
REVIEWER = "历史数据"


@dataclass(frozen=True)
class Someone:
    """A person with what the registration says of him."""

    id: int
    name: str
    gender: str
    number: Number
    mobile: Number
    sealed: bytes  # the whole ID number, as the versions of his items keep it


@dataclass(frozen=True)
class Step:
    """One row of a ledger."""

    name: str
    before: str | None
    after: str
    version: int
    opinion: str


@cache
def history(kind: str, steps: str) -> tuple[Step, ...]:
    """The ledger of a record that took these steps (`submit return resubmit`), as the rules have it."""
    rows: list[Step] = []
    status, version = None, 0
    for name in steps.split():
        version += name in ("submit", "resubmit")
        before, status = status, RULES[kind, status, name].to
        rows.append(Step(name, before, status, version, OPINIONS.get((kind, name), "")))
    return tuple(rows)


class Record(NamedTuple):
    """A record with all its versions; its n-th step was at `at` and n times `gap`. A tuple: millions are made."""

    id: int
    kind: str
    employer: Employer
    person: Someone
    steps: tuple[Step, ...]
    at: datetime
    versions: tuple[dict[str, Any], ...]
    sealed: bytes | None
    gap: timedelta = DAY
    type: str = ""
    title: str = ""

    @property
    def status(self) -> str:
        return self.steps[-1].after

    def newest(self, names: Iterable[str]) -> datetime:
        """When the newest of these steps was."""
        return self.at + self.gap * max(n for n, step in enumerate(self.steps) if step.name in names)


def store(session: Session, records: list[Record]) -> None:
    """The rows of the shared tables, each table's in one statement; `facts` come between, by whoever calls."""
    bulk_insert(session, Submission, [_submission(record) for record in records])
    bulk_insert(session, Version, [row for record in records for row in _versions(record)])
    bulk_insert(session, Decision, [row for record in records for row in _ledger(record)])


def _submission(record: Record) -> dict[str, Any]:
    received, status = record.newest(("submit", "resubmit")), record.status
    return {
        "id": record.id,
        "kind": record.kind,
        "type": record.type,
        "ref": f"S{record.id}",
        "unit_id": record.employer.id,
        "region": record.employer.region,
        "person_id": record.person.id,
        "person_name": record.person.name,
        "title": record.title,
        "status": status,
        "node": "unit",
        "version": record.steps[-1].version,
        "submitted_at": received,
        "received_at": received,
        "pending_since": received if status == "pending" else None,
        "steps": len(record.steps),
        "decided_at": None if status == "pending" else record.newest(VERDICTS),
    }


def _versions(record: Record) -> Iterator[dict[str, Any]]:
    entered = (n for n, step in enumerate(record.steps) if step.name in ("submit", "resubmit"))
    for number, (place, data) in enumerate(zip(entered, record.versions, strict=True), 1):
        at = record.at + record.gap * place
        yield {
            "submission_id": record.id,
            "unit_id": record.employer.id,
            "number": number,
            "submitted_at": at,
            "data": data | {"submitted_at": at.isoformat()},
            "sealed": record.sealed,
            "digest": digest(b"seed %d %d" % (record.id, number)),
        }


def _ledger(record: Record) -> Iterator[dict[str, Any]]:
    for place, step in enumerate(record.steps):
        yield {
            "submission_id": record.id,
            "unit_id": record.employer.id,
            "version": step.version,
            "node": "unit",
            "to_node": "unit",
            "step": step.name,
            "from_status": step.before,
            "to_status": step.after,
            "opinion": step.opinion,
            "at": record.at + record.gap * place,
            "by_name": REVIEWER if step.opinion else record.person.name,
        }
