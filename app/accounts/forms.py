"""What HR operations types: the fields of its forms and how they are read. A problem stands beside its field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import forms
from app.accounts.bounds import REFUSED, Granter, Place
from app.accounts.roles import ROLES
from app.forms import REASON_LENGTH, Choices, Field, Wrong, day_ahead, line, resident_id
from app.forms import Problems as Problems
from app.forms import Texts as Texts
from app.forms import read as read
from app.forms import reason_problem as reason_problem
from app.forms import typed as typed
from app.review.labels import code_choices
from app.typed import day
from app.units.information import FACTS, asked
from app.units.models import Unit
from app.units.regions import full_name

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")


def _username(text: str) -> str:
    if not USERNAME.fullmatch(text):
        raise Wrong(
            _("3 to 32 small letters, digits, dots, hyphens and underscores, beginning with a letter or a digit")
        )
    return text


HOLDER = (
    Field("username", _l("Username"), _username, limit=32, hint=_l("It is signed in with, and stays.")),
    Field("name", _l("Holder's name"), line()),
    Field("id_number", _l("Holder's ID number"), resident_id, limit=18),
)
ACCOUNT = (Field("username", _l("Username"), line(64), limit=64, hint=_l("Of the account that gets the role.")),)
ROLE = (
    Field("role", _l("Role"), str, "select"),
    Field("unit", _l("Unit code"), str, limit=18, required=False, hint=_l("For roles in a unit or a department.")),
    Field("region", _l("Region"), str, "select", required=False, hint=_l("For roles over a region.")),
    Field("expires_on", _l("Last day (optional)"), day_ahead, "date", required=False, hint=_l("Empty: until revoked.")),
)
REASON = Field("reason", _l("Reason, for the audit log"), line(REASON_LENGTH), limit=REASON_LENGTH)
_REASON_TOLD = replace(REASON, hint=_l("The unit reads it on its page, beside what was changed."))
NUMBER = (Field("id_number", _l("Holder's ID number"), resident_id, limit=18), REASON)
# To an account that there is, or to one that is issued at once.
HAND_OVER = {
    "existing": (Field("username", _l("Username"), line(64), limit=64, hint=_l("Of who takes over.")), REASON),
    "new": (*HOLDER, REASON),
}
_REGION = replace(FACTS["region"], kind="select")
# What the HR bureau knows of a built-in unit; it tells the rest itself (units/information.py).
UNIT: tuple[Field, ...] = (
    FACTS["name"],
    FACTS["nature"],
    _REGION,
    FACTS["competent_department"],
    FACTS["department"],
    FACTS["legal_representative"],
    FACTS["legal_representative_id"],
    FACTS["contact"],
    FACTS["mobile"],
)


def change_of(unit: Unit) -> list[Field]:
    """The fields by which HR operations changes a unit: all that it has told; until then, what the HR bureau knows."""
    names = {field.name for field in UNIT}
    facts = [fact for name, fact in FACTS.items() if unit.is_complete or name in names]
    return [*asked([_REGION if fact.name == "region" else fact for fact in facts], unit), _REASON_TOLD]


def stand_in(accounts: Choices, latest: date) -> tuple[Field, ...]:
    """The fields that name a stand-in: one of the accounts (user name, label), and his last day."""
    who = _l(
        "Whoever holds or has held a role in the unit; if nobody suits, HR operations issues an account. Until the "
        "last day he decides what waits at the unit, recommendations and notices included, and nothing else of yours."
    )
    return (
        Field("username", _l("Who stands in for you"), str, "select", hint=who, choices=accounts),
        Field(
            "expires_on",
            _l("Last day of the stand-in"),
            day_ahead,
            "date",
            hint=_("At the latest %(day)s.", day=latest),
        ),
    )


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


def last_day(text: str) -> tuple[date | None, str | None]:
    """The last day of a role, None for an empty text: until it is revoked; or what is wrong with it."""
    if not text:
        return None, None
    try:
        return day_ahead(text), None
    except Wrong as problem:
        return day(text), str(problem)


def shown(fields: Sequence[Field], by: Granter, texts: Mapping[str, str], problems: Mapping[str, str]) -> Any:
    """The fields as a template shows them, with what this reader may choose."""
    choices = {
        "role": lambda: [(name, str(ROLES[name].label)) for name in by.bound.grants],
        "region": lambda: [(code, full_name(code)) for code in by.regions()],
        "nature": code_choices("unit_nature"),
    }
    return forms.shown(fields, texts, problems, choices)
