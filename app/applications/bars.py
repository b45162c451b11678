"""One application of a person in a year, and none after a termination, by every door (R24)."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app import clock
from app.applications.models import Application, Plan
from app.review.ledger import newest_step
from app.review.models import Decision, Submission
from app.tenancy import beyond, reaching


def applied_anew() -> ColumnElement[bool]:
    """Whether a returned application gave its place in the year up, and another of the person has it: the criterion on
    Submission that says so."""
    mine, other = beyond(Application, "mine").c, beyond(Application, "other").c
    record, plan, lifted = beyond(Submission, "record").c, Plan.__table__.alias().c, beyond(Decision, "lift").c
    returned_and_over = sa.and_(record.status == "returned", plan.closes_on < clock.today())
    free = sa.exists().where(lifted.submission_id == record.id, lifted.step == "lift")
    another = sa.exists().where(
        mine.id == Submission.id,
        record.person_id == Submission.person_id,
        record.kind == "application",
        record.id != Submission.id,
        other.id == record.id,
        other.year == mine.year,
        plan.id == other.plan_id,
        ~returned_and_over,
        ~free,
    )
    return sa.and_(Submission.status == "returned", another.correlate(Submission))


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
