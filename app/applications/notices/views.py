"""公示: the unit's notices for several applications, one notice's page, and what is done with it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from werkzeug.http import dump_options_header
from werkzeug.wrappers import Response

from app import audit, clock
from app.applications import notices
from app.applications.calendar import first_end, judge, kept_days
from app.applications.drafting import DAYS, Form, day_problems
from app.applications.notices import members, pages
from app.applications.notices.changes import NoticeChanges
from app.applications.notices.days import count_text, read
from app.applications.notices.members import MOST, hindrance
from app.applications.notices.printed import lines_of, list_anew, list_pdf
from app.applications.notices.screen import Answer
from app.extensions import db
from app.review import drafts
from app.review.desks import desks
from app.review.listing import page_number
from app.review.models import Submission
from app.review.pages import refuse_past_end


@dataclass(frozen=True)
class Wanted:
    """What the address asks of the list."""

    page: int = 1

    def query_string(self, page: int) -> str:
        return f"page={page}" if page > 1 else ""


class NoticesView(NoticeChanges):
    route_base = "/notices"
    default_view = "list"
    class_permission_name = "notices"
    method_permission_name = {
        **dict.fromkeys(("list", "show", "days", "print_list"), "read"),
        **dict.fromkeys(
            ("new", "new_again", "edit", "add", "remove", "upload", "remove_file", "texts", "object", "outcome"), "edit"
        ),
    }

    # ---- reading -----------------------------------------------------------------------------------------------------

    @expose("/list/")
    @has_access
    def list(self) -> str:
        wanted = Wanted(page_number(request.args.get("page") or "1"))
        lines = db.session.execute(notices.page_of(wanted.page)).all()
        number = db.session.scalar(notices.total()) or 0
        refuse_past_end(lines, wanted.page, number, lambda last: self.url("list", wanted.query_string(last)))
        return render_template("notices/list.html", page=pages.list_page(self, wanted, lines, number))

    @expose("/show/<int(max=2147483647):pk>")
    @has_access
    def show(self, pk: int) -> str:
        notice = notices.found(db.session(), pk) or abort(404)
        return self._page(notice, members.people_of(db.session(), pk))

    @expose("/days")
    @has_access
    def days(self) -> Answer:
        """How many working days lie between two days, and which last day is the earliest that is enough: for the
        script, while one chooses them."""
        texts = {name: request.args.get(name, "") for name in DAYS}
        problems, kept = day_problems(texts), kept_days(db.session())
        if not texts["begins_on"] or "begins_on" in problems:
            return jsonify(text="", short=None, earliest="")
        begins = date.fromisoformat(texts["begins_on"])
        earliest = first_end(begins, kept).isoformat()
        if not texts["ends_on"] or problems:
            return jsonify(text="", short=None, earliest=earliest)
        judged = judge(begins, date.fromisoformat(texts["ends_on"]), kept)
        return jsonify(count_text(begins, judged, kept) | {"earliest": earliest})

    @expose("/list.pdf/<int(max=2147483647):pk>")
    @has_access
    def print_list(self, pk: int) -> Response:
        """公示名单, to be printed as soon as there are days and people."""
        notice = notices.found(db.session(), pk) or abort(404)
        people = members.people_of(db.session(), pk)
        file = list_pdf(notice, people.rows, g.held.over)
        detail = {"count": len(lines_of(notice, people.rows)), "format": "pdf", "whole": False}
        audit.record_apart("export", g.actor, f"notice {pk}", notice.unit_id, **detail)
        title = quote(_("Public notice list"))
        name = f"UTF-8''{title}-{notice.begins_on:%Y%m%d}.pdf"
        names = {"filename": f"notice-{pk}.pdf", "filename*": name}  # RFC 6266: the second, if it can
        headers = {"Content-Disposition": dump_options_header("attachment", names)}
        return Response(file, mimetype="application/pdf", headers=headers)

    # ---- a new one ---------------------------------------------------------------------------------------------------

    @expose("/new")
    @has_access
    def new_again(self) -> Response:
        """The page that asks for a new one was loaded again, or in the other language: what was chosen is gone."""
        flash(_("Choose the applications once more: a new notice is not kept before it is saved."), "warning")
        query = request.query_string.decode(errors="replace")
        return redirect(url_for("ApplicationDesk.list") + (f"?{query}" if query else ""), 303)

    @expose("/new", methods=["POST"])
    @has_access
    @drafts.comes_back
    def new(self) -> Answer:
        """A notice of the applications chosen on their list; without its days yet, the page that asks for them."""
        self._may_write()
        ids, back = self._chosen()
        if len(ids) > MOST:
            flash(_("A notice holds at most %(most)d people: choose fewer.", most=MOST), "warning")
            return redirect(back, 303)
        asking = "begins_on" not in request.form
        if not asking:
            members.hold(db.session(), ids)
        rows = members.candidates(db.session(), members.named(db.session(), ids), MOST)
        if asking:
            form = Form(notices.proposed(clock.today(), kept_days(db.session())))
            return self._ask(rows, form, back)
        form = read(request.form, kept_days(db.session()))
        if any(hindrance(row, g.actor) for row in rows):
            return self._ask(
                rows, form, back, _("Something changed since you chose: some of them are left out now.")
            ), 409
        self._judge_moves(rows, form.errors)
        if form.errors:
            return self._ask(rows, form, back), 400
        notice = members.begin(db.session(), g.unit_id, form, rows, g.actor)
        list_anew(db.session(), notice)
        pk = notice.id
        db.session.commit()
        flash(_("The notice was saved. Print its list, then upload the proof once it is over."), "success")
        return redirect(self.url("show", pk=pk), 303)

    def _chosen(self) -> tuple[Any, str]:
        """The ids of the applications that a form chose, and where it came from."""
        desk = desks().get("application") or abort(403)
        selection = desk.selection()
        query = sa.select(Submission.id).where(*selection.chosen.criteria(db.session())).order_by(Submission.id)
        ids = db.session.scalars(query.limit(MOST + 1)).all()
        if len(ids) < len({pk for pk, _steps in selection.chosen.seen}):
            abort(404)
        return ids, desk.back_url(selection.asked)

    def _ask(self, rows: Any, form: Form, back: str, refused: str = "") -> str:
        g.here = self.url("new_again", request.form.get("query", ""))  # where the language switch leads
        page = pages.ask_page(self, rows, form, kept_days(db.session()), back, refused)
        page |= {"query": request.form.get("query", ""), "moved": request.form.get("move") == "1"}
        return render_template("notices/new.html", page=page)
