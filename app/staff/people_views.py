"""人员: the list of the reader's people, one person's page, and the search on top of every page."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import audit, clock
from app.extensions import begin_write, db
from app.review import drafts, pages
from app.review.desk_base import Screen
from app.review.desks import desks
from app.review.labels import KIND
from app.review.listing import clean_search, sealed_search
from app.staff import departures, directory, person
from app.staff.departures import HOW, REMARK_LENGTH
from app.staff.directory import TABS, Wanted
from app.staff.models import Departure
from app.typed import day, text_problem

Answer = Response | str | tuple[str, int]
Rows = list[dict[str, Any]]  # named here: in the class `list` is the view


class PeopleView(Screen):
    route_base = "/people"
    default_view = "list"
    class_permission_name = "people"
    method_permission_name = {
        **dict.fromkeys(("list", "search", "find", "show"), "read"),
        "reveal": "reveal",
        "end": "end",
        "undo": "end",
    }

    # ---- the list ----------------------------------------------------------------------------------------------------

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        wanted = Wanted.parse(request.args)
        if wanted.q != clean_search(request.args.get("q", "")) or not all(request.args.values()):
            return redirect(self.url("list", wanted.query_string()))
        lines = db.session.execute(directory.page_of(wanted)).all()
        numbers = directory.numbers(db.session(), wanted)
        pages.refuse_past_end(
            lines, wanted.page, numbers["found"], lambda last: self.url("list", wanted.query_string(page=last))
        )
        return render_template("desk/list.html", page=self._list_page(wanted, lines, numbers))

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> Response:
        """The list's box: posted, so that a whole number typed there never stands in an address."""
        wanted = self._wanted_by_form()
        q = sealed_search(request.form.get("q", ""))
        return redirect(self.url("list", wanted.query_string(q=q, page=1)), 303)

    @expose("/find", methods=["POST"])
    @has_access
    @drafts.comes_back
    def find(self) -> Response:
        """The box on top of every page: to the only person found, else to the list of all who are."""
        q = sealed_search(request.form.get("q", ""))
        found = directory.sought(db.session(), q) if q else ()
        if len(found) == 1:
            return redirect(self.url("show", pk=found[0]), 303)
        return redirect(self.url("list", Wanted("all" if q else "here", q).query_string()), 303)

    def _wanted_by_form(self) -> Wanted:
        return Wanted.parse(dict(pages.arguments(request.form.get("query", ""))))

    def _list_page(self, wanted: Wanted, lines: Any, numbers: dict[str, int]) -> dict[str, Any]:
        query = wanted.query_string()
        search = pages.search_box(self, wanted, query) | {"placeholder": _("Name, ID or mobile number, or last four")}
        return {
            "title": _("People"),
            "tabs": pages.tabs_of(self, wanted, TABS, numbers),
            "tabs_label": _("Belonging"),
            "search": search,
            "query": query,
            "columns": [self._head(wanted, *column) for column in _columns()],
            "rows": self._rows(lines, query),
            "pager": pages.pager(self, wanted, numbers["found"], len(lines)),
            "empty": self._empty(wanted),
        }

    def _head(self, wanted: Wanted, name: str, label: str, kind: str, first: str | None = None) -> dict[str, Any]:
        """The head of a column; `first` is what it is sorted by at once."""
        other = {name: f"-{name}", f"-{name}": name}.get(wanted.sort, first)
        direction = {name: "asc", f"-{name}": "desc"}.get(wanted.sort) if first else None
        url = self.url("list", wanted.query_string(sort=other, page=1)) if first else None
        return {"name": name, "label": label, "kind": kind, "sort": direction, "sort_url": url}

    def _rows(self, lines: Any, query: str) -> Rows:
        waiting = directory.waiting_of(db.session(), lines)
        return [self._row(line, waiting, query) for line in lines]

    def _row(self, line: Any, waiting: dict[tuple[int, int, str], int], query: str) -> dict[str, Any]:
        numbers = {kind: waiting.get((line.person_id, line.unit_id, kind), 0) for kind in desks()}
        texts = {
            "unit": line.unit,
            "name": line.person_name,
            "id_number": line.id_number_masked,
            "mobile": line.mobile_masked,
            "registered": clock.shown(line.submitted_at),
            "waiting": sum(numbers.values()) or "",
            **{kind: number or "" for kind, number in numbers.items()},
        }
        return {
            "pk": line.id,
            "url": self.url("show", query, pk=line.person_id),
            "name": line.person_name,
            "cells": [
                {"text": texts[name], "kind": kind, "lead": name == "name"} for name, _l, kind, *_f in _columns()
            ],
        }

    def _empty(self, wanted: Wanted) -> dict[str, Any]:
        if wanted.q:
            return {
                "title": _("Nothing matches"),
                "text": _("Change the search, or look under another tab."),
                "url": self.url("list", wanted.query_string(q="", page=1)),
                "label": _("Show all of this tab"),
            }
        return {
            "here": {
                "title": _("Nobody belongs here yet"),
                "text": _("People appear here once their registration has passed."),
            },
            "gone": {
                "title": _("Nobody has left"),
                "text": _("Whoever leaves the unit, or passes in another, is found here with all records."),
            },
            "all": {"title": _("Nobody has registered yet"), "text": _("People appear here once they register.")},
        }[wanted.status]

    # ---- one person --------------------------------------------------------------------------------------------------

    @expose("/show/<int(max=2147483647):pk>")
    @has_access
    def show(self, pk: int) -> str:
        return self._page(pk, Wanted.parse(request.args))

    @expose("/reveal/<int(max=2147483647):pk>", methods=["GET", "POST"])
    @has_access
    def reveal(self, pk: int) -> Answer:
        """显示: the page with whole numbers; a row in the audit log. Its address, opened again, masks them."""
        if request.method != "POST":
            return redirect(self.url("show", pk=self._found(pk).pk))
        page = self._page(pk, self._wanted_by_form(), whole=True)
        db.session.commit()
        return page

    @expose("/end/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def end(self, pk: int) -> Answer:
        """End the person's belonging to the unit; without a day yet, the page that asks for it."""
        here = departures.unit_of(db.session(), pk)  # locked first: what follows is of this very moment
        found = self._found(pk)
        if found.own:
            abort(403)
        by = found.belonging
        if here is None or here != g.unit_id or by is None or request.form.get("seen") != str(by.pass_id):
            return self._conflict(pk)
        fields = {name: request.form.get(name, "").strip() for name in ("how", "left_on", "remark")}
        if "left_on" not in request.form:
            return self._page(pk, self._wanted_by_form(), end={})
        errors = _end_problems(fields, by)
        if errors:
            return self._page(pk, self._wanted_by_form(), end={"fields": fields, "errors": errors}), 400
        said = fields | {"left_on": date.fromisoformat(fields["left_on"])}
        departures.end(db.session(), pk, here, by, said, g.actor)
        db.session.commit()
        flash(_("The belonging was ended. The records stay; nothing new is taken from this person here."), "success")
        return redirect(self.url("show", self._wanted_by_form().query_string(), pk=pk), 303)

    @expose("/undo/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def undo(self, pk: int) -> Answer:
        """Undo a departure, by its id."""
        who = db.session.scalar(sa.select(Departure.person_id).where(Departure.id == pk))
        if who is None:
            abort(404)
        if who == g.actor.person_id:
            abort(403)
        if not departures.undo(db.session(), pk, g.actor):
            return self._conflict(who)
        db.session.commit()
        flash(_("The departure was undone: the person belongs to the unit again."), "success")
        return redirect(self.url("show", self._wanted_by_form().query_string(), pk=who), 303)

    def _found(self, pk: int) -> person.Loaded:
        return person.load(db.session(), self, pk) or abort(404)

    def _conflict(self, pk: int) -> tuple[str, int]:
        """The page for the one who came second, with who did what meanwhile among the departures."""
        db.session.rollback()
        begin_write(db.session())
        newest = next((departure for departure, _settled in departures.departures_of(db.session(), pk)), None)
        text = _("The person no longer belongs, or no longer does not, as this page had it. Nothing was changed.")
        if newest is not None and newest.undone_at is None:
            at = clock.shown(newest.at)
            text = _("%(by)s ended the belonging at %(at)s. Nothing was changed.", by=newest.by_name, at=at)
        return self._page(pk, self._wanted_by_form(), conflict=text), 409

    def _page(self, pk: int, wanted: Wanted, whole: bool = False, **state: Any) -> str:
        found = self._found(pk)
        query = wanted.query_string()
        g.here = self.url("show", query, pk=pk)  # where the language switch of a posted page leads
        if whole and found.registration is not None:
            one = found.registration
            audit.record(db.session(), "reveal", g.actor, f"registration {one.ref}", one.unit_id)
        return render_template("people/show.html", page=person.page(self, found, query, whole, **state))


def _columns() -> list[tuple[str, ...]]:
    """(name, label, kind, what it is sorted by at once)."""
    return [
        *([("unit", _("Unit"), "text")] if g.screen == "wide" else []),
        ("name", _("Name"), "text", "name"),
        ("id_number", _("ID document number"), "code"),
        ("mobile", _("Mobile number"), "code"),
        ("registered", _("Registration time"), "time"),
        *((kind, _("%(kind)s waiting", kind=KIND[kind]), "number") for kind in desks()),
        ("waiting", _("Waiting in all"), "number", "-waiting"),
    ]


def _end_problems(fields: dict[str, str], by: departures.Belonging) -> dict[str, str]:
    """What is wrong with the dialog of a departure, by field."""
    problems = {
        "how": None if fields["how"] in HOW else _("Choose one."),
        "left_on": _day_problem(fields["left_on"], by),
        "remark": _remark_problem(fields["remark"]) or drafts.unsent(),
    }
    return {name: problem for name, problem in problems.items() if problem}


def _day_problem(text: str, by: departures.Belonging) -> str | None:
    left_on = day(text)
    if left_on is None:
        return _("must be a date such as 2026-11-20")
    since = by.since.astimezone(clock.ZONE).date()
    if left_on > clock.today():
        return _("must not be a day to come")
    return _("must not be before %(date)s, when the registration passed", date=since) if left_on < since else None


def _remark_problem(remark: str) -> str | None:
    return text_problem(remark, REMARK_LENGTH)
