"""Synthetic units."""

import random
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from app.codes import CODES
from app.operations.seed.invent import id_number, mobile, person_name
from app.sealing import Number
from app.tenancy import bulk_insert, reserve_ids
from app.units.models import Unit
from app.units.regions import REGIONS


@dataclass(frozen=True)
class Employer:
    """What the records of a unit say of it."""

    id: int
    region: str
    code: str


def make_units(session: Session, count: int, chance: random.Random) -> list[Employer]:
    """Add `count` units, anywhere in the province."""
    first = session.scalar(sa.select(sa.func.count()).select_from(Unit)) or 0
    counties = [region.code for region in REGIONS.values() if region.level == "county"]
    ids = reserve_ids(session, Unit, count)
    employers = [Employer(pk, chance.choice(counties), _code(first + n)) for n, pk in enumerate(ids)]
    bulk_insert(session, Unit, [_row(employer, first + n, chance) for n, employer in enumerate(employers)])
    return employers


def _row(employer: Employer, n: int, chance: random.Random) -> dict[str, Any]:
    place = REGIONS[employer.region].name
    return {
        "id": employer.id,
        "code": employer.code,
        "name": f"{place}第{n}单位",
        "nature": chance.choice(list(CODES["unit_nature"])),
        "region": employer.region,
        "competent_department": f"{place}主管部门",
        "industry": "教育",
        "legal_representative": person_name(chance),
        "contact": person_name(chance),
        "address": f"{place}中山路{n}号",
        "postal_code": "350001",
        "telephone": "0591-87556301",
        "email": f"hr{n}@example.cn",
        "staff_count": chance.randrange(10, 2000),
        "professional_count": chance.randrange(5, 1000),
        **Number.of(id_number(n, "120101")).columns("legal_representative_id"),
        **Number.of(mobile(chance)).columns("mobile"),
    }


def _code(n: int) -> str:
    body = f"91350000T{n:08d}"
    return body + uscc.calc_check_digit(body + "0")
