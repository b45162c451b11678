"""我的账号: what its holder sees and does of his own account: password, sessions, roles, language."""

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response

from app import audit, clock
from app.accounts import guessing, passwords, second, sittings
from app.accounts.models import Account, Sitting
from app.extensions import begin_write, db
from app.forms import Wrong, resident_id
from app.sealing import Number
from config import SITTING_IDLE, SITTING_LONGEST

# What a browser's header has → what it is called; the first that fits.
BROWSERS = (
    ("QQBrowser", "QQ"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
Answer = Response | str | tuple[str, int]


class AccountView(BaseView):
    """Open to whoever is signed in, with whatever role or none."""

    route_base = "/account"
    default_view = "show"

    @expose("/")
    def show(self) -> str:
        found = sittings.of_account(db.session(), g.actor.user_id)
        page: dict[str, Any] = {
            "title": _("My account"),
            "facts": [(_("Name"), g.actor.name), (_("Username"), current_user.username)],
            "number": current_user.id_number.masked if current_user.id_number else None,
            "grants": [
                {"label": str(one.role.label), "over": one.over, "worn": one == g.held, "until": one.expires_on}
                | {"on_behalf": one.on_behalf}
                for one in g.grants
            ],
            "sittings": [_line(one) for one in found],
            "others": len(found) > 1,
            "signs_on": current_user.subject is not None,
            "number_url": url_for(".number") if current_user.id_number is None else None,
            "password_url": url_for(".password"),
            "end_others_url": url_for(".end_others"),
            "second": {
                "since": clock.shown(current_user.second_since) if second.has(current_user) else None,
                "left": second.left(current_user),
                "required": second.is_required(current_user, g.grants),
                "on_url": url_for("SecondView.enrol"),
                "off_url": url_for("SecondView.off"),
                "codes_url": url_for("SecondView.renew"),
            },
            "idle": int(SITTING_IDLE.total_seconds() // 60),
            "longest": int(SITTING_LONGEST.total_seconds() // 3600),
        }
        return render_template("account/show.html", page=page)

    @expose("/password", methods=["GET", "POST"])
    def password(self) -> Answer:
        """Change it; whoever was given one comes here first. All other sessions of the account end."""
        if current_user.subject is not None:
            abort(404)  # by 单位登录 nobody has one here
        if request.method == "GET":
            return self._password_form({})
        new, again = request.form.get("new", ""), request.form.get("again", "")
        old_problem = _old_problem(request.form.get("old", ""))
        problems = {
            "old": old_problem,
            "new": passwords.problem(db.session.get_one(Account, g.actor.user_id), new),
            "again": None if new == again else _("The two are not the same."),
        }
        errors = {name: text for name, text in problems.items() if text}
        if errors:
            return self._password_form(errors), 400
        hashed = passwords.hashed(new)
        db.session.rollback()
        begin_write(db.session())
        account = db.session.get_one(Account, g.actor.user_id, with_for_update=True)
        passwords.change(db.session(), account, hashed)
        sittings.begin(db.session(), account.id, session, request.remote_addr or "", request.user_agent.string)
        audit.record(db.session(), "change_password", g.actor, f"account {account.username}")
        db.session.commit()
        flash(_("The password was changed. All other sessions of this account have ended."), "success")
        return redirect(url_for(".show"), 303)

    def _password_form(self, errors: dict[str, str]) -> str:
        page = {
            "title": _("Change the password"),
            "errors": errors,
            "initial": current_user.initial_until is not None,
            "shortest": passwords.SHORTEST,
            "former": passwords.FORMER,
            "action": url_for(".password"),
            "back_url": url_for(".show"),
            "username": current_user.username,
        }
        return render_template("account/password.html", page=page)

    @expose("/number", methods=["GET", "POST"])
    def number(self) -> Answer:
        """Say whose the account is, once, where nobody has said it (回避); later HR operations changes it."""
        if current_user.id_number is not None:
            abort(404)
        if request.method == "GET":
            return self._number_form("", None)
        text = request.form.get("id_number", "").strip()
        try:
            number = resident_id(text)
        except Wrong as problem:
            return self._number_form(text, str(problem)), 400
        account = db.session.get_one(Account, g.actor.user_id, with_for_update=True, populate_existing=True)
        if account.id_number is not None:
            abort(409, _("The ID number was entered meanwhile. Nothing was changed."))
        account.id_number, account.number_told = Number.of(number), True
        audit.record(db.session(), "own_number", g.actor, f"account {account.username}")
        db.session.commit()
        flash(_("Your ID number was entered. Your roles decide from now on."), "success")
        return redirect(url_for(".show"), 303)

    def _number_form(self, text: str, error: str | None) -> str:
        page = {"title": _("Enter your ID number"), "value": text, "error": error}
        page |= {"action": url_for(".number"), "back_url": url_for(".show")}
        return render_template("account/number.html", page=page)

    @expose("/end/<int(max=2147483647):pk>", methods=["POST"])
    def end(self, pk: int) -> Response:
        """End one of one's own other sessions."""
        if pk == g.sitting.id:
            abort(400, _("This is the session you are in: sign out to end it."))
        self._end(Sitting.id == pk)
        return redirect(url_for(".show"), 303)

    @expose("/end_others", methods=["POST"])
    def end_others(self) -> Response:
        self._end(Sitting.id != g.sitting.id)
        return redirect(url_for(".show"), 303)

    def _end(self, criterion: sa.ColumnElement[bool]) -> None:
        number = sittings.end(db.session(), g.actor.user_id, criterion)
        audit.record(db.session(), "end_session", g.actor, f"account {current_user.username}", number=number)
        db.session.commit()
        flash(ngettext("%(num)d session has ended.", "%(num)d sessions have ended.", number), "success")

    @expose("/until")
    def until(self) -> Response:
        """In how many seconds the session ends; asking keeps it no longer."""
        return jsonify(left=max(0, int((sittings.until(g.sitting) - clock.now()).total_seconds())))

    @expose("/stay", methods=["POST"])
    def stay(self) -> Response:
        """The same after the reader has said that he is here."""
        db.session.commit()
        return jsonify(left=max(0, int((sittings.until(g.sitting, clock.now()) - clock.now()).total_seconds())))


def _old_problem(old: str) -> str | None:
    """What is wrong with the password that is to be changed: it is guessed no more often than at the door. Hashing
    takes its time, so it comes between two transactions."""
    username, stored, address = current_user.username, current_user.password, request.remote_addr or ""
    wait = guessing.admit(db.session(), username, address)
    db.session.commit()
    if wait is not None:
        return _("Too many tries. Wait a little, then try again.")
    if not check_password_hash(stored, old[: passwords.LONGEST]):
        return _("This is not your password.")
    begin_write(db.session())
    guessing.was_right(db.session(), username, address)
    db.session.commit()
    return None


def _line(sitting: Sitting) -> dict[str, Any]:
    return {
        "browser": _browser(sitting.browser),
        "address": sitting.address,
        "began": clock.shown(sitting.began_at),
        "seen": clock.shown(sitting.seen_at),
        "here": sitting.id == g.sitting.id,
        "end_url": url_for("AccountView.end", pk=sitting.id),
    }


def _browser(agent: str) -> str:
    """A browser's name and system, as far as its header says them."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(part for part in found if part) or _("Unknown browser")
