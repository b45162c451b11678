"""Who is in a public notice: which applications can come into one, how they come and go, and who is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session, aliased

from app import audit
from app.applications import notices
from app.applications.drafting import DAYS, Form, drop_files
from app.applications.models import Application, Notice, Plan, Recommendation
from app.review.ledger import listed
from app.review.models import NODES, Submission
from app.review.workflow import Actor
from app.tenancy import bulk_insert

UNIT = NODES[0]
MOST = 200  # people of one notice
# Why an application cannot come into a notice.
HINDRANCES = {
    "own": _l("your own application; another administrator adds it"),
    "gone": _l("no longer pending at the unit"),
    "elsewhere": _l("in another notice; remove it there first"),
}
# Where it would come from, which is said before.
MOVES = {
    "single": _l("has a notice of its own, which is dropped with its files"),
    "again": _l("was passed on with another notice, and would have a new one"),
}
_FACTS = ("id", "ref", "status", "node", "steps", "person_id", "person_name", "title", "version", "unit_id", "year")


def hold(session: Session, ids: Sequence[int] = (), notice_id: int | None = None) -> None:
    """Lock applications until the transaction ends, and with them those that are in a notice."""
    there = sa.select(Recommendation.application_id).where(Recommendation.notice_id == notice_id)
    chosen = sa.or_(Submission.id.in_(listed(session, ids)), Submission.id.in_(there))
    rows = sa.select(Submission.id).where(chosen).order_by(Submission.id)
    session.execute(rows.with_for_update(of=Submission)).all()


def candidates(session: Session, criterion: ColumnElement[bool], limit: int) -> Sequence[Any]:
    """Applications with their plan, their draft, the notice of that, and whether that notice was frozen with them. One
    statement."""
    on_draft = sa.and_(Recommendation.application_id == Application.id, Recommendation.entry_id.is_(None))
    frozen = aliased(Recommendation)
    with_it = sa.exists().where(
        frozen.application_id == Recommendation.application_id,
        frozen.notice_id == Recommendation.notice_id,
        frozen.entry_id.is_not(None),
    )
    query = (
        sa.select(*(getattr(Application, name) for name in _FACTS), Plan.name.label("plan"), Plan.closes_on)
        .add_columns(Recommendation, Notice, with_it.correlate(Recommendation).label("passed_with"))
        .join(Plan, Plan.id == Application.plan_id)
        .outerjoin(Recommendation, on_draft)
        .outerjoin(Notice, Notice.id == Recommendation.notice_id)
        .where(criterion)
        .order_by(Plan.closes_on, Plan.name, Application.id)
        .limit(limit)
    )
    return session.execute(query.execution_options(populate_existing=True)).all()


def named(session: Session, ids: Sequence[int]) -> ColumnElement[bool]:
    return Application.id.in_(listed(session, ids))


def waiting() -> ColumnElement[bool]:
    """What waits at the unit and is in no notice for several."""
    shared = sa.exists().where(
        Recommendation.application_id == Application.id,
        Recommendation.entry_id.is_(None),
        Recommendation.notice_id == Notice.id,
        Notice.shared,
    )
    at_unit = sa.and_(Application.status == "pending", Application.node == UNIT)
    return sa.and_(at_unit, ~shared.correlate(Application))


def hindrance(row: Any, actor: Actor) -> str | None:
    """A key of HINDRANCES; None for one that can come into a notice."""
    if row.person_id == actor.person_id:
        return "own"
    if (row.status, row.node) != ("pending", UNIT):
        return "gone"
    return "elsewhere" if row.Notice is not None and row.Notice.shared and not row.passed_with else None


def comes_from(row: Any) -> str | None:
    """A key of MOVES; None for one that has no notice yet, or one of its own with nothing in it."""
    notice = row.Notice
    if notice is None:
        return None
    if row.passed_with:
        return "again"
    return "single" if notice.begins_on or notice.ends_on or notice.proof or notice.material else None


def begin(session: Session, unit_id: int, form: Form, rows: Sequence[Any], actor: Actor) -> Notice:
    """A new notice of applications (`candidates`, held) by a form without errors."""
    notice = notices.create(session, unit_id, form, actor)
    take(session, notice, rows)
    detail = {"days": [form.values[name] for name in DAYS], "people": len(rows)}
    audit.record(session, "create_notice", actor, f"notice {notice.id}", unit_id, **detail)
    session.flush()
    return notice


def take(session: Session, notice: Notice, rows: Sequence[Any]) -> None:
    """Bring applications (`candidates`, held) into a notice, each with a draft; the notices of their own that are left
    without any are removed. A fixed number of statements."""
    for row in rows:
        if row.Recommendation is not None:
            _point(row.Recommendation, row.Notice, notice.id)
    session.flush()
    bulk_insert(session, Recommendation, [_draft(row, notice.id) for row in rows if row.Recommendation is None])
    _drop(session, [row.Notice for row in rows if row.Notice is not None and not row.Notice.shared])


def _draft(row: Any, notice_id: int) -> dict[str, Any]:
    """The columns of a draft in which nothing is written yet."""
    empty = dict.fromkeys(("text", "category", "level", "explanation", "exceeds_reason"), "")
    of = {"application_id": row.id, "unit_id": row.unit_id, "version": row.version, "notice_id": notice_id}
    return {**of, **empty, "stamped": [], "exceeds": False, "steps": 0}


def leave(session: Session, notice: Notice, row: Any) -> None:
    """Take an application out of its notice; what was written of it stays."""
    _point(row.Recommendation, notice, None)
    session.flush()


def _point(said: Recommendation, before: Notice | None, notice_id: int | None) -> None:
    """Let a draft point at another notice. Its steps take in those of the notice before, so that whoever had seen both
    (Draft.steps) sees that something changed."""
    said.notice_id = notice_id
    said.steps += 1 + (before.steps if before is not None else 0)


def _drop(session: Session, notices: Sequence[Notice]) -> None:
    """Remove notices that no recommendation points at any more, with the files that nothing names any more."""
    ids = [notice.id for notice in notices]
    if not ids:
        return
    used = sa.select(Recommendation.notice_id).where(Recommendation.notice_id.in_(listed(session, ids)))
    still = set(session.scalars(used))
    gone = [notice for notice in notices if notice.id not in still]
    files = {pk for notice in gone for pk in (*notice.proof, *notice.material)}
    for notice in gone:
        session.delete(notice)
    session.flush()
    if files:
        drop_files(session, gone[0].unit_id, sorted(files))


# ---- who is in it ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class People:
    """Who is in a notice, or was passed on with it and is in it no more. A row has the facts of an application, its
    plan, the `Recommendation` with this notice, which is the draft or what was frozen last, and `drafted`, the notice
    of its draft."""

    rows: Sequence[Any]
    passed: frozenset[int]  # the ids of those that were passed on with it, wherever they are now

    @property
    def frozen(self) -> bool:
        """Whether what was passed rests on the notice as it is."""
        return bool(self.passed)

    def own(self, actor: Actor) -> set[int]:
        """The actor's own applications: an objection to one is entered and answered by somebody else (回避)."""
        return {row.id for row in self.rows if row.person_id == actor.person_id}


def people_of(session: Session, notice_id: int) -> People:
    """Who is in a notice. One statement."""
    draft = aliased(Recommendation)
    drafted = sa.select(draft.notice_id).where(draft.application_id == Application.id, draft.entry_id.is_(None))
    facts = (getattr(Application, name) for name in (*_FACTS, "specialty"))
    query = (
        sa.select(*facts, Plan.name.label("plan"), Plan.closes_on)
        .add_columns(
            Application.data["id_number"].as_string().label("number"),
            Application.data["current_title"].as_string().label("current"),
            Recommendation,
            drafted.correlate(Application).scalar_subquery().label("drafted"),
        )
        .select_from(Recommendation)
        .join(Application, Application.id == Recommendation.application_id)
        .join(Plan, Plan.id == Application.plan_id)
        .where(Recommendation.notice_id == notice_id)
        .order_by(Plan.closes_on, Plan.name, Application.id, Recommendation.id)
    )
    found = session.execute(query.execution_options(populate_existing=True)).all()
    passed = frozenset(row.id for row in found if row.Recommendation.entry_id is not None)
    return People(list({row.id: row for row in found}.values()), passed)


def is_out(row: Any) -> bool:
    """Whether somebody was passed on with a notice, came back to the unit, and was taken out of it."""
    return row.Recommendation.entry_id is not None and (row.status, row.node) == ("pending", UNIT)


def is_open(row: Any) -> bool:
    """Whether what is said of somebody in a notice can still be written."""
    return row.Recommendation.entry_id is None and (row.status, row.node) == ("pending", UNIT)
