"""The place of a record in the list it was opened from, and its neighbours there."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import QueryableAttribute, Session

from app.review.listing import PAGE_SIZE, Asked, Listing
from app.review.models import Decision, Submission
from app.review.tabs import is_on_tab
from app.review.together import postponed_by


@dataclass(frozen=True)
class Place:
    """`position` of `total`, counted from 1, None for a record that the list has not; `next` and `previous` are ids,
    None at the ends; `page` of the list."""

    position: int | None
    total: int
    next: int | None
    previous: int | None
    page: int


def place(session: Session, listing: Listing, asked: Asked, row: Submission, user_id: int | None) -> Place:
    """Where the record stands among what waits in its list, or would stand, were it still there. One statement.

    What the reader has put off is passed over, unless the list is of just that.
    """
    listed = asked.matching(listing)
    passed_over = asked.status == "pending" and not asked.postponed
    queued = ~postponed_by(user_id) if passed_over else sa.true()
    column, down = asked.order_column(listing)
    value = _value(session, asked, row, column) or row.submitted_at  # one not decided has no place among the decided
    before, after = _sides(column, value, row.id, down)
    query = sa.select(
        sa.func.count().filter(before, queued),
        sa.func.count().filter(queued),
        _neighbour([listed, queued], after, column, down),
        _neighbour([listed, queued], before, column, not down),
        sa.func.count().filter(before),
        sa.func.count().filter(Submission.id == row.id, queued),
    ).where(listed)
    ahead, total, following, preceding, above, there = session.execute(query).one()
    return Place(ahead + 1 if there else None, total, following, preceding, above // PAGE_SIZE + 1)


def _value(session: Session, asked: Asked, row: Submission, column: Any) -> Any:
    """A record's own value of the column of an order; of one that waits no longer, since when it did. Of an expression
    the database is asked."""
    if not isinstance(column, QueryableAttribute):
        return session.scalar(sa.select(column).where(Submission.id == row.id))
    waits = asked.status != "pending" or is_on_tab("pending", asked.at, row.status, row.node)
    if waits or column.key != Submission.waits_since.key:
        return getattr(row, column.key)
    steps = sa.select(Decision.at).where(Decision.submission_id == row.id).order_by(Decision.id.desc())
    return session.scalar(steps.limit(1).offset(1))  # before the verdict


def _sides(column: Any, value: Any, pk: int, down: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The criteria of what comes before and after a place in the order (column, id)."""
    less = sa.or_(column < value, sa.and_(column == value, Submission.id < pk))
    more = sa.or_(column > value, sa.and_(column == value, Submission.id > pk))
    return (more, less) if down else (less, more)


def _neighbour(matching: list[Any], side: ColumnElement[bool], column: Any, down: bool) -> Any:
    """The id of the first row on a side, going away from the place."""
    order = (column.desc(), Submission.id.desc()) if down else (column, Submission.id)
    return sa.select(Submission.id).where(*matching, side).order_by(*order).limit(1).correlate(None).scalar_subquery()
