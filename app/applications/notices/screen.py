"""What the screens of public notices stand on: one that is held, one that is shown, and what refuses a change."""

from typing import Any

import sqlalchemy as sa
from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from app.applications import notices
from app.applications.models import Notice, Recommendation
from app.applications.notices import FIXED, fixed_by, pages
from app.applications.notices.members import People, comes_from, hold, people_of
from app.extensions import db
from app.review.desk_base import Screen
from app.review.listing import NARROWERS, Filter
from app.review.models import Submission

Answer = Response | str | tuple[str, int] | tuple[Response, int]


def _in_notice(value: str) -> ColumnElement[bool]:
    return Submission.id.in_(sa.select(Recommendation.application_id).where(Recommendation.notice_id == int(value)))


# What the applications' desk is narrowed by when a notice's page leads into it, or posts to it.
NARROWERS.append(
    Filter(
        "notice",
        _l("Public notice"),
        "key",
        _in_notice,
        offered=False,
        back=lambda value: url_for("NoticesView.show", pk=int(value)),
        back_label=_l("Back to the notice"),
    )
)


class NoticeScreen(Screen):
    def _page(self, notice: Notice, people: People, **sent: Any) -> str:
        g.here = self.url("show", pk=notice.id)  # where the language switch of a posted page leads
        return render_template("notices/show.html", page=pages.show_page(self, notice, people, **sent))

    def _may_write(self) -> None:
        if not pages.may_write(self):
            abort(403)

    def _held(self, pk: int, *ids: int) -> tuple[Notice, People]:
        """A notice with its people, all locked, and other applications besides."""
        self._may_write()
        hold(db.session(), ids, pk)
        notice = notices.held(db.session(), pk) or abort(404)
        return notice, people_of(db.session(), pk)

    def _refused(self, notice: Notice, people: People, **sent: Any) -> tuple[str, int] | None:
        """The page for the one who came second; None when the notice is as his page had it and can change."""
        if why := fixed_by(notice, people.frozen):
            return self._page(notice, people, conflict=str(FIXED[why]), **sent), 409
        if request.form.get("steps") != str(notice.steps):
            told = _("Somebody changed this notice since you opened it. Nothing was changed.")
            return self._page(notice, people, conflict=told, **sent), 409
        return None

    def _back_to(self, notice: Notice, part: str = "") -> Response:
        db.session.commit()
        return redirect(self.url("show", pk=notice.id) + part, 303)

    def _judge_moves(self, rows: Any, errors: dict[str, str]) -> None:
        """Whoever has a notice already comes into another only after that is said."""
        if any(comes_from(row) for row in rows) and request.form.get("move") != "1":
            errors["move"] = _("Confirm it: some of them have a notice already.")
