"""辖区总览 in the browser: `/` of whoever reads a region or a department, and the list of its units with its export."""

from collections.abc import Iterator
from typing import Any

from flask import g, redirect, render_template, request
from flask_appbuilder import expose, has_access
from werkzeug.wrappers import Response

from app import audit
from app.accounts.holders import search_text
from app.extensions import db
from app.home.overview import listing, page, rows
from app.home.overview.listing import Wanted
from app.home.overview.numbers import Flows, Stand, flows
from app.review import drafts, pages
from app.review.desk_base import Screen
from app.review.export import BATCH, csv_from, xlsx_from
from app.review.lists import CHUNK, XLSX, saved_as, written
from app.tenancy import scope_of

NAME = "units"  # of the export


def overview_home() -> str:
    """`/` of whoever reads the overview. At most eight statements, whatever the size."""
    return render_template("home/overview.html", page=page.overview(request.args.get("region", "")))


class OverviewView(Screen):
    route_base = "/overview"
    default_view = "list"
    class_permission_name = "overview"
    method_permission_name = {
        **dict.fromkeys(("list", "search"), "read"),
        **dict.fromkeys(("export", "export_xlsx"), "export"),
    }

    within = ("/overview",)

    @expose("/list/")
    @has_access
    def list(self) -> Response | str:
        """At most eight statements, whatever the size."""
        wanted = self._wanted(request.args)
        if wanted.q != request.args.get("q", "") or not all(request.args.values()):
            return redirect(self.url("list", wanted.query_string()))
        found, stand = self._numbers()
        shown = db.session.execute(listing.page_of(db.session(), wanted, stand, found)).all()
        numbers = listing.numbers(db.session(), wanted, stand)
        pages.refuse_past_end(
            shown, wanted.page, numbers["found"], lambda last: self.url("list", wanted.query_string(page=last))
        )
        details = listing.details_of(db.session(), [row.id for row in shown], found)
        return render_template("home/units.html", page=rows.list_page(self, wanted, shown, numbers, details))

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> Response:
        wanted = self._wanted(dict(pages.arguments(request.form.get("query", ""))))
        query = wanted.query_string(q=search_text(request.form.get("q", "")), page=1)
        return redirect(self.url("list", query), 303)

    @expose("/export.csv")
    @has_access
    def export(self) -> Response:
        head, batches = self._exported("csv")
        parts = csv_from([label for label, _kind in head], batches)
        return saved_as(parts, NAME, [rows.title()], "csv", "text/csv")

    @expose("/export.xlsx")
    @has_access
    def export_xlsx(self) -> Response:
        head, batches = self._exported("xlsx")
        file = written(lambda file: xlsx_from(file, rows.title(), head, batches))
        answer = saved_as(iter(lambda: file.read(CHUNK), b""), NAME, [rows.title()], "xlsx", XLSX)
        answer.call_on_close(file.close)
        return answer

    def _wanted(self, args: Any) -> Wanted:
        return Wanted.parse(args, listing.regions_of(scope_of(db.session())))

    def _numbers(self) -> tuple[Flows, Stand]:
        """What the ledger says since it was folded, and how the units stand; the menu counts by it too."""
        owner = page.owner_of(scope_of(db.session()))
        found = flows(db.session(), None, [owner])
        g.counts = found.counts(owner, g.actor.node)
        return found, Stand(db.session(), found.dirty)

    def _exported(self, form: str) -> tuple[Any, Iterator[Any]]:
        """The head of the export and its rows in batches; a row in the audit log, as the exports of records have."""
        wanted, session = self._wanted(request.args), db.session()
        found, stand = self._numbers()
        every = session.execute(listing.all_of(session, wanted, stand, found)).all()
        detail = {"query": wanted.query_string(page=1), "count": len(every), "format": form, "whole": False}
        audit.record_apart("export", g.actor, NAME, g.unit_id, **detail)

        def batches() -> Iterator[Any]:
            for first in range(0, len(every), BATCH):
                some = every[first : first + BATCH]
                details = listing.details_of(session, [row.id for row in some], found)
                yield [rows.exported(row, details) for row in some]

        return rows.export_head(), batches()
