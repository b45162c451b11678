"""What HR operations writes of a plan: the fields of its form, how they are read, and what a page had seen of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import forms
from app.applications.models import Plan
from app.forms import Wrong
from app.review.labels import code_choices, code_reader
from app.review.listing import BadAsk
from app.typed import day_problem, line_problem
from app.units.regions import REGIONS, choices_in, full_name, regions_in

YEARS = range(1900, 2101)


@dataclass(frozen=True)
class Field(forms.Field):
    """A field of the form; its kind may be `year`, too. `tell` is how its value reads elsewhere."""

    tell: Callable[[Any], str] = str


def _text(limit: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if problem := line_problem(text, limit):
            raise Wrong(problem)
        return text

    return read


def _year(text: str) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    if year not in YEARS:
        raise Wrong(_("must be a year such as 2026"))
    return year


def _date(text: str) -> date:
    if problem := day_problem(text):
        raise Wrong(problem)
    return date.fromisoformat(text)


def _one_of(list_name: str) -> Callable[[str], str]:
    return forms.one_of(lambda: dict(code_choices(list_name)()))


FIELDS = (
    Field(
        "code", _l("Plan code"), _text(64), limit=64, hint=_l("The applicants' portal names the plan by it; it stays.")
    ),
    Field("name", _l("Plan name"), _text(200)),
    Field("year", _l("Plan year"), _year, "year", 4),
    Field("series", _l("Series"), _one_of("series"), "select", tell=code_reader("series")),
    Field("level", _l("Title level"), _one_of("title_level"), "select", tell=code_reader("title_level")),
    Field(
        "region",
        _l("Region"),
        forms.one_of(lambda: REGIONS),
        "select",
        tell=full_name,
        hint=_l("Units of it and below may apply."),
    ),
    Field("committee", _l("Committee"), _text(200)),
    Field("opens_on", _l("Opens on"), _date, "date"),
    Field("closes_on", _l("Closes on"), _date, "date"),
)
CHANGEABLE = FIELDS[1:]  # the code stays
LISTS = {"series": code_choices("series"), "level": code_choices("title_level")}


def choices(name: str, within: str) -> list[tuple[str, str]]:
    """The choices of a field, as (value, label); of the region those in the region `within`."""
    return choices_in(within) if name == "region" else LISTS[name]()


def texts_of(plan: Plan) -> dict[str, str]:
    """A plan as its form shows it."""
    return {field.name: str(getattr(plan, field.name)) for field in FIELDS}


def typed(form: Mapping[str, str], plan: Plan | None = None) -> dict[str, str]:
    """What a form says. A field that it does not carry is as the plan has it; so is the code in any case."""
    as_it_is = texts_of(plan) if plan else {}
    texts = {field.name: form.get(field.name, as_it_is.get(field.name, "")).strip() for field in FIELDS}
    return texts | ({"code": plan.code} if plan else {})


def values_of(texts: Mapping[str, str], within: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of what was typed, and what is wrong by field. The region lies in the region `within`."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in FIELDS:
        try:
            values[field.name] = field.read(_there(texts[field.name]))
        except Wrong as problem:
            problems[field.name] = str(problem)
    if "region" in values and values["region"] not in regions_in(within):
        problems["region"] = _("must lie in your own region")
    if "opens_on" in values and "closes_on" in values and values["closes_on"] < values["opens_on"]:
        problems["closes_on"] = _("must not be before the first day")
    return values, problems


def _there(text: str) -> str:
    if not text:
        raise Wrong(_("Fill this in."))
    return text


def read_day(text: str) -> tuple[date | None, str | None]:
    """A day by itself, or what is wrong with it."""
    try:
        return _date(_there(text)), None
    except Wrong as problem:
        return None, str(problem)


def changes_of(plan: Plan, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ from the plan's."""
    names = [field.name for field in CHANGEABLE if field.name in values]
    return {name: values[name] for name in names if values[name] != getattr(plan, name)}


# ---- what a page had seen --------------------------------------------------------------------------------------------


def seen_of(plan: Plan) -> str:
    """What a form carries along of the plan as its page shows it."""
    return json.dumps(texts_of(plan) | {"steps": plan.steps}, ensure_ascii=False)


def changed_since(plan: Plan, seen: str) -> list[dict[str, str]] | None:
    """What changed of a plan since a page was made: name, label, what it was and is. None when nothing did; raises
    BadAsk for what no form of ours carries."""
    try:
        was = json.loads(seen)
        if was["steps"] == plan.steps:
            return None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadAsk(_("The form cannot be read: open the page again.")) from None
    now = texts_of(plan)
    return [
        {
            "name": field.name,
            "label": str(field.label),
            "was": _told(field, str(was.get(field.name, ""))),
            "now": _told(field, now[field.name]),
        }
        for field in CHANGEABLE
        if was.get(field.name) != now[field.name]
    ]


def _told(field: Field, text: str) -> str:
    """A text of the form as people read it."""
    try:
        return field.tell(field.read(text))
    except Wrong:
        return text or "—"
