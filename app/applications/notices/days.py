"""How long a public notice is, and until when one has to begin: in words, for its pages and the list of what waits."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.applications import due, notices
from app.applications.calendar import BASIS, NOTICE_DAYS, Judged, Kept, first_end, kept_days, last_begin
from app.applications.drafting import Form
from app.applications.models import Application, Notice, Plan, Recommendation
from app.applications.notices.members import UNIT
from app.extensions import db
from app.review.tabs import on_tab
from app.typed import day_problem


def span_text(notice: Any) -> str:
    return _("%(begins)s to %(ends)s", begins=notice.begins_on.isoformat(), ends=notice.ends_on.isoformat())


def count_text(begins: date, judged: Judged, kept: Kept) -> dict[str, Any]:
    """How many working days a notice has and by what they were counted; if they are not enough, when they would be."""
    days = ngettext("%(num)d working day", "%(num)d working days", judged.days)
    text = _("%(days)s, counted %(how)s", days=days, how=BASIS[judged.basis])
    return {"text": text, "short": None if judged.days >= NOTICE_DAYS else _short_text(begins, kept)}


def _short_text(begins: date, kept: Kept) -> str:
    return _(
        "At least %(days)d working days are needed: begun on %(begins)s, it can end on %(ends)s at the earliest.",
        days=NOTICE_DAYS,
        begins=begins.isoformat(),
        ends=first_end(begins, kept).isoformat(),
    )


def read(sent: Mapping[str, str], kept: Kept) -> Form:
    """The form of a notice as it was sent, checked; a last day before the first is told which one would do."""
    form = notices.read(sent)
    if "ends_on" in form.errors and "begins_on" not in form.errors and not day_problem(form.values["ends_on"]):
        form.errors["ends_on"] = _short_text(date.fromisoformat(form.values["begins_on"]), kept)
    return form


def deadlines(plans: Mapping[str, date], begins: date | None, kept: Kept) -> list[dict[str, str]]:
    """The last day to begin before each plan closes, the nearest first; `begins` is told when it lies behind that."""
    lines = []
    for plan, closes in sorted(plans.items(), key=lambda one: (one[1], one[0])):
        last = last_begin(closes, kept)
        said = {"plan": plan, "day": last.isoformat(), "closes": closes.isoformat()}
        late = begins is not None and begins > last
        text = (
            _("%(plan)s closes on %(closes)s: a notice has to begin by %(day)s, this one begins later.", **said)
            if late
            else _("%(plan)s closes on %(closes)s: a notice has to begin by %(day)s.", **said)
        )
        lines.append({"text": text, "tone": "back" if late else ""})
    return lines


def plans_of(rows: Sequence[Any]) -> dict[str, date]:
    return {row.plan: row.closes_on for row in rows}


def plans_known() -> Sequence[Any]:
    """All plans, the newest first; at the unit each with whether something waits there that is in no notice with its
    days. Asked once for a request."""
    if "plans_known" not in g:
        waits = Plan.id.in_(_waiting_without_notice()) if g.actor.node == UNIT else sa.false()
        query = sa.select(Plan.id, Plan.name, Plan.closes_on, waits.label("waits"))
        g.plans_known = db.session.execute(query.order_by(Plan.year.desc(), Plan.code)).all()
    known: Sequence[Any] = g.plans_known
    return known


def _waiting_without_notice() -> sa.Select[int]:
    begun = sa.exists().where(
        Recommendation.application_id == Application.id,
        Recommendation.entry_id.is_(None),
        Recommendation.notice_id == Notice.id,
        Notice.begins_on.is_not(None),
    )
    query = sa.select(Application.plan_id).where(Application.kind == "application", *on_tab("pending", UNIT))
    return query.where(~begun.correlate(Application))


def without_notice() -> list[dict[str, str]]:
    """What stands above the unit's list of what waits: until when a notice has to begin, for the plans of those that
    are in none that has its days. At most two statements, of which one is the list's own."""
    plans: dict[date, list[str]] = {}
    for plan in plans_known():
        if plan.waits and plan.closes_on >= clock.today():
            plans.setdefault(plan.closes_on, []).append(plan.name)
    kept = kept_days(db.session()) if plans else None
    return [_above(last_begin(day, kept), plans[day]) for day in sorted(plans)] if kept else []


def _above(last: date, names: Sequence[str]) -> dict[str, str]:
    said = {"day": last.isoformat(), "plans": "、".join(names)}
    if last < clock.today():
        text = _("The last day to begin a public notice was %(day)s (%(plans)s).", **said)
        return {"text": text, "tone": "back", "icon": "warning"}
    tone = due.due_tone(last) or "info"
    text = _("A public notice has to begin by %(day)s (%(plans)s).", **said)
    return {"text": text, "tone": tone, "icon": "info" if tone == "info" else "clock"}
