"""单位信息 (R29, R30): what the unit has told of itself, the part that it may revise, and what was changed when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import abort, flash, g, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import audit
from app.extensions import db
from app.forms import Problems, Texts, read, shown, typed
from app.review import drafts
from app.review.desk_base import Screen
from app.units import information
from app.units.changes import history
from app.units.facts import facts_of
from app.units.information import NUMBERS, REVISABLE
from app.units.models import Unit

Answer = Response | str | tuple[str, int]
FIELDS = {"csrf_token", "seen", *(fact.name for fact in REVISABLE)}  # of the form that revises, and no others


@dataclass(frozen=True)
class Sent:
    """The form that stands open: what was typed, None for what is known; what is wrong with it; whether the information
    was changed by somebody else meanwhile."""

    texts: Texts | None = None
    problems: Problems = field(default_factory=dict)
    late: bool = False


class UnitView(Screen):
    """It shares its base with `/unit/register`, where a unit that has not told of itself is led (app/accounts)."""

    route_base = "/unit"
    default_view = "home"
    class_permission_name = "unit"
    method_permission_name = {"home": "read", "reveal": "reveal", "edit": "edit"}

    @expose("/")
    @has_access
    def home(self) -> str:
        return self._page(self._unit())

    @expose("/reveal", methods=["GET", "POST"])
    @has_access
    def reveal(self) -> Answer:
        """显示: the page with whole numbers; a row in the audit log. Its address, opened again, masks them."""
        if request.method != "POST":
            return redirect(self.url("home"))
        unit = self._unit()
        audit.record(db.session(), "reveal", g.actor, f"unit {unit.code}", unit.id)
        page = self._page(unit, whole=True)
        db.session.commit()
        return page

    @expose("/edit", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def edit(self) -> Answer:
        """完善单位信息: a dialog of the page, which this address shows open. Who the unit is does not change here."""
        if request.method != "POST":
            return self._page(self._unit(), sent=Sent())
        if set(request.form) - FIELDS:
            abort(400, _("The form names what is not revised here. Nothing was changed."))
        unit = information.lock(db.session(), g.unit_id) or abort(404)
        texts = typed(REVISABLE, request.form)
        values, problems = read(information.asked(REVISABLE, unit), texts)
        information.judge_counts(values, problems)
        late = request.form.get("seen") != information.seen_of(unit)
        if late or problems or drafts.unsent():
            return self._page(unit, sent=Sent(texts, problems, late)), 409 if late else 400
        if information.change(db.session(), unit, information.columns(values), g.actor):
            db.session.commit()
            flash(_("The unit's information was saved."), "success")
        else:
            flash(_("Nothing differs from what is stored, so nothing was changed."), "info")
        return redirect(self.url("home"), 303)

    def _unit(self) -> Unit:
        return db.session.get_one(Unit, g.unit_id)

    def _page(self, unit: Unit, whole: bool = False, sent: Sent | None = None) -> str:
        known = information.known(db.session(), unit)
        numbers = {name: getattr(unit, name).reveal() for name in NUMBERS} if whole else information.masked(unit)
        g.here = self.url("edit" if sent else "home")  # where the language switch of a posted page leads
        page = {
            "title": _("Unit information"),
            **facts_of(unit, known, numbers),
            "reveal": {"action": self.url("reveal")} if self.may("reveal") and not whole else None,
            "query": "",
            "edit": self._form(unit, known, sent) if self.may("edit") else None,
            "history": history(db.session(), unit.id),
        }
        return render_template("unit/show.html", page=page)

    def _form(self, unit: Unit, known: Mapping[str, str], sent: Sent | None) -> dict[str, Any]:
        """The dialog; it stands open where `sent` is there."""
        state = sent or Sent()
        texts = known if state.texts is None else state.texts
        fields = information.asked(REVISABLE, unit)
        if state.late:
            now = {one.name: known.get(one.name) for one in fields if one.name not in NUMBERS}
            differs = {name: text for name, text in now.items() if text != texts[name]}
            fields = [replace(one, hint=_now(differs[one.name])) if one.name in differs else one for one in fields]
        return {
            "action": self.url("edit"),
            "seen": information.seen_of(unit),
            "fields": shown(fields, texts, state.problems, {}),
            "open": sent is not None,
            "late": state.late,
            "unsent": drafts.unsent() if request.method == "POST" else None,
        }


def _now(text: str | None) -> str:
    return _("Stored now: %(value)s", value=text or "—")
