"""Synthetic data at any size, streamed: the same seed gives the same content. `flask check` holds on it."""

import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from stdnum.cn import ric, uscc

from app.codes import CODES
from app.extensions import begin_write
from app.review.models import Decision, Submission, Version
from app.sealing import Number, digest, seal_numbers
from app.staff.models import Person, Registration
from app.tenancy import bulk_insert, reserve_ids
from app.units.models import Unit
from app.units.regions import REGIONS

BATCH = 5_000  # registrations in one transaction
START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
BORN = date(1960, 1, 1)
DAYS = 16_000  # of birth, to the end of 2003
SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐周叶苏庄吕江何罗高萧潘朱简钟彭游詹胡施沈余卢梁"
GIVEN = "志明建国秀英丽华文雅静怡晓峰海燕小芳美玲家豪淑贞俊杰婷宗翰佳颖冠宇思远子涵欣然"
# What became of a registration: (status, step, opinion), each with its weight.
OUTCOMES = (
    ("pending", "", ""),
    ("passed", "pass", "材料齐全，同意"),
    ("returned", "return", "证件照片不清晰"),
)
WEIGHTS = (40, 50, 10)


@dataclass(frozen=True)
class Employer:
    id: int
    region: str
    code: str


@dataclass(frozen=True)
class Entry:
    """One registration on its way into five tables."""

    id: int
    person: int
    id_number: Number
    employer: Employer
    name: str
    at: datetime
    outcome: tuple[str, str, str]
    gender: str
    mobile: Number
    numbers: dict[str, str]  # whole, by path, for the version


def seed(
    session: Session,
    units: int,
    items: int,
    number: int,
    progress: Callable[[int], None],
    outcomes: Collection[str] = ("pending", "passed", "returned"),
) -> None:
    """Add `units` units and `items` registrations spread over them, of the statuses in `outcomes`.

    `progress` hears how many came in each time.
    """
    chance = random.Random(number)
    begin_write(session)
    employers = _units(session, units, chance)
    session.commit()
    for start in range(0, items, BATCH):
        size = min(BATCH, items - start)
        begin_write(session)
        _store(session, list(_entries(session, size, employers, chance, outcomes)))
        session.commit()
        progress(size)


def _units(session: Session, count: int, chance: random.Random) -> list[Employer]:
    first = session.scalar(sa.select(sa.func.count()).select_from(Unit)) or 0
    counties = [region.code for region in REGIONS.values() if region.level == "county"]
    ids = reserve_ids(session, Unit, count)
    employers = [Employer(pk, chance.choice(counties), _unit_code(first + n)) for n, pk in enumerate(ids)]
    bulk_insert(session, Unit, [_unit_row(employer, first + n, chance) for n, employer in enumerate(employers)])
    return employers


def _unit_row(employer: Employer, n: int, chance: random.Random) -> dict[str, Any]:
    place = REGIONS[employer.region].name
    return {
        "id": employer.id,
        "code": employer.code,
        "name": f"{place}第{n}单位",
        "nature": chance.choice(list(CODES["unit_nature"])),
        "region": employer.region,
        "competent_department": f"{place}主管部门",
        "industry": "教育",
        "legal_representative": _name(chance),
        "contact": _name(chance),
        "address": f"{place}中山路{n}号",
        "postal_code": "350001",
        "telephone": "0591-87556301",
        "email": f"hr{n}@example.cn",
        "staff_count": chance.randrange(10, 2000),
        "professional_count": chance.randrange(5, 1000),
        **Number.of(_id_number(n, "120101")).columns("legal_representative_id"),
        **Number.of(_mobile(chance)).columns("mobile"),
    }


def _entries(
    session: Session, size: int, employers: list[Employer], chance: random.Random, outcomes: Collection[str]
) -> Iterator[Entry]:
    wanted = [outcome for outcome in OUTCOMES if outcome[0] in outcomes]
    weights = [weight for outcome, weight in zip(OUTCOMES, WEIGHTS, strict=True) if outcome in wanted]
    people = session.scalar(sa.select(sa.func.count()).select_from(Person)) or 0
    ids = reserve_ids(session, Submission, size)
    for n, (pk, person) in enumerate(zip(ids, reserve_ids(session, Person, size), strict=True)):
        number, mobile = _id_number(person), _mobile(chance)
        yield Entry(
            id=pk,
            person=person,
            id_number=Number.of(number),  # sealed once: it is the costly part
            employer=chance.choice(employers),
            name=_name(chance),
            at=START + timedelta(seconds=(people + n) * 17 % (300 * 86400)),
            outcome=chance.choices(wanted, weights)[0],
            gender=chance.choice("12"),
            mobile=Number.of(mobile),
            numbers={"person.id_number": number, "person.mobile": mobile},
        )


def _store(session: Session, entries: list[Entry]) -> None:
    """The rows of all five tables, each table's in one statement."""
    for model, rows in (
        (Person, map(_person_row, entries)),
        (Submission, map(_submission_row, entries)),
        (Registration, map(_registration_row, entries)),
        (Version, map(_version_row, entries)),
        (Decision, (row for entry in entries for row in _ledger_rows(entry))),
    ):
        bulk_insert(session, model, list(rows))


def _person_row(entry: Entry) -> dict[str, Any]:
    belongs = entry.employer.id if entry.outcome[0] == "passed" else None
    return {"id": entry.person, "number_index": entry.id_number.index, "unit_id": belongs}


def _submission_row(entry: Entry) -> dict[str, Any]:
    status = entry.outcome[0]
    return {
        "id": entry.id,
        "kind": "registration",
        "type": "",
        "ref": f"S{entry.id}",
        "unit_id": entry.employer.id,
        "region": entry.employer.region,
        "person_id": entry.person,
        "person_name": entry.name,
        "title": "",
        "status": status,
        "node": "unit",
        "version": 1,
        "submitted_at": entry.at,
        "received_at": entry.at,
        "pending_since": entry.at if status == "pending" else None,
        "steps": len(list(_ledger_rows(entry))),
        "decided_at": None if status == "pending" else entry.at + timedelta(days=1),
    }


def _registration_row(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "unit_id": entry.employer.id,
        "gender": entry.gender,
        "id_type": "resident_id",
        "political_status": "13",
        "email": f"s{entry.person}@example.cn",
        **entry.id_number.columns("id_number"),
        **entry.mobile.columns("mobile"),
    }


def _version_row(entry: Entry) -> dict[str, Any]:
    person = {
        "name": entry.name,
        "gender": entry.gender,
        "id_type": "resident_id",
        "id_number": entry.id_number.masked,
        "mobile": entry.mobile.masked,
        "political_status": "13",
        "email": f"s{entry.person}@example.cn",
    }
    indexes = {"person.id_number": entry.id_number.index, "person.mobile": entry.mobile.index}
    return {
        "submission_id": entry.id,
        "unit_id": entry.employer.id,
        "number": 1,
        "submitted_at": entry.at,
        "data": {
            "unit": entry.employer.code,
            "person": person,
            "submitted_at": entry.at.isoformat(),
            "numbers": indexes,
        },
        "sealed": seal_numbers(entry.numbers),
        "digest": digest(b"seed %d" % entry.id),
    }


def _ledger_rows(entry: Entry) -> Iterator[dict[str, Any]]:
    status, step, opinion = entry.outcome
    common = {"submission_id": entry.id, "unit_id": entry.employer.id, "version": 1, "node": "unit", "to_node": "unit"}
    yield common | {
        "step": "submit",
        "from_status": None,
        "to_status": "pending",
        "opinion": "",
        "at": entry.at,
        "by_name": entry.name,
    }
    if step:
        yield common | {
            "step": step,
            "from_status": "pending",
            "to_status": status,
            "opinion": opinion,
            "at": entry.at + timedelta(days=1),
            "by_name": "历史数据",
        }


def _name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def _mobile(chance: random.Random) -> str:
    return f"1{chance.choice('3578')}{chance.randrange(10**9):09d}"


def _id_number(n: int, area: str = "110101") -> str:
    """The n-th resident ID number of an area outside the province, so that it is nobody's of the demo."""
    born = BORN + timedelta(days=n // 1000 % DAYS)
    body = f"{int(area) + n // 1000 // DAYS}{born:%Y%m%d}{n % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def _unit_code(n: int) -> str:
    body = f"91350000T{n:08d}"
    return body + uscc.calc_check_digit(body + "0")
