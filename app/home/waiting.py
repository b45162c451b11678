"""What waits for a unit: how long of each kind, and the records that came first and last.

What waits is what the desks of a unit's reader list as such (app/review/tabs.py): kinds that stay with the unit have
its node too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import clock
from app.review.models import Submission
from app.review.tabs import on_tab

FEW = 5


@dataclass(frozen=True)
class Oldest:
    """Since when what waits longest of a kind does, and the first closing day of their plans that is still ahead."""

    since: datetime
    due_on: date | None


def oldest(session: Session, kinds: Collection[str], node: str | None) -> dict[str, Oldest]:
    """Of each of these kinds of which something waits, for a reader at a node. One statement, one walk along the index
    of what waits; grouped by kind, SQLite would take another index and look each row up."""
    ahead = Submission.due_on >= clock.today()
    numbers = [
        number
        for kind in kinds
        for is_one in [Submission.kind == kind]
        for number in (
            sa.func.min(Submission.waits_since).filter(is_one),
            sa.func.min(Submission.due_on).filter(is_one, ahead),
        )
    ]
    query = sa.select(*numbers).select_from(Submission).where(*on_tab("pending", node))
    found: tuple[Any, ...] = tuple(session.execute(query).one()) if numbers else ()
    pairs = zip(kinds, found[::2], found[1::2], strict=True)
    return {kind: Oldest(since, due_on) for kind, since, due_on in pairs if since is not None}


def ends(session: Session, kinds: Collection[str], node: str | None) -> tuple[Sequence[Any], Sequence[Any]]:
    """The few waiting records of all kinds that were submitted last, the newest first, and the few that wait longest,
    these first. One statement on the index of what waits."""
    first, last = (Submission.waits_since, Submission.id), (Submission.submitted_at.desc(), Submission.id.desc())
    few = [
        sa.select(Submission.id)
        .where(*on_tab("pending", node), Submission.kind.in_(kinds))
        .order_by(*order)
        .limit(FEW)
        .subquery()
        for order in (first, last)
    ]
    ids = sa.union(*(sa.select(one.c.id) for one in few))
    columns = (Submission.id, Submission.kind, Submission.type, Submission.title, Submission.submitted_at)
    person = (Submission.person_id, Submission.person_name, Submission.node, Submission.waits_since.label("since"))
    rows = session.execute(sa.select(*columns, *person).where(Submission.id.in_(ids))).all()
    newest = sorted(rows, key=lambda row: (row.submitted_at, row.id), reverse=True)
    longest = sorted(rows, key=lambda row: (row.since, row.id))
    return newest[:FEW], longest[:FEW]
