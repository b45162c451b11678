"""What a unit reviewed lately, asked of its ledger: the verdicts of each week, and how long they were waited for."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app import clock
from app.columns import seconds
from app.review.ledger import pending_since, stands
from app.review.models import NODES, Decision, Submission
from app.review.rules import VERDICTS

WEEKS = 12
DAY = 24 * 60 * 60  # seconds


@dataclass
class Waits:
    """How long the verdicts on a kind were waited for: their number, the median and the longest, in seconds."""

    number: int = 0
    median: float = 0
    longest: int = 0


@dataclass
class Reviewed:
    """The verdicts of the last weeks that stand: (week, step) → number, the weeks counted from 0; kind → waits."""

    weeks: Counter[tuple[int, str]] = field(default_factory=Counter)
    waits: dict[str, Waits] = field(default_factory=dict)


def week_starts(today: date) -> list[datetime]:
    """The first moments of the twelve weeks, Monday to Sunday by the province's calendar, that end with this one."""
    monday = today - timedelta(days=today.weekday())
    days = (monday - timedelta(weeks=back) for back in reversed(range(WEEKS)))
    return [datetime.combine(day, time.min, clock.ZONE) for day in days]


def reviewed(session: Session, today: date) -> Reviewed:
    """What the unit itself decided in these weeks, whatever happened at later nodes. One statement, of at most as many
    rows as there are kinds, verdicts and weeks together; it reads those weeks of the ledger by their index.

    The median is asked of window functions, which both engines have: `percentile_cont` is PostgreSQL's alone, and a
    sorted read would bring every verdict here. What is waited is whole seconds, so that both answer the same.
    """
    found = Reviewed()
    for kind, step, week, number, longest, middle, total in session.execute(_query(week_starts(today)[0])):
        found.weeks[week, step] += number
        waits = found.waits.setdefault(kind, Waits())
        waits.number += number
        waits.longest = max(waits.longest, longest)
        waits.median += middle / (1 if total % 2 else 2)
    return found


def _query(first: datetime) -> Select[Any]:
    """Kind, step and week; the number of verdicts and the longest wait; of the kind's one or two middle waits the sum
    of those that are here; the number of the kind's verdicts in all. Ranked where they are read: the guard of the
    tenants looks at a derived table once for each column that is taken from it."""
    waited = seconds(Decision.at) - seconds(pending_since(Decision))
    cell = (
        sa.select(
            Submission.kind,
            Decision.step,
            # The province's clock knows no summer time: each week is as long as the other.
            ((seconds(Decision.at) - int(first.timestamp())) // (7 * DAY)).label("week"),
            waited.label("waited"),
            sa.func.row_number().over(partition_by=Submission.kind, order_by=waited).label("place"),
            sa.func.count().over(partition_by=Submission.kind).label("total"),
        )
        .join(Submission, Submission.id == Decision.submission_id)
        .where(Decision.node == NODES[0], Decision.step.in_(VERDICTS), Decision.at >= first, stands(Decision))
        .subquery()
        .c
    )
    middle = (2 * cell.place).between(cell.total, cell.total + 2)
    return sa.select(
        *(cell.kind, cell.step, cell.week, sa.func.count(), sa.func.max(cell.waited)),
        sa.cast(sa.func.sum(sa.case((middle, cell.waited), else_=0)), sa.BigInteger),
        sa.func.max(cell.total),
    ).group_by(cell.kind, cell.step, cell.week)
