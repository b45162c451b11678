"""The people of a public notice as its page shows them: what the unit says of each, and what each still lacks."""

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.applications import positions
from app.applications.drafting import LENGTH, Draft
from app.applications.models import Notice, Recommendation
from app.applications.notices import fixed_by, writing
from app.applications.notices.members import People, is_open, is_out
from app.applications.notices.writing import Table
from app.applications.recommend import lacking_of, position_text
from app.applications.recommendations import INSTITUTION
from app.extensions import db
from app.review.desks import desks
from app.review.labels import NODE, REASON_PART, code_choices, status_label
from app.review.pages import batch_dialogs
from app.review.phrases import phrases_of, texts_by_verdict
from app.review.record import own_record
from app.units.posts import CATEGORY, LEVELS

OF_NOTICE = ("days", "short", "ahead", "running", "proof", "material")  # what all that is in a notice lacks together


def is_institution() -> bool:
    held = g.get("held")
    return held is not None and held.nature == INSTITUTION


def table(view: Any, notice: Notice, people: People, writes: bool, sent: Table | None) -> dict[str, Any]:
    institution = is_institution()
    fixed = fixed_by(notice, people.frozen)
    rows = [_row(row, notice, institution, people, writes, sent, fixed) for row in people.rows]
    lacks = _notice_lacks(notice, institution)
    return {
        "action": view.url("texts", pk=notice.id),
        "rows": rows,
        "writable": any(row["open"] for row in rows),
        "complete": sum(row["token"] is not None for row in rows),
        "waiting": sum(row["waits"] for row in rows),
        "written": sum(row["waits"] and not row["missing"] for row in rows),
        "notice_lacks": lacks,
        "institution": institution,
        "levels": _levels(people) if institution else [],
        "length": LENGTH,
        "lost": sent.lost if sent else [],
        "wrong": _wrong(sent),
        "stale": bool(sent and sent.stale),
        "unsent": bool(sent and (sent.wrong or any(row.kept is not None for row in sent.rows.values()))),
        "own": own_record() if any(row["own"] and row["waits"] for row in rows) else None,
    }


def _wrong(sent: Table | None) -> str | None:
    if sent is None or not sent.wrong:
        return None
    return sent.unsent or _("Nothing was saved: correct what stands beside the fields.")


def _notice_lacks(notice: Notice, institution: bool) -> list[str]:
    lacking = lacking_of(None, Draft(Recommendation(text="", explanation=""), notice), institution)
    return [str(REASON_PART[part]) for part in lacking if part in OF_NOTICE]


def _row(
    row: Any, notice: Notice, institution: bool, people: People, writes: bool, sent: Table | None, fixed: str | None
) -> dict[str, Any]:
    said, own = row.Recommendation, row.person_id == g.actor.person_id
    waits = is_open(row)
    writable = writes and waits and not own
    missing = lacking_of(row, Draft(said, notice), institution) if waits else []
    written = sent.rows.get(row.id) if sent else None
    return {
        "pk": row.id,
        "name": row.person_name,
        "title": row.title,
        "plan": row.plan,
        "url": url_for("ApplicationDesk.show", pk=row.id, notice=notice.id, status=None if waits else "all"),
        "own": own,
        "waits": waits,
        "open": writable,
        "state": None if waits else _state(row),
        "seen": writing.seen_of(said),
        "values": written.values if written else writing.values_of(said),
        "errors": written.errors if written else {},
        "kept": _kept_text(written.kept) if written and written.kept else None,
        "position": position_text(said) if said.occupies is False or said.level else "",
        "missing": [str(REASON_PART[part]) for part in missing if part not in OF_NOTICE],
        "token": f"{row.id}:{row.steps}" if writable and not missing else None,
        "removable": writable and (not fixed or row.id in people.passed),
    }


def _state(row: Any) -> dict[str, str]:
    """Where somebody in a notice is whose recommendation is not to be written here."""
    if is_out(row):
        now = _("Back at the unit, in no notice") if row.drafted is None else _("Back at the unit, in another notice")
        return {"tone": "end", "label": now}
    label = status_label("application", row.status)
    where = {"node": str(NODE[row.node]), "label": label}
    if row.status == "pending":
        return {"tone": "ok", "label": _("Passed on, now at: %(node)s", **where)}
    return {"tone": row.status, "label": label}


def _kept_text(values: Mapping[str, str]) -> str:
    return " · ".join(value for value in (values["text"], values["explanation"]) if value) or "—"


def _levels(people: People) -> list[tuple[str, list[tuple[str, str]]]]:
    """The levels by category, with what remains of each where all applications are of one year. At most two
    statements."""
    years = {row.year for row in people.rows}
    lines = positions.ledger(db.session(), g.unit_id, years.pop())[1] if len(years) == 1 else []
    left = {line.level: line.remaining for line in lines}
    names = dict(code_choices("post_level")())

    def label(level: str) -> str:
        return _("%(level)s (%(left)d left)", level=names[level], left=left[level]) if level in left else names[level]

    return [(str(CATEGORY[of]), [(level, label(level)) for level in levels]) for of, levels in LEVELS.items()]


def passing(session: Session, notice: Notice) -> dict[str, Any] | None:
    """The batch of the applications' own desk, for the rows that are complete."""
    desk = desks().get("application")
    if desk is None or not desk.may("decide"):
        return None
    phrases = texts_by_verdict(phrases_of(session, g.unit_id))
    dialogs = [dialog for dialog in batch_dialogs(desk, phrases) if dialog["key"] == "pass"]
    return {
        "action": desk.url("decide"),
        "preview_url": desk.url("preview"),
        "query": f"notice={notice.id}",
        "verdicts": dialogs,
    }
