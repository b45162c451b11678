"""The lists of the archive, made of the catalogue: one for each item type, one for each category."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from app.archive.catalogue import EVERY, Field, ItemType, catalogue
from app.archive.items import normalised
from app.archive.models import ArchiveItem, Mark
from app.review.listing import Column, Filter, Listing
from app.review.models import Submission
from app.staff.models import Registration
from app.units.lists import EXPORT, SCREEN, columns_around, filters_after

LISTS = SCREEN | EXPORT
# How a field's value stands in a column: right-aligned numbers, unbroken codes and times.
COLUMN_KINDS = {"number": "number", "money": "number", "year": "number", "date": "code", "month": "code"}


def listing_of(key: str) -> Listing | None:
    """The list of a type, of a category, or of all; None for no key of ours."""
    known = catalogue()
    if key == EVERY:
        return _of_several("archive", _l("All records"), None)
    if key in known.types:
        return _of_type(known.types[key])
    category = next((category for category in known.categories if category.key == key), None)
    if category is not None:
        return _of_several(key, category.label, tuple(item_type.key for item_type in category.types))
    return None


def of_earlier_type(key: str) -> Listing:
    """The list of a type that left the catalogue: its records stay readable."""
    return _listing(key, type_label(key), (key,), (_title_column(),))


def _of_type(item_type: ItemType) -> Listing:
    shown = [_field_column(field, LISTS) for field in item_type.listed]
    rest = [
        _field_column(field, EXPORT)
        for field in item_type.fields
        if not field.listed and not field.title and field.kind not in ("file", "files")
    ]
    columns = (_field_column(item_type.title_field, LISTS, sort=Submission.title), *shown, *rest)
    return _listing(item_type.key, item_type.label, (item_type.key,), columns, _code_filters(item_type))


def _of_several(key: str, label: Any, types: tuple[str, ...] | None) -> Listing:
    type_column = Column("type", _l("Item type"), Submission.type, type_label)
    choice = Filter(
        "type",
        _l("Item type"),
        "select",
        lambda value: Submission.type == value,
        lambda: [(one, type_label(one)) for one in types or catalogue().types],
    )
    return _listing(key, label, types, (type_column, _title_column()), (choice,))


def type_label(key: str) -> str:
    """How an item type reads; one that left the catalogue, as its key and so marked."""
    item_type = catalogue().types.get(key)
    return str(item_type.label) if item_type else _("%(key)s (no longer in the catalogue)", key=key)


def _listing(
    name: str,
    label: Any,
    types: tuple[str, ...] | None,
    columns: tuple[Column, ...],
    filters: tuple[Filter, ...] = (),
) -> Listing:
    return Listing(
        name=name,
        kind="archive_item",
        title=label,
        model=ArchiveItem,
        types=types,
        texts=(Submission.person_name, Submission.title),
        by_number=of_people_numbered,
        by_tail=of_people_ending,
        by_mark=of_items_numbered,
        columns=columns_around(*columns),
        filters=filters_after(*filters),
        tabs=("pending", "passed", "returned", "withdrawn", "all"),
    )


def of_people_numbered(index: str) -> ColumnElement[bool]:
    """The records of whose registration has a number with this blind index."""
    return _of_people(sa.or_(Registration.id_number_index == index, Registration.mobile_index == index))


def of_people_ending(index: str) -> ColumnElement[bool]:
    """The records of whose registration has a number with these last four."""
    return _of_people(sa.or_(Registration.id_number_tail == index, Registration.mobile_tail == index))


def of_items_numbered(text: str) -> ColumnElement[bool]:
    """The items with this certificate, paper or award number, however it is written."""
    return Submission.id.in_(sa.select(Mark.submission_id).where(Mark.value == normalised(text)))


def _of_people(criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    return Submission.person_id.in_(sa.select(Registration.person_id).where(criterion))


def _title_column() -> Column:
    return Column("title", _l("Title"), Submission.title, sort=Submission.title)


def _field_column(field: Field, on: frozenset[str], sort: Any = None) -> Column:
    value = ArchiveItem.data[field.key].as_string()
    return Column(
        f"data_{field.key}",
        field.label,
        value,
        reader_of(field),
        sort=sort,
        kind=COLUMN_KINDS.get(field.kind, "text"),
        on=on,
    )


def reader_of(field: Field) -> Callable[[Any], str]:
    """How a field's value reads, as it is stored or as the database gives it out of the JSON."""
    if field.kind == "code":
        return lambda value: catalogue().code_label(field.codes, str(value), str(get_locale())) if value else ""
    if field.kind == "bool":
        return lambda value: "" if value is None else str(YES if value in (True, 1, "1", "true") else NO)
    if field.kind in ("number", "money"):
        return lambda value: "" if value is None else _number(str(value))
    return lambda value: "" if value is None else str(value)


YES, NO = _l("Yes"), _l("No")


def _number(text: str) -> str:
    """Without a fraction of zeros: `30.0` is 30, `12000.00` is 12000."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _code_filters(item_type: ItemType) -> tuple[Filter, ...]:
    """A choice for each listed field with a code list."""
    return tuple(_code_filter(field) for field in item_type.listed if field.kind == "code")


def _code_filter(field: Field) -> Filter:
    def criterion(value: str) -> ColumnElement[bool]:
        return Submission.id.in_(sa.select(ArchiveItem.id).where(ArchiveItem.data[field.key].as_string() == value))

    def choices() -> list[tuple[str, str]]:
        locale = str(get_locale())
        return [(key, catalogue().code_label(field.codes, key, locale)) for key in catalogue().codes[field.codes]]

    return Filter(f"data_{field.key}", field.label, "select", criterion, choices)
