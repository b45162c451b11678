"""Reads the archive's catalogue: categories, item types with their fields, and code lists, labelled in both languages.

    load(CATALOGUE).types["paper"].title_field.label     → 论文题目, or Title of paper

Whoever needs it asks `catalogue()`. The file is read once, at start, and every mistake in it stops the start.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app
from flask_babel import get_locale
from flask_babel.speaklater import LazyString

from config import ConfigurationError

EVERY = "all"  # stands for the whole archive where a type's or a category's key may stand

KINDS = (
    "text",
    "long",
    "date",
    "month",
    "year",
    "number",
    "money",
    "bool",
    "code",
    "file",
    "files",
    "doi",
    "issn",
    "isbn",
)
PAIRS = (("from", "to"), ("decided_on", "ended_on"))  # of one of these kinds; they may be equal, never reversed
TIMES = ("date", "month", "year")

# what a field may be besides required → the kinds it goes with
FITS = {
    "title": set(KINDS) - {"long", "bool", "file", "files"},
    "listed": set(KINDS) - {"long", "file", "files"},
    "unique": {"text", "doi", "issn", "isbn"},
    "whole": {"number"},
    "codes": {"code"},
}
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")  # as long as submission.type
CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")

Labels = tuple[str, str]  # Chinese, English


class CatalogueError(ConfigurationError):
    """The catalogue cannot be used; the message names file, block and key."""


class _Fault(Exception):
    """What is wrong, without the file's name."""


@dataclass(frozen=True)
class Labelled:
    """What has a key for machines and a label for people."""

    key: str
    zh: str
    en: str

    @property
    def label(self) -> Any:
        """The label in the language of whoever reads, decided when it is printed."""
        return LazyString(lambda: _in_language((self.zh, self.en), str(get_locale())))


@dataclass(frozen=True)
class Field(Labelled):
    """One field of an item type. `codes` names the list of a field of kind "code", else it is empty."""

    kind: str
    required: bool = False
    title: bool = False
    listed: bool = False
    unique: bool = False
    whole: bool = False
    codes: str = ""


NOTE = Field("note", "备注", "Note", "long")
PROOF = Field("proof", "证明材料", "Proof", "files", required=True)


@dataclass(frozen=True)
class ItemType(Labelled):
    """One type of archive item; its fields stand in the order they are shown in."""

    category: str
    fields: tuple[Field, ...]

    @property
    def title_field(self) -> Field:
        """The field that names a record in lists."""
        return next(field for field in self.fields if field.title)

    @property
    def listed(self) -> tuple[Field, ...]:
        """The list columns beside the title."""
        return tuple(field for field in self.fields if field.listed and not field.title)

    @property
    def unique(self) -> tuple[Field, ...]:
        """The fields looked for among the other records of the province."""
        return tuple(field for field in self.fields if field.unique)

    @property
    def files(self) -> tuple[Field, ...]:
        """The fields that hold attachments."""
        return tuple(field for field in self.fields if field.kind in {"file", "files"})


@dataclass(frozen=True)
class Category(Labelled):
    """One branch of the tree, with its types in menu order."""

    types: tuple[ItemType, ...]


@dataclass(frozen=True)
class Catalogue:
    """The whole file: categories in menu order, types by key in the same order, code lists by name."""

    categories: tuple[Category, ...]
    types: Mapping[str, ItemType]
    codes: Mapping[str, Mapping[str, Labels]]

    def code_label(self, list_name: str, key: str, locale: str) -> str:
        """How a code reads: in Chinese for `zh` and its variants, else in English; one that is gone, as it is."""
        return _in_language(self.codes.get(list_name, {}).get(key, (key, key)), locale)


def catalogue() -> Catalogue:
    """The catalogue of the running app."""
    return current_app.extensions["catalogue"]


def load(path: Path) -> Catalogue:
    """Read and check a catalogue. Raises CatalogueError."""
    try:
        return _read(tomllib.loads(path.read_text("utf-8")))
    except (_Fault, OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        in_one_line = " ".join(str(problem).split())
        raise CatalogueError(f"{path.name}: {in_one_line}") from problem


def _in_language(labels: Labels, locale: str) -> str:
    return labels[0] if locale.startswith("zh") else labels[1]


# What stands in each kind of block: a type where it must be given, else the value it has when left out.
Shape = Mapping[str, Any]
FILE: Shape = {"category": list, "type": list, "codes": {}}
LABELS: Shape = {"zh": str, "en": str}
CATEGORY: Shape = {"key": str, **LABELS}
TYPE: Shape = {"key": str, "category": str, **LABELS, "proof": True, "fields": list}
FIELD: Shape = {
    "key": str,
    "kind": str,
    **LABELS,
    "required": False,
    "title": False,
    "listed": False,
    "unique": False,
    "whole": False,
    "codes": "",
}
IN_WORDS = {str: "text", bool: "true or false", list: "a list", dict: "a table"}


def _read(data: Mapping[str, Any]) -> Catalogue:
    top = _take(data, FILE, "top level")
    codes = {name: _read_codes(name, block) for name, block in top["codes"].items()}
    names = [_take(block, CATEGORY, _at("category", block, n)) for n, block in enumerate(top["category"], 1)]
    types = _keyed((_read_type(block, n, codes) for n, block in enumerate(top["type"], 1)), "type")
    categories = _keyed(
        (Category(**name, types=tuple(t for t in types.values() if t.category == name["key"])) for name in names),
        "category",
    )
    for item_type in types.values():
        _need(item_type.category in categories, f'type {item_type.key}: category "{item_type.category}" is not there')
        _need(item_type.key not in categories, f"type {item_type.key}: key is a category's key too")
    in_order = {item_type.key: item_type for category in categories.values() for item_type in category.types}
    return Catalogue(tuple(categories.values()), in_order, codes)


def _read_codes(name: str, block: Any) -> Mapping[str, Labels]:
    where = f"codes {name}"
    _need(KEY.fullmatch(name), f"{where}: the name is not made of a-z, 0-9 and _, a letter first, 40 at most")
    _need(isinstance(block, dict) and block, f"{where}: must be a table of codes")
    for key in block:
        _need(CODE.fullmatch(key), f'{where}: code "{key}" is not made of a-z, 0-9 and _, 40 at most')
    taken = {key: _take(labels, LABELS, f"{where}, code {key}") for key, labels in block.items()}
    return {key: (labels["zh"], labels["en"]) for key, labels in taken.items()}


def _read_type(block: Any, number: int, codes: Mapping[str, Any]) -> ItemType:
    where = _at("type", block, number)
    taken = _take(block, TYPE, where)
    fields = _keyed(
        (_read_field(field, f"{where}, {_at('field', field, n)}", codes) for n, field in enumerate(taken["fields"], 1)),
        f"{where}, field",
    )
    titles = [field.key for field in fields.values() if field.title]
    _need(len(titles) == 1, f"{where}: one field must have title = true, not {len(titles)} ({', '.join(titles)})")
    _check_pairs(fields, where)
    appended = (NOTE, PROOF) if taken.pop("proof") else (NOTE,)
    return ItemType(**{**taken, "fields": (*fields.values(), *appended)})


def _check_pairs(fields: Mapping[str, Field], where: str) -> None:
    for first, last in PAIRS:
        kinds = {fields[key].kind for key in (first, last) if {first, last} <= fields.keys()}
        fault = f"{where}, field {last}: {first} and {last} must be of one kind, one of {', '.join(TIMES)}"
        _need(len(kinds) < 2 and kinds <= set(TIMES), fault)


def _read_field(block: Any, where: str, codes: Mapping[str, Any]) -> Field:
    taken = _take(block, FIELD, where)
    key, kind, list_name = taken["key"], taken["kind"], taken["codes"]
    _need(key not in {NOTE.key, PROOF.key}, f'{where}: key "{key}" is taken by the field that is added by itself')
    _need(kind in KINDS, f'{where}: kind "{kind}" is not one of {", ".join(KINDS)}')
    for flag, kinds in FITS.items():
        _need(not taken[flag] or kind in kinds, f'{where}: {flag} does not go with kind "{kind}"')
    _need(kind != "code" or list_name, f"{where}: codes is missing, the name of a code list")
    _need(not list_name or list_name in codes, f'{where}: code list "{list_name}" is not there')
    return Field(**{**taken, "required": taken["required"] or taken["title"]})


def _take(block: Any, shape: Shape, where: str) -> dict[str, Any]:
    """What stands in a block, with defaults for what was left out."""
    _need(isinstance(block, dict), f"{where}: must be a table")
    for name in block:
        _need(name in shape, f'{where}: unknown key "{name}", not one of {", ".join(shape)}')
    for name, default in shape.items():
        kind = default if isinstance(default, type) else type(default)
        if name in block:
            _need(type(block[name]) is kind, f"{where}: {name} must be {IN_WORDS[kind]}")
        else:
            _need(default is not kind, f"{where}: {name} is missing")
    taken = {**shape, **block}
    if "key" in shape:
        key = taken["key"]
        _need(KEY.fullmatch(key), f'{where}: key "{key}" is not made of a-z, 0-9 and _, a letter first, 40 at most')
        _need(shape is FIELD or key != EVERY, f'{where}: key "{EVERY}" stands for the whole archive')
    for name in LABELS.keys() & shape.keys():
        label = taken[name]
        _need(label.strip() and label.isprintable(), f"{where}: {name} is empty or not one line of text")
    return taken


def _at(noun: str, block: Any, number: int) -> str:
    """Where a block is: by its key, or by its place where it has none."""
    key = block.get("key") if isinstance(block, dict) else None
    return f"{noun} {key}" if key and isinstance(key, str) else f"{noun} number {number}"


Keyed = TypeVar("Keyed", bound=Labelled)


def _keyed(things: Iterable[Keyed], noun: str) -> dict[str, Keyed]:
    found: dict[str, Keyed] = {}
    for thing in things:
        _need(thing.key not in found, f"{noun} {thing.key}: key stands twice")
        found[thing.key] = thing
    return found


def _need(holds: Any, fault: str) -> None:
    if not holds:
        raise _Fault(fault)
