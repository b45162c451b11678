"""Synthetic people and their registrations."""

import random
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.operations.seed.invent import id_number, mobile, person_name
from app.operations.seed.records import Record, Someone, history, store
from app.operations.seed.units import Employer
from app.review.models import Submission
from app.sealing import Number, seal_numbers
from app.staff.models import Person, Registration
from app.tenancy import bulk_insert, reserve_ids

START = datetime(2025, 6, 1, 1, 0, tzinfo=UTC)
PERIOD = 300 * 86400  # seconds after START in which people register
# What became of a registration: its status → its steps, and the weight of it.
OUTCOMES = {"pending": ("submit", 40), "passed": ("submit pass", 50), "returned": ("submit return", 10)}
USUAL = {"pending": 12, "passed": 80, "returned": 8}  # weights where people already work with the archive


def registrations(
    session: Session,
    parts: Sequence[tuple[Employer, int]],
    chance: random.Random,
    outcomes: Collection[str] = tuple(OUTCOMES),
    first_passes: bool = False,
) -> list[Record]:
    """So many registrations of each unit, of people nobody knew. `first_passes`: of each unit the first is passed."""
    total = sum(count for _employer, count in parts)
    numbers = zip(reserve_ids(session, Submission, total), reserve_ids(session, Person, total), strict=True)
    steps = [OUTCOMES[outcome][0] for outcome in outcomes]
    weights = [USUAL[outcome] if first_passes else OUTCOMES[outcome][1] for outcome in outcomes]
    return [
        _registration(*next(numbers), employer, chance, passed or chance.choices(steps, weights)[0])
        for employer, count in parts
        for passed in [OUTCOMES["passed"][0] if first_passes else "", *[""] * (count - 1)]
    ]


def _registration(pk: int, person: int, employer: Employer, chance: random.Random, steps: str) -> Record:
    number, phone = id_number(person), mobile(chance)
    someone = Someone(
        id=person,
        name=person_name(chance),
        gender=chance.choice("12"),
        number=Number.of(number),
        mobile=Number.of(phone),
        sealed=seal_numbers({"id_number": number}),
    )
    return Record(
        id=pk,
        kind="registration",
        employer=employer,
        person=someone,
        ledger=history("registration", steps),
        at=START + timedelta(seconds=chance.randrange(PERIOD)),
        versions=(_content(someone, employer),),
        sealed=seal_numbers({"person.id_number": number, "person.mobile": phone}),
    )


def _content(someone: Someone, employer: Employer) -> dict[str, Any]:
    return {
        "unit": employer.code,
        "person": {
            "name": someone.name,
            "gender": someone.gender,
            "id_type": "resident_id",
            "id_number": someone.number.masked,
            "mobile": someone.mobile.masked,
            "political_status": "13",
            "email": f"s{someone.id}@example.cn",
        },
        "numbers": {"person.id_number": someone.number.index, "person.mobile": someone.mobile.index},
    }


def store_registrations(session: Session, records: list[Record]) -> None:
    """People, registrations, versions and ledger."""
    bulk_insert(session, Person, [_person_row(record) for record in records])
    store(session, records)
    bulk_insert(session, Registration, [_facts_row(record) for record in records])


def _person_row(record: Record) -> dict[str, Any]:
    belongs = record.employer.id if record.status == "passed" else None
    return {"id": record.person.id, "number_index": record.person.number.index, "unit_id": belongs}


def _facts_row(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "unit_id": record.employer.id,
        "gender": record.person.gender,
        "id_type": "resident_id",
        "political_status": "13",
        "email": f"s{record.person.id}@example.cn",
        **record.person.number.columns("id_number"),
        **record.person.mobile.columns("mobile"),
    }
