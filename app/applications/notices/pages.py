"""What the templates of 公示 are given: plain data, made of notices and who is in them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.applications.calendar import Judged, Kept, judge, kept_days
from app.applications.drafting import Form
from app.applications.models import Notice
from app.applications.notices import FIXED, PROOFS, STATES, WORDS, files_of, fixed_by, state_of, values_of
from app.applications.notices.days import count_text, deadlines, plans_of, span_text
from app.applications.notices.members import HINDRANCES, MOST, MOVES, People, candidates, comes_from, hindrance, waiting
from app.applications.notices.printed import differing
from app.applications.notices.rows import passing, table
from app.applications.objections import LENGTHS, Objection, objections_of
from app.extensions import db
from app.review.pages import pager


def may_write(view: Any) -> bool:
    """Whether the reader writes notices: an account that does not say whose it is decides nothing either (回避)."""
    return bool(view.may("edit") and g.actor.may_decide and g.unit_id is not None)


# ---- the list --------------------------------------------------------------------------------------------------------


def list_page(view: Any, wanted: Any, lines: Sequence[Any], number: int) -> dict[str, Any]:
    columns = {
        "days": (_("Days"), "text"),
        "working": (_("Working days"), "number"),
        "people": (_("People"), "number"),
        "objections": (_("Objections"), "text"),
        "by": (_("Begun by"), "text"),
        "status": (_("State"), "status"),
    }
    return {
        "title": _("Public notices"),
        "columns": [{"label": label, "kind": kind, "sort": None, "sort_url": None} for label, kind in columns.values()],
        "rows": [_line(view, notice, people, columns) for notice, people in lines],
        "pager": pager(view, wanted, number, len(lines)),
        "begin_url": url_for("ApplicationDesk.list") if may_write(view) else None,
    }


def _line(view: Any, notice: Notice, people: int, columns: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    word, tone = STATES[state_of(notice, clock.today())]
    texts = {
        "days": span_text(notice),
        "working": notice.working_days,
        "people": people,
        "objections": _count_of(objections_of(notice.objections)),
        "by": notice.by_name,
        "status": str(word),
    }
    return {
        "pk": notice.id,
        "url": view.url("show", pk=notice.id),
        "name": texts["days"],
        "cells": [
            {"text": texts[name], "kind": kind, "lead": name == "days", "status": tone if name == "status" else None}
            for name, (_label, kind) in columns.items()
        ],
    }


def _count_of(objections: Sequence[Objection]) -> str:
    open_ones = sum(not one.outcomes for one in objections)
    if open_ones:
        return _("%(count)d, %(open)d without an outcome", count=len(objections), open=open_ones)
    return str(len(objections) or "")


# ---- a new one -------------------------------------------------------------------------------------------------------


def ask_page(view: Any, rows: Sequence[Any], form: Form, kept: Kept, back: str, status: str = "") -> dict[str, Any]:
    """The page that asks for the days of a notice of the chosen applications; `status`: what is told of a refusal."""
    left = [(row, why) for row in rows if (why := hindrance(row, g.actor))]
    taken = [row for row in rows if not hindrance(row, g.actor)]
    return {
        "title": _("New public notice"),
        "back_url": back,
        "action": view.url("new"),
        "people": [_chosen(row) for row in taken],
        "moves": sum(comes_from(row) is not None for row in taken),
        "left": [_left(row, why) for row, why in left],
        "refused": status,
        "form": fields(view, form, kept, plans_of(taken)),
    }


def _chosen(row: Any) -> dict[str, Any]:
    move = comes_from(row)
    return {
        "token": f"{row.id}:{row.steps}",
        "pk": row.id,
        "name": row.person_name,
        "title": row.title,
        "plan": row.plan,
        "move": str(MOVES[move]) if move else None,
    }


def _left(row: Any, why: str) -> dict[str, Any]:
    url = url_for("NoticesView.show", pk=row.Notice.id) if why == "elsewhere" else None
    return {"name": row.person_name, "title": row.title, "ref": row.ref, "reason": str(HINDRANCES[why]), "url": url}


def fields(view: Any, form: Form, kept: Kept, plans: Mapping[str, date]) -> dict[str, Any]:
    """The fields of a notice, with what its days come to."""
    days = None if form.errors.keys() & {"begins_on", "ends_on"} else _days_in(form)
    return {
        "values": form.values,
        "errors": form.errors,
        "limits": WORDS,
        "count_url": view.url("days"),
        "count": count_text(days[0], judge(*days, kept), kept) if days else None,
        "deadlines": deadlines(plans, days[0] if days else None, kept),
    }


def _days_in(form: Form) -> tuple[date, date] | None:
    texts = [form.values[name] for name in ("begins_on", "ends_on")]
    return (date.fromisoformat(texts[0]), date.fromisoformat(texts[1])) if all(texts) else None


# ---- one notice ------------------------------------------------------------------------------------------------------


def show_page(view: Any, notice: Notice, people: People, **sent: Any) -> dict[str, Any]:
    """The context of notices/show.html. `sent`: what comes back: `edit`, `table`, `objection`, `files`, `add`,
    and what is told of a conflict."""
    session, writes, kept = db.session(), may_write(view), kept_days(db.session())
    state = state_of(notice, clock.today())
    fixed = fixed_by(notice, people.frozen)
    word, tone = STATES[state]
    return {
        "title": _("Public notice"),
        "name": span_text(notice),
        "back_url": view.url("list"),
        "state": {"key": state, "label": str(word), "tone": tone},
        "count": _counted(notice, kept),
        "deadlines": [] if people.frozen else deadlines(plans_of(people.rows), notice.begins_on, kept),
        "posted": _posted(notice, people, fixed),
        "print_url": view.url("print_list", pk=notice.id) if people.rows else None,
        "place": notice.place,
        "contact": notice.contact,
        "by": notice.by_name,
        "at": clock.shown(notice.at),
        "fixed": str(FIXED[fixed]) if fixed else None,
        "writes": writes,
        "unidentified": view.may("edit") and not g.actor.may_decide,
        "conflict": sent.get("conflict"),
        "steps": notice.steps,
        "edit": _edit(view, notice, people, kept, sent.get("edit")) if writes and not fixed else None,
        "typed": list(filter(None, sent["edit"]["form"].values.values())) if fixed and "edit" in sent else [],
        "files": _files(view, notice, people, writes, sent.get("files", {})),
        "table": table(view, notice, people, writes, sent.get("table")),
        "remove_url": view.url("remove", pk=notice.id) if writes else None,
        "add": _add(view, session, notice, people, sent.get("add")) if writes and not fixed else None,
        "passing": passing(session, notice) if writes else None,
        "objections": _objections(view, notice, people, writes, sent.get("objection")),
    }


def _posted(notice: Notice, people: People, fixed: str | None) -> dict[str, Any] | None:
    """How the list that is printed differs from who is in the notice now; None when it does not."""
    differ = differing(notice, people.rows)
    return {"differ": differ, "changes": fixed is None} if differ else None


def _counted(notice: Notice, kept: Kept) -> dict[str, Any]:
    """As it was judged when its days were written, which is what a pass goes by."""
    assert notice.begins_on, "a shared notice is saved with its days"
    return count_text(notice.begins_on, Judged(notice.working_days, notice.basis), kept)


def _edit(view: Any, notice: Notice, people: People, kept: Kept, sent: Mapping[str, Any] | None) -> dict[str, Any]:
    """The form of its days, place and contact; `sent` is one that comes back, `stale` when another was faster."""
    form = sent["form"] if sent else Form(values_of(notice))
    return {
        "action": view.url("edit", pk=notice.id),
        "open": sent is not None,
        "stale": bool(sent and sent.get("stale")),
        "fields": fields(view, form, kept, {}),
    }


def _files(view: Any, notice: Notice, people: People, writes: bool, errors: Mapping[str, str]) -> dict[str, Any]:
    found = files_of(db.session(), notice)
    return {
        "lists": {name: found[name] for name in PROOFS},
        "uploads": {name: view.url("upload", pk=notice.id, name=name) for name in PROOFS},
        "remove": view.url("remove_file", pk=notice.id),
        "errors": errors,
        "writes": writes and not people.frozen,
    }


def _add(
    view: Any, session: Session, notice: Notice, people: People, sent: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What else of the unit waits and could come into the notice."""
    rows = candidates(session, waiting(), MOST)
    free = [row for row in rows if hindrance(row, g.actor) is None]
    if not free and not sent:
        return None
    return {
        "action": view.url("add", pk=notice.id),
        "people": [_chosen(row) for row in free],
        "moves": any(comes_from(row) for row in free),
        "picked": sent["picked"] if sent else (),
        "error": sent["error"] if sent else None,
    }


# ---- objections ------------------------------------------------------------------------------------------------------


def _objections(view: Any, notice: Notice, people: People, writes: bool, sent: Mapping[str, Any] | None) -> Any:
    names = {row.id: row.person_name for row in people.rows}
    empty = Form(dict.fromkeys(("by", "about", "text", "outcome", "of"), ""))
    form = sent["form"] if sent else empty
    own = people.own(g.actor)
    answering = form.values["of"] if sent and sent["kind"] == "outcome" else None
    return {
        "items": [
            {
                "number": one.number,
                "by": one.by,
                "about": names.get(one.about, "—") if one.about else _("all of this notice"),
                "text": one.text,
                "at": clock.shown(one.at),
                "entered_by": one.entered_by,
                "outcomes": [{"text": text, "at": clock.shown(at), "by": by} for text, at, by in one.outcomes],
                "form": form if answering == str(one.number) else None,
                "answers": writes and one.about not in own,
            }
            for one in objections_of(notice.objections)
        ],
        "action": view.url("object", pk=notice.id) if writes else None,
        "outcome_action": view.url("outcome", pk=notice.id) if writes else None,
        "about": [(pk, name) for pk, name in names.items() if pk not in own],
        "limits": LENGTHS,
        "form": form if answering is None else empty,
        "open": sent is not None and answering is None,
    }
