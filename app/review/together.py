"""Working together on a record: who else has it open, internal notes, what a reviewer put off, what a batch did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from app.columns import UTCDateTime
from app.review.models import Submission
from app.review.workflow import Actor
from app.tenancy import UnitOwned
from app.typed import is_blank, text_problem

OPEN_FOR = timedelta(seconds=45)  # a page that was heard of within this time is open; it reports three times as often
NOTE_LENGTH = 1000


def _of_submission() -> Any:
    return sa.ForeignKeyConstraint(["submission_id", "unit_id"], ["submission.id", "submission.unit_id"])


class Presence(UnitOwned, Model):
    """Somebody has a record open. One row for each, renewed while the page is open."""

    __tablename__ = "presence"
    __table_args__ = (_of_submission(),)
    submission_id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)


class Note(UnitOwned, Model):
    """An internal note: for the reviewers of one node, never for the applicant or another node."""

    __tablename__ = "note"
    __table_args__ = (_of_submission(), sa.Index("ix_note_submission_id", "submission_id", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(nullable=False)
    node: Mapped[str] = mapped_column(String(12), nullable=False)
    text: Mapped[str] = mapped_column(sa.Text, nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    by_name: Mapped[str] = mapped_column(String(200), nullable=False)


class Postponement(UnitOwned, Model):
    """暂缓: a reviewer's own mark on a record that stays pending; his queue passes over it until the day, if any."""

    __tablename__ = "postponement"
    __table_args__ = (_of_submission(),)
    account_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[date | None]
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)


class Batch(Model):
    """One verdict on many records, for the one who gave it. What it did is in the ledger under its id; what it left,
    and why, is kept here without names, as [id, reason, id in the ledger]."""

    __tablename__ = "batch"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    step: Mapped[str] = mapped_column(String(12), nullable=False)
    to_status: Mapped[str] = mapped_column(String(12), nullable=False)
    opinion: Mapped[str] = mapped_column(sa.Text, nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False, index=True)
    by_name: Mapped[str] = mapped_column(String(200), nullable=False)
    decided: Mapped[int] = mapped_column(nullable=False, default=0)
    left_count: Mapped[int] = mapped_column(nullable=False, default=0)
    left_out: Mapped[list[tuple[int, str, int]]] = mapped_column(sa.JSON, nullable=False, default=list)


def be_present(session: Session, row: Submission, actor: Actor) -> None:
    """Say that the actor has the record open."""
    session.merge(
        Presence(
            submission_id=row.id,
            account_id=actor.user_id,
            unit_id=row.unit_id,
            name=actor.name,
            seen_at=clock.now(),
        )
    )


def others_present(session: Session, row_id: int, actor: Actor) -> Sequence[str]:
    """The names of the others who have the record open now."""
    query = (
        sa.select(Presence.name)
        .where(
            Presence.submission_id == row_id,
            Presence.account_id != actor.user_id,
            Presence.seen_at > clock.now() - OPEN_FOR,
        )
        .order_by(Presence.name)
    )
    return session.scalars(query).all()


def notes_of(session: Session, row_id: int, node: str) -> Sequence[Note]:
    """The notes of a node on a record, oldest first."""
    query = sa.select(Note).where(Note.submission_id == row_id, Note.node == node).order_by(Note.id)
    return session.scalars(query).all()


def note_problem(text: str) -> str | None:
    """What is wrong with a note, in words."""
    if is_blank(text):
        return _("Write the note first.")
    return text_problem(text, NOTE_LENGTH)


def write_note(session: Session, row: Submission, text: str, actor: Actor) -> None:
    """Keep a note for the reviewers of the actor's node."""
    session.add(
        Note(
            submission_id=row.id,
            unit_id=row.unit_id,
            node=actor.node,
            text=text,
            at=clock.now(),
            by_id=actor.user_id,
            by_name=actor.name,
        )
    )


def postponed_by(user_id: int | None) -> ColumnElement[bool]:
    """The criterion on Submission of what an account has put off and its day has not come."""
    active = sa.or_(Postponement.until.is_(None), Postponement.until > clock.today())
    return Submission.id.in_(sa.select(Postponement.submission_id).where(Postponement.account_id == user_id, active))


def postpone(session: Session, row: Submission, actor: Actor, until: date | None) -> None:
    session.merge(
        Postponement(account_id=actor.user_id, submission_id=row.id, unit_id=row.unit_id, until=until, at=clock.now())
    )


def resume(session: Session, row: Submission, actor: Actor) -> None:
    """End a postponement."""
    mark = session.get(Postponement, (actor.user_id, row.id))
    if mark is not None:
        session.delete(mark)
