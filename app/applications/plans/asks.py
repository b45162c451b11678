"""What the forms and dialogs of 评审计划 ask: the step that fits a plan, what is to be confirmed, the fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.applications.models import Plan
from app.applications.plans import FIXED, Standing, form, state, to_confirm
from app.forms import REASON_LENGTH

Page = dict[str, Any]


@dataclass(frozen=True)
class Move:
    """A step that the page of a plan offers besides changing it: from which states, and its words."""

    states: tuple[str, ...]
    label: Any
    explain: Any


# What may be done with one click in which state; `reopen` asks for a new last day.
MOVES = {
    "close": Move(
        ("open", "closing"),
        _l("Close today"),
        _l("Today, %(today)s, becomes its last day: applications are taken until midnight and no longer."),
    ),
    "open": Move(
        ("upcoming",),
        _l("Open now"),
        _l("Today, %(today)s, becomes its first day: applications are taken from now on."),
    ),
    "reopen": Move(
        ("closed",),
        _l("Open again"),
        _l("Applications are taken again until its new last day, and those returned can be corrected."),
    ),
}


@dataclass(frozen=True)
class Sent:
    """A form that comes back: what was typed, what is wrong by field, and what changed meanwhile."""

    texts: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    changed: Sequence[Mapping[str, str]] | None = None
    unsent: str | None = None


NOTHING = Sent()


def move_of(plan: Plan) -> str | None:
    """The key of MOVES that fits the plan; none on its last day, which is closed already."""
    today = clock.today()
    if plan.closes_on == today:
        return None
    return next((key for key, move in MOVES.items() if state(plan, today) in move.states), None)


def step(
    view: Any, plan: Plan, found: Standing, query: str, sent: Sent = NOTHING, is_open: bool = False
) -> Page | None:
    """The step that the page of a plan offers, with its dialog; None when there is none."""
    key = move_of(plan)
    if key is None:
        return None
    today = clock.today()
    moved = {"close": {"closes_on": today}, "reopen": {"closes_on": today}}.get(key, {})
    return {
        "action": view.url("close" if key == "close" else "open", pk=plan.id),
        "label": str(MOVES[key].label),
        "explain": str(MOVES[key].explain) % {"today": today},
        "seen": form.seen_of(plan),
        "day": _day_field(sent) if key == "reopen" else None,
        "confirm": confirm(plan, moved, found, sent),
        "open": is_open,
        "error": sent.unsent or (None if key == "reopen" else _of_the_window(sent)),
        "query": query,
    }


def _of_the_window(sent: Sent) -> str | None:
    """What forbids a step whose day is not asked for."""
    return sent.problems.get("opens_on") or sent.problems.get("closes_on")


def _day_field(sent: Sent) -> Page:
    return {
        "name": "closes_on",
        "label": _("New last day"),
        "kind": "date",
        "value": sent.texts.get("closes_on", ""),
        "min": clock.today(),
        "error": sent.problems.get("closes_on"),
        "hint": "",
    }


def token(found: Standing) -> str:
    """The numbers that a confirmation is of."""
    return f"{found.at_units}-{found.returned}"


CONFIRM = {
    "close": (
        _l(
            "Waiting at their units: %(at_units)d; returned: %(returned)d. After %(day)s nothing can be corrected and "
            "submitted again, and who was returned gives up the place of the year."
        ),
        _l("Close with %(at_units)d waiting and %(returned)d returned"),
    ),
    "open": (
        _l(
            "Waiting at their units: %(at_units)d; returned: %(returned)d. What was returned can be corrected and "
            "submitted again until the new last day, and holds the place of the year again."
        ),
        _l("Open again with %(at_units)d waiting and %(returned)d returned"),
    ),
}


def confirm(plan: Plan, changes: Mapping[str, Any], found: Standing, sent: Sent) -> Page | None:
    """What is to be confirmed of a change, and why; None when nothing is."""
    key = to_confirm(plan, changes, found)
    if key is None:
        return None
    text, label = CONFIRM[key]
    said = {"at_units": found.at_units, "returned": found.returned, "day": changes.get("closes_on", plan.closes_on)}
    return {
        "text": str(text) % said,
        "label": str(label) % said,
        "value": token(found),
        "checked": sent.texts.get("confirm") == token(found),
        "reason": sent.texts.get("reason", ""),
        "limit": REASON_LENGTH,
        "errors": {name: sent.problems.get(name) for name in ("confirm", "reason")},
    }


# ---- the form --------------------------------------------------------------------------------------------------------


def form_page(view: Any, plan: Plan | None, within: str, found: Standing, sent: Sent, asks: Page | None = None) -> Page:
    """The form of a plan, or of a new one. What cannot change any more is told and not asked, unless it was sent all
    the same."""
    stay = {"code", *(FIXED if found.total else ())} if plan else set()
    fixed = [one for one in form.FIELDS if one.name in stay and one.name not in sent.problems]
    return {
        "title": _("Change the plan") if plan else _("New plan"),
        "name": plan.name if plan else "",
        "back_url": view.url("show", pk=plan.id) if plan else view.url("list"),
        "action": view.url("edit", pk=plan.id) if plan else view.url("add"),
        "seen": form.seen_of(plan) if plan else None,
        "fixed": [(str(one.label), one.tell(getattr(plan, one.name))) for one in fixed],
        "stays": _stays(found),
        "fields": [_field(one, within, sent) for one in form.FIELDS if one not in fixed],
        "confirm": asks,
        "changed": sent.changed,
        "error": sent.unsent,
    }


def _stays(found: Standing) -> str:
    if found.total:
        return _("Applications under this plan: %(count)d. What they were made of stays.", count=found.total)
    return _("The applicants' portal names the plan by its code, so that stays.")


def _field(one: form.Field, within: str, sent: Sent) -> Page:
    changed = {change["name"]: change["now"] for change in sent.changed or ()}
    return {
        "name": one.name,
        "label": str(one.label),
        "kind": one.kind,
        "value": sent.texts.get(one.name, ""),
        "limit": one.limit,
        "choices": [("", _("Choose one")), *form.choices(one.name, within)] if one.kind == "select" else [],
        "hint": str(one.hint),
        "error": sent.problems.get(one.name),
        "now": changed.get(one.name),
    }


def usual() -> dict[str, str]:
    """What the form of a new plan begins with."""
    return {"year": str(clock.today().year)}
