"""单位推荐意见: when it is complete, how it is frozen with the unit's pass, and opened again as a draft."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app import clock
from app.applications.models import Application, Notice, Recommendation
from app.applications.positions import Wanted, beyond_what_remains
from app.review.labels import REASON, REASON_PART
from app.review.ledger import listed
from app.review.models import NODES, Decision, Submission
from app.review.rules import DRAFTS, ROOM, Said, condition, effect
from app.tenancy import insert_from
from app.typed import is_blank
from app.units.models import Unit

INSTITUTION = "public_institution"
NOTICE_DAYS = 5  # working days, both ends counted
EXCEEDS = "exceeds_reason"  # what says that a pass may go beyond what remains, and why
IMPORTED = "imported"  # the history of the system before: what it passed is taken, and marked where it exceeds
# What is kept of a recommendation when it is opened again.
COPIED = ("text", "notice_id", "stamped", "occupies", "category", "level", "explanation")

REASON["missing"] = _l("the recommendation is not complete")
REASON["posts"] = _l("it exceeds the approved positions; confirm it with a reason to pass it all the same")
REASON["taken"] = _l("others have taken the position that it would occupy again")
REASON_PART |= {
    "text": _l("the recommendation's text"),
    "days": _l("both days of the public notice"),
    "short": _l("at least 5 working days of public notice"),
    "ahead": _l("the end of the public notice, which has not begun yet"),
    "running": _l("the end of the public notice, which still runs"),
    "proof": _l("the proof of the public notice"),
    "material": _l("the material of the public notice"),
    "position": _l("whether it occupies a position"),
    "level": _l("the position's category and level"),
    "explanation": _l("the explanation on the position"),
}


def missing(draft: Any, institution: bool, on: date) -> list[str]:
    """What a recommendation lacks to be complete on a day: keys of REASON_PART. `draft` has the columns of a
    Recommendation and of its Notice; None is one that was not begun."""
    lacks = {
        "text": draft is None or is_blank(draft.text),
        "days": draft is None or draft.begins_on is None or draft.ends_on is None,
        "proof": draft is None or not draft.proof,
        "material": draft is None or not draft.material,
    }
    if not lacks["days"]:
        lacks["short"] = draft.working_days < NOTICE_DAYS
        lacks["ahead"] = draft.begins_on > on
        lacks["running"] = draft.begins_on <= on <= draft.ends_on
    if institution:
        lacks["position"] = draft is None or draft.occupies is None
        lacks["level"] = draft is not None and bool(draft.occupies) and not (draft.category and draft.level)
        lacks["explanation"] = draft is None or is_blank(draft.explanation)
    return [part for part, lacking in lacks.items() if lacking]


@condition("the recommendation is complete")
def incomplete(session: Session, ids: Sequence[int], entry: dict[str, Any], said: Said, hold: bool) -> dict[int, str]:
    """Those of the applications that the unit cannot pass on, and why. At most five statements."""
    drafts = _drafts(session, ids, hold)
    on = entry["at"].astimezone(clock.ZONE).date()
    lacking = {row.id: missing(row if row.draft else None, row.nature == INSTITUTION, on) for row in drafts}
    blocked = {pk: f"missing:{'+'.join(parts)}" for pk, parts in lacking.items() if parts}
    if not (said.get(EXCEEDS) or said.get(IMPORTED)):
        complete = [row for row in drafts if row.id not in blocked]
        blocked |= dict.fromkeys(beyond_what_remains(session, _wanted(complete), hold), "posts")
    return blocked


def lacking(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """What those of the applications lack to be complete today that wait at the unit, as `missing` says it. One
    statement."""
    rows = session.execute(_with_drafts(session, ids).where(Application.node == NODES[0]))
    return {row.id: missing(row if row.draft else None, row.nature == INSTITUTION, clock.today()) for row in rows}


@condition(ROOM)
def no_room(session: Session, ids: Sequence[int], _entry: dict[str, Any], _said: Said, hold: bool) -> dict[int, str]:
    """Those of the applications that gave their position up with the verdict that is taken back, and find none any
    more: their unit was asked before it passed others, and nobody would be asked now."""
    newest = sa.select(sa.func.max(Recommendation.id)).where(
        Recommendation.application_id == Application.id, Recommendation.entry_id.is_not(None)
    )
    given_up = sa.or_(Application.status.in_(("returned", "terminated")), Application.node == NODES[0])
    query = (
        sa.select(Application.id, Application.unit_id, Application.year, Recommendation.category, Recommendation.level)
        .add_columns(Recommendation.occupies)
        .join(Recommendation, Recommendation.application_id == Application.id)
        .where(Application.id.in_(listed(session, ids)), given_up, ~Recommendation.exceeds)
        .where(Recommendation.id == newest.correlate(Application).scalar_subquery())
        .order_by(Application.id)
    )
    return dict.fromkeys(beyond_what_remains(session, _wanted(session.execute(query).all()), hold), "taken")


def _drafts(session: Session, ids: Sequence[int], hold: bool) -> Sequence[Any]:
    """Each of the applications with its draft and the notice of that, in the order of their ids; to `hold` notices
    keeps each from losing its proof meanwhile."""
    if hold:
        held = sa.select(Recommendation.notice_id).where(Recommendation.application_id.in_(listed(session, ids)))
        notices = sa.select(Notice.id).where(Notice.id.in_(held)).order_by(Notice.id)
        session.execute(notices.with_for_update(read=True, of=Notice)).all()
    return session.execute(_with_drafts(session, ids)).all()


def _with_drafts(session: Session, ids: Sequence[int]) -> Select[Any]:
    on_draft = sa.and_(Recommendation.application_id == Application.id, Recommendation.entry_id.is_(None))
    of_draft = (*(getattr(Recommendation, name) for name in COPIED), Recommendation.id.label("draft"))
    of_notice = (Notice.begins_on, Notice.ends_on, Notice.working_days, Notice.proof, Notice.material)
    return (
        sa.select(Application.id, Application.unit_id, Application.year, Unit.nature, *of_draft, *of_notice)
        .join(Unit, Unit.id == Application.unit_id)
        .outerjoin(Recommendation, on_draft)
        .outerjoin(Notice, Notice.id == Recommendation.notice_id)
        .where(Application.id.in_(listed(session, ids)))
        .order_by(Application.id)
    )


def _wanted(drafts: Sequence[Any]) -> list[Wanted]:
    return [Wanted(row.id, (row.unit_id, row.year, row.category, row.level)) for row in drafts if row.occupies]


@effect(DRAFTS)
def follow(session: Session, moved: Select[Any], entry: dict[str, Any], said: Said) -> None:
    """The unit's pass freezes the drafts. What waits at the unit again has a copy of what was frozen as its draft;
    what was sent back and is taken back from the unit has none."""
    if entry["step"] == "pass":
        if entry["node"] == NODES[0]:
            _freeze(session, moved, said)
        return
    at_unit = sa.select(Submission.id).where(Submission.id.in_(moved), Submission.node == NODES[0])
    away = sa.select(Submission.id).where(Submission.id.in_(moved), Submission.node != NODES[0])
    draft = Recommendation.entry_id.is_(None)
    gone = sa.delete(Recommendation).where(draft, Recommendation.application_id.in_(away))
    session.execute(gone.execution_options(synchronize_session=False))
    _copy(session, at_unit)


def _freeze(session: Session, moved: Select[Any], said: Said) -> None:
    ids = session.scalars(moved).all()
    exceeding = beyond_what_remains(session, _wanted(_drafts(session, ids, hold=True)), hold=True)
    passed = sa.select(sa.func.max(Decision.id)).where(Decision.submission_id == Recommendation.application_id)
    exceeds = Recommendation.application_id.in_(listed(session, sorted(exceeding)))
    frozen = (
        sa.update(Recommendation)
        .where(Recommendation.application_id.in_(listed(session, ids)), Recommendation.entry_id.is_(None))
        .values(
            entry_id=passed.correlate(Recommendation).scalar_subquery(),
            exceeds=exceeds,
            exceeds_reason=sa.case((exceeds, said.get(EXCEEDS, "")), else_=""),
        )
    )
    session.execute(frozen.execution_options(synchronize_session=False))


def _copy(session: Session, applications: Select[Any]) -> None:
    """A draft like what was frozen last for each of the applications that has none."""
    newest = sa.select(sa.func.max(Recommendation.id)).where(Recommendation.application_id.in_(applications))
    newest = newest.group_by(Recommendation.application_id)
    columns = {
        "unit_id": Recommendation.unit_id,
        "application_id": Recommendation.application_id,
        "version": sa.select(Submission.version)
        .where(Submission.id == Recommendation.application_id)
        .correlate(Recommendation)
        .scalar_subquery(),
        **{name: getattr(Recommendation, name) for name in COPIED},
        "exceeds": sa.false(),
        "exceeds_reason": sa.literal(""),
        "steps": sa.literal(0),
    }
    rows = sa.select(*columns.values()).where(Recommendation.id.in_(newest), Recommendation.entry_id.is_not(None))
    insert_from(session, Recommendation, list(columns), rows, source=Recommendation)


def draft_again(session: Session, row: Application) -> None:
    """A new version of an application came: what was said of the one before is the draft on it."""
    _copy(session, sa.select(Submission.id).where(Submission.id == row.id))
    draft = sa.update(Recommendation).where(Recommendation.application_id == row.id, Recommendation.entry_id.is_(None))
    session.execute(draft.values(version=row.version).execution_options(synchronize_session=False))


def newest_of(session: Session, application_id: int) -> Recommendation | None:
    """What stands of an application: the draft, or what was frozen last."""
    query = sa.select(Recommendation).where(Recommendation.application_id == application_id)
    return session.scalar(query.order_by(Recommendation.id.desc()).limit(1))
