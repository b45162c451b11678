"""Objections to a public notice: each as it was raised, what became of it, and when somebody entered either.

They stand in `Notice.objections`, which is only added to: an entry is an objection, or with `of` what became of the
one at that place: {"at", "entered_by", "of", "outcome"}.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import audit, clock
from app.applications.drafting import Form
from app.applications.models import Notice
from app.review.drafts import unsent
from app.review.workflow import Actor
from app.typed import is_blank, text_problem

LENGTHS = {"by": 200, "text": 2000, "outcome": 2000}
NEEDED = {"objection": ("by", "text"), "outcome": ("outcome",)}


@dataclass
class Objection:
    """`about`: the id of an application, None for all of the notice. `outcomes`: (text, when, who entered it)."""

    number: int  # its place in Notice.objections
    by: str
    about: int | None
    text: str
    at: datetime
    entered_by: str
    outcomes: list[tuple[str, datetime, str]] = field(default_factory=list)


def objections_of(entries: Iterable[Mapping[str, Any]]) -> list[Objection]:
    """The objections of a notice, each with what became of it, in the order they were entered."""
    found: dict[int, Objection] = {}
    for number, entry in enumerate(entries):
        at, entered_by = datetime.fromisoformat(entry["at"]), entry.get("entered_by", "")
        if "of" in entry:
            found[entry["of"]].outcomes.append((entry["outcome"], at, entered_by))
            continue
        one = Objection(number, entry["by"], entry.get("about"), entry["text"], at, entered_by)
        one.outcomes = [(entry["outcome"], at, entered_by)] if entry.get("outcome") else []
        found[number] = one
    return list(found.values())


def concerning(entries: Iterable[Mapping[str, Any]], application_id: int) -> list[Objection]:
    """The objections to an application, or to all of its notice."""
    return [one for one in objections_of(entries) if one.about in (None, application_id)]


def text_of(notices: Iterable[Sequence[Mapping[str, Any]]], application_id: int) -> str:
    """The objections of all the notices an application was in, each with what became of it, as text in the order they
    were raised. A copy of a notice has the same ones."""
    told = [one for entries in notices for one in concerning(entries, application_id)]
    return "\n".join(dict.fromkeys(_line(one) for one in sorted(told, key=lambda one: one.at)))


def _line(one: Objection) -> str:
    said = {"at": clock.shown(one.at), "by": one.by, "text": one.text}
    if not one.outcomes:
        return _("%(at)s %(by)s: %(text)s — nothing has come of it yet", **said)
    outcomes = "；".join(_outcome(*outcome) for outcome in one.outcomes)
    return _("%(at)s %(by)s: %(text)s — %(outcome)s", outcome=outcomes, **said)


def _outcome(text: str, at: datetime, by: str) -> str:
    return _("%(text)s (%(by)s, %(at)s)", text=text, by=by, at=clock.shown(at))


def read(sent: Mapping[str, str], kind: str) -> Form:
    """The form of an objection or of an outcome, checked but for `about` and `of`: what these name, `add` is told."""
    names = LENGTHS if kind == "objection" else NEEDED[kind]
    values = {name: sent.get(name, "").strip() for name in (*names, "about", "of")}
    problems = {name: text_problem(values[name], LENGTHS[name]) for name in names}
    problems |= {name: _("Enter it.") for name in NEEDED[kind] if is_blank(values[name])}
    if again := unsent():
        problems[NEEDED[kind][-1]] = again
    return Form(values, {name: problem for name, problem in problems.items() if problem})


def add(session: Session, notice: Notice, entry: Mapping[str, Any], actor: Actor) -> None:
    """Enter an objection ({by, about, text, outcome}) or an outcome ({of, outcome}) at a held notice."""
    noted = {"at": clock.now().isoformat(), "entered_by": actor.name, **entry}
    notice.objections = [*notice.objections, noted]
    audit.record(session, "objection", actor, f"notice {notice.id}", notice.unit_id, about=entry.get("about"))
    session.flush()
