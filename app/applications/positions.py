"""The ledger of positions (B7): approved, filled, recommended this year, what remains, for each category and level."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.applications.models import Application, Recommendation
from app.review.models import NODES, Submission
from app.units.models import PostApproval, Unit

Place = tuple[int, int, str, str]  # unit, year of the plan, category, level


class Wanted(NamedTuple):
    """An application that is to take a position."""

    pk: int
    place: Place


@dataclass(frozen=True)
class Line:
    """One category and level of a unit's approval in a year."""

    category: str
    level: str
    approved: int
    filled: int
    recommended: int

    @property
    def remaining(self) -> int:
        return self.approved - self.filled - self.recommended


def ledger(session: Session, unit_id: int, year: int) -> tuple[PostApproval | None, list[Line]]:
    """The approval in force and its lines, those recommended beyond it too; no approval, no lines. One statement."""
    recommended = _recommendations([unit_id], [year]).subquery()
    _unit, _year, *place = recommended.c
    query = (
        sa.select(PostApproval, *place)
        .outerjoin(recommended, recommended.c.unit_id == PostApproval.unit_id)
        .where(PostApproval.unit_id == unit_id)
        .order_by(PostApproval.approved_on.desc(), PostApproval.id.desc())
    )
    rows = session.execute(query).all()
    if not rows:
        return None, []
    approval = rows[0][0]
    taken = Counter({(category, level): number for _approval, category, level, number in rows if level})
    posts = {(post["category"], post["level"]): post for post in approval.posts}
    places = [*posts, *sorted(set(taken) - set(posts))]
    return approval, [
        Line(
            category,
            level,
            approved=posts.get((category, level), {}).get("approved", 0),
            filled=posts.get((category, level), {}).get("filled", 0),
            recommended=taken[category, level],
        )
        for category, level in places
    ]


def beyond_what_remains(session: Session, wanted: Sequence[Wanted], hold: bool) -> set[int]:
    """Those that take more than what remains, were they taken in this order. A unit without an approval exceeds
    nothing. With `hold` the units are locked first: who passes at the same moment counts after this transaction."""
    units = sorted({one.place[0] for one in wanted})
    if not units:
        return set()
    if hold:
        held = sa.select(Unit.id).where(Unit.id.in_(units)).order_by(Unit.id)
        session.execute(held.with_for_update(key_share=True)).all()
    approvals = _in_force(session, units)
    taken = _recommended(session, units, {one.place[1] for one in wanted})
    exceeding = set()
    for one in wanted:
        unit_id, _year, *place = one.place
        approval = approvals.get(unit_id)
        if approval is None:
            continue
        taken[one.place] += 1
        if taken[one.place] > _free(approval, *place):
            exceeding.add(one.pk)
    return exceeding


def _free(approval: PostApproval, category: str, level: str) -> int:
    posts = (post for post in approval.posts if (post["category"], post["level"]) == (category, level))
    return sum(post["approved"] - post["filled"] for post in posts)


def _in_force(session: Session, units: Iterable[int]) -> dict[int, PostApproval]:
    """The newest approval of each unit: it supersedes those before it."""
    query = sa.select(PostApproval).where(PostApproval.unit_id.in_(units))
    found = session.scalars(query.order_by(PostApproval.approved_on, PostApproval.id))
    return {approval.unit_id: approval for approval in found}


def _recommended(session: Session, units: Iterable[int], years: Collection[int]) -> Counter[Any]:
    found = session.execute(_recommendations(units, years))
    return Counter({tuple(key): number for *key, number in found})


def _recommendations(units: Iterable[int], years: Collection[int]) -> Select[int, int, str, str, int]:
    """How many positions the units' standing recommendations take, by Place: of what they passed on and nobody has
    returned or ended."""
    newest = sa.select(sa.func.max(Recommendation.id)).where(Recommendation.application_id == Submission.id)
    place = (Recommendation.unit_id, Application.year, Recommendation.category, Recommendation.level)
    return (
        sa.select(*place, sa.func.count())
        .select_from(Recommendation)
        .join(Application, Application.id == Recommendation.application_id)
        .where(
            Recommendation.unit_id.in_(units),
            Recommendation.occupies.is_(True),
            Recommendation.entry_id.is_not(None),
            Recommendation.id == newest.correlate(Submission).scalar_subquery(),
            Application.year.in_(years),
            Application.status.in_(("pending", "passed")),
            Application.node != NODES[0],
        )
        .group_by(*place)
    )
