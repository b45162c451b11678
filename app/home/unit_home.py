"""单位首页: what waits for the unit, how its review stands, the newest news, the plans that are near."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, g, url_for
from flask_babel import gettext as _

from app import clock
from app.applications import due
from app.applications.plans.listing import next_of
from app.applications.plans.pages import pill
from app.extensions import db
from app.figures import Figure, Head
from app.home import news
from app.home.reviewed import DAY, Reviewed, Waits, reviewed, week_starts
from app.home.waiting import Oldest, ends, oldest
from app.review.counts import Counts
from app.review.desk import Desk
from app.review.desks import desks
from app.review.labels import KIND, STATUS
from app.review.pages import counts_of_request
from app.tenancy import scope_of

PLANS = 4
TASKS = "TasksDesk.list"
URGENCY = {"": 0, "wait": 1, "back": 2}
# state → the colours in which its numbers are drawn
TONES = {"pending": "wait", "passed": "ok", "returned": "back", "terminated": "end", "withdrawn": "end"}
STEPS = {"pass": "passed", "return": "returned", "terminate": "terminated"}  # verdict → the state it leads to
Page = dict[str, Any]


def page() -> Page:
    """What the template is given. Six statements: the counts, which the menu shares; how long what waits does; the
    records of both ends; the ledger's weeks; the news; the plans. None of them grows with what was ever decided."""
    session, kinds = db.session(), desks()
    counts = counts_of_request([*kinds])
    since = oldest(session, kinds, g.actor.node)
    newest, first = ends(session, kinds, g.actor.node)
    lately = reviewed(session, clock.today())
    there = any(counts.of(kind) for kind in kinds)
    return {
        "cards": [_card(desk, kind, counts.waiting(kind), since.get(kind)) for kind, desk in kinds.items()],
        "tasks_url": url_for(TASKS) if TASKS in current_app.view_functions else None,
        "lists": _lists(kinds, newest, first),
        "empty": not there,
        "figures": _figures(kinds, counts, lately, since) if there else [],
        "news": news.titles(session, news.is_read(scope_of(session), None)),
        "news_url": url_for("NewsView.list"),
        "plans": [_plan(plan) for plan in next_of(session, PLANS)],
        "plans_url": url_for("PlansView.list"),
    }


# ---- what waits ------------------------------------------------------------------------------------------------------


def _card(desk: Desk, kind: str, number: int, first: Oldest | None) -> Page:
    text, tone = _urgency(first) if first else (_("Nothing waits."), "")
    return {
        "kind": kind,
        "label": str(KIND[kind]),
        "number": number,
        "url": desk.url("list"),
        "text": text,
        "tone": tone,
    }


def _urgency(first: Oldest) -> tuple[str, str]:
    """How urgent a kind is: by the plan that closes next, where there is one, unless what waits longest is more so."""
    waits = due.waiting_tone(first.since)
    if first.due_on is not None and URGENCY[due.due_tone(first.due_on)] >= URGENCY[waits]:
        return _("Closes %(when)s", when=_line(due.due_text(first.due_on))), due.due_tone(first.due_on)
    if due.days_since(first.since) == 0:
        return _("All came today"), ""
    return _("Longest wait: %(time)s", time=_line(due.waiting_text(first.since))), waits


def _line(text: str) -> str:
    """The two lines of a cell as one."""
    return text.replace("\n", " · ")


def _lists(kinds: Mapping[str, Desk], newest: Sequence[Any], oldest: Sequence[Any]) -> list[Page]:
    """What waits, from both ends; once where both are the same records."""
    if {row.id for row in newest} == {row.id for row in oldest}:
        return [{"key": "all", "label": None, "rows": [_row(kinds[row.kind], row) for row in newest]}]
    return [
        {"key": key, "label": label, "rows": [_row(kinds[row.kind], row) for row in rows]}
        for key, label, rows in (
            ("newest", _("Submitted last"), newest),
            ("oldest", _("Waiting longest"), oldest),
        )
    ]


def _row(desk: Desk, row: Any) -> Page:
    return {
        "key": f"{row.kind}-{row.id}",
        "kind": desk.type_label(row) or str(KIND[row.kind]),
        "title": row.title,
        "name": row.person_name,
        "at": clock.shown(row.submitted_at),
        "url": desk.url("show", "list=tasks", pk=row.id),  # the queue is that of all kinds
        # The list's own word: who decides it, but not of himself (回避).
        "decidable": row.node == g.actor.node and row.person_id != g.actor.person_id and desk.may("decide"),
    }


# ---- how the review stands -------------------------------------------------------------------------------------------


def _figures(kinds: Mapping[str, Desk], counts: Counts, lately: Reviewed, since: Mapping[str, Oldest]) -> list[Figure]:
    return [_states(kinds, counts), _weeks(lately), _waits(kinds, counts, lately, since)]


def _state_heads(states: Sequence[str]) -> list[Head]:
    return [Head(state, str(STATUS[state]), TONES[state]) for state in states]


def _states(kinds: Mapping[str, Desk], counts: Counts) -> Figure:
    rows = [
        {"label": str(KIND[kind]), "url": desk.url("list", "status=all")}
        | {state: counts.of(kind, status=state) for state in TONES}
        for kind, desk in kinds.items()
    ]
    columns = [Head("label", _("Kind"), kind="text"), *_state_heads([*TONES])]
    return Figure("by-kind", _("By kind and state"), "", "bar", columns, rows)


def _weeks(lately: Reviewed) -> Figure:
    rows = [
        {"label": f"{start:%m-%d}", "url": None} | {state: lately.weeks[n, step] for step, state in STEPS.items()}
        for n, start in enumerate(week_starts(clock.today()))
    ]
    return Figure(
        "by-week",
        _("Reviewed in the last 12 weeks"),
        _("Verdicts of the unit that stand, of all kinds, by the week from Monday to Sunday."),
        "column",
        [Head("label", _("Week from"), kind="text"), *_state_heads([*STEPS.values()])],
        rows,
        _("Nothing was reviewed in the last 12 weeks."),
    )


def _waits(kinds: Mapping[str, Desk], counts: Counts, lately: Reviewed, since: Mapping[str, Oldest]) -> Figure:
    rows = [_wait(str(KIND[kind]), lately.waits.get(kind), counts.waiting(kind), since.get(kind)) for kind in kinds]
    return Figure(
        "waits",
        _("How long records wait, in days"),
        _("Reviewed: from the submission to the unit's verdict, of verdicts of these 12 weeks. Pending: until now."),
        "beside",
        [
            Head("label", _("Kind"), kind="text"),
            Head("reviewed", _("Reviewed")),
            Head("median", _("Median"), "ok"),
            Head("longest", _("Longest")),
            Head("waiting", str(STATUS["pending"])),
            Head("until_now", _("Longest until now"), "wait"),
        ],
        rows,
        _("Nothing was reviewed in the last 12 weeks, and nothing waits."),
    )


def _wait(label: str, waits: Waits | None, waiting: int, first: Oldest | None) -> Page:
    """A row; what there is none of has no length."""
    return {
        "label": label,
        "url": None,
        "reviewed": waits.number if waits else 0,
        "median": _days(waits.median) if waits else None,
        "longest": _days(waits.longest) if waits else None,
        "waiting": waiting,
        "until_now": _days((clock.now() - first.since).total_seconds()) if first else None,
    }


def _days(seconds: float) -> str:
    return f"{seconds / DAY:.1f}"


# ---- the plans that are near -----------------------------------------------------------------------------------------


def _plan(plan: Any) -> Page:
    return {
        "name": plan.name,
        "url": url_for("PlansView.show", pk=plan.id),
        "pill": pill(plan),
        "opens_on": plan.opens_on,
        "closes_on": plan.closes_on,
    }
