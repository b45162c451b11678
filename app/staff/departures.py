"""Belonging ended (调出、离职) and, when that was a mistake, ended no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile, takewhile
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import audit, clock
from app.review.ledger import stands
from app.review.models import Decision, Submission
from app.review.workflow import Actor
from app.staff.models import Departure, Person
from app.staff.people import left_since, settle
from app.tenancy import beyond, reaching

HOW = {"transferred": _l("Transferred"), "left": _l("Left the employment")}
REMARK_LENGTH = 500


@dataclass(frozen=True)
class Belonging:
    """A person's belonging to a unit: since which pass there, by which newest one, and the newest one of anywhere."""

    since: datetime
    pass_id: int
    after_id: int


def unit_of(session: Session, person_id: int) -> int | None:
    """The unit the person belongs to now, locked until the transaction ends: who lets him leave and who takes in
    something of his come one after the other."""
    query = sa.select(Person.unit_id).where(Person.id == person_id).with_for_update()
    return session.scalar(reaching(query, "a person may belong to another unit"))


def belonging(session: Session, person_id: int, unit_id: int) -> Belonging | None:
    """By what a person, who belongs to the unit, does so; None when no pass there says it."""
    passes = (
        sa.select(Decision.id, Decision.at, Decision.unit_id)
        .join(Submission, Submission.id == Decision.submission_id)
        .where(Submission.person_id == person_id, Submission.kind == "registration", Decision.step == "pass")
        .where(stands(Decision), ~left_since(Decision, Submission.person_id))
        .order_by(Decision.id.desc())
    )
    found = session.execute(reaching(passes, "a pass elsewhere says since when he belongs here")).all()
    here = list(takewhile(lambda p: p.unit_id == unit_id, dropwhile(lambda p: p.unit_id != unit_id, found)))
    return Belonging(here[-1].at, here[0].id, found[0].id) if here else None


def end(session: Session, person_id: int, unit_id: int, by: Belonging, said: dict[str, Any], actor: Actor) -> None:
    """End the belonging of a (locked) person. `said`: how, left_on, remark, checked already. The caller commits."""
    session.add(
        Departure(
            person_id=person_id,
            unit_id=unit_id,
            after_id=by.after_id,
            at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
            **said,
        )
    )
    session.flush()
    statement = sa.update(Person).where(Person.id == person_id, Person.unit_id == unit_id).values(unit_id=None)
    statement = statement.execution_options(synchronize_session=False)
    session.execute(reaching(statement, "people have no unit that a scope could hold"))
    detail = {"how": said["how"], "left_on": said["left_on"].isoformat()}
    audit.record(session, "end_belonging", actor, f"person {person_id}", unit_id, **detail)


def undo(session: Session, departure_id: int, actor: Actor) -> bool:
    """Let the person belong again; False when he belongs somewhere by now, has left again, or nothing that passed here
    stands any more. The caller commits, or after False rolls back."""
    person_id = session.scalar(sa.select(Departure.person_id).where(Departure.id == departure_id))
    if person_id is None or unit_of(session, person_id) is not None:
        return False
    newest = sa.select(sa.func.max(Departure.id)).where(Departure.person_id == person_id, Departure.undone_at.is_(None))
    if session.scalar(reaching(newest, "he may have left another unit since")) != departure_id:
        return False
    departure = session.get_one(Departure, departure_id)
    departure.undone_at = clock.now()
    session.flush()
    settle(session, [person_id])
    if unit_of(session, person_id) != departure.unit_id:
        return False
    audit.record(session, "undo_departure", actor, f"person {person_id}", departure.unit_id, departure=departure_id)
    return True


def departures_of(session: Session, person_id: int) -> Sequence[Any]:
    """The departures of a person in the reader's scope, newest first, those undone too; each with whether he belongs
    somewhere now."""
    people = beyond(Person, "people").c
    settled = sa.exists().where(people.id == Departure.person_id, people.unit_id.is_not(None)).correlate(Departure)
    query = sa.select(Departure, settled).where(Departure.person_id == person_id)
    return session.execute(query.order_by(Departure.id.desc())).all()


def departure_from(session: Session, person_id: int, unit_id: int) -> Departure | None:
    """By what a person is no longer in a unit: the departure from it after which nothing passed there again."""
    came_back = (
        sa.exists()
        .where(
            Submission.person_id == Departure.person_id,
            Submission.unit_id == Departure.unit_id,
            Decision.submission_id == Submission.id,
            Decision.step == "pass",
            Decision.id > Departure.after_id,
            stands(Decision),
        )
        .correlate(Departure)
    )
    found = sa.select(Departure).where(Departure.person_id == person_id, Departure.unit_id == unit_id)
    found = found.where(Departure.undone_at.is_(None), ~came_back)
    return session.scalar(found.order_by(Departure.id.desc()).limit(1))
