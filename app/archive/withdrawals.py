"""What a request to have an item back does, and what it rests on."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session, aliased

from app.archive.models import Withdrawal
from app.review.models import Decision, Submission
from app.review.rules import LOCKS, RESTS, Rest, Said, effect
from app.review.workflow import move_along
from app.tenancy import beyond


@effect("the item is withdrawn")
def withdraw(session: Session, moved: Select[Any], entry: dict[str, Any], _said: Said) -> None:
    """Give the items back to their applicants: 已撤回 until they come again."""
    _with_items(session, moved, entry, "withdraw", "passed")


@effect("the item is passed again")
def pass_again(session: Session, moved: Select[Any], entry: dict[str, Any], _said: Said) -> None:
    """The consent was taken back: the items are as they were before it."""
    _with_items(session, moved, entry, "take_back", "withdrawn")


def _with_items(session: Session, moved: Select[Any], entry: dict[str, Any], step: str, status: str) -> None:
    items = sa.select(Withdrawal.item_id).where(Withdrawal.id.in_(moved))
    kept = {name: entry[name] for name in ("at", "node", "by_id", "by_name", "for_id", "for_name", "opinion")}
    move_along(session, "archive_item", items, kept | {"step": step, "from_status": status})


def _requested() -> ColumnElement[bool]:
    """Somebody asked to have the item back after it passed: an open request, or a later one."""
    request, asked = beyond(Withdrawal, "request").c, aliased(Submission)
    later = sa.or_(asked.status == "pending", asked.submitted_at >= Submission.decided_at)
    return sa.exists().where(request.item_id == Submission.id, asked.id == request.id, later).correlate(Submission)


def _item_moved_on() -> ColumnElement[bool]:
    """The item of an agreed request has a newer row in its ledger: it came again."""
    request, entry = beyond(Withdrawal, "request").c, aliased(Decision)
    steps = sa.select(entry.step).where(entry.submission_id == request.item_id).order_by(entry.id.desc()).limit(1)
    came_again = steps.scalar_subquery() != "withdraw"
    return (
        sa.exists().where(request.id == Submission.id, Submission.status == "passed", came_again).correlate(Submission)
    )


def _asked_again() -> ColumnElement[bool]:
    """There is a newer request for the item: as one is open at a time, it followed the verdict on this one."""
    request, newer = beyond(Withdrawal, "request").c, beyond(Withdrawal, "newer").c
    alike = (newer.item_id == request.item_id, newer.id > request.id)
    return sa.exists().where(request.id == Submission.id, *alike).correlate(Submission)


def _lock_items(session: Session, requests: Select[Any]) -> None:
    items = sa.select(Withdrawal.item_id).where(Withdrawal.id.in_(requests))
    rows = sa.select(Submission.id).where(Submission.id.in_(items)).order_by(Submission.id)
    session.scalars(rows.with_for_update(of=Submission)).all()


LOCKS["withdrawal"] = _lock_items
RESTS["archive_item"] = [
    Rest(_requested, _l("The verdict cannot be taken back: the applicant has asked since to have the record back."))
]
_MOVED = _l("The verdict cannot be taken back: the record came again since, or was asked for anew.")
RESTS["withdrawal"] = [Rest(_item_moved_on, _MOVED), Rest(_asked_again, _MOVED)]
