"""One application of a person in a year, and none after a termination, by every door (R24)."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.applications.models import Application, Plan
from app.review.ledger import newest_step
from app.review.models import Decision
from app.tenancy import reaching


def standing_in_the_way(session: Session, person_id: int, year: int, on: date, besides: int | None = None) -> Any:
    """The application that lets a person not apply again in a year, as (status, plan's name, at); None when nothing
    does. A returned one keeps its place until its plan closes, a terminated one bars the year until the bar is lifted.

    The person is locked by whoever asks, so that two applications come one after the other.
    """
    returned_and_over = sa.and_(Application.status == "returned", Plan.closes_on < on)
    lifted = sa.and_(Application.status == "terminated", Decision.step == "lift")
    query = (
        sa.select(Application.status, Plan.name, Decision.at)
        .join(Plan, Plan.id == Application.plan_id)
        .join(Decision, Decision.submission_id == Application.id)
        .where(Application.person_id == person_id, Application.kind == "application", Application.year == year)
        .where(Decision.id == newest_step(), ~returned_and_over, ~lifted, Application.id != (besides or 0))
        .order_by(Application.id.desc())
    )
    return session.execute(reaching(query, "a person applies once a year, whichever his unit")).first()
