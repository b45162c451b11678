"""The generated screen of a kind: its list, its review page, its verdicts, its export. A kind declares, this shows.

It stands on the framework's BaseView, not on its ModelView: that keeps its filters on the view object which threads
share, and every one of its pages would be overridden.
"""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, flash, g, redirect, render_template, request, stream_with_context, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from app import audit, clock
from app.extensions import begin_write, db
from app.review import pages
from app.review.export import csv_of
from app.review.listing import Asked, BadAsk, Listing, page_of, sealed_search, total_of
from app.review.models import Decision, Submission
from app.review.workflow import OPINION_LENGTH, RULES, Chosen, NotAllowed, NotFound, Outcome, decide

PERMISSIONS = {
    "list": "read",
    "search": "read",
    "show": "read",
    "export": "export",
    "decide": "decide",
}


class Desk(BaseView):
    """A kind's screen. A subclass names its `listing`, its `route_base`, and says what `sections` its page has."""

    listing: Listing
    default_view = "list"
    method_permission_name = PERMISSIONS

    def sections(self, row: Any, whole: bool) -> list[pages.Section]:
        """The material of the review page, in reading order; `whole`: numbers are shown whole."""
        raise NotImplementedError

    # ---- pages -------------------------------------------------------------------------------------------------------

    @expose("/list/")
    @has_access
    def list(self) -> AnyResponse | str:
        asked, problems = self._asked()
        if (sealed := sealed_search(asked.q)) != asked.q:
            return redirect(self._list_url(asked, q=sealed))
        if problems:
            return self._render_list(asked, [], 0, problems), 400  # type: ignore[return-value]
        rows = db.session.execute(page_of(self.listing, asked, g.screen)).all()
        total = self._total(asked)
        if not rows and asked.page > 1:
            last = max(1, pages.page_count(total))
            raise pages.no_such_page(self._list_url(asked, page=last), last)
        return self._render_list(asked, rows, total, {})

    @expose("/search", methods=["POST"])
    @has_access
    def search(self) -> AnyResponse:
        """The search box: posted, so that a whole number typed there never stands in an address."""
        asked, _problems = self._asked(dict(pages.arguments(request.form.get("query", ""))))
        return redirect(self._list_url(asked, q=sealed_search(request.form.get("q", "")), page=1), 303)

    @expose("/show/<int(max=2147483647):pk>")
    @has_access
    def show(self, pk: int) -> AnyResponse | str:
        asked, _problems = self._asked()
        return self._render_show(pk, asked)

    @expose("/export.csv")
    @has_access
    def export(self) -> AnyResponse | str:
        asked, problems = self._asked()
        if problems:
            return self._render_list(asked, [], 0, problems), 400  # type: ignore[return-value]
        audit.record_apart("export", g.actor, self.listing.name, g.unit_id, query=asked.query_string())
        name = f"{self.listing.name}-{clock.today():%Y%m%d}.csv"
        return Response(
            stream_with_context(self._csv(asked)),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _csv(self, asked: Asked) -> Iterator[bytes]:
        yield from csv_of(db.session(), self.listing, asked)

    # ---- verdicts ----------------------------------------------------------------------------------------------------

    @expose("/decide", methods=["POST"])
    @has_access
    def decide(self) -> AnyResponse | str | tuple[str, int]:
        """One verdict on the chosen rows; without an opinion yet, the page that asks for it."""
        verdict, opinion = request.form.get("verdict", ""), request.form.get("opinion")
        if (self.listing.kind, "pending", verdict) not in RULES:
            raise BadAsk(_("There is no such verdict."))
        selection = self._selection()
        problem = None if opinion is None else _opinion_problem(opinion)
        if opinion is None or problem:
            return self._ask_opinion(selection, verdict, opinion, problem), 400 if problem else 200
        try:
            outcome = decide(db.session(), selection.chosen, verdict, opinion.strip(), g.actor)
        except NotFound:
            abort(404)
        except NotAllowed:
            abort(403)
        if selection.single and not outcome.decided:
            db.session.rollback()
            begin_write(db.session())  # the page that answers writes an audit row
            return self._conflict(selection, outcome, verdict, opinion), 409
        db.session.commit()
        for category, text in pages.told(verdict, outcome):
            flash(text, category)
        return redirect(self._list_url(selection.asked, page=self._nearest_page(selection.asked)), 303)

    def _selection(self) -> pages.Selection:
        """What the form chose. Raises BadAsk for what no form of ours sends."""
        form = request.form
        asked, problems = self._asked(dict(pages.arguments(form.get("query", ""))))
        rowids = tuple(form.getlist("rowid"))
        every = form.get("all") == "1"
        single = form.get("single") == "1" and len(rowids) == 1
        if problems or not (every or rowids):
            raise BadAsk(_("Nothing was selected: tick the rows first."))
        if every:
            if asked.status != "pending":
                raise BadAsk(_("Only what is pending can be decided."))
            until = pages.moment(form.get("seen_at", ""))
            chosen = Chosen(self.listing.kind, matching=asked.matching(self.listing), until=until)
        else:
            seen = [re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", rowid) for rowid in rowids]
            if not all(seen):
                raise BadAsk(_("The selection cannot be read: open the list again."))
            chosen = Chosen(self.listing.kind, tuple((int(m[1]), int(m[2])) for m in seen if m))
        return pages.Selection(chosen, asked, rowids, every, single, form.get("seen_at", ""))

    def _ask_opinion(self, selection: pages.Selection, verdict: str, opinion: str | None, problem: str | None) -> str:
        if selection.single:
            dialog = pages.verdict(verdict, opinion, problem)
            return self._render_show(selection.chosen.seen[0][0], selection.asked, dialog=dialog)
        criteria = [*selection.chosen.criteria(db.session()), Submission.status == "pending"]
        count = db.session.scalar(sa.select(sa.func.count()).select_from(Submission).where(*criteria)) or 0
        names = db.session.scalars(sa.select(Submission.person_name).where(*criteria).order_by(Submission.id).limit(10))
        return self._render(
            "desk/decide.html",
            pages.decide_page(self, selection, count, list(names), verdict, opinion, problem),
        )

    def _conflict(self, selection: pages.Selection, outcome: Outcome, verdict: str, opinion: str) -> str:
        """The review page for the one who came second: who decided what and when, and what was typed is kept."""
        left = outcome.left[0]
        return self._render_show(left.pk, selection.asked, conflict=pages.conflict(left), typed=(verdict, opinion))

    # ---- helpers -----------------------------------------------------------------------------------------------------

    def _asked(self, args: dict[str, str] | None = None) -> tuple[Asked, dict[str, str]]:
        return Asked.parse(self.listing, request.args.to_dict() if args is None else args)

    def _total(self, asked: Asked) -> int:
        """How many match; a whole tab's number is among the counts already."""
        if not asked.narrowed:
            return pages.counts_of_request().tab(self.listing.kind, asked.status)
        return db.session.scalar(total_of(self.listing, asked)) or 0

    def _nearest_page(self, asked: Asked) -> int:
        """The page to return to after rows left the list."""
        g.pop("counts", None)
        return min(asked.page, max(1, pages.page_count(self._total(asked)))) if asked.page > 1 else 1

    def url(self, view: str, query: str = "", **values: Any) -> str:
        address = url_for(f"{self.endpoint}.{view}", **values)
        return f"{address}?{query}" if query else address

    def _list_url(self, asked: Asked, **changes: Any) -> str:
        return self.url("list", asked.query_string(**changes))

    def may(self, permission: str) -> bool:
        """Whether the reader has a permission on this desk."""
        return self.appbuilder.sm.has_access(f"can_{permission}", self.class_permission_name)

    def _render(self, template: str, page: dict[str, Any]) -> str:
        return render_template(template, page=page)

    def _render_list(self, asked: Asked, rows: Any, total: int, problems: dict[str, str]) -> str:
        return self._render("desk/list.html", pages.list_page(self, asked, rows, total, problems))

    def _render_show(self, pk: int, asked: Asked, **state: Any) -> str:
        row = self._record(pk)
        history = db.session.scalars(
            sa.select(Decision).where(Decision.submission_id == pk).order_by(Decision.id.desc())
        ).all()
        whole = row.status == "pending" and row.node == g.actor.node and self.may("reveal")
        sections = self.sections(row, whole)
        if whole:
            self._audit_reveal(row)
        return self._render("desk/show.html", pages.show_page(self, row, history, sections, asked, **state))

    def _audit_reveal(self, row: Any) -> None:
        """Numbers were shown whole: a row in the audit log, in the request's own transaction where it may write."""
        what = ("reveal", g.actor, f"{row.kind} {row.ref}", row.unit_id)
        if request.method == "GET":
            audit.record_apart(*what)
        else:
            audit.record(db.session(), *what)
            db.session.commit()

    def _record(self, pk: int) -> Any:
        query = (
            sa.select(self.listing.model)
            .where(self.listing.model.id == pk)
            .options(joinedload(self.listing.model.unit))
        )
        return db.session.scalar(query) or abort(404)


def _opinion_problem(opinion: str) -> str | None:
    if not opinion.strip():
        return _("Write the opinion: it is kept with the decision.")
    if len(opinion) > OPINION_LENGTH:
        return _("At most %(limit)d characters; these are %(length)d.", limit=OPINION_LENGTH, length=len(opinion))
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", opinion):
        return _("Control characters cannot be kept: remove them.")
    return None
