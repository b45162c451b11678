"""The place of a record in the list it was opened from, and its neighbours there."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.review.listing import Asked, Listing
from app.review.models import Submission
from app.review.together import postponed_by


@dataclass(frozen=True)
class Place:
    """`position` of `total`, counted from 1; `next` and `previous` are ids, None at the ends."""

    position: int
    total: int
    next: int | None
    previous: int | None


def place(session: Session, listing: Listing, asked: Asked, row: Submission, user_id: int | None) -> Place:
    """Where the record stands among what waits in its list, or would stand, were it still there. One statement.

    What the reader has put off is passed over, unless the list is of just that.
    """
    matching = [asked.matching(listing)]
    if asked.status == "pending" and not asked.postponed:
        matching.append(~postponed_by(user_id))
    column, down = asked.order_column(listing)
    before, after = _sides(column, getattr(row, column.key), row.id, down)
    query = sa.select(
        sa.func.count().filter(before),
        sa.func.count(),
        _neighbour(matching, after, column, down),
        _neighbour(matching, before, column, not down),
    ).where(*matching)
    ahead, total, following, preceding = session.execute(query).one()
    return Place(ahead + 1, total, following, preceding)


def _sides(column: Any, value: Any, pk: int, down: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The criteria of what comes before and after a place in the order (column, id)."""
    less = sa.or_(column < value, sa.and_(column == value, Submission.id < pk))
    more = sa.or_(column > value, sa.and_(column == value, Submission.id > pk))
    return (more, less) if down else (less, more)


def _neighbour(matching: list[Any], side: ColumnElement[bool], column: Any, down: bool) -> Any:
    """The id of the first row on a side, going away from the place."""
    order = (column.desc(), Submission.id.desc()) if down else (column, Submission.id)
    return sa.select(Submission.id).where(*matching, side).order_by(*order).limit(1).correlate(None).scalar_subquery()
