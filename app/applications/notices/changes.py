"""What is done with a public notice on its page: it is changed, proved, and what is said of its people is written."""

from typing import Any

from flask import abort, flash, g, jsonify, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import ngettext

from app.applications import notices, objections
from app.applications.calendar import kept_days
from app.applications.drafting import sent_files
from app.applications.models import Notice
from app.applications.notices import FIXED, fixed_by, members, printed, writing
from app.applications.notices.days import read, span_text
from app.applications.notices.members import MOST, hindrance
from app.applications.notices.rows import is_institution
from app.applications.notices.screen import Answer, NoticeScreen
from app.applications.recommend import wants_json
from app.extensions import db
from app.review import drafts


class NoticeChanges(NoticeScreen):
    @expose("/edit/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def edit(self, pk: int) -> Answer:
        """Its days, place and contact."""
        notice, people = self._held(pk)
        form = read(request.form, kept_days(db.session()))
        if refused := self._refused(notice, people, edit={"form": form, "stale": True}):
            return refused
        if form.errors:
            return self._page(notice, people, edit={"form": form}), 400
        notices.change(db.session(), notice, form, g.actor)
        printed.list_anew(db.session(), notice)
        flash(_("The notice was changed. Print its list anew where it is posted already."), "success")
        return self._back_to(notice)

    @expose("/add/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def add(self, pk: int) -> Answer:
        """More applications, each named as on the page."""
        ids = [int(text) for text in request.form.getlist("application") if text.isdecimal() and len(text) < 10]
        notice, people = self._held(pk, *ids)
        named = members.named(db.session(), ids)
        rows = members.candidates(db.session(), named, MOST) if ids else []
        if len(rows) != len(set(ids)):
            abort(404)
        errors: dict[str, str] = {} if rows else {"add": _("Choose somebody first.")}
        if any(hindrance(row, g.actor) for row in rows):
            errors["add"] = _("Something changed since you chose: choose again.")
        if len(people.rows) + len(rows) > MOST:
            errors["add"] = _("A notice holds at most %(most)d people: choose fewer.", most=MOST)
        self._judge_moves(rows, errors)
        sent = {"picked": ids, "error": next(iter(errors.values()), None)}
        if refused := self._refused(notice, people, add=sent):
            return refused
        if errors:
            return self._page(notice, people, add=sent), 400
        members.take(db.session(), notice, rows)
        printed.list_anew(db.session(), notice)
        notices.touched(db.session(), notice, g.actor, added=[row.ref for row in rows])
        return self._back_to(notice, "#people")

    @expose("/remove/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def remove(self, pk: int) -> Answer:
        """Take an application out, once it was said what follows; what was written of it stays. Out of a notice that is
        fixed goes only what was passed on with it before and came back: it may need another one."""
        notice, people = self._held(pk)
        row = next((row for row in people.rows if str(row.id) == request.form.get("application")), None)
        if row is None or not members.is_open(row) or row.person_id == g.actor.person_id:
            return self._page(notice, people, conflict=_("This application is not to be taken out here.")), 409
        if row.id not in people.passed and (refused := self._refused(notice, people)):
            return refused
        if row.id not in people.passed and objections.concerning(notice.objections, row.id):
            kept = _("An objection concerns this application: it stays in the notice where that is told.")
            return self._page(notice, people, conflict=kept), 409
        if request.form.get("sure") != "1":
            return self._ask_to_remove(notice, row, back=row.id in people.passed)
        members.leave(db.session(), notice, row)
        if fixed_by(notice, people.frozen) is None:
            printed.list_anew(db.session(), notice)
        notices.touched(db.session(), notice, g.actor, removed=row.ref)
        return self._back_to(notice, "#people")

    def _ask_to_remove(self, notice: Notice, row: Any, back: bool) -> str:
        """What follows when somebody is taken out; `back`: he was passed on with the notice and came back."""
        g.here = self.url("show", pk=notice.id)  # where the language switch of a posted page leads
        page = {
            "title": _("Take out of the notice"),
            "name": row.person_name,
            "about": row.title,
            "notice": span_text(notice),
            "back": back,
            "action": self.url("remove", pk=notice.id),
            "back_url": self.url("show", pk=notice.id) + "#people",
            "application": row.id,
            "steps": notice.steps,
        }
        return render_template("notices/remove.html", page=page)

    @expose("/upload/<int(max=2147483647):pk>/<any(proof, material):name>", methods=["POST"])
    @has_access
    def upload(self, pk: int, name: str) -> Answer:
        """Files of proof or material, sent by the form or by the script, which shows how far they are."""
        self._may_write()
        files = sent_files(db.session(), request.files.getlist("file"), name)
        notice, people = self._held(pk)
        problem = str(FIXED["frozen"]) if people.frozen else None if files else _("Choose a file.")
        problem = problem or notices.add_files(db.session(), notice, name, files)
        if problem is None:
            db.session.commit()
            return jsonify(saved=True) if wants_json() else self._back_to(notice, "#files")
        if wants_json():
            return jsonify(error=problem), 400
        return self._page(notice, people, files={name: problem}), 400

    @expose("/remove_file/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def remove_file(self, pk: int) -> Answer:
        """Take a file off, while no application was passed on with it."""
        notice, people = self._held(pk)
        if people.frozen:
            return self._page(notice, people, conflict=str(FIXED["frozen"])), 409
        name, _colon, file = request.form.get("remove", "").partition(":")
        if not notices.remove_file(db.session(), notice, name, file, g.actor):
            abort(404)
        return self._back_to(notice, "#files")

    # ---- what is said of its people, and against it ------------------------------------------------------------------

    @expose("/texts/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def texts(self, pk: int) -> Answer:
        """What the unit says of each, all at once; what is wrong comes back beside the fields, with what was typed."""
        notice, people = self._held(pk)
        table = writing.read(request.form, people.rows, g.actor, is_institution())
        if table.wrong or table.stale:
            return self._page(notice, people, table=table), 409 if table.stale else 400
        number = writing.save(db.session(), people.rows, table, is_institution())
        db.session.commit()
        told = ngettext("Saved: %(num)d person was changed.", "Saved: %(num)d people were changed.", number)
        flash(told if number else _("Saved: nothing was changed."), "success")
        return redirect(self.url("show", pk=pk) + "#people", 303)

    @expose("/object/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def object(self, pk: int) -> Answer:
        """An objection to somebody in it, or to all; also after it is over, and after what was passed on with it."""
        notice, people = self._held(pk)
        form = objections.read(request.form, "objection")
        about = {str(row.id): row.id for row in people.rows} | {"": None}
        if form.values["about"] not in about:
            form.errors["about"] = _("Choose one.")
        if form.errors:
            return self._page(notice, people, objection={"form": form, "kind": "objection"}), 400
        if about[form.values["about"]] in people.own(g.actor):
            abort(403)
        said = {name: form.values[name] for name in objections.LENGTHS}
        objections.add(db.session(), notice, {**said, "about": about[form.values["about"]]}, g.actor)
        flash(_("The objection was entered. Every later node reads it with the recommendation."), "success")
        return self._back_to(notice, "#objections")

    @expose("/outcome/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def outcome(self, pk: int) -> Answer:
        """What became of an objection."""
        notice, people = self._held(pk)
        form = objections.read(request.form, "outcome")
        if form.values["of"] not in {str(one.number) for one in objections.objections_of(notice.objections)}:
            abort(404)
        if form.errors:
            return self._page(notice, people, objection={"form": form, "kind": "outcome"}), 400
        entry = {"of": int(form.values["of"]), "outcome": form.values["outcome"]}
        if notice.objections[int(form.values["of"])].get("about") in people.own(g.actor):
            abort(403)
        objections.add(db.session(), notice, entry, g.actor)
        return self._back_to(notice, "#objections")
