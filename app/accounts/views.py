"""The doors: the choice of a door, 内置单位登录, the end of a session, and which role is worn."""

import json
import math
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from app import clock
from app.accounts import asker, guessing, is_half, kept, sign_on, sittings
from app.accounts.models import Account, Sitting
from app.extensions import begin_write, db


class DoorView(BaseView):
    route_base = ""
    default_view = "login"

    @expose("/login/")
    def login(self) -> Response | str:
        if g.user.is_authenticated:
            return redirect(inside(request.args.get("next")))
        return login_page()

    @expose("/login/built-in", methods=["GET", "POST"])
    def built_in(self) -> Response | str | tuple[str, int]:
        onwards = inside(request.values.get("next"))
        if request.method == "GET":
            return redirect(onwards) if g.user.is_authenticated else self._form(onwards)
        username, address = request.form.get("username", "").strip(), request.remote_addr or ""
        db.session.rollback()  # whoever's session ended is asked for before
        begin_write(db.session())
        wait = guessing.admit(db.session(), username, address)
        db.session.commit()
        if wait is not None:
            return self._too_many(onwards, username, math.ceil(wait.total_seconds()))
        account = self.appbuilder.sm.sign_in(username, request.form.get("password", ""))
        db.session.rollback()  # hashing took its time: only now, and briefly, somebody else may have to wait
        if account is None:
            return self._form(onwards, username, _("User name or password is wrong. Check both, then try again.")), 401
        begin_write(db.session())
        guessing.was_right(db.session(), username, address)
        if account.initial_until is not None and account.initial_until <= clock.now():
            db.session.commit()
            expired = _("The initial password was valid for 7 days. Ask HR operations of your region for a new one.")
            return self._form(onwards, username, expired), 401
        sit_down(account, address)
        db.session.commit()
        form = kept.sent()
        if is_half(account):
            return redirect(url_for("SecondView.ask", next=onwards), 303) if form is None else second_page(onwards)
        if form is None:
            return redirect(onwards, 303)
        return kept.go_on(form, otherwise=onwards)

    def _form(self, onwards: str, username: str = "", error: str | None = None) -> str:
        return kept.sign_in_page(onwards, username, error, kept.sent())

    def _too_many(self, onwards: str, username: str, seconds: int) -> Response:
        told = ngettext(
            "Too many tries. The next one is looked at in %(num)d second.",
            "Too many tries. The next one is looked at in %(num)d seconds.",
            seconds,
        )
        answer = make_response(self._form(onwards, username, told), 429)
        answer.headers["Retry-After"] = str(seconds)
        return answer

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        proof = None
        if "sitting" in g:
            proof = g.sitting.id_token_sealed
            db.session.rollback()  # what was read of the account
            begin_write(db.session())
            sittings.end(db.session(), g.sitting.user_id, Sitting.id == g.sitting.id)
            db.session.commit()
        logout_user()
        g.pop("actor", None)  # who reads the page that follows is nobody
        session.clear()
        session["locale"] = g.locale
        page = farewell_page(proof) if proof and sign_on.is_there() else None
        return page or redirect("/", 303)

    @expose("/locale", methods=["POST"])
    def locale(self) -> Response:
        """Switch the language, and come back to the same page."""
        chosen = request.form.get("locale", "")
        if chosen not in current_app.config["LANGUAGES"]:
            abort(400, _("There is no such language here."))
        session["locale"] = chosen
        return redirect(inside(request.form.get("next")), 303)

    @expose("/role", methods=["POST"])
    def role(self) -> Response:
        """Wear another of the roles that the account holds."""
        grant = request.form.get("grant", "")
        if grant not in {str(held.id) for held in g.get("grants", [])}:
            abort(403, _("This role is not yours, or no longer."))
        session["grant"] = int(grant)
        return redirect("/", 303)


def login_page(error: str | None = None, code: int = 200, form: kept.Kept | None = None) -> Response:
    """The choice of a door; after a sign-in that failed, with what was wrong. With a form that is being kept it is the
    page that carries one through either door."""
    if form is not None:
        return make_response(kept.sign_in_page(inside(request.values.get("next")), "", error, form), code)
    onwards = request.values.get("next")
    doors: list[dict[str, Any]] = []
    if sign_on.is_there():
        text = _("For units with a unified social credit code: by the province's single sign-on.")
        mark = _("In this demo a stand-in answers for the province's platform.") if sign_on.is_stand_in() else None
        url = url_for("SignOnView.go", next=onwards)
        doors.append({"label": _("Unit sign-in"), "url": url, "text": text, "mark": mark})
    text = _(
        "For units without a code of their own, and for reviewers: with an account that the HR bureau of the region "
        "issues. Without one, ask it there."
    )
    url = url_for("DoorView.built_in", next=onwards)
    doors.append({"label": _("Built-in account sign-in"), "url": url, "text": text, "mark": None})
    page = {"doors": doors, "error": error, "request_id": g.get("request_id", "") if error else None}
    return make_response(render_template("login.html", page=page), code)


def farewell_page(proof: bytes) -> Response | None:
    """The page that ends the sign-on at the provider, too; None where it cannot be ended there."""
    end = sign_on.farewell(proof, url_for("HomeView.index", _external=True))
    if end is None:
        return None
    address, fields = end
    g.form_leads_to = sign_on.origin(address)
    return make_response(render_template("signed_out.html", page={"action": address, "fields": fields}))


def second_page(onwards: str, error: str | None = None) -> str:
    """The page that asks for the second factor; what was being sent when a session ended is carried along."""
    form = kept.sent()
    page = {
        "error": error,
        "action": url_for("SecondView.ask"),
        "next": onwards,
        "kept": form and {"action": form["action"], "json": json.dumps(form["fields"])},
    }
    return render_template("login_second.html", page=page)


def sit_down(account: Account, address: str) -> None:
    """Begin a sitting of an account that has shown whose it is; the one that this browser was in ends. The caller has
    begun to write, and commits."""
    if "sitting" in g:
        sittings.end(db.session(), g.sitting.user_id, Sitting.id == g.sitting.id)
    browser = session.get(sign_on.BROWSER)
    session.clear()  # what was there before the login is nobody's
    session["locale"] = g.locale
    if browser:  # its other windows may be on the way as well
        session[sign_on.BROWSER] = browser
    sittings.begin(db.session(), account.id, session, address, request.user_agent.string)
    db.session.flush()
    asker.load(db.session(), account.id)  # what the account holds, before anything asks for it
    account.last_login = clock.now().replace(tzinfo=None)
    account.login_count = (account.login_count or 0) + 1
    login_user(account)


def inside(address: str | None) -> str:
    """A path of this site to go on to; whatever could lead elsewhere becomes `/`."""
    address = address or "/"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    own = parts.scheme in ("", "http", "https") and parts.netloc in ("", request.host)
    path = parts.path if own else "/"
    if not path.startswith("/") or path.startswith("//") or "\\" in address or any(ord(c) < 33 for c in address):
        return "/"
    return f"{path}?{parts.query}" if parts.query else path
