"""What the review page of an archive item shows, made of the catalogue."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.archive.catalogue import NOTE, PROOF, Field, ItemType, catalogue
from app.archive.listings import reader_of
from app.review.facts import Fact, Material, Part, read_time

APPENDED = {field.key: field.label for field in (NOTE, PROOF)}  # of every type, also of one that is gone
FACT_KINDS = {"long": "long", "number": "number", "money": "number", "file": "files", "files": "files"}
ID_NUMBER = Fact("id_number", _l("ID document number"), kind="number", written=False)
SUBMITTED = Fact("submitted_at", _l("Submission time"), read_time, kind="number", written=False)


def material_of(type_key: str, data: Mapping[str, Any]) -> Material:
    """The fields of the type, then what an earlier catalogue asked for and this one no longer does."""
    item_type = catalogue().types.get(type_key)
    parts = [_part(item_type)] if item_type else []
    known = {field.key for field in item_type.fields} if item_type else set()
    earlier = tuple(_earlier(key, value) for key, value in data.items() if key not in known)
    return (*parts, Part(_l("Earlier fields"), earlier)) if earlier else tuple(parts)


def _part(item_type: ItemType) -> Part:
    return Part(item_type.label, (ID_NUMBER, *(_fact(field) for field in item_type.fields), SUBMITTED))


def _fact(field: Field) -> Fact:
    return Fact(f"data.{field.key}", field.label, reader_of(field), kind=FACT_KINDS.get(field.kind, "text"))


def _earlier(key: str, value: Any) -> Fact:
    """A field that the catalogue no longer has, by its key. Only files ever were lists."""
    kind = "files" if isinstance(value, list) else "text"
    return Fact(f"data.{key}", APPENDED.get(key, key), kind=kind, written=False)
