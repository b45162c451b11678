"""The same certificate, paper or award number submitted by somebody else, or twice (B9)."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.archive.catalogue import catalogue
from app.archive.items import marks_of
from app.archive.models import ArchiveItem, Mark
from app.review.models import Submission
from app.tenancy import reaching, scope_of
from app.units.models import Unit

SHOWN = 20  # records named of each number; how many there are is told whole


def duplicates_of(session: Session, item: ArchiveItem) -> Iterator[dict[str, Any]]:
    """A group for each number of the item that other records carry too, anywhere in the province: the field's label,
    how many, and of each its unit and date; what the reader may open has besides its id, ref and name.

    One statement, none for an item without numbers.
    """
    item_type = catalogue().types.get(item.type)
    marks = dict(marks_of(item_type, item.data)) if item_type else {}
    found = session.execute(_elsewhere(item, marks, Submission.within(scope_of(session)))).all() if marks else []
    for field, rows in groupby(found, key=lambda row: row.field):
        records = [{"unit": row.unit, "at": row.submitted_at, "mine": row if row.ref else None} for row in rows]
        yield {"label": _label(item_type, field), "records": records, "total": _total(found, field)}


def _elsewhere(item: ArchiveItem, marks: dict[str, str], mine: ColumnElement[bool]) -> Any:
    """The other records with one of the numbers, those of a field together, the newest first; only those that are
    `mine` with id, ref and name. Served by the index on (value, type, field)."""
    mark, record, unit = Mark.__table__, Submission.__table__, Unit.__table__
    alike = sa.or_(*(sa.and_(mark.c.field == field, mark.c.value == value) for field, value in marks.items()))
    own = (record.c.id, record.c.ref, record.c.person_name)
    newest = {"partition_by": mark.c.field, "order_by": (record.c.submitted_at.desc(), record.c.id)}
    found = (
        sa.select(mark.c.field, unit.c.name.label("unit"), record.c.submitted_at)
        .add_columns(*(sa.case((mine, column)).label(column.name) for column in own))
        .add_columns(sa.func.count().over(partition_by=mark.c.field).label("total"))
        .join_from(mark, record, record.c.id == mark.c.submission_id)
        .join(unit, unit.c.id == record.c.unit_id)
        .add_columns(sa.func.row_number().over(**newest).label("place"))
        .where(mark.c.type == item.type, alike, mark.c.submission_id != item.id)
        .subquery()
    )
    query = sa.select(found).where(found.c.place <= SHOWN).order_by(found.c.field, found.c.place)
    return reaching(query, "a number is compared over the province; of a foreign record only unit and date are shown")


def _label(item_type: Any, field: str) -> str:
    return next(str(known.label) for known in item_type.fields if known.key == field)


def _total(found: Any, field: str) -> int:
    return next(row.total for row in found if row.field == field)
