"""`/unit/register`: where every page leads until the unit has told of itself, and its administrator is known."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.accounts import asker, is_registering, joining, registering
from app.accounts.bounds import Refused
from app.accounts.models import Account
from app.accounts.registering import Registered
from app.accounts.roles import ROLES
from app.extensions import db
from app.forms import Problems, Texts, shown, typed
from app.review import drafts
from app.review.labels import code_choices
from app.units import information
from app.units.information import FACTS
from app.units.models import Unit
from app.units.regions import REGIONS, path
from config import PROVINCE

Answer = Response | str | tuple[str, int]
PARTS = ("basic", "detailed")


class RegisterView(BaseView):
    route_base = "/unit"
    default_view = "register"

    @expose("/register", methods=["GET", "POST"])
    @drafts.comes_back
    def register(self) -> Answer:
        """The unit's information, until it is submitted; what is written is kept between."""
        if not is_registering():
            return redirect("/")
        unit, code = self._unit()
        if (unit is None or not unit.is_complete) and self._may():
            return self._posted(unit, code) if request.method == "POST" else self._form(unit, code, None, {})
        if request.method == "POST":
            self._told_late()
            return redirect(url_for(".register"), 303)
        return self._waiting(unit)

    def _told_late(self) -> None:
        flash(_("Nothing was submitted: somebody else of your unit was faster, or has to do it."), "warning")

    def _unit(self) -> tuple[Unit | None, str]:
        """The unit that is to be registered, None where nobody has entered it yet; and its code."""
        if g.held is None:
            code = current_user.sign_on_unit
            return registering.unit_of(db.session(), code), code
        unit = db.session.get_one(Unit, g.held.unit_id)
        return unit, unit.code

    def _may(self) -> bool:
        return g.held is None or g.held.role_name == "unit_administrator"

    def _posted(self, unit: Unit | None, code: str) -> Answer:
        texts = _typed()
        if unit is not None:
            information.lock(db.session(), unit.id)  # no record of it comes in meanwhile
        account = db.session.get_one(Account, g.actor.user_id)
        registering.keep_draft(db.session(), account.id, {name: text[:5000] for name, text in texts.items()})
        if "draft" in request.form and not drafts.unsent():
            db.session.commit()
            flash(_("The draft was saved. It is here when you come back; nothing is submitted yet."), "success")
            return redirect(url_for(".register"), 303)
        columns, problems = registering.judge(db.session(), code, unit, texts)
        if problems or drafts.unsent():
            db.session.commit()
            return self._form(unit, code, texts, problems), 400
        try:
            if unit is None:
                registering.register(db.session(), account, code, columns)
            else:
                registering.complete(db.session(), account, unit, columns)
        except Registered:
            db.session.rollback()
            self._told_late()
            return redirect(url_for(".register"), 303)
        db.session.commit()
        flash(_("The unit is registered."), "success")
        return redirect("/" if account.id_number_index else url_for("AccountView.number"), 303)

    def _form(self, unit: Unit | None, code: str, texts: Texts | None, problems: Problems) -> str:
        """The form with what was typed, else with the draft, else with what is known."""
        if texts is None:
            texts = information.known(db.session(), unit) if unit is not None else {}
            texts |= registering.draft_of(db.session(), g.actor.user_id)
        choices = {"nature": code_choices("unit_nature")}
        fields = shown(information.asked(tuple(FACTS.values()), unit), texts, problems, choices)
        page = {
            "title": _("Register the unit"),
            "code": code,
            "code_label": information.code_label(code),
            "parts": [(part, [field for field in fields if FACTS[field["name"]].part == part]) for part in PARTS],
            "city": texts.get("city") or _city_of(texts.get("region", "")),
            "cities": information.cities(),
            "counties": information.counties(),
            "province": PROVINCE,
            "problems": len(problems),
            "unsent": drafts.unsent() if request.method == "POST" else None,
            "action": url_for(".register"),
        }
        g.here = page["action"]
        return render_template("unit/register.html", page=page)

    def _waiting(self, unit: Unit | None) -> Answer:
        """For who may not register the unit: he asks to be let in, or waits for those who may."""
        assert unit is not None
        asks = g.held is None
        standing = joining.newest(db.session(), g.actor.user_id) if asks else None
        others = asker.others(db.session(), unit.id, current_user.id_number_index, None)
        page = {
            "title": _("Join the unit") if asks else _("The unit is not registered yet"),
            "unit": unit.name,
            "code": unit.code,
            "administrators": others.administrators,
            "asks": asks,
            "standing": _standing(standing) if standing and standing.joining.unit_id == unit.id else None,
            "roles": [(name, str(ROLES[name].label)) for name in joining.ASKED],
            "action": url_for(".ask"),
        }
        g.here = url_for(".register")
        return render_template("unit/waiting.html", page=page)

    @expose("/ask", methods=["POST"])
    def ask(self) -> Answer:
        """Ask for a role in the unit that one comes from."""
        if not is_registering() or g.held is not None:
            return redirect("/", 303)
        unit, _code = self._unit()
        if unit is None or not unit.is_complete:
            return redirect(url_for(".register"), 303)
        account = db.session.get_one(Account, g.actor.user_id)
        try:
            joining.ask(db.session(), account, unit.id, request.form.get("role", ""))
        except Refused as refused:
            abort(400, str(refused))
        db.session.commit()
        return redirect(url_for(".register"), 303)


def _typed() -> Texts:
    """What was typed. 属地 is chosen in two steps: who stops at the province has chosen it."""
    texts = typed(tuple(FACTS.values()), request.form)
    texts["city"] = request.form.get("city", "").strip()
    if texts["city"] == PROVINCE and texts["region"] in ("", PROVINCE):
        texts["region"] = PROVINCE
    return texts


def _city_of(region: str) -> str:
    """The first step to a region: the province, or the city."""
    if region not in REGIONS:
        return ""
    return region if region == PROVINCE else path(region)[1].code


def _standing(found: joining.Standing) -> dict[str, Any]:
    one = found.joining
    return {
        "waits": one.settled_at is None,
        "role": str(ROLES[one.role].label),
        "asked": clock.shown(one.asked_at),
        "refused": one.settled_at is not None and not one.granted,
        "by": found.settled_by or "",
        "at": clock.shown(one.settled_at) if one.settled_at else "",
        "reason": one.reason or "",
    }
