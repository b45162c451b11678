"""岗位核准信息 on screen: what a public institution was approved, and the form by which it enters that for good."""

from typing import BinaryIO, cast

from flask import abort, flash, g, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app import audit
from app.attachments import Attachment, BadFile
from app.attachments.views import sent
from app.extensions import begin_write, db
from app.review import drafts
from app.review.desk_base import Screen
from app.units import post_pages
from app.units.post_form import Draft, keep_apart, kept_file, read, token_of
from app.units.posts import add, approvals_of, current_approval, has_document

Answer = Response | str | tuple[str, int]


class PostsView(Screen):
    route_base = "/posts"
    default_view = "home"
    class_permission_name = "posts"
    method_permission_name = {"home": "read", "submit": "submit", "form": "submit"}

    @expose("/")
    @has_access
    def home(self) -> str:
        approvals = approvals_of(db.session(), g.unit_id)
        return render_template("posts/home.html", page=post_pages.home(self, approvals))

    @expose("/submit", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def submit(self) -> Answer:
        """录入: the form, then all of it once more to be confirmed, and only then it is stored, never to change."""
        if request.method == "GET":
            return self._form(Draft(), None)
        draft, step = read(request.form), request.form.get("step", "")
        token, problem = self._handed_in()
        g.here = self.url("submit")  # where the language switch of a posted page leads
        file = kept_file(db.session(), token, g.actor.user_id)
        if step in ("edit", "rows"):
            draft.errors = {"form": [problem]} if problem else {}
            return self._form(draft, file, token, more=step == "rows")
        self._judge(draft, problem or _file_problem(file, token))
        if draft.errors or file is None:
            return self._form(draft, file, token), 400
        if step != "submit" or drafts.unsent():
            page = post_pages.confirm(self, draft, file, token, current_approval(db.session(), g.unit_id))
            return render_template("posts/confirm.html", page=page)
        return self._store(draft, file, token)

    @expose("/form/<string(maxlength=200):token>")
    @has_access
    def form(self, token: str) -> Response:
        """The stamped form that the account has handed in and not submitted yet, to be compared with what it typed."""
        return sent(kept_file(db.session(), token, g.actor.user_id) or abort(404))

    def _handed_in(self) -> tuple[str, str | None]:
        """The token of the stamped form, of the file that came now, else of the one that the page carries along; and
        what is wrong with the one that came."""
        carried, upload = request.form.get("kept", ""), request.files.get("form")
        if upload is None or not upload.filename:
            return carried, None
        try:
            return token_of(keep_apart(cast(BinaryIO, upload.stream), upload.filename), g.actor.user_id), None
        except BadFile as problem:
            return carried, str(problem)

    def _judge(self, draft: Draft, file_problem: str | None) -> None:
        """What is wrong besides what each field says."""
        if file_problem:
            draft.errors["form"] = [file_problem]
        number = draft.data.get("document_number")
        if number and has_document(db.session(), g.unit_id, number):
            draft.errors["document_number"] = [_("was submitted already, and is never changed")]

    def _store(self, draft: Draft, file: Attachment, token: str) -> Answer:
        file.unit_id = g.unit_id
        try:
            row = add(db.session(), g.unit_id, draft.data, (file.id, file.sha256), g.actor)
        except IntegrityError:  # somebody else submitted this document at the same moment
            db.session.rollback()
            begin_write(db.session())
            again = kept_file(db.session(), token, g.actor.user_id)
            self._judge(draft, _file_problem(again, token))
            return self._form(draft, again, token), 400
        subject, number = f"post_approval {row.id}", row.document_number
        audit.record(db.session(), "submit_posts", g.actor, subject, g.unit_id, document_number=number)
        db.session.commit()
        flash(_("The post approval was submitted. It can no longer be changed."), "success")
        return redirect(self.url("home"), 303)

    def _form(self, draft: Draft, file: Attachment | None, token: str = "", more: bool = False) -> str:
        """The form; the token of a file that is no longer there is not carried on."""
        page = post_pages.form(self, draft, file, token if file else "", more)
        return render_template("posts/submit.html", page=page)


def _file_problem(file: Attachment | None, token: str) -> str | None:
    if file is not None:
        return None
    return _("The file is no longer here: choose it again.") if token else _("Choose the stamped form.")
