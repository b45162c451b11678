"""What all kinds of submissions share on their way in: known again by every version, and times that follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.intake.fields import Errors, plain
from app.intake.kinds import Known, Line
from app.intake.units import unit_of
from app.intake.wording import gettext
from app.review.ledger import stands
from app.review.models import Decision, Submission, Version
from app.review.rules import RULES
from app.sealing import Number, blind, seal_numbers
from app.staff.departures import HOW, departure_from
from app.staff.departures import unit_of as unit_of_person
from app.staff.models import Person, Registration


def known_as(kind: str, line: Line) -> Known | None:
    """The submission under the line's ref; the same when any of its versions was this line."""
    row = line.session.scalar(sa.select(Submission.id).where(Submission.kind == kind, Submission.ref == line.ref))
    if row is None:
        return None
    versions = sa.select(Version.id).where(Version.submission_id == row, Version.digest == line.digest)
    return Known(row, line.session.scalar(versions) is not None)


def locked(line: Line, kind: str, ref: str) -> Any:
    """The submission of a kind and ref, locked until this line is done; None when there is none."""
    query = sa.select(Submission).where(Submission.kind == kind, Submission.ref == ref)
    return line.session.scalar(query.with_for_update(of=Submission).execution_options(populate_existing=True))


def begun(line: Line, kind: str) -> tuple[Any, Errors]:
    """What every kind begins with: the (locked) record under the line's ref, None for a new one, and whether its unit
    is here, which `found` then has."""
    unit = line.found["unit"] = unit_of(line, line.data["unit"])
    row = line.found["row"] = locked(line, kind, line.ref) if line.known else None
    return row, {} if unit is not None else {"unit": [gettext("no unit with this code is here")]}


def judge_again(line: Line, row: Submission, kept: Mapping[str, bool]) -> Errors:
    """The errors of a new version: whether it may come now, and what it has to keep: field → whether it does."""
    if not may_resubmit(row):
        return {"ref": [gettext("this record has other content and is not open for a new version")]}
    unit = line.found["unit"]
    kept = {"unit": unit is None or unit.id == row.unit_id, **kept}
    errors: Errors = {name: [gettext("a new version keeps this")] for name, same in kept.items() if not same}
    if line.data["submitted_at"] < last_step_at(line, row):
        errors["submitted_at"] = [gettext("lies before the decision that it follows")]
    return errors


def person_of(line: Line) -> Person | None:
    """The person with the line's number, registered anywhere."""
    return line.session.scalar(sa.select(Person).where(Person.number_index == blind(line.data["id_number"])))


def judge_belonging(line: Line) -> Errors:
    """Only who now belongs to the unit submits, and not before the pass by which he does (R26)."""
    person, unit = line.found["person"], line.found["unit"]
    if unit is None:
        return {}
    if person is None or unit_of_person(line.session, person.id) != unit.id:
        return {"id_number": [_why_not(line, person, unit)]}
    registered = line.found["registration"] = line.session.execute(
        sa.select(Registration.person_name, Decision.at)
        .join(Decision, Decision.submission_id == Registration.id)
        .where(Registration.person_id == person.id, Registration.unit_id == unit.id)
        .where(Decision.step == "pass", stands(Decision))
        .order_by(Decision.id.desc())
    ).first()
    if registered is None:
        return {"id_number": [gettext("nobody with this number belongs to this unit: register first")]}
    if line.data["submitted_at"] < registered.at:
        return {"submitted_at": [gettext("lies before the pass of the registration")]}
    return {}


def _why_not(line: Line, person: Person | None, unit: Any) -> str:
    """Why a person does not belong to the unit: he left it, or never registered there."""
    left = departure_from(line.session, person.id, unit.id) if person else None
    if left is None:
        return gettext("nobody with this number belongs to this unit: register first")
    return gettext(
        "this person left the unit on %(date)s (%(how)s) and submits nothing new there",
        date=left.left_on.isoformat(),
        how=HOW[left.how],
    )


def last_step_at(line: Line, row: Submission) -> datetime:
    """When the newest row of a record's ledger was."""
    newest = sa.select(Decision.at).where(Decision.submission_id == row.id).order_by(Decision.id.desc()).limit(1)
    at = line.session.scalar(newest)
    assert at is not None, "every submission has a ledger"
    return at


def may_resubmit(row: Submission) -> bool:
    return (row.kind, row.status, "resubmit") in RULES


def content_of(line: Line, numbers: Sequence[str]) -> tuple[dict[str, Any], bytes | None]:
    """The line's good values as a version keeps them: the personal numbers at `numbers` (dotted paths) masked,
    with their blind indexes to compare versions by, and sealed together beside them."""
    content = plain({name: value for name, value in line.data.items() if name not in ("kind", "ref")})
    whole: dict[str, str] = {}
    for path in numbers:
        *groups, name = path.split(".")
        place = content
        for group in groups:
            place = place[group]
        whole[path] = place[name]
        content.setdefault("numbers", {})[path] = blind(place[name])
        place[name] = Number.of(place[name]).masked
    return content, seal_numbers(whole) if whole else None
