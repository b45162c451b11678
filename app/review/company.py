"""The part of a desk for working together: notes, presence, putting off, showing whole numbers."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, jsonify, redirect, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app import clock
from app.extensions import db
from app.review import drafts, together
from app.review.desk_base import DeskBase
from app.review.models import Submission
from app.typed import day, day_problem

Answer = Response | str | tuple[str, int]


class Company(DeskBase):
    @expose("/present/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def present(self, pk: int) -> Response:
        """The page is still open; who else has the record open is the answer."""
        row = self._row(pk)
        others = together.others_present(db.session(), pk, g.actor)
        if g.actor.node == row.node:
            together.be_present(db.session(), row, g.actor)
        _commit_once()
        return jsonify(others=list(others))

    @expose("/note/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def note(self, pk: int) -> Answer:
        """Keep an internal note for the reviewers of this node."""
        asked = self.asked_by_form()
        row, text = self._row(pk), request.form.get("text", "").strip()
        if problem := together.note_problem(text) or drafts.unsent():
            return self.show_page(pk, asked, note={"value": text, "error": problem}), 400
        if g.actor.node is None or row.person_id == g.actor.person_id:
            abort(403)  # a note about somebody is not for himself
        together.write_note(db.session(), row, text, g.actor)
        db.session.commit()
        return self._back_to(pk, asked)

    @expose("/postpone/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def postpone(self, pk: int) -> Answer:
        """暂缓, with a day or without; or its end."""
        asked = self.asked_by_form()
        row, text = self._row(pk), request.form.get("until", "").strip()
        if row.node != g.actor.node or row.status != "pending":
            told = _("It does not wait here any more, so there is nothing to put off. Nothing was changed.")
            return self.show_page(pk, asked, conflict={"text": told, "opinion": None}), 409
        if request.form.get("resume") == "1" and not drafts.unsent():
            together.resume(db.session(), row, g.actor)
            db.session.commit()
            return self._back_to(pk, asked)
        until, problem = _future_day(text)
        if problem := problem or drafts.unsent():
            return self.show_page(pk, asked, postpone={"until": text, "error": problem}), 400
        together.postpone(db.session(), row, g.actor, until)
        _commit_once()
        onwards = self.next_after(row, asked)
        told = _("Put off: your queue passes over it; the list's filter shows it.")
        flash(self.leading_to(row, told), "success")
        return redirect(onwards, 303)

    @expose("/reveal/<int(max=2147483647):pk>", methods=["GET", "POST"])
    @has_access
    def reveal(self, pk: int) -> Answer:
        """显示: the review page with whole numbers; a row in the audit log. Its address, opened again, masks them."""
        if request.method != "POST":
            return redirect(self.url("show", pk=self._row(pk).id))
        asked = self.asked_by_form()
        return self.show_page(pk, asked, reveal=True)

    def _row(self, pk: int) -> Any:
        query = sa.select(Submission).where(Submission.id == pk, *self.listing.belonging(self.at))
        return db.session.scalar(query) or abort(404)

    def _back_to(self, pk: int, asked: Any) -> Response:
        return redirect(self.url("show", asked.query_string(), pk=pk), 303)


def _commit_once() -> None:
    """Commit a mark of one's own; sent twice at the same moment, either says the same."""
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()


def _future_day(text: str) -> tuple[date | None, str | None]:
    """The day, if one is given, and what is wrong with it."""
    if not text:
        return None, None
    if problem := day_problem(text):
        return None, problem
    found = day(text)
    return found, None if found and found > clock.today() else _("must be a day to come")
