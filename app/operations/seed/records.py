"""A synthetic record on its way into the tables that all kinds share: its steps follow the table of rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.operations.seed.units import Employer
from app.review.models import NODES, Decision, Submission, Version
from app.review.rules import RULES, VERDICTS, Rule
from app.review.tabs import bit
from app.sealing import Number, digest
from app.tenancy import bulk_insert, reserve_ids

DAY = timedelta(days=1)
OPINIONS = {
    ("registration", "pass"): "材料齐全，同意",
    ("registration", "return"): "证件照片不清晰",
    ("archive_item", "pass"): "与原件相符，同意",
    ("archive_item", "return"): "证明材料缺少盖章页，请补充",
    ("archive_item", "withdraw"): "同意撤回修改",
    ("withdrawal", "pass"): "同意撤回修改",
    ("withdrawal", "return"): "材料无误，不必修改",
    ("application", "pass"): "经审核，符合申报条件，同意上报",
    ("application", "return"): "任职年限证明不全，请补充后重新提交",
    ("application", "send_back"): "公示材料未加盖公章，请单位补正",
    ("application", "terminate"): "所提交材料与事实不符，终止申报",
}
REVIEWER = "历史数据"
ENTERS = ("submit", "resubmit")  # the steps that bring a version
FIRST, LAST = NODES[0], NODES[-1]


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
    node: str  # where it was taken
    to_node: str
    version: int
    opinion: str


@dataclass(frozen=True)
class History:
    """A ledger, oldest step first, and what it says of its record. Made once for all records that went the same way."""

    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @cached_property
    def entered(self) -> tuple[int, ...]:
        """The places of the steps that brought the versions."""
        return tuple(n for n, step in enumerate(self.steps) if step.name in ENTERS)

    @cached_property
    def decided(self) -> int | None:
        """The place of the newest verdict on the newest version; None before there is one."""
        places = (n for n, step in enumerate(self.steps) if step.name in VERDICTS and n > self.entered[-1])
        return max(places, default=None)

    @cached_property
    def reached(self) -> int:
        """The nodes that the record has been at, as bits."""
        return sum(bit(node) for node in {step.to_node for step in self.steps})

    def newest(self, name: str) -> int:
        """The place of the newest step of that name."""
        return max(n for n, step in enumerate(self.steps) if step.name == name)


@cache
def history(kind: str, steps: str, route: str = "") -> History:
    """The ledger of a record that took these steps (`submit return resubmit`), as the rules have it. `route` are the
    nodes after the unit, of a kind that goes from node to node."""
    rows: list[Step] = []
    status, node, version = None, FIRST, 0
    for name in steps.split():
        rule = RULES[kind, status, name]
        node = FIRST if name in ENTERS else node
        version += name in ENTERS
        to_node = _leads_to(rule, node, route)
        after = "passed" if rule.goes == "on" and to_node == LAST else rule.to
        rows.append(Step(name, status, after, node, to_node, version, OPINIONS.get((kind, name), "")))
        status, node = after, to_node
    return History(tuple(rows))


def _leads_to(rule: Rule, node: str, route: str) -> str:
    if rule.goes == "on":
        way = [FIRST, *route.split(",")]
        return way[way.index(node) + 1]
    return FIRST if rule.goes == "back" else node


class Record(NamedTuple):
    """A record with all its versions; its n-th step was at `at` and n times `gap`. A tuple: millions are made."""

    id: int
    kind: str
    employer: Employer
    person: Someone
    ledger: History
    at: datetime
    versions: tuple[dict[str, Any], ...]
    sealed: bytes | None
    gap: timedelta = DAY
    type: str = ""
    title: str = ""
    due_on: date | None = None
    file: str = ""  # the id of its one attachment

    @property
    def ref(self) -> str:
        return f"S{self.id}"

    @property
    def status(self) -> str:
        return self.ledger.last.after

    @property
    def received(self) -> datetime:
        """When the newest version came."""
        return self.time(self.ledger.entered[-1])

    def time(self, place: int) -> datetime:
        """When the step at this place of the ledger was."""
        return self.at + self.gap * place

    def content(self, place: int = -1) -> dict[str, Any]:
        """What a version says, the newest unless told otherwise."""
        return self.versions[place] | {"submitted_at": self.time(self.ledger.entered[place]).isoformat()}


Entries = dict[int, list[int]]  # id of a record → ids of the rows of its ledger


def store(session: Session, records: Sequence[Record]) -> Entries:
    """The rows of the shared tables, each table's in one statement; `facts` come after, by whoever calls."""
    ids = iter(reserve_ids(session, Decision, sum(len(record.ledger.steps) for record in records)))
    entries = {record.id: list(islice(ids, len(record.ledger.steps))) for record in records}
    bulk_insert(session, Submission, [_submission(record) for record in records])
    bulk_insert(session, Version, [row for record in records for row in _versions(record)])
    bulk_insert(session, Decision, [row for record in records for row in _ledger(record, entries[record.id])])
    return entries


def _submission(record: Record) -> dict[str, Any]:
    ledger, received = record.ledger, record.received
    return {
        "id": record.id,
        "kind": record.kind,
        "type": record.type,
        "ref": record.ref,
        "unit_id": record.employer.id,
        "region": record.employer.region,
        "person_id": record.person.id,
        "person_name": record.person.name,
        "title": record.title,
        "status": ledger.last.after,
        "node": ledger.last.to_node,
        "reached": ledger.reached,
        "version": ledger.last.version,
        "submitted_at": received,
        "received_at": received,
        "pending_since": record.time(len(ledger.steps) - 1) if ledger.last.after == "pending" else None,
        "steps": len(ledger.steps),
        "decided_at": None if ledger.decided is None else record.time(ledger.decided),
        "due_on": record.due_on,
    }


def _versions(record: Record) -> Iterator[dict[str, Any]]:
    for place, _data in enumerate(record.versions):
        yield {
            "submission_id": record.id,
            "unit_id": record.employer.id,
            "number": place + 1,
            "submitted_at": record.time(record.ledger.entered[place]),
            "data": record.content(place),
            "sealed": record.sealed,
            "digest": digest(b"seed %d %d" % (record.id, place + 1)),
        }


def _ledger(record: Record, ids: list[int]) -> Iterator[dict[str, Any]]:
    for place, step in enumerate(record.ledger.steps):
        yield {
            "id": ids[place],
            "submission_id": record.id,
            "unit_id": record.employer.id,
            "version": step.version,
            "node": step.node,
            "to_node": step.to_node,
            "step": step.name,
            "from_status": step.before,
            "to_status": step.after,
            "opinion": step.opinion,
            "at": record.time(place),
            "by_name": REVIEWER if step.opinion else record.person.name,
        }
