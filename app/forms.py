"""Forms as tables of data: their fields, how each is read of what was typed, and what is wrong with it, in words."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app import clock
from app.typed import (
    day_problem,
    has_unseen,
    is_blank,
    is_email,
    is_mobile,
    is_postal_code,
    line_problem,
    resident_fault,
    text_problem,
    unit_code_fault,
)

REASON_LENGTH = 500  # characters of a reason, for the audit log
COUNT_MAXIMUM = 2_147_483_647  # what an integer column of either database holds
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
    kind: str = "text"  # text, long, date, select, and what else a template knows
    limit: int = 200
    hint: Any = ""
    required: bool = True
    choices: Choices | None = None  # of a select; without them the caller of `shown` has them


def typed(fields: Sequence[Field], form: Mapping[str, str]) -> Texts:
    """What was typed, surrounding blanks aside."""
    return {field.name: form.get(field.name, "").strip() for field in fields}


def read(fields: Sequence[Field], texts: Mapping[str, str]) -> tuple[dict[str, Any], Problems]:
    """The values of what was typed, None for what may be left empty and is; and what is wrong, by field."""
    values: dict[str, Any] = {}
    problems: Problems = {}
    for field in fields:
        text = texts[field.name]
        try:
            if len(text) > field.limit:
                raise Wrong(text_problem(text, field.limit) or "")
            if text:
                values[field.name] = field.read(text)
            elif field.required:
                raise Wrong(_("Choose one.") if field.kind in ("select", "region") else _("Fill this in."))
            else:
                values[field.name] = None
        except Wrong as problem:
            problems[field.name] = str(problem)
    return values, problems


def shown(
    fields: Sequence[Field],
    texts: Mapping[str, str],
    problems: Mapping[str, str],
    choices: Mapping[str, Callable[[], Choices]],
) -> list[dict[str, Any]]:
    """The fields as a template shows them; `choices` are those of the selects."""
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
            "choices": [("", "—"), *(choices[field.name]() if field.choices is None else field.choices)]
            if field.kind == "select"
            else [],
            "min": clock.today(),
        }
        for field in fields
    ]


def reason_problem(reason: str) -> str | None:
    """What is wrong with a reason that is asked for."""
    return _("Fill this in.") if is_blank(reason) else text_problem(reason, REASON_LENGTH)


# ---- readers ---------------------------------------------------------------------------------------------------------


def long(limit: int) -> Callable[[str], str]:
    """Text of several lines, of at most `limit` characters."""

    def read(text: str) -> str:
        if is_blank(text):
            raise Wrong(_("Fill this in."))
        if problem := text_problem(text, limit):
            raise Wrong(problem)
        return text

    return read


def line(limit: int = 200) -> Callable[[str], str]:
    """One line of text of at most `limit` characters."""

    def read(text: str) -> str:
        if is_blank(text):
            raise Wrong(_("Fill this in."))
        if problem := line_problem(text, limit):
            raise Wrong(problem)
        if has_unseen(text):
            raise Wrong(_("Control characters cannot be kept: remove them."))
        return text

    return read


def one_of(keys: Callable[[], Collection[str]]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in keys():
            raise Wrong(_("Choose one."))
        return text

    return read


def count(text: str) -> int:
    """A whole number of people."""
    if not (text.isascii() and text.isdigit()) or int(text) > COUNT_MAXIMUM:
        raise Wrong(_("must be a whole number, in digits"))
    return int(text)


def resident_id(text: str) -> str:
    """A resident identity number (GB 11643); a small x is taken."""
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


def unit_code(text: str) -> str:
    """A unit's code (GB 32100, or of a built-in unit); small letters are taken."""
    text = text.upper()
    fault = unit_code_fault(text)
    if fault is None:
        return text
    raise Wrong(
        {
            "shape": _("must be an 18-character unified social credit code, or NZ and 8 digits"),
            "check": _("check character does not match"),
        }[fault]
    )


def mobile(text: str) -> str:
    if not is_mobile(text):
        raise Wrong(_("must be an 11-digit mainland mobile number"))
    return text


def email(text: str) -> str:
    if not is_email(text):
        raise Wrong(_("must be an e-mail address"))
    return text


def postal_code(text: str) -> str:
    if not is_postal_code(text):
        raise Wrong(_("must be six digits"))
    return text


def day_ahead(text: str) -> date:
    """Today or a later day."""
    if problem := day_problem(text):
        raise Wrong(problem)
    found = date.fromisoformat(text)
    if found < clock.today():
        raise Wrong(_("must not be a past day"))
    return found
