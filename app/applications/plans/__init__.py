"""评审计划: what a plan is to a reader, whom it concerns, and what the applications under it let it become."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app import audit, clock
from app.applications.calendar import Kept
from app.applications.due import SOON, Begin, begin_by
from app.applications.models import Application, Plan
from app.review.models import NODES, Submission, Version
from app.review.tabs import come_to, is_on_tab, node_of
from app.review.workflow import Actor
from app.tenancy import Scope, reaching
from app.units.aimed import reaches

TABS = ("pending", "passed", "returned", "terminated")  # the states by which applications are counted


# ---- what a plan is --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """How a state reads, and the colour of its word."""

    label: Any
    tone: str


STATES = {
    "upcoming": State(_l("Not open yet"), "end"),
    "open": State(_l("Taking applications"), "ok"),
    "closing": State(_l("Closing soon"), "wait"),
    "closed": State(_l("Closed"), "end"),
}


def state(plan: Plan, today: date) -> str:
    """A key of STATES. Both days of the window belong to it."""
    if today < plan.opens_on:
        return "upcoming"
    if today > plan.closes_on:
        return "closed"
    return "closing" if days_left(plan, today) <= SOON else "open"


def days_left(plan: Plan, today: date) -> int:
    """How many days follow today until the last one; 0 on that day, less once it is over."""
    return (plan.closes_on - today).days


def days_text(plan: Plan, today: date) -> str:
    """The days to its next border in words; empty once it is closed."""
    left, opens = days_left(plan, today), (plan.opens_on - today).days
    if opens > 0:
        return ngettext("opens in %(num)d day", "opens in %(num)d days", opens)
    if left > 0:
        return ngettext("%(num)d day left", "%(num)d days left", left)
    return _("the last day") if left == 0 else ""


def begin_of(plan: Plan, kept: Kept, today: date) -> Begin | None:
    """Until when a public notice has to begin before the plan closes; None once it is closed."""
    return None if state(plan, today) == "closed" else begin_by(plan.closes_on, kept)


# ---- whom it concerns ------------------------------------------------------------------------------------------------


def concerns(scope: Scope) -> ColumnElement[bool]:
    """The criterion of the plans that concern a reader."""
    return reaches(Plan.region, scope)


def numbers(session: Session, plans: Sequence[int], node: str | None) -> Counter[tuple[int, str]]:
    """How many applications under these plans a reader at a node has on each tab of their desk: (plan, tab) → number.
    One statement, in the session's scope."""
    own = node_of("application", node)
    cell = (Application.plan_id, Submission.status, Submission.node)
    query = sa.select(*cell, sa.func.count()).select_from(Application).group_by(*cell)
    query = query.where(Submission.kind == "application", Application.plan_id.in_(plans), *come_to(own))
    found: Counter[tuple[int, str]] = Counter()
    for plan, status, at, number in session.execute(query):
        found.update({(plan, tab): number for tab in TABS if is_on_tab(tab, own, status, at)})
    return found


# ---- what its applications let it become -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """The applications under a plan: how many there are, wait at their units, are returned; the first and the last day
    on which one was submitted."""

    total: int = 0
    at_units: int = 0
    returned: int = 0
    first: date | None = None
    last: date | None = None


MADE_FOR = _l("cannot change: %(count)d applications were made for it")
# What an application was made of; it stays once there is one.
FIXED = {
    "year": MADE_FOR,
    "series": MADE_FOR,
    "level": MADE_FOR,
    "region": _l("cannot change: %(count)d applications are on the way that leads there"),
}


def standing(session: Session, plan_id: int) -> Standing:
    """Two statements."""
    of_plan = (Application.kind == "application", Application.plan_id == plan_id)
    count = sa.func.count()
    at_units = count.filter(Application.status == "pending", Application.node == NODES[0])
    query = sa.select(sa.func.count(Application.id), at_units, count.filter(Application.status == "returned"))
    total, waiting, returned = session.execute(query.where(*of_plan)).one()
    if not total:
        return Standing()
    submitted = sa.select(sa.func.min(Version.submitted_at), sa.func.max(Version.submitted_at))
    own = sa.select(Application.id).where(*of_plan)
    first, last = session.execute(submitted.where(Version.submission_id.in_(own))).one()
    return Standing(total, waiting, returned, *(at.astimezone(clock.ZONE).date() for at in (first, last)))


def problems_of_change(
    session: Session, plan: Plan, changes: Mapping[str, Any], found: Standing | None = None
) -> dict[str, str]:
    """What forbids a change, by field: applications were made of some fields, and submitted inside the window.
    `changes` are values that differ from the plan's."""
    found = found or standing(session, plan.id)
    problems = {name: str(FIXED[name]) % {"count": found.total} for name in FIXED if found.total and name in changes}
    opens_on, closes_on = changes.get("opens_on"), changes.get("closes_on")
    if opens_on and found.first and opens_on > found.first:
        problems["opens_on"] = _("must not be after %(date)s: an application came in on that day", date=found.first)
    if closes_on and found.last and closes_on < found.last:
        problems["closes_on"] = _("must not be before %(date)s: an application came in on that day", date=found.last)
    elif found.returned and _reopens(plan, changes) and (number := _gone_elsewhere(session, plan)):
        problems["closes_on"] = _(
            "cannot open again: %(count)d people who gave up their place with a returned application when it closed "
            "have applied under another plan of the year. Make a new plan.",
            count=number,
        )
    return problems


def _reopens(plan: Plan, changes: Mapping[str, Any]) -> bool:
    return plan.closes_on < clock.today() <= changes.get("closes_on", plan.closes_on)


def _gone_elsewhere(session: Session, plan: Plan) -> int:
    """How many people whose application is returned hold their place of the year by another one now."""
    back = sa.select(Application.person_id).where(Application.plan_id == plan.id, Application.status == "returned")
    holds = sa.or_(
        Application.status.in_(("pending", "passed")),
        sa.and_(Application.status == "returned", Plan.closes_on >= clock.today()),
    )
    query = (
        sa.select(sa.func.count(Application.person_id.distinct()))
        .join(Plan, Plan.id == Application.plan_id)
        .where(Application.kind == "application", Application.person_id.in_(back.correlate(None)))
        .where(Application.year == plan.year, Application.plan_id != plan.id, holds)
    )
    return session.scalar(reaching(query, "who moved to another unit may have applied there")) or 0


def to_confirm(plan: Plan, changes: Mapping[str, Any], found: Standing) -> str | None:
    """What of a change is to be confirmed with the numbers in sight: `close`, which ends that waiting and returned
    applications can be corrected; `open`, by which returned ones can be corrected again."""
    closes_on = changes.get("closes_on", plan.closes_on)
    if closes_on < plan.closes_on and plan.closes_on >= clock.today() and found.at_units + found.returned:
        return "close"
    return "open" if found.returned and _reopens(plan, changes) else None


# ---- changing it -----------------------------------------------------------------------------------------------------


def add(session: Session, values: Mapping[str, Any], actor: Actor) -> Plan:
    """A new plan, of values that were checked. The caller commits."""
    plan = Plan(**values)
    session.add(plan)
    session.flush()
    audit.record(session, "add_plan", actor, f"plan {plan.code}", after=_plain(values))
    return plan


def change(session: Session, plan: Plan, changes: Mapping[str, Any], actor: Actor, **why: Any) -> None:
    """Change a (locked) plan, after everything was checked. The last day of its applications follows. `why` goes into
    the audit log with the values before and after. The caller commits."""
    before = _plain({name: getattr(plan, name) for name in changes})
    for name, value in changes.items():
        setattr(plan, name, value)
    plan.steps += 1
    session.flush()
    if "closes_on" in changes:
        follow(session, plan)
    audit.record(session, "change_plan", actor, f"plan {plan.code}", before=before, after=_plain(changes), **why)


def follow(session: Session, plan: Plan) -> None:
    """Let the applications under a plan be due on its last day."""
    own = sa.select(Application.id).where(Application.plan_id == plan.id)
    theirs = (Submission.kind == "application", Submission.id.in_(own))
    # Locked in the order of their ids, as verdicts lock them.
    session.execute(
        sa.select(Submission.id).where(*theirs).order_by(Submission.id).with_for_update(of=Submission)
    ).all()
    due = sa.update(Submission).where(*theirs)
    session.execute(due.values(due_on=plan.closes_on), execution_options={"synchronize_session": False})


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON has them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
