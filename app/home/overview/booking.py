"""What a step of the ledger changes in the numbers of the overview: folding, the page and the check book by this."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from app import clock
from app.home.overview.models import EVER
from app.review.models import NODES, Decision, Submission
from app.tenancy import beyond
from app.units.models import Unit
from app.units.regions import path

Owner = tuple[str, int]  # (over, owner_id) of a Flow
Cell = tuple[str, int, date, str, str]  # (over, owner_id, day, kind, node): its key
Lies = tuple[str, int | None]  # where a unit lies: its region, its department

NET, PASSED, RETURNED, TERMINATED = range(4)
WIDTH = 4  # numbers of a cell
VERDICT = {"pass": PASSED, "return": RETURNED, "send_back": RETURNED, "terminate": TERMINATED}


@cache
def owners(region: str, department_id: int | None) -> tuple[Owner, ...]:
    """The jurisdictions that a unit of this region and department lies in."""
    above = tuple(("region", int(each.code)) for each in path(region))
    return above if department_id is None else (*above, ("department", department_id))


def entries(after: int, *criteria: Any, limit: int | None = None) -> Select[Any]:
    """The rows of the ledger past an id, in their order, each with its record's kind, where its unit lies, and, where a
    verdict is taken back, the row of that verdict. Scoped by the unit.

    The rows come from a subquery with a LIMIT, which both engines read first: SQLite would else go through all units.
    """
    ledger, before, earlier = (beyond(Decision, name).c for name in ("entry", "before", "earlier"))
    named = ("id", "submission_id", "unit_id", "step", "node", "from_status", "to_status", "to_node", "at")
    rows = sa.select(*(ledger[name] for name in named)).where(ledger.id > after, *(of(ledger) for of in criteria))
    entry = rows.order_by(ledger.id).limit(limit or sa.literal(2**31 - 1)).subquery("entry").c
    newest = sa.select(sa.func.max(earlier.id)).where(
        earlier.submission_id == entry.submission_id, earlier.id < entry.id
    )
    taken_back = sa.case((entry.step == "take_back", newest.scalar_subquery()))
    record = beyond(Submission, "record").c
    query = sa.select(
        *(entry[name] for name in named),
        record.kind,
        Unit.region,
        Unit.department_id,
        before.step.label("before_step"),
        before.node.label("before_node"),
        before.to_node.label("before_to"),
        before.at.label("before_at"),
    )
    query = query.join(Unit, Unit.id == entry.unit_id).join(record.id.table, record.id == entry.submission_id)
    return query.outerjoin(before.id.table, before.id == taken_back).order_by(entry.id)


@dataclass
class Booked:
    """What steps change: the cells of jurisdictions by Cell, a unit's own verdicts by (unit, day), and whose units."""

    cells: dict[Cell, list[int]] = field(default_factory=dict)
    decided: Counter[tuple[int, date]] = field(default_factory=Counter)
    units: set[int] = field(default_factory=set)

    def add(self, key: Cell, numbers: Iterable[int]) -> None:
        cell = self.cells.setdefault(key, [0] * WIDTH)
        for place, number in enumerate(numbers):
            cell[place] += number


def booked(rows: Iterable[Any], lies: Lies | None = None) -> Booked:
    """What these rows of `entries` change; `lies` says that their unit lies elsewhere than it does."""
    found, sums = Booked(), Counter[tuple[Lies, date, str, str, int]]()
    for row in rows:
        found.units.add(row.unit_id)
        at = lies or (row.region, row.department_id)
        for day, node, place, number in _changes(row):
            sums[at, day, row.kind, node, place] += number
            if place == NET:
                sums[at, EVER, row.kind, node, place] += number
            elif node == NODES[0]:
                found.decided[row.unit_id, day] += number
    for (at, day, kind, node, place), number in sums.items():
        for over, owner in owners(*at):
            found.add((over, owner, day, kind, node), (number if n == place else 0 for n in range(WIDTH)))
    return found


def _changes(row: Any) -> Iterator[tuple[date, str, int, int]]:
    """(day, node, place, number) of each number that a step changes. What was pending went from where it was pending:
    a verdict falls there; what is taken back may have been passed on, or sent back, since."""
    day = day_of(row.at)
    taken_back = row.step == "take_back"
    if row.from_status == "pending":
        yield day, row.before_to if taken_back else row.node, NET, -1
    if row.to_status == "pending":
        yield day, row.to_node, NET, 1
    if row.step in VERDICT:
        yield day, row.node, VERDICT[row.step], 1
    elif taken_back and row.before_step in VERDICT:
        yield day_of(row.before_at), row.before_node, VERDICT[row.before_step], -1


def day_of(at: Any) -> date:
    """The day of a moment in the province."""
    return date.fromordinal(at.astimezone(clock.ZONE).toordinal())
