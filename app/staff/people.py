"""Who belongs to which unit."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app.review.models import Decision, Submission
from app.review.workflow import RESTS, effect, listed
from app.staff.models import Person
from app.tenancy import beyond, reaching


def _submitted_later() -> ColumnElement[bool]:
    """Something of the registered person came in after the verdict, in whatever unit."""
    later = beyond(Submission, "later").c
    return (
        sa.exists()
        .where(
            later.person_id == Submission.person_id,
            later.id != Submission.id,
            later.received_at >= Submission.decided_at,
        )
        .correlate(Submission)
    )


RESTS["registration"] = [_submitted_later]


def _locked_people(session: Session, moved: Select[Any]) -> Any:
    """The ids of the moved records' people, locked in one order: two units may decide on a person at once, and the
    later must see what the earlier did."""
    people = sa.select(Submission.person_id).where(Submission.id.in_(moved))
    query = sa.select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update()
    locked = session.scalars(reaching(query, "a person may belong to another unit")).all()
    return listed(session, locked)


@effect("person belongs as before")
def belong_as_before(session: Session, moved: Select[Any], _entry: dict[str, Any]) -> None:
    """After a taken back pass: to the unit of the newest pass that still stands, else to none."""
    entry, record, later = Decision.__table__, Submission.__table__, Decision.__table__.alias("later")
    taken_back = sa.select(later.c.id).where(later.c.submission_id == entry.c.submission_id, later.c.id > entry.c.id)
    next_step = taken_back.order_by(later.c.id).limit(1).with_only_columns(later.c.step).scalar_subquery()
    unit = (
        sa.select(entry.c.unit_id)
        .join(record, record.c.id == entry.c.submission_id)
        .where(
            record.c.person_id == Person.id,
            entry.c.step == "pass",
            sa.func.coalesce(next_step, "") != "take_back",
        )
        .order_by(entry.c.at.desc(), entry.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    people = _locked_people(session, moved)
    statement = sa.update(Person).where(Person.id.in_(people)).values(unit_id=unit)
    statement = statement.execution_options(synchronize_session=False)
    session.execute(reaching(statement, "a person may go back to another unit"))


@effect("person belongs to the unit")
def belong(session: Session, moved: Select[Any], _entry: dict[str, Any]) -> None:
    """Move the person of each passed registration to its unit; the old unit keeps its history."""
    moving = Submission.__table__
    _locked_people(session, moved)
    statement = (
        sa.update(Person)
        .where(Person.id == moving.c.person_id, moving.c.id.in_(moved))
        .values(unit_id=moving.c.unit_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(reaching(statement, "a person may come from another unit"))
