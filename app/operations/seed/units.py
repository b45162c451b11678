"""Synthetic units, with the posts that public institutions are approved."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from app.attachments import Attachment
from app.codes import CODES
from app.operations.seed.invent import id_number, mobile, person_name
from app.operations.seed.proof import Proof
from app.sealing import Number
from app.tenancy import bulk_insert, reserve_ids
from app.units.models import PostApproval, Unit
from app.units.regions import REGIONS

GOVERNMENT, INSTITUTION = "government", "public_institution"
NATURES = (*CODES["unit_nature"], *[INSTITUTION] * 3)  # most titles are applied for in institutions
DEPARTED = 0.6  # of the units have a competent department that is here
APPROVED_ON, APPROVED_AT = date(2025, 3, 1), datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
# The posts of an institution: (category, level).
POSTS = (
    ("management", "m7"),
    *(("professional", level) for level in ("p5", "p7", "p8", "p10", "p11", "p12")),
    ("workman", "w3"),
)


@dataclass(frozen=True)
class Employer:
    """What the records of a unit say of it."""

    id: int
    region: str
    code: str
    name: str
    nature: str
    department_id: int | None


def make_units(session: Session, count: int, chance: random.Random) -> list[Employer]:
    """Add `count` units, anywhere in the province. Some have a government of their city that came before them as
    their competent department, or any other while their city has none."""
    first = session.scalar(sa.select(sa.func.count()).select_from(Unit)) or 0
    counties = [region.code for region in REGIONS.values() if region.level == "county"]
    employers, governments = [], dict[str, int]()
    for n, pk in enumerate(reserve_ids(session, Unit, count), first):
        region, nature = chance.choice(counties), chance.choice(NATURES)
        city = region[:4]
        near = governments.get(city, governments.get("")) if chance.random() < DEPARTED else None
        employers.append(Employer(pk, region, _code(n), f"{REGIONS[region].name}第{n}单位", nature, near))
        if nature == GOVERNMENT:
            governments[city] = governments[""] = pk
    bulk_insert(session, Unit, [_row(employer, first + n, chance) for n, employer in enumerate(employers)])
    return employers


def _row(employer: Employer, n: int, chance: random.Random) -> dict[str, Any]:
    place = REGIONS[employer.region].name
    return {
        "id": employer.id,
        "code": employer.code,
        "name": employer.name,
        "nature": employer.nature,
        "region": employer.region,
        "department_id": employer.department_id,
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


# ---- the posts of public institutions --------------------------------------------------------------------------------


def posts_of(employer: Employer) -> list[dict[str, Any]]:
    """The posts that a unit was approved; none of one that is no public institution, or has not entered them yet.
    Made of its id alone, so that nobody has to keep them."""
    if employer.nature != INSTITUTION or employer.id % 5 == 0:
        return []
    filled = [5 + (employer.id * 7 + n * 3) % 20 for n, _post in enumerate(POSTS)]
    return [
        {"category": category, "level": level, "approved": taken + employer.id % 12, "filled": taken}
        for taken, (category, level) in zip(filled, POSTS, strict=True)
    ]


def free_posts(employer: Employer) -> dict[str, int] | None:
    """How many posts of each level are not filled; None of a unit that has entered none."""
    posts = posts_of(employer)
    return {post["level"]: post["approved"] - post["filled"] for post in posts} if posts else None


def add_approvals(session: Session, employers: Sequence[Employer], proof: Proof) -> None:
    """岗位核准信息 of the public institutions among the units, each with its stamped form."""
    approved = [(employer, posts) for employer in employers if (posts := posts_of(employer))]
    ids = (proof.file_id(b"approval %d" % employer.id) for employer, _posts in approved)
    forms = [proof.row(pk, one[0].id, APPROVED_AT) for pk, one in zip(ids, approved, strict=True)]
    bulk_insert(session, Attachment, forms)
    bulk_insert(session, PostApproval, [_approval(*one, form) for one, form in zip(approved, forms, strict=True)])


def _approval(employer: Employer, posts: list[dict[str, Any]], form: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit_id": employer.id,
        "document_number": f"闽人社岗〔{APPROVED_ON.year}〕{employer.id}号",
        "authority": "福建省人力资源和社会保障厅",
        "approved_on": APPROVED_ON,
        "total": sum(post["approved"] for post in posts),
        "posts": posts,
        "form": form["id"],
        "form_sha256": form["sha256"],
        "submitted_at": APPROVED_AT,
        "submitted_by": "历史数据",
    }
