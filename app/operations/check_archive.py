"""What `flask check` asks of the archive: items, their marks, and the requests to withdraw them."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session, aliased

from app.archive.catalogue import catalogue
from app.archive.items import marks_of, title_of
from app.archive.models import ArchiveItem, Mark, Withdrawal
from app.review.models import Submission, Version
from app.tenancy import beyond


def rules() -> dict[str, Select[str, str]]:
    """Rule → the (kind, ref) of the submissions that break it."""
    base = sa.select(Submission.kind, Submission.ref)
    request, item = beyond(Withdrawal, "request").c, aliased(Submission)
    is_item, of_it = Submission.kind == "archive_item", request.id == Submission.id
    another, asked = beyond(Withdrawal, "another").c, aliased(Submission)
    agreed = sa.exists().where(
        request.item_id == Submission.id,
        asked.id == request.id,
        asked.status == "passed",
        asked.decided_at >= Submission.decided_at,
    )
    return {
        "only items have a type": base.where(is_item == (Submission.type == "")),
        "type is not the version's": base.join(Version, Version.submission_id == Submission.id).where(
            is_item, Version.data["type"].as_string().is_distinct_from(Submission.type)
        ),
        "the request is of no item of its unit and person": base.where(
            Submission.kind == "withdrawal",
            ~sa.exists().where(
                of_it,
                item.id == request.item_id,
                item.kind == "archive_item",
                item.unit_id == Submission.unit_id,
                item.person_id == Submission.person_id,
            ),
        ),
        "the request is open, its item not passed": base.where(
            _open(), sa.exists().where(of_it, item.id == request.item_id, item.status != "passed")
        ),
        "another request of its item is open too": base.where(
            _open(),
            sa.exists().where(
                of_it,
                another.item_id == request.item_id,
                another.id != request.id,
                asked.id == another.id,
                asked.status == "pending",
            ),
        ),
        "the item is withdrawn, no request agreed": base.where(is_item, Submission.status == "withdrawn", ~agreed),
        "the mark is of another unit or type": base.join(Mark, Mark.submission_id == Submission.id).where(
            sa.or_(Mark.unit_id != Submission.unit_id, Mark.type != Submission.type)
        ),
    }


def _open() -> ColumnElement[bool]:
    return sa.and_(Submission.kind == "withdrawal", Submission.status == "pending")


def compared(session: Session) -> Iterator[str]:
    """A line for each item whose title or marks are not what its fields say: the way numbers are normalised is no
    SQL. One statement, streamed. What left the catalogue is left as it is."""
    query = (
        sa.select(ArchiveItem.id, ArchiveItem.ref, ArchiveItem.type, ArchiveItem.title, ArchiveItem.data)
        .add_columns(Mark.field, Mark.value)
        .outerjoin(Mark, Mark.submission_id == ArchiveItem.id)
        .where(ArchiveItem.type.in_(list(catalogue().types)))
        .order_by(ArchiveItem.id)
    )
    rows = session.execute(query.execution_options(yield_per=1000))
    for _id, of_item in groupby(rows, attrgetter("id")):
        yield from _differences(list(of_item))


def _differences(rows: list[Any]) -> Iterator[str]:
    """What is wrong with an item, which comes once for each of its marks."""
    item, item_type = rows[0], catalogue().types[rows[0].type]
    if {(row.field, row.value) for row in rows if row.field} != set(marks_of(item_type, item.data)):
        yield f"the marks are not the fields': archive_item {item.ref}"
    # The title of a code is its label of that time, which may have been reworded since.
    if item_type.title_field.kind != "code" and item.title != title_of(item_type, item.data):
        yield f"the title is not the field's: archive_item {item.ref}"
