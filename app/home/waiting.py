"""What waits for a unit: how long of each kind, and the records that came first and last."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
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
    """Of each kind of which something waits, for a reader at a node. One statement, on the index of what waits."""
    ahead = sa.func.min(Submission.due_on).filter(Submission.due_on >= clock.today())
    query = sa.select(Submission.kind, sa.func.min(Submission.waits_since), ahead).group_by(Submission.kind)
    rows = session.execute(query.where(*_waiting(kinds, node)))
    return {kind: Oldest(since, due_on) for kind, since, due_on in rows}


def ends(session: Session, kinds: Collection[str], node: str | None) -> tuple[Sequence[Any], Sequence[Any]]:
    """The few waiting records of all kinds that were submitted last, the newest first, and the few that were submitted
    first, the oldest first. One statement: two short walks along the index of what waits, from its ends."""
    up = (Submission.submitted_at, Submission.id)
    few = [
        sa.select(Submission.id).where(*_waiting(kinds, node)).order_by(*order).limit(FEW).subquery()
        for order in (up, [column.desc() for column in up])
    ]
    ids = sa.union(*(sa.select(one.c.id) for one in few))
    columns = (Submission.id, Submission.kind, Submission.type, Submission.title, Submission.submitted_at)
    person = (Submission.person_id, Submission.person_name, Submission.node)
    query = sa.select(*columns, *person).where(Submission.id.in_(ids))
    rows = session.execute(query.order_by(*up)).all()
    return rows[-FEW:][::-1], rows[:FEW]


def _waiting(kinds: Collection[str], node: str | None) -> list[ColumnElement[bool]]:
    """The criteria on Submission of what waits: as the desks of a unit's reader list it (app/review/tabs.py), where
    kinds that stay with the unit have its node."""
    return [*on_tab("pending", node), Submission.kind.in_(kinds)]
