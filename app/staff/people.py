"""Who belongs to which unit."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session, aliased

from app.review.ledger import listed, stands
from app.review.models import Decision, Submission
from app.review.rules import LOCKS, RESTS, Rest, Said, effect
from app.staff.models import Departure, Person
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


def locked_people(session: Session, moved: Select[Any]) -> Any:
    """The ids of the moved records' people, locked in one order: two units may decide on a person at once, and the
    later must see what the earlier did."""
    people = sa.select(Submission.person_id).where(Submission.id.in_(moved))
    query = sa.select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update()
    locked = session.scalars(reaching(query, "a person may belong to another unit")).all()
    return listed(session, locked)


RESTS["registration"] = [
    Rest(_submitted_later, _l("The verdict cannot be taken back: this person has submitted something since."))
]
LOCKS["registration"] = locked_people


def left_since(entry: Any, person_id: Any) -> ColumnElement[bool]:
    """The criterion on a pass in the ledger that its person has left since, wherever he then was."""
    departure = aliased(Departure)
    covers = (departure.person_id == person_id, departure.undone_at.is_(None), departure.after_id >= entry.id)
    return sa.exists().where(*covers).correlate_except(departure)


@effect("person belongs as before")
def belong_as_before(session: Session, moved: Select[Any], _entry: dict[str, Any], _said: Said) -> None:
    """After a taken back pass: to where the ledger then says."""
    settle(session, locked_people(session, moved))


def settle(session: Session, people: Any) -> None:
    """Let (locked) people belong to the unit of the newest pass that still stands and that they have not left since,
    else to none."""
    entry, record = aliased(Decision), aliased(Submission)
    unit = (
        sa.select(entry.unit_id)
        .join(record, record.id == entry.submission_id)
        .where(record.person_id == Person.id, record.kind == "registration", entry.step == "pass")
        .where(stands(entry), ~left_since(entry, record.person_id))
        .order_by(entry.id.desc())
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    statement = sa.update(Person).where(Person.id.in_(people)).values(unit_id=unit)
    statement = statement.execution_options(synchronize_session=False)
    session.execute(reaching(statement, "a person may go back to another unit"))


@effect("person belongs to the unit")
def belong(session: Session, moved: Select[Any], _entry: dict[str, Any], _said: Said) -> None:
    """Move the person of each passed registration to its unit; the old unit keeps its history."""
    moving = Submission.__table__
    locked_people(session, moved)
    statement = (
        sa.update(Person)
        .where(Person.id == moving.c.person_id, moving.c.id.in_(moved))
        .values(unit_id=moving.c.unit_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(reaching(statement, "a person may come from another unit"))
