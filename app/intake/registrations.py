"""The kind `registration`: a person in a unit. A returned one, or the correction of a passed one, comes again."""

from typing import Any

import sqlalchemy as sa

from app.codes import CODES
from app.intake.fields import Chosen, Errors, Field, Group
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import code
from app.intake.submissions import begun, content_of, judge_again, known_as
from app.intake.wording import gettext
from app.review.ledger import stands
from app.review.models import Decision, Submission
from app.review.workflow import resubmit, submit
from app.sealing import Number, blind
from app.staff.models import Person, Registration

FIELDS = (
    Field("unit", "unit_code"),
    Group(
        "person",
        (
            Field("name", "text"),
            Field("gender", code(CODES["gender"])),
            Field("id_type", code(CODES["id_type"])),
            Field("id_number", Chosen("id_type", {"resident_id": "resident_id"}, other="other_document")),
            Field("mobile", "mobile"),
            Field("political_status", code(CODES["political_status"])),
            Field("email", "email"),
        ),
    ),
    Field("submitted_at", "time"),
)
NUMBERS = ("person.id_number", "person.mobile")


def known(line: Line) -> Known | None:
    return known_as("registration", line)


def judge(line: Line) -> Errors:
    row, errors = begun(line, "registration")
    if row is None:
        return errors | _judge_person(line, row)
    errors |= judge_again(line, row, {})
    return errors if "ref" in errors else errors | _judge_identity(line, row)


def _judge_identity(line: Line, row: Any) -> Errors:
    """The ID number and its type may change only in a registration that never passed, by all rules of a new one."""
    person = line.data["person"]
    changed = {
        "person.id_number": row.id_number_index != blind(person["id_number"]),
        "person.id_type": row.id_type != person["id_type"],
    }
    passed = sa.select(Decision.id).where(Decision.submission_id == row.id, Decision.step == "pass", stands(Decision))
    if any(changed.values()) and line.session.scalar(passed.limit(1)) is not None:
        message = gettext("never changes once a registration has passed")
        return {field: [message] for field, is_changed in changed.items() if is_changed}
    return _judge_person(line, row, open_only=not changed["person.id_number"])


def _judge_person(line: Line, row: Any, open_only: bool = False) -> Errors:
    """One live registration of a person in a unit."""
    index = blind(line.data["person"]["id_number"])
    person = line.found["person"] = line.session.scalar(sa.select(Person).where(Person.number_index == index))
    unit = line.found["unit"]
    if person is None or unit is None:
        return {}
    live = ["pending", "returned", *(["passed"] if person.unit_id == unit.id and not open_only else [])]
    others = sa.select(Submission.id).where(
        Submission.kind == "registration",
        Submission.person_id == person.id,
        Submission.unit_id == unit.id,
        Submission.status.in_(live),
        Submission.id != (row.id if row else 0),
    )
    if line.session.scalar(others.limit(1)) is None:
        return {}
    return {"person.id_number": [gettext("this person has a live registration in this unit already")]}


def store(line: Line) -> tuple[str, int]:
    person = line.data["person"]
    row = line.found["row"]
    new = row is None
    if new:
        unit = line.found["unit"]
        row = Registration(kind="registration", ref=line.ref, unit_id=unit.id, region=unit.region)
    if new or row.id_number_index != blind(person["id_number"]):
        row.id_number = Number.of(person["id_number"])
        row.person_id = _person_id(line)
    row.id_type, row.gender, row.political_status = person["id_type"], person["gender"], person["political_status"]
    row.person_name, row.email, row.mobile = person["name"], person["email"], Number.of(person["mobile"])
    row.submitted_at = line.data["submitted_at"]
    enter = submit if new else resubmit
    enter(line.session, row, *content_of(line, NUMBERS), digest=line.digest)
    return ("created" if new else "resubmitted"), row.id


def _person_id(line: Line) -> int:
    """The person with the line's number, made when nobody has it yet."""
    person = line.found.get("person")
    if person is None:
        person = Person(number_index=blind(line.data["person"]["id_number"]))
        line.session.add(person)
        line.session.flush()
    return int(person.id)


REGISTRATION = Kind("registration", FIELDS, known, judge, store)
