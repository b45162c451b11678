"""How the archive stands: tables of numbers, from which the start page also draws its pictures."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.archive.catalogue import EVERY
from app.archive.tree import KIND, groups
from app.figures import Figure, Head
from app.review.counts import Counts
from app.review.labels import STATUS
from app.review.models import PENDING, Submission
from app.units.models import Unit

MONTHS = 12
MOST = 10
TONES = {"pending": "wait", "passed": "ok", "returned": "back", "withdrawn": "end"}


def figures(session: Session, counts: Counts, wide: bool) -> list[Figure]:
    """The three statistics; `wide`: for a reader of several units. Two statements besides the counts."""
    return [_categories(counts), _months(session), _waiting(session, wide)]


def _states(*states: str) -> list[Head]:
    return [Head(state, str(STATUS[state]), TONES.get(state, "")) for state in states]


# ---- by category and state -------------------------------------------------------------------------------------------


def _categories(counts: Counts) -> Figure:
    states = _states("pending", "passed", "returned", "withdrawn", "all")
    columns = [Head("label", _("Category"), kind="text"), *states]
    rows = by_category(counts, [state.name for state in states])
    return Figure("by-category", _("By category and state"), "", "bar", columns, rows)


def by_category(counts: Counts, states: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each category and for each type that left the catalogue: its number of records in each state."""
    return [
        {"label": label, "url": url_for("ArchiveDesk.list", where=key)}
        | {state: counts.of(KIND, types, state) for state in states}
        for key, label, types in groups()
    ]


# ---- reviewed, month by month ----------------------------------------------------------------------------------------


def _months(session: Session) -> Figure:
    return Figure(
        "by-month",
        _("Reviewed in the last 12 months"),
        _("By the month of a record's newest decision."),
        "column",
        [Head("label", _("Month"), kind="text"), *_states("passed", "returned")],
        by_month(session, clock.today()),
        _("Nothing was reviewed in the last 12 months."),
    )


def by_month(session: Session, today: date) -> list[dict[str, Any]]:
    """A row for each of the twelve months that end with this one, oldest first: how many records that now are passed or
    returned were decided in it, by the province's calendar."""
    starts = month_starts(today)
    month = sa.case(*((Submission.decided_at < start, n) for n, start in enumerate(starts[1:])), else_=MONTHS - 1)
    query = (
        sa.select(month.label("month"), Submission.status, sa.func.count())
        .where(Submission.kind == KIND, Submission.status.in_(("passed", "returned")))
        .where(Submission.decided_at >= starts[0])
        .group_by("month", Submission.status)
    )
    numbers = {(n, status): number for n, status, number in session.execute(query)}
    return [
        {"label": f"{start:%Y-%m}", "url": None}
        | {status: numbers.get((n, status), 0) for status in ("passed", "returned")}
        for n, start in enumerate(starts)
    ]


def month_starts(today: date) -> list[datetime]:
    """The first moments of the twelve months that end with this one."""
    months = (today.year * 12 + today.month - 1 - back for back in reversed(range(MONTHS)))
    return [datetime.combine(date(month // 12, month % 12 + 1, 1), time.min, clock.ZONE) for month in months]


# ---- who has most waiting --------------------------------------------------------------------------------------------


def _waiting(session: Session, wide: bool) -> Figure:
    columns = [
        Head("label", _("Unit") if wide else _("Name"), kind="text"),
        Head("number", str(STATUS["pending"]), "wait"),
        Head("oldest", _("Waiting longest since"), kind="time"),
    ]
    title = _("Units with most waiting") if wide else _("Who has most waiting")
    return Figure(
        "most-waiting", title, "", "bar", columns, most_waiting(session, wide), _("Nothing waits for review.")
    )


def most_waiting(session: Session, wide: bool) -> list[dict[str, Any]]:
    """The ten people who have most waiting, or the ten units; among equals first whose oldest record waits longest.
    A person leads to his page, a unit to the list of what waits there."""
    top = _top(Submission.unit_id if wide else Submission.person_id).subquery()
    of_unit = sa.select(Unit.name, Unit.code, top).join(top, Unit.id == top.c.owner)
    named = of_unit if wide else sa.select(top.c.name, top)
    rows = session.execute(named.order_by(top.c.number.desc(), top.c.oldest, top.c.owner))
    return [
        {
            "label": row[0],
            "url": url_for("ArchiveDesk.list", where=EVERY, unit=row.code)
            if wide
            else url_for("PeopleView.show", pk=row.owner),
            "number": row.number,
            "oldest": clock.shown(row.oldest),
        }
        for row in rows
    ]


def _top(owner: Any) -> sa.Select[Any]:
    number, oldest = sa.func.count(), sa.func.min(Submission.submitted_at)
    name = sa.func.max(Submission.person_name)  # a person may have been renamed between two records
    return (
        sa.select(owner.label("owner"), name.label("name"), number.label("number"), oldest.label("oldest"))
        .where(Submission.kind == KIND, PENDING)
        .group_by(owner)
        .order_by(number.desc(), oldest, owner)
        .limit(MOST)
    )
