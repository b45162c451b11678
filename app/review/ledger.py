"""What the ledger says of a submission, as SQL: its newest step, whose verdict stands, what followed on what."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from app.review.models import Decision, Submission
from app.review.rules import RULES, VERDICTS, is_routed
from app.tenancy import beyond


def verdict_at(node: str | None, of_batch: int | None = None) -> ColumnElement[bool]:
    """The criterion on Submission that the newest row of its ledger is a verdict of this node (and batch)."""
    entry = aliased(Decision)
    batch = [] if of_batch is None else [entry.batch_id == of_batch]
    return (
        sa.exists()
        .where(
            entry.submission_id == Submission.id,
            entry.id == newest_step(),
            entry.step.in_(VERDICTS),
            entry.node == node,
            *batch,
        )
        .correlate(Submission)
    )


def decided_by(account_id: int | None) -> sa.Select[int]:
    """The ids of the submissions on which an account ever gave a verdict."""
    given = Decision.by_id == account_id, Decision.step.in_(VERDICTS)
    return sa.select(Decision.submission_id).where(*given)


def handled_at(node: str) -> ColumnElement[datetime]:
    """When a record was last decided at a node, as SQL: what others decided since does not count."""
    entry = beyond(Decision, "handled").c
    given = (entry.submission_id == Submission.id, entry.node == node, entry.step.in_(VERDICTS))
    last = sa.select(sa.func.max(entry.at)).where(*given).correlate(Submission).scalar_subquery()
    routed = Submission.kind.in_(sorted({kind for kind, _status, _step in RULES if is_routed(kind)}))
    return sa.case((routed, last), else_=Submission.decided_at)


def with_newest_step(criteria: list[ColumnElement[bool]]) -> Any:
    """The records that match, each with the newest row of its ledger."""
    joined = sa.select(Submission, Decision).join(Decision, Decision.submission_id == Submission.id)
    return joined.where(*criteria, Decision.id == newest_step()).order_by(Submission.id)


def newest_step() -> sa.ScalarSelect[int]:
    """The id of the newest ledger row of the submission in the enclosing query, however deep this stands in it.

    The correlation is said: by itself it reaches only the nearest SELECT, and inside an EXISTS on the ledger this
    would be the newest row of all. A record's ledger is its unit's, so the scope is asked of the record alone: asked
    again here, SQLite would walk the ledger of the whole unit for each record.
    """
    entry = beyond(Decision, "newest").c
    newest = sa.select(sa.func.max(entry.id)).where(entry.submission_id == Submission.id)
    return newest.correlate(Submission).scalar_subquery()


def step_after(entry: Any) -> Any:
    """The step that follows a ledger row in its record's ledger: `take_back`, when that verdict does not stand."""
    later = beyond(Decision, "following").c
    follows = sa.select(later.step).where(later.submission_id == entry.submission_id, later.id > entry.id)
    return follows.order_by(later.id).limit(1).correlate(entry).scalar_subquery()


def pending_since(entry: Any) -> Any:
    """When the step before a verdict was taken: that one made the record pending where the verdict was given."""
    earlier = beyond(Decision, "earlier").c
    led_here = sa.select(earlier.at).where(earlier.submission_id == entry.submission_id, earlier.id < entry.id)
    return led_here.order_by(earlier.id.desc()).limit(1).correlate(entry).scalar_subquery()


def stands(entry: Any) -> ColumnElement[bool]:
    """The criterion on a ledger row that it was not taken back."""
    return sa.func.coalesce(step_after(entry), "") != "take_back"


def listed(session: Session, values: Sequence[Any], width: int = 1) -> Any:
    """A SELECT of `values` (whole numbers, or rows of `width` of them), sent as one parameter however many they are."""
    sent = sa.literal(json.dumps(values), sa.Text)
    if session.get_bind().dialect.name == "sqlite":
        row = sa.func.json_each(sent).table_valued("value")
        paths = ["$"] if width == 1 else [f"$[{n}]" for n in range(width)]
        if width == 1:
            return sa.select(row.c.value)
        return sa.select(*(sa.func.json_extract(row.c.value, path) for path in paths))
    row = sa.func.jsonb_array_elements(sa.cast(sent, JSONB)).table_valued("value")
    if width == 1:
        return sa.select(sa.cast(sa.cast(row.c.value, sa.Text), sa.Integer))
    cells = (sa.func.jsonb_array_element_text(row.c.value, n) for n in range(width))
    return sa.select(*(sa.cast(cell, sa.Integer) for cell in cells))
