"""What a unit tells of itself (catalogue.md, 单位信息): the table of its facts, and how they are kept.

Registration asks for all of them; the unit may revise some later, the HR bureau the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.forms import Field, Problems, Wrong, count, email, line, mobile, one_of, postal_code, resident_id, unit_code
from app.review.labels import code_choices
from app.sealing import Number
from app.tenancy import reaching
from app.units.models import Unit
from app.units.regions import REGIONS, path

NUMBERS = ("legal_representative_id", "mobile")


def region(text: str) -> str:
    """A division in force inside the served province (GB/T 2260)."""
    if text not in REGIONS:
        raise Wrong(_("must be the province, one of its cities, or one of their counties, as the list has them"))
    return text


@dataclass(frozen=True)
class Fact(Field):
    """A field of a unit. `part` is where the page shows it; `revisable` what the unit itself changes later (R30)."""

    part: Literal["basic", "detailed"] = "detailed"
    revisable: bool = False


def _basic(name: str, label: Any, read: Callable[[str], Any], kind: str = "text", **more: Any) -> Fact:
    return Fact(name, label, read, kind, part="basic", **more)


_OF_DEPARTMENT = _l("If it reviews here: its applications go there first.")
FACTS = {
    fact.name: fact
    for fact in (
        _basic("name", _l("Unit name"), line()),
        _basic("nature", _l("Nature of the unit"), one_of(lambda: dict(code_choices("unit_nature")())), "select"),
        _basic(
            "region",
            _l("Region"),
            region,
            "region",
            hint=_l("Where the unit belongs: the province, a city or a county."),
        ),
        _basic("competent_department", _l("Competent department"), line()),
        _basic(
            "department",
            _l("Unit code of the competent department (optional)"),
            unit_code,
            limit=18,
            required=False,
            hint=_OF_DEPARTMENT,
        ),
        _basic("industry", _l("Industry"), line(), revisable=True),
        Fact("legal_representative", _l("Legal representative's name"), line()),
        Fact("legal_representative_id", _l("Legal representative's ID number"), resident_id, limit=18),
        Fact("contact", _l("Contact's name"), line(), revisable=True),
        Fact("mobile", _l("Contact's mobile number"), mobile, limit=11, revisable=True),
        Fact("address", _l("Address"), line(), revisable=True),
        Fact("postal_code", _l("Postal code"), postal_code, limit=6, revisable=True),
        Fact("telephone", _l("Telephone"), line(40), limit=40, revisable=True),
        Fact("email", _l("E-mail"), email, limit=254, revisable=True),
        Fact("staff_count", _l("Number of staff"), count, "number", limit=10, revisable=True),
        Fact("professional_count", _l("Number of professional staff"), count, "number", limit=10, revisable=True),
    )
}


def department_of(session: Session, code: str | None, own_code: str, problems: Problems) -> int | None:
    """The competent department's own unit, wherever it lies; what is wrong with its code goes to the problems."""
    if not code:
        return None
    query = sa.select(Unit.id).where(Unit.code == code)
    found: int | None = session.scalar(reaching(query, "a unit names its department, which it does not see"))
    if code == own_code:
        problems["department"] = _("This is the unit's own code.")
    elif found is None:
        problems["department"] = _("No unit with this code is here. Leave it empty if it does not review here.")
    return found


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `unit` for values as they were read; numbers are sealed, those that are None stay as they are."""
    row = {name: value for name, value in values.items() if name not in (*NUMBERS, "department")}
    for name in NUMBERS:
        if values.get(name):
            row |= Number.of(values[name]).columns(name)
    return row


def cities() -> list[tuple[str, str]]:
    """The first choice of 属地: the province itself, and its cities."""
    return [(code, one.name) for code, one in REGIONS.items() if one.level != "county"]


def counties() -> list[tuple[str, list[tuple[str, str]]]]:
    """The second: by city, the city itself, and its counties."""
    below: dict[str, list[tuple[str, str]]] = {code: [] for code, one in REGIONS.items() if one.level == "city"}
    for code, one in REGIONS.items():
        if one.level == "county":
            below[path(code)[1].code].append((code, one.name))
    return [(city, [(city, REGIONS[city].name), *inside]) for city, inside in below.items()]
