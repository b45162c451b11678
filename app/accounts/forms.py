"""What HR operations types: the fields of its forms and how they are read. A problem stands beside its field."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.accounts.bounds import REFUSED, Granter, Place
from app.accounts.roles import ROLES
from app.review.labels import code_choices
from app.typed import day, day_problem, is_blank, is_mobile, line_problem, resident_fault, text_problem
from app.units.models import Unit
from app.units.regions import full_name

REASON_LENGTH = 500
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")
Texts = dict[str, str]
Problems = dict[str, str]
Choices = Sequence[tuple[str, str]]


class Wrong(ValueError):
    """What is wrong with a text, in words."""


@dataclass(frozen=True)
class Field:
    """One field of a form. `read` makes its value of a text that is there, and raises Wrong."""

    name: str
    label: Any
    read: Callable[[str], Any]
    kind: str = "text"  # text, date, select
    limit: int = 200
    hint: Any = ""
    required: bool = True


def _text(limit: int = 200) -> Callable[[str], str]:
    def read(text: str) -> str:
        if is_blank(text):
            raise Wrong(_("Fill this in."))
        if problem := line_problem(text, limit):
            raise Wrong(problem)
        return text

    return read


def _username(text: str) -> str:
    if not USERNAME.fullmatch(text):
        raise Wrong(
            _("3 to 32 small letters, digits, dots, hyphens and underscores, beginning with a letter or a digit")
        )
    return text


def _resident_id(text: str) -> str:
    text = text.upper()
    fault = resident_fault(text, clock.today())
    if fault is None:
        return text
    raise Wrong(
        {
            "shape": _("must be 17 digits and a check character (a digit or X)"),
            "birth": _("must hold a real date of birth"),
            "check": _("check character does not match"),
        }[fault]
    )


def _mobile(text: str) -> str:
    if not is_mobile(text):
        raise Wrong(_("must be an 11-digit mainland mobile number"))
    return text


def _last_day(text: str) -> date:
    if problem := day_problem(text):
        raise Wrong(problem)
    found = date.fromisoformat(text)
    if found < clock.today():
        raise Wrong(_("must not be a past day"))
    return found


def _nature(text: str) -> str:
    if text not in dict(code_choices("unit_nature")()):
        raise Wrong(_("Choose one."))
    return text


HOLDER = (
    Field("username", _l("Username"), _username, limit=32, hint=_l("It is signed in with, and stays.")),
    Field("name", _l("Holder's name"), _text()),
    Field("id_number", _l("Holder's ID number"), _resident_id, limit=18),
)
ACCOUNT = (Field("username", _l("Username"), _text(64), limit=64, hint=_l("Of the account that gets the role.")),)
ROLE = (
    Field("role", _l("Role"), str, "select"),
    Field("unit", _l("Unit code"), str, limit=18, required=False, hint=_l("For roles in a unit or a department.")),
    Field("region", _l("Region"), str, "select", required=False, hint=_l("For roles over a region.")),
    Field("expires_on", _l("Last day (optional)"), _last_day, "date", required=False, hint=_l("Empty: until revoked.")),
)
_REASON = Field("reason", _l("Reason, for the audit log"), _text(REASON_LENGTH), limit=REASON_LENGTH)
# To an account that there is, or to one that is issued at once.
HAND_OVER = {
    "existing": (Field("username", _l("Username"), _text(64), limit=64, hint=_l("Of who takes over.")), _REASON),
    "new": (*HOLDER, _REASON),
}
UNIT = (
    Field("name", _l("Unit name"), _text()),
    Field("nature", _l("Nature of the unit"), _nature, "select"),
    Field("region", _l("Region"), str, "select", hint=_l("Where the unit belongs: the province, a city or a county.")),
    Field("competent_department", _l("Competent department"), _text()),
    Field(
        "department",
        _l("Unit code of the competent department"),
        str,
        limit=18,
        required=False,
        hint=_l("If it reviews here: its applications go there first."),
    ),
    Field("legal_representative", _l("Legal representative's name"), _text()),
    Field("legal_representative_id", _l("Legal representative's ID number"), _resident_id, limit=18),
    Field("contact", _l("Contact's name"), _text()),
    Field("mobile", _l("Contact's mobile number"), _mobile, limit=11),
)


def typed(fields: Sequence[Field], form: Mapping[str, str]) -> Texts:
    return {field.name: form.get(field.name, "").strip() for field in fields}


def read(fields: Sequence[Field], texts: Mapping[str, str]) -> tuple[dict[str, Any], Problems]:
    """The values of what was typed, None for what may be left empty and is; and what is wrong, by field."""
    values: dict[str, Any] = {}
    problems: Problems = {}
    for field in fields:
        text = texts[field.name]
        try:
            if text:
                values[field.name] = field.read(text)
            elif field.required:
                raise Wrong(_("Fill this in."))
            else:
                values[field.name] = None
        except Wrong as problem:
            problems[field.name] = str(problem)
    return values, problems


def place_of(session: Session, by: Granter, texts: Mapping[str, str]) -> tuple[Place | None, Problems]:
    """What the role of a form is granted over, and what is wrong with it: the role, or the field of its place."""
    role = texts["role"]
    if role not in by.bound.grants:
        return None, {"role": str(REFUSED["role"]) if role in ROLES else _("Choose one.")}
    if ROLES[role].over == "region":
        if texts["unit"]:
            return None, {"unit": _("This role is over a region: leave the unit empty.")}
        if texts["region"] not in by.regions():
            return None, {"region": str(REFUSED["place"]) if texts["region"] else _("Choose one.")}
        return Place(None, texts["region"]), {}
    if texts["region"]:
        return None, {"region": _("This role is in a unit: leave the region empty.")}
    if not texts["unit"]:
        return None, {"unit": _("Fill this in.")}
    found = unit_of(session, texts["unit"])
    if found is None or not by.reaches(found):
        return None, {"unit": _("No unit with this code is in your jurisdiction.")}
    return found, {}


def unit_of(session: Session, code: str) -> Place | None:
    """The unit with a code, among those that the reader sees."""
    row = session.execute(sa.select(Unit.id, Unit.region).where(Unit.code == code.upper())).first()
    return Place(row.id, row.region) if row else None


def reason_problem(reason: str) -> str | None:
    return _("Fill this in.") if is_blank(reason) else text_problem(reason, REASON_LENGTH)


def last_day(text: str) -> tuple[date | None, str | None]:
    """The last day of a role, None for an empty text: until it is revoked; or what is wrong with it."""
    if not text:
        return None, None
    try:
        return _last_day(text), None
    except Wrong as problem:
        return day(text), str(problem)


# ---- as a template shows them ----------------------------------------------------------------------------------------


def shown(fields: Sequence[Field], by: Granter, texts: Mapping[str, str], problems: Mapping[str, str]) -> Any:
    return [
        {
            "name": field.name,
            "label": field.label,
            "kind": field.kind,
            "limit": field.limit,
            "hint": field.hint,
            "required": field.required,
            "value": texts.get(field.name, ""),
            "error": problems.get(field.name),
            "choices": [("", "—"), *_choices(field, by)] if field.kind == "select" else [],
            "min": clock.today(),
        }
        for field in fields
    ]


def _choices(field: Field, by: Granter) -> Choices:
    return {
        "role": lambda: [(name, str(ROLES[name].label)) for name in by.bound.grants],
        "region": lambda: [(code, full_name(code)) for code in by.regions()],
        "nature": code_choices("unit_nature"),
    }[field.name]()
