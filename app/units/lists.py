"""The columns and filters that the list of every kind has, around its own."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from app import clock
from app.review.labels import NODE, STATUS
from app.review.listing import Column, Filter, day_begins
from app.review.models import Submission
from app.units.models import Unit

EXPORT = frozenset({"export"})
WIDE = frozenset({"wide"})  # for readers of several units
SCREEN = frozenset({"screen", "wide"})
SUBMITTED, SINCE, UNTIL = _l("Submission time"), _l("Submitted from"), _l("Submitted to")


def columns_around(*own: Column, submitted: Any = SUBMITTED, routed: bool = False) -> tuple[Column, ...]:
    """A kind's own columns between those of all kinds: which record, whose; when, where, in which state. A kind that
    goes from node to node shows where on screen too."""
    where = SCREEN | EXPORT if routed else EXPORT
    name, at, decided = Submission.person_name, Submission.submitted_at, Submission.decided_at
    return (
        Column("ref", _l("Number"), Submission.ref, on=EXPORT),
        Column("unit", _l("Unit"), Unit.name, on=EXPORT | WIDE),
        Column("name", _l("Name"), name, sort=name),
        *own,
        Column("submitted_at", submitted, at, clock.shown, sort=at, kind="time"),
        Column(
            "decided_at", _l("Decision time"), decided, clock.shown, sort=decided, kind="time", on=SCREEN, decided=True
        ),
        Column("node", _l("Review node"), Submission.node, lambda node: str(NODE[node]), kind="node", on=where),
        Column("status", _l("Review state"), Submission.status, lambda status: str(STATUS[status]), kind="status"),
    )


def filters_after(*own: Filter, since: Any = SINCE, until: Any = UNTIL) -> tuple[Filter, ...]:
    """A kind's own filters before those of all kinds: the unit, and the days of the submission."""
    return (
        *own,
        Filter("unit", _l("Unit"), "text", _in_units_named, wide=True),
        Filter("from", since, "date", lambda day: Submission.submitted_at >= day_begins(day)),
        Filter("to", until, "date", lambda day: Submission.submitted_at < day_begins(day, 1), since="from"),
    )


def _in_units_named(text: str) -> ColumnElement[bool]:
    """Of the units whose name holds a text, or of the one with this code."""
    named = sa.or_(Unit.name.icontains(text, autoescape=True), Unit.code == text.upper())
    return Submission.unit_id.in_(sa.select(Unit.id).where(named))
