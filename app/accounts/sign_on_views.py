"""单位登录: to the provider and back, and out of it again."""

import json
import logging

from flask import g, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app import audit
from app.accounts import issuing, kept, registering, sign_on
from app.accounts.models import Account
from app.accounts.sign_on import Comer, NotSignedOn
from app.accounts.views import inside, login_page, sit_down
from app.extensions import begin_write, db
from app.review.workflow import Actor
from app.sealing import Number, blind

log = logging.getLogger(__name__)
Answer = Response | str | tuple[str, int]


class SignOnView(BaseView):
    route_base = ""
    default_view = "go"

    @expose("/login/unit", methods=["GET", "POST"])
    def go(self) -> Answer:
        """To the provider. Posted, a form comes along that was being sent when the session ended."""
        onwards, form = inside(request.values.get("next")), kept.sent()
        if not sign_on.is_there():
            told = _("This installation has no single sign-on. Sign in with a built-in account.")
            return login_page(told, 404, form)
        if request.method == "GET" and "actor" in g:
            return redirect(onwards)
        db.session.rollback()
        try:
            way = sign_on.way_to(session, url_for(".back", _external=True), onwards, form)
        except NotSignedOn as problem:
            return login_page(str(problem), problem.code, form)
        begin_write(db.session())
        sign_on.remember(db.session(), way)
        db.session.commit()
        if request.method == "GET":
            return redirect(way.address)
        return render_template("leaving.html", page={"url": way.address})  # a form may lead nowhere else (CSP)

    @expose("/login/unit/back")
    def back(self) -> Answer:
        """The provider's answer."""
        form = None
        db.session.rollback()
        try:
            begin_write(db.session())
            try:
                way = sign_on.take(db.session(), session, request.args.get("state", ""))
            finally:
                db.session.commit()
            form = _kept_of(way)
            comer = sign_on.comer(way, request.args)
            begin_write(db.session())
            account = _account_of(comer)
        except NotSignedOn as problem:
            db.session.rollback()
            return login_page(str(problem), problem.code, form)
        registering.begin(db.session(), account, comer.unit_name)
        sit_down(account, request.remote_addr or "")
        g.sitting.id_token_sealed = sign_on.proof_of(comer)
        db.session.commit()
        if form is None and account.id_number_index is None and g.grants:
            return redirect(url_for("AccountView.number"), 303)  # without one nothing is decided
        return redirect(way["onwards"], 303) if form is None else kept.go_on(form, otherwise=way["onwards"])


def _kept_of(way: dict[str, str]) -> kept.Kept | None:
    found = json.loads(way["kept"]) or {}
    return kept.checked(found.get("action", ""), found.get("fields"))


def _account_of(comer: Comer) -> Account:
    """The account of who comes, made at the first time. What the provider says of him is taken over each time."""
    account = _find(comer) or _make(comer)
    if not account.active:
        log.info("account %s is disabled", account.username)
        raise NotSignedOn(_("This account is disabled. Ask the administrator of your unit, or your HR bureau."), 403)
    other = comer.id_number is not None and blind(comer.id_number) != account.id_number_index
    if account.first_name != comer.name or other:
        account.first_name = comer.name
        if comer.id_number is not None:
            account.id_number, account.number_told = Number.of(comer.id_number), False
        audit.record(db.session(), "sign_on_changed", Actor(comer.name, account.id), f"account {account.username}")
        db.session.flush()
    return account


def _find(comer: Comer) -> Account | None:
    identity = _identity(comer)
    found: Account | None = db.session.query(Account).filter_by(**identity).with_for_update(key_share=True).first()
    return found


def _identity(comer: Comer) -> dict[str, str]:
    return {"issuer": comer.issuer, "subject": comer.subject, "sign_on_unit": comer.unit_code}


def _make(comer: Comer) -> Account:
    """A new account, named after the unit: its code, and which one of it this is."""
    base = comer.unit_code.lower()
    number = db.session.query(Account.id).filter(Account.username.startswith(f"{base}-")).count()
    while True:
        number += 1
        account = issuing.account_of(f"{base}-{number}", comer.name, comer.id_number, **_identity(comer))
        try:
            with db.session.begin_nested():
                db.session.add(account)
                db.session.flush()
        except IntegrityError:  # the name is taken, or he comes twice at once
            if found := _find(comer):
                return found
            continue
        audit.record(db.session(), "sign_on_account", Actor(comer.name, account.id), f"account {account.username}")
        return account
