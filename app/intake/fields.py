"""A record as a table of fields, and the one function that checks a record against its table.

For example `(Field("opens_on", "date"), Field("closes_on", "date"), ordered("opens_on", "closes_on"))`, or,
for a number whose type another field decides,
`Field("id_number", Chosen("id_type", {"resident_id": "resident_id"}, other="other_document"))`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.intake.readers import TYPES, Invalid, Reader
from app.intake.wording import gettext
from app.typed import is_blank

Errors = dict[str, list[str]]

NAME_SHOWN = 64  # characters of an unknown field's name in an answer: a name may be as long as its line


@dataclass(frozen=True)
class Chosen:
    """A type that another field of the same object decides; `other` stands for all its other values."""

    by: str
    types: Mapping[str, str | Reader]
    other: str | Reader


@dataclass(frozen=True)
class Field:
    """One value. `type` is a name of TYPES, a reader, or Chosen."""

    name: str
    type: str | Reader | Chosen
    required: bool = True


@dataclass(frozen=True)
class Group:
    """An object with fields of its own; a Group with nothing in it lacks its required fields, not itself."""

    name: str
    fields: "Table"
    required: bool = True


@dataclass(frozen=True)
class List:
    """A list of values (`of` is a type) or of objects (`of` is a table); a required one is not empty.

    With `keyed` an element's errors stand under its number (`posts.0.filled`), else under the list's path.
    """

    name: str
    of: "str | Reader | Table"
    required: bool = True
    maximum: int = 1000
    keyed: bool = True


@dataclass(frozen=True)
class Check:
    """A rule between fields of one object, named by the field that the error is put to.

    `problem` takes the object's good values (those that are absent or wrong are not among them) and gives the
    message, or None. It is not asked when the field itself is wrong.
    """

    name: str
    problem: Callable[[Mapping[str, Any]], str | None]


Item = Field | Group | List
Table = Sequence[Item | Check]


def ordered(first: str, last: str) -> Check:
    """The pair may be equal, never reversed; with either missing there is nothing to compare."""

    def problem(values: Mapping[str, Any]) -> str | None:
        if first in values and last in values and values[last] < values[first]:
            return gettext("must not be before %(field)s", field=first)
        return None

    return Check(last, problem)


def validate(fields: Table, data: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], Errors]:
    """Check a record against its table: the good values, and all errors by dotted path.

    `now` is an aware datetime, the only clock. Absent fields (null, blank text) are left out of the values.
    Values are what their types give: str, int, float, bool, Decimal (money), date, and datetime in UTC;
    `plain` makes JSON of them. Messages are in the locale of the call.
    """
    reading = _Reading(now)
    return reading.read_object(fields, data, ""), reading.errors


def plain(value: Any) -> Any:
    """Values of `validate` as JSON has them: dates and times as ISO 8601, money as text with two places."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@dataclass
class _Reading:
    """One call of `validate`: the time it judges by and what it has found wrong."""

    now: datetime
    errors: Errors = field(default_factory=dict)
    found: int = 0

    def wrong(self, path: str, message: str) -> None:
        self.errors.setdefault(path, []).append(message)
        self.found += 1

    def read_object(self, table: Table, data: Any, path: str) -> dict[str, Any]:
        good: dict[str, Any] = {}
        if not isinstance(data, Mapping):
            self.wrong(path or "line", gettext("must be an object"))
            return good
        items = [item for item in table if not isinstance(item, Check)]
        known = {item.name for item in items}
        for name in data:
            if name not in known:
                self.wrong(_below(path, _shown(name)), gettext("is not a known field"))
        for item in items:
            at = _below(path, item.name)
            if not _absent(data.get(item.name)):
                before = self.found
                value = self.read_item(item, data, at)
                if self.found == before:
                    good[item.name] = value
            elif item.required:
                self.wrong(at, gettext("is required"))
        self.run_checks(table, good, path)
        return good

    def run_checks(self, table: Table, good: Mapping[str, Any], path: str) -> None:
        for rule in table:
            at = _below(path, rule.name)
            if isinstance(rule, Check) and at not in self.errors and (message := rule.problem(good)):
                self.wrong(at, message)

    def read_item(self, item: Item, data: Mapping[str, Any], at: str) -> Any:
        match item:
            case Group():
                return self.read_object(item.fields, data[item.name], at)
            case List():
                return self.read_list(item, data[item.name], at)
            case Field():
                return self.read_value(_reader(item.type, data), data[item.name], at)

    def read_list(self, item: List, elements: Any, at: str) -> Any:
        if not isinstance(elements, list):
            self.wrong(at, gettext("must be a list"))
        elif item.required and not elements:
            self.wrong(at, gettext("is required"))
        elif len(elements) > item.maximum:
            self.wrong(at, gettext("must have at most %(maximum)s entries", maximum=item.maximum))
        else:
            return [
                self.read_element(item, element, f"{at}.{index}" if item.keyed else at)
                for index, element in enumerate(elements)
            ]

    def read_element(self, item: List, element: Any, at: str) -> Any:
        if _absent(element):
            return self.wrong(at, gettext("is required"))
        if isinstance(item.of, str) or callable(item.of):
            return self.read_value(_reader(item.of, {}), element, at)
        return self.read_object(item.of, element, at)

    def read_value(self, reader: Reader, value: Any, at: str) -> Any:
        try:
            return reader(value, self.now)
        except Invalid as problem:
            return self.wrong(at, str(problem))


def _reader(kind: str | Reader | Chosen, data: Mapping[str, Any]) -> Reader:
    if isinstance(kind, Chosen):
        decided = data.get(kind.by)
        kind = kind.types.get(decided.strip(), kind.other) if isinstance(decided, str) else kind.other
    return TYPES[kind] if isinstance(kind, str) else kind


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and is_blank(value))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(name: str) -> str:
    """A name that the sender made up, so that it cannot break an answer's lines or a terminal."""
    return (name if name and name.isprintable() else ascii(name))[:NAME_SHOWN]
