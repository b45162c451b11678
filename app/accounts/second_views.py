"""The screens of the second factor: where it is shown after the password, and where its holder turns it on."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from app import audit, clock
from app.accounts import guessing, is_half, kept, second
from app.accounts.models import Account, Sitting
from app.accounts.views import inside, second_page
from app.extensions import begin_write, db
from app.review.workflow import Actor

Answer = Response | str | tuple[str, int]


class SecondView(BaseView):
    route_base = ""
    default_view = "ask"

    @expose("/login/second", methods=["GET", "POST"])
    def ask(self) -> Answer:
        """After the password: a code of the app, or one for a lost telephone."""
        onwards = inside(request.values.get("next"))
        if not current_user.is_authenticated:
            return redirect(url_for("DoorView.login", next=onwards))
        if not is_half(current_user):
            return redirect(onwards, 303)
        if request.method == "GET":
            return second_page(onwards, None)
        pk, name, sitting = current_user.id, current_user.first_name, g.sitting.id
        username = current_user.username
        if problem := self._try(username):
            return second_page(onwards, problem), 401
        db.session.rollback()
        begin_write(db.session())
        account = db.session.get_one(Account, pk, with_for_update=True)
        how = second.opens(db.session(), account, request.form.get("code", ""))
        if how is None:
            db.session.commit()
            return second_page(onwards, second.problem()), 401
        guessing.was_right(db.session(), username, request.remote_addr or "", guessing.SECOND)
        db.session.get_one(Sitting, sitting).second_at = clock.now()
        if how == "recovery":
            left = second.left(account)
            audit.record(db.session(), "recovery_code", Actor(name, pk), f"account {account.username}", left=left)
            flash(_("One of your recovery codes was used; %(left)d are left.", left=left), "warning")
        db.session.commit()
        form = kept.sent()
        if form is None:
            return redirect(onwards, 303)
        return kept.go_on(form, otherwise=onwards)

    def _try(self, username: str) -> str | None:
        """Count a code like a password; what to say while none is looked at."""
        db.session.rollback()
        begin_write(db.session())
        wait = guessing.admit(db.session(), username, request.remote_addr or "", guessing.SECOND)
        db.session.commit()
        return _("Too many tries. Wait a little, then try again.") if wait else None

    @expose("/account/second", methods=["GET", "POST"])
    def enrol(self) -> Answer:
        """Turn it on: the secret for the app, then a code that shows that the app has it."""
        if request.method == "GET":
            db.session.rollback()
            begin_write(db.session())
        account = db.session.get_one(Account, g.actor.user_id, with_for_update=True)
        if second.has(account):
            return redirect(url_for("AccountView.show"), 303)
        if request.method == "GET":
            return self._enrol_page(account, None)
        codes = second.confirm(db.session(), account, request.form.get("code", ""))
        if codes is None:
            return self._enrol_page(account, second.problem()), 400
        db.session.get_one(Sitting, g.sitting.id).second_at = clock.now()
        return self._codes_page(account, codes, "second_on")

    def _enrol_page(self, account: Account, error: str | None) -> str:
        enrolment = second.enrol(db.session(), account)
        page = {
            "title": _("Turn on the second factor"),
            "picture": Markup(enrolment.picture),
            "secret": " ".join(enrolment.secret[at : at + 4] for at in range(0, len(enrolment.secret), 4)),
            "error": error,
            "required": second.is_required(current_user, g.grants),
            "action": url_for(".enrol"),
            "back_url": url_for("AccountView.show"),
        }
        db.session.commit()
        return render_template("account/second.html", page=page)

    def _codes_page(self, account: Account, codes: list[str], action: str) -> str:
        audit.record(db.session(), action, g.actor, f"account {account.username}")
        db.session.commit()
        page = {"title": _("Recovery codes"), "codes": codes, "back_url": url_for("AccountView.show")}
        return render_template("account/codes.html", page=page)

    @expose("/account/second/codes", methods=["POST"])
    def renew(self) -> Answer:
        """New recovery codes, shown once."""
        account = self._with_code()
        return self._codes_page(account, second.renew(account), "recovery_codes")

    @expose("/account/second/off", methods=["POST"])
    def off(self) -> Answer:
        """Without it again, where no role needs it."""
        if second.is_required(current_user, g.grants):
            abort(403, _("One of your roles needs the second factor."))
        account = self._with_code()
        second.turn_off(account)
        audit.record(db.session(), "second_off", g.actor, f"account {account.username}")
        db.session.commit()
        flash(_("The second factor is off."), "success")
        return redirect(url_for("AccountView.show"), 303)

    def _with_code(self) -> Account:
        """The reader's account, locked, after a right code; else the page of the account says what is wrong."""
        pk, username = g.actor.user_id, current_user.username
        problem = self._try(username)
        db.session.rollback()
        begin_write(db.session())
        account = db.session.get_one(Account, pk, with_for_update=True)
        if (
            problem is None
            and second.has(account)
            and second.opens(db.session(), account, request.form.get("code", ""))
        ):
            guessing.was_right(db.session(), username, request.remote_addr or "", guessing.SECOND)
            return account
        db.session.commit()
        flash(problem or second.problem(), "error")
        abort(redirect(url_for("AccountView.show"), 303))
