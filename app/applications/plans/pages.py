"""What the templates of 评审计划 are given: plain data, made of plans, numbers and what was typed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.applications.calendar import Kept
from app.applications.due import due_tone
from app.applications.models import Plan
from app.applications.plans import STATES, Standing, begin_of, days_text, state
from app.applications.plans import TABS as APPLICATIONS
from app.applications.plans.asks import step
from app.applications.plans.listing import TABS, Wanted
from app.review import facts, pages
from app.review.facts import Fact, Part
from app.review.labels import STATUS, code_reader
from app.units.regions import full_name

MATERIAL = (
    Part(
        _l("Review plan"),
        (
            Fact("code", _l("Plan code")),
            Fact("year", _l("Plan year")),
            Fact("series", _l("Series"), code_reader("series")),
            Fact("level", _l("Title level"), code_reader("title_level")),
            Fact("region", _l("Region"), full_name),
            Fact("committee", _l("Committee")),
        ),
    ),
)
Page = dict[str, Any]


def pill(plan: Plan) -> Page:
    """The plan's state as a coloured word, with the days to its next border."""
    today = clock.today()
    key = state(plan, today)
    shown = STATES[key]
    tone = due_tone(plan.closes_on) if key == "closing" else shown.tone
    return {"tone": tone, "label": str(shown.label), "days": days_text(plan, today)}


def tally(plan: Plan, numbers: Counter[tuple[int, str]], every: bool = False) -> list[Page]:
    """The reader's applications under a plan by state, each with its list; without `every` only what there is."""
    return [
        {"tone": tab, "label": str(STATUS[tab]), "count": numbers[plan.id, tab], "url": _list_of(plan, tab)}
        for tab in APPLICATIONS
        if every or numbers[plan.id, tab]
    ]


def _list_of(plan: Plan, tab: str) -> str:
    return url_for("ApplicationDesk.list", status=tab, plan=plan.id)


# ---- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """What was read besides the plans: the reader's applications under them, and the days that work."""

    numbers: Counter[tuple[int, str]]
    kept: Kept


def list_page(view: Any, wanted: Wanted, plans: Sequence[Plan], counts: Mapping[str, int], read: Read) -> Page:
    query = wanted.query_string()
    return {
        "title": _("Review plans"),
        "add_url": view.url("add") if view.may("edit") else None,
        "tabs": pages.tabs_of(view, wanted, TABS, counts),
        "tabs_label": _("State of the plan"),
        "search": pages.search_box(view, wanted, query) | {"placeholder": _("Plan name or code")},
        "query": query,
        "columns": _heads(),
        "rows": [_row(view, plan, read, query) for plan in plans],
        "pager": pages.pager(view, wanted, counts["found"], len(plans)),
        "empty": _empty(view, wanted, counts),
    }


def _heads() -> list[str]:
    own = _("Applications of the unit") if g.screen == "screen" else _("Applications")
    return [
        _("Name and code"),
        _("Plan year"),
        _("Series and level"),
        _("Region and committee"),
        _("Window"),
        _("State of the plan"),
        own,
    ]


def _row(view: Any, plan: Plan, read: Read, query: str) -> Page:
    return {
        "pk": plan.id,
        "url": view.url("show", query, pk=plan.id),
        "name": plan.name,
        "code": plan.code,
        "year": plan.year,
        "series": code_reader("series")(plan.series),
        "level": code_reader("title_level")(plan.level),
        "region": full_name(plan.region),
        "committee": plan.committee,
        "opens_on": plan.opens_on,
        "closes_on": plan.closes_on,
        "begin": begin_of(plan, read.kept, clock.today()),
        "pill": pill(plan),
        "tally": tally(plan, read.numbers),
    }


def _empty(view: Any, wanted: Wanted, counts: Mapping[str, int]) -> Page:
    if wanted.q:
        return {
            "title": _("Nothing matches"),
            "text": _("Change the search, or look under another tab."),
            "url": view.url("list", wanted.query_string(q="", page=1)),
            "label": _("Show all of this tab"),
        }
    if not counts["all"]:
        return {
            "title": _("No review plans yet"),
            "text": _("Plans appear here once the HR bureaus publish those that take applications of your region."),
        }
    return {
        "title": _("No plan in this state"),
        "text": _("A plan moves here by the calendar, with its first and last day."),
        "url": view.url("list", wanted.query_string(status="all", page=1)),
        "label": _("Show all plans"),
    }


# ---- one plan --------------------------------------------------------------------------------------------------------


def show_page(
    view: Any,
    plan: Plan,
    read: Read,
    found: Standing | None,
    query: str,
    changed: Sequence[Mapping[str, str]] | None = None,
    **asked: Any,
) -> Page:
    """`found`: the applications under it, for who may change it; `changed`: what did while he looked at it; `asked`:
    the state of the dialog of a step."""
    content = {part.path: getattr(plan, part.path) for part in MATERIAL[0].facts}
    return {
        "title": _("Review plan"),
        "name": plan.name,
        "back_url": view.url("list", query),
        "sections": facts.sections(MATERIAL, content, facts.Reading(whole={})),
        "pill": pill(plan),
        "opens_on": plan.opens_on,
        "closes_on": plan.closes_on,
        "begin": begin_of(plan, read.kept, clock.today()),
        "tally": tally(plan, read.numbers, every=True),
        "found": found,
        "edit_url": view.url("edit", pk=plan.id) if found is not None else None,
        "step": step(view, plan, found, query, **asked) if found is not None else None,
        "changed": changed,
        "query": query,
    }
