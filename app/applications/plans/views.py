"""评审计划: the plans that concern the reader, one plan's page, and what HR operations does with its region's."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app import clock
from app.applications import plans
from app.applications.calendar import kept_days
from app.applications.models import Plan
from app.applications.plans import Standing, asks, form, listing, pages
from app.applications.plans.asks import Sent
from app.applications.plans.listing import Wanted
from app.applications.plans.pages import Read
from app.extensions import db
from app.forms import reason_problem
from app.review import drafts
from app.review.desk_base import Screen
from app.review.pages import arguments, refuse_past_end
from app.tenancy import scope_of
from app.units.regions import region_bounds, regions_in

Answer = Response | str | tuple[str, int]


class PlansView(Screen):
    route_base = "/plans"
    default_view = "list"
    class_permission_name = "plans"
    method_permission_name = {
        **dict.fromkeys(("list", "search", "show"), "read"),
        **dict.fromkeys(("add", "edit", "close", "open"), "edit"),
    }

    # ---- reading -----------------------------------------------------------------------------------------------------

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        wanted = Wanted.parse(request.args)
        if wanted.q:
            wanted = Wanted(wanted.status, listing.search_text(db.session(), wanted.q), wanted.page)
        if wanted.q != listing.clean(request.args.get("q", "")) or not all(request.args.values()):
            return redirect(self.url("list", wanted.query_string()))
        rows = db.session.scalars(listing.page_of(db.session(), wanted)).all()
        counts = listing.counts(db.session(), wanted)
        refuse_past_end(
            rows, wanted.page, counts["found"], lambda last: self.url("list", wanted.query_string(page=last))
        )
        page = pages.list_page(self, wanted, rows, counts, self._read(rows))
        return render_template("plans/list.html", page=page)

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> Response:
        """The search box: posted, so that a number of a person typed there never stands in an address."""
        wanted = Wanted.parse(self._arguments())
        q = listing.search_text(db.session(), request.form.get("q", ""))
        return redirect(self.url("list", wanted.query_string(q=q, page=1)), 303)

    @expose("/show/<int(max=2147483647):pk>")
    @has_access
    def show(self, pk: int) -> str:
        query = sa.select(Plan).where(Plan.id == pk, plans.concerns(scope_of(db.session())))
        return self._page(db.session.scalar(query) or abort(404))

    def _page(self, plan: Plan, **asked: Any) -> str:
        g.here = self.url("show", pk=plan.id)  # where the language switch of a posted page leads
        wanted = Wanted.parse(self._arguments() if request.method == "POST" else request.args)
        found = plans.standing(db.session(), plan.id) if self._changes(plan) else None
        page = pages.show_page(self, plan, self._read([plan]), found, wanted.query_string(), **asked)
        return render_template("plans/show.html", page=page)

    def _read(self, rows: Sequence[Plan]) -> Read:
        numbers = plans.numbers(db.session(), [plan.id for plan in rows], g.actor.node)
        return Read(numbers, kept_days(db.session()))

    def _arguments(self) -> dict[str, str]:
        """What the list was asked for, from which a posted form comes."""
        return dict(arguments(request.form.get("query", "")))

    # ---- what HR operations does -------------------------------------------------------------------------------------

    def _within(self) -> str:
        """The region in which the reader makes and changes plans."""
        return (g.held.region if g.held else None) or abort(404)

    def _changes(self, plan: Plan) -> bool:
        return self.may("edit") and plan.region in regions_in(self._within())

    def _own(self, pk: int) -> Plan:
        """A plan that the reader may change; locked where it will be, so that nothing is submitted meanwhile."""
        query = sa.select(Plan).where(Plan.id == pk, Plan.region.between(*region_bounds(self._within())))
        if request.method == "POST":
            query = query.with_for_update()
        return db.session.scalar(query) or abort(404)

    @expose("/add", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def add(self) -> Answer:
        if request.method != "POST":
            return self._form(None, Sent(asks.usual()))
        texts = form.typed(request.form)
        values, problems = form.values_of(texts, self._within())
        unsent = drafts.unsent()
        if problems or unsent:
            return self._form(None, Sent(texts, problems, unsent=unsent)), 400
        plan = self._added(values)
        if plan is None:
            return self._form(None, Sent(texts, {"code": _("A plan with this code is here already.")})), 400
        db.session.commit()
        flash(_("The plan was made."), "success")
        return redirect(self.url("show", pk=plan.id), 303)

    def _added(self, values: dict[str, Any]) -> Plan | None:
        """The new plan; None when there is one of its code, be it that somebody was faster."""
        if db.session.scalar(sa.select(Plan.id).where(Plan.code == values["code"])) is not None:
            return None
        try:
            with db.session.begin_nested():
                return plans.add(db.session(), values, g.actor)
        except IntegrityError:
            return None

    @expose("/edit/<int(max=2147483647):pk>", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def edit(self, pk: int) -> Answer:
        plan = self._own(pk)
        if request.method != "POST":
            return self._form(plan, Sent(form.texts_of(plan)))
        texts = form.typed(request.form, plan)
        changed = form.changed_since(plan, request.form.get("seen", ""))
        values, problems = form.values_of(texts, self._within())
        changes = form.changes_of(plan, values)
        found = plans.standing(db.session(), plan.id)
        if changed is not None:
            return self._form(plan, Sent(texts | self._reason(), changed=changed), found, changes), 409
        problems = plans.problems_of_change(db.session(), plan, changes, found) | problems
        problems |= self._unconfirmed(plan, changes, found)
        unsent = drafts.unsent()
        if problems or unsent:
            sent = Sent(texts | self._reason(), problems, unsent=unsent)
            return self._form(plan, sent, found, changes), 400
        return self._changed(plan, changes, found)

    @expose("/close/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def close(self, pk: int) -> Answer:
        """Let today be the plan's last day; asks first."""
        return self._move(pk, ("close",))

    @expose("/open/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def open(self, pk: int) -> Answer:
        """Let today be the plan's first day or, once it is closed, another day its last; asks first."""
        return self._move(pk, ("open", "reopen"))

    def _move(self, pk: int, keys: tuple[str, ...]) -> Answer:
        plan, texts = self._own(pk), self._reason() | {"closes_on": request.form.get("closes_on", "").strip()}
        changed = form.changed_since(plan, request.form.get("seen", ""))
        key = asks.move_of(plan)
        if changed is not None or key not in keys:  # by somebody, or by the calendar
            return self._page(plan, changed=changed or (), sent=Sent(texts), is_open=key in keys), 409
        if "sure" not in request.form:
            return self._page(plan, is_open=True)
        changes, problems = _moved(key, texts["closes_on"])
        found = plans.standing(db.session(), plan.id)
        problems = plans.problems_of_change(db.session(), plan, changes, found) | problems
        problems |= self._unconfirmed(plan, changes, found)
        unsent = drafts.unsent()
        if problems or unsent:
            return self._page(plan, sent=Sent(texts, problems, unsent=unsent), is_open=True), 400
        return self._changed(plan, changes, found)

    def _reason(self) -> dict[str, str]:
        return {name: request.form.get(name, "").strip() for name in ("confirm", "reason")}

    def _unconfirmed(self, plan: Plan, changes: dict[str, Any], found: Standing) -> dict[str, str]:
        """What is missing of a confirmation, by field: the tick of these very numbers, and the reason."""
        if plans.to_confirm(plan, changes, found) is None:
            return {}
        said = self._reason()
        tick = None if said["confirm"] == asks.token(found) else _("Read the numbers, then tick this.")
        problems = {"confirm": tick, "reason": reason_problem(said["reason"])}
        return {name: problem for name, problem in problems.items() if problem}

    def _changed(self, plan: Plan, changes: dict[str, Any], found: Standing) -> Response:
        """Store a change that nothing forbids, and go to the plan's page."""
        if changes:
            asked = plans.to_confirm(plan, changes, found) is not None
            numbers = {"waiting_at_units": found.at_units, "returned": found.returned}
            why = {"confirmed": numbers, "reason": self._reason()["reason"]} if asked else {}
            plans.change(db.session(), plan, changes, g.actor, **why)
            db.session.commit()
        flash(_("The plan was changed.") if changes else _("Nothing was changed."), "success" if changes else "info")
        return redirect(self.url("show", pk=plan.id), 303)

    def _form(
        self, plan: Plan | None, sent: Sent, found: Standing | None = None, changes: dict[str, Any] | None = None
    ) -> str:
        g.here = self.url("edit", pk=plan.id) if plan else self.url("add")
        if found is None:
            found = plans.standing(db.session(), plan.id) if plan else Standing()
        confirm = asks.confirm(plan, changes, found, sent) if plan and changes else None
        page = asks.form_page(self, plan, self._within(), found, sent, confirm)
        return render_template("plans/form.html", page=page)


def _moved(key: str, closes_on: str) -> tuple[dict[str, date], dict[str, str]]:
    """What a step changes, and what is wrong with the day that was typed."""
    today = clock.today()
    if key != "reopen":
        return {"close": {"closes_on": today}, "open": {"opens_on": today}}[key], {}
    day, problem = form.read_day(closes_on)
    if day is None or day < today:
        return {}, {"closes_on": problem or _("must not be before today")}
    return {"closes_on": day}, {}
