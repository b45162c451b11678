"""What the catalogue makes of an item: its title in lists, and the numbers by which it is known again."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from app.archive.catalogue import ItemType, catalogue

TITLE_LENGTH = 200


def title_of(item_type: ItemType, data: Mapping[str, Any]) -> str:
    """The title as it is stored and sorted by: a code by its Chinese label."""
    field = item_type.title_field
    value = str(data.get(field.key, ""))
    return (catalogue().code_label(field.codes, value, "zh") if field.kind == "code" else value)[:TITLE_LENGTH]


def marks_of(item_type: ItemType, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field, normalised value) of the fields that the catalogue calls unique."""
    for field in item_type.unique:
        if value := normalised(str(data.get(field.key, ""))):
            yield field.key, value


def normalised(value: str) -> str:
    """A number however it is written: case, spaces, full-width letters and dashes do not matter (B9)."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return "".join(char for char in folded if char.isalnum())[:200]
