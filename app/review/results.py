"""What is told before and after a verdict: the preview, the message, the conflict, the result of a batch."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app import clock
from app.review.labels import (
    NODE,
    REASON,
    REASON_PART,
    STEP,
    VERDICT,
    joined,
    signed,
    status_label,
    step_label,
    words_of,
)
from app.review.ledger import listed
from app.review.listing import Asked
from app.review.models import Decision, Submission
from app.review.pages import back_label
from app.review.record import Told, own_record
from app.review.rules import RULES, is_routed, leads_to
from app.review.together import Batch
from app.review.workflow import Actor, Chosen, Left, Outcome, takeable

SHOWN = 20  # records that a preview names
KEPT = 1000  # records left out that a batch remembers one by one
PAGE = 100  # rows of a batch's page


def reason_of(left: Left) -> str:
    """Why this record is left out: with who decided it and when, where somebody has."""
    if left.reason != "decided":
        return reason_text(left.reason)
    step, at = str(STEP[left.step][0]), clock.shown(left.at)
    return _("%(by)s, %(at)s: %(step)s", by=signed(left.by, left.for_name), at=at, step=step)


def reason_text(reason: str) -> str:
    """Why records are left out, in words: of the reason, and of its parts, where it has some."""
    word, _colon, parts = reason.partition(":")
    named = [str(REASON_PART[part]) for part in parts.split("+") if part]
    return _("%(reason)s: %(parts)s", reason=REASON[word], parts=joined(named)) if named else str(REASON[word])


def preview(number: int, left: Sequence[Left]) -> dict[str, Any]:
    """How many will be decided, and which not and why: JSON for the dialog, context for the page."""
    named = [{"name": one.name, "ref": one.ref, "reason": reason_of(one)} for one in left[:SHOWN]]
    return {"decide": number, "left": named, "more": max(0, len(left) - SHOWN)}


def names_of(session: Session, chosen: Chosen) -> list[str]:
    """The first names among the chosen."""
    query = sa.select(Submission.person_name).where(*chosen.criteria(session), Submission.status == "pending")
    return list(session.scalars(query.order_by(Submission.id).limit(10)))


def conflict(kind: str, left: Left) -> dict[str, Any]:
    """What the one who came second is told."""
    at = clock.shown(left.at)
    if left.reason == "changed":
        text = _("The applicant submitted this record again at %(at)s. Read the new version, then decide.", at=at)
        return {"text": text, "opinion": None}
    if left.reason == "decided":
        by, step = signed(left.by, left.for_name), step_label(kind, left.step)
        text = _(
            "%(by)s already decided this record at %(at)s: %(step)s. Nothing was changed.", by=by, at=at, step=step
        )
        return {"text": text, "opinion": left.opinion}
    return {"text": reason_text(left.reason), "opinion": None}


def typed(kind: str, sent: Any) -> dict[str, Any]:
    """What had been typed (a `Sent`), kept for the page that tells of the conflict."""
    label = words_of(kind, sent.verdict).field_label if sent.verdict in VERDICT else _("Reason for taking back")
    said = [{"label": sent.labels[path], "remark": remark} for path, remark in sent.remarks.items()]
    kept = {"opinion": sent.opinion or "", "remarks": sent.remarks, "answers": sent.answers}
    return {"verdict": sent.verdict, "label": str(label), "said": said, **kept}


def told(kind: str, step: str, outcome: Outcome) -> list[tuple[str, str]]:
    """The messages after a verdict, without names: they travel in the cookie. [(category, text)]"""
    word = str(words_of(kind, step).told) if step in VERDICT else _("taken back")
    number = len(outcome.decided)
    messages = []
    if number:
        done = ngettext("%(num)d record %(word)s.", "%(num)d records %(word)s.", number, word=word)
        messages.append(("success", done))
    for reason, count in sorted(Counter(left.reason for left in outcome.left).items()):
        text = _("%(num)d left out: %(reason)s.", num=count, reason=reason_text(reason))
        messages.append(("warning", text))
    if messages:
        return messages
    if step == "take_back":
        return [("warning", _("Nothing was taken back: the records no longer stand as they were decided."))]
    return [("warning", _("Nothing was decided: the selected records are no longer pending."))]


# ---- batches ---------------------------------------------------------------------------------------------------------


def new_batch(kind: str, step: str, to_status: str, opinion: str, actor: Actor) -> Batch:
    return Batch(
        kind=kind,
        step=step,
        to_status=to_status,
        opinion=opinion,
        at=clock.now(),
        by_id=actor.user_id,
        by_name=actor.name,
        left_out=[],
    )


def keep(batch: Batch, outcome: Outcome) -> None:
    """Remember what the batch did and left."""
    batch.decided = len(outcome.decided)
    batch.left_count = len(outcome.left)
    batch.left_out = [(left.pk, left.reason, left.entry_id) for left in outcome.left[:KEPT]]


def ids_of(batch: Batch) -> sa.Select[Any]:
    """The ids of the records that a batch decided."""
    return sa.select(Decision.submission_id).where(Decision.batch_id == batch.id)


def chosen_of(batch: Batch) -> Chosen:
    """What a batch decided, where its verdict is still the newest step."""
    return Chosen(batch.kind, matching=Submission.id.in_(ids_of(batch)), of_batch=batch.id)


def batch_page(
    desk: Any, batch: Batch, asked: Asked, session: Session, sent: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The context of desk/batch.html: a page of what was decided, and what was left with the reasons."""
    query = asked.query_string(page=1)
    return {
        "title": _("Result of the batch review"),
        "back_url": desk.back_url(asked, page=1),
        "back_label": back_label(desk, asked),
        "label": step_label(batch.kind, batch.step),
        "about_label": next((str(one.label) for one in desk.listing.columns if one.name == "title"), _("Record")),
        "undone": batch.step == "take_back",
        "opinion": batch.opinion,
        "by": signed(batch.by_name, _for_name(session, batch)),
        "at": clock.shown(batch.at),
        "decided": batch.decided,
        "rows": [_row(desk, row, query) for row in _decided(session, batch, asked.page)],
        "pager": _pager(desk, batch, asked),
        "left": _left(desk, session, batch, query),
        "left_count": batch.left_count,
        "own": _own(batch),
        "take_back": _take_back(desk, session, batch, query, sent),
        "taken_back": _taken_back(session, batch),
    }


def _for_name(session: Session, batch: Batch) -> str | None:
    """For whom a stand-in decided, as the ledger says."""
    return session.scalar(sa.select(Decision.for_name).where(Decision.batch_id == batch.id).limit(1))


def _decided(session: Session, batch: Batch, page: int) -> Sequence[Submission]:
    query = sa.select(Submission).join(Decision, Decision.submission_id == Submission.id)
    query = query.where(Decision.batch_id == batch.id).order_by(Submission.id)
    return session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()


def _row(desk: Any, row: Submission, query: str) -> dict[str, Any]:
    return {
        "name": row.person_name,
        "ref": row.ref,
        "about": " ".join(filter(None, (desk.type_label(row), row.title))),
        "url": desk.url("show", query, pk=row.id),
        "status": {"key": row.status, "label": _where(row)},
    }


def _where(row: Submission) -> str:
    """A record's state, and for one that is on its way the node where it waits."""
    label = status_label(row.kind, row.status)
    return f"{label} · {NODE[row.node]}" if row.status == "pending" and is_routed(row.kind) else label


def page_count(batch: Batch) -> int:
    return max(1, -(-batch.decided // PAGE))


def _pager(desk: Any, batch: Batch, asked: Asked) -> dict[str, Any]:
    pages = page_count(batch)

    def at(page: int) -> str | None:
        return desk.url("batch", asked.query_string(page=page), pk=batch.id) if 1 <= page <= pages else None

    return {"page": asked.page, "pages": pages, "prev_url": at(asked.page - 1), "next_url": at(asked.page + 1)}


def _left(desk: Any, session: Session, batch: Batch, query: str) -> list[dict[str, Any]]:
    """What was left, with the reason as it was then: the row of the ledger that it names never changes."""
    reasons = {entry_id: reason for _pk, reason, entry_id in batch.left_out}
    if not reasons:
        return []
    found = sa.select(Submission, Decision).join(Decision, Decision.submission_id == Submission.id)
    found = found.where(Decision.id.in_(listed(session, list(reasons)))).order_by(Submission.id)
    return [
        _row(desk, row, query) | {"reason": reason_of(_left_as(row, entry, reasons[entry.id]))}
        for row, entry in session.execute(found)
    ]


def _own(batch: Batch) -> Told | None:
    """Who can decide the reader's own records, where the batch left one."""
    left_own = any(reason == "own" for _pk, reason, _entry_id in batch.left_out)
    return own_record() if left_own and batch.by_id == g.actor.user_id else None


def _left_as(row: Submission, entry: Decision, reason: str) -> Left:
    who = (entry.by_name, entry.at, entry.step)
    return Left(row.id, row.person_name, row.ref, reason, *who, for_name=entry.for_name)


def _take_back(
    desk: Any, session: Session, batch: Batch, query: str, sent: dict[str, Any] | None
) -> dict[str, Any] | None:
    """What asks for taking the batch back, with how many of it still can be; None when none can."""
    if not batch.decided or (batch.kind, batch.to_status, "take_back") not in RULES:
        return None
    statuses = leads_to(batch.kind, batch.step)
    count = sum(takeable(session, chosen_of(batch), status, g.actor) for status in statuses)
    if not count:
        return None
    dialog = {"action": desk.url("take_back"), "batch": batch.id, "status": batch.to_status, "query": query}
    dialog |= {"count": count, "of": batch.decided}
    return dialog | {"value": "", "error": None} | (sent or {})


def _taken_back(session: Session, batch: Batch) -> int:
    """How many of the batch's verdicts were taken back since."""
    later = sa.select(sa.func.count(sa.distinct(Decision.submission_id)))
    later = later.where(
        Decision.step == "take_back",
        Decision.at >= batch.at,
        Decision.submission_id.in_(ids_of(batch)),
    )
    return session.scalar(later) or 0
