"""单位登录: to the provider and back, and out of it again."""

import json
import logging
from typing import Any

from flask import g, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app import audit, clock
from app.accounts import identify, kept, registering, sign_on
from app.accounts.models import Account
from app.accounts.sign_on import Comer, NotSignedOn
from app.accounts.views import inside, login_page, sit_down
from app.extensions import begin_write, db
from app.review.workflow import Actor
from app.sealing import Number, blind, seal_numbers

log = logging.getLogger(__name__)
Answer = Response | str | tuple[str, int]


class SignOnView(BaseView):
    route_base = ""
    default_view = "go"

    @expose("/login/unit", methods=["GET", "POST"])
    def go(self) -> Answer:
        """To the provider. Posted, a form comes along that was being sent when the session ended."""
        onwards = inside(request.values.get("next"))
        if not sign_on.is_there():
            return login_page(_("This installation has no single sign-on. Sign in with a built-in account."), 404)
        if request.method == "GET" and "actor" in g:
            return redirect(onwards)
        db.session.rollback()
        try:
            sign_on.reach()  # over the network, before anybody has to wait for us
            begin_write(db.session())
            back = url_for(".back", _external=True)
            address = sign_on.set_out(db.session(), session, back, onwards, kept.sent())
        except NotSignedOn as problem:
            return login_page(str(problem), problem.code)
        db.session.commit()
        if request.method == "GET":
            return redirect(address)
        return render_template("leaving.html", page={"url": address})  # a form may lead nowhere else (CSP)

    @expose("/login/unit/back")
    def back(self) -> Answer:
        """The provider's answer."""
        db.session.rollback()
        try:
            begin_write(db.session())
            try:
                way = sign_on.take(db.session(), session, request.args.get("state", ""))
            finally:
                db.session.commit()
            comer = sign_on.comer(way, request.args)
            begin_write(db.session())
            account = _account_of(comer)
        except NotSignedOn as problem:
            db.session.rollback()
            return login_page(str(problem), problem.code)
        registering.begin(db.session(), account, comer.unit_name)
        sit_down(account, request.remote_addr or "")
        g.sitting.id_token_sealed = seal_numbers({"id_token": comer.id_token})
        account.last_login = clock.now().replace(tzinfo=None)
        account.login_count = (account.login_count or 0) + 1
        db.session.commit()
        form = kept.checked(*_kept_of(way))
        if form is None:
            return redirect(way["onwards"], 303)
        begin_write(db.session())
        identify()
        return kept.shown_again(form, otherwise=way["onwards"])


def _kept_of(way: dict[str, str]) -> tuple[str, Any]:
    found = json.loads(way["kept"]) or {}
    return found.get("action", ""), found.get("fields")


def _account_of(comer: Comer) -> Account:
    """The account of who comes, made at the first time. What the provider says of him is taken over each time."""
    account = _find(comer) or _make(comer)
    if not account.active:
        log.info("account %s is disabled", account.username)
        raise NotSignedOn(_("This account is disabled. Ask the administrator of your unit, or your HR bureau."), 403)
    other = comer.id_number is not None and blind(comer.id_number) != account.id_number_index
    if account.first_name != comer.name or other:
        account.first_name = comer.name
        account.id_number = Number.of(comer.id_number) if comer.id_number else account.id_number
        audit.record(db.session(), "sign_on_changed", Actor(comer.name, account.id), f"account {account.username}")
        db.session.flush()
    return account


def _find(comer: Comer) -> Account | None:
    identity = {"issuer": comer.issuer, "subject": comer.subject, "sign_on_unit": comer.unit_code}
    found: Account | None = db.session.query(Account).filter_by(**identity).with_for_update(key_share=True).first()
    return found


def _make(comer: Comer) -> Account:
    """A new account, named after the unit: its code, and which one of it this is."""
    base = comer.unit_code.lower()
    number = db.session.query(Account.id).filter(Account.username.startswith(f"{base}-")).count()
    while True:
        number += 1
        account = Account(
            username=f"{base}-{number}",
            first_name=comer.name,
            last_name="",
            email=f"{base}-{number}@account.invalid",  # the framework wants one of each; nothing is ever sent there
            password="",
            active=True,
            id_number=Number.of(comer.id_number) if comer.id_number else None,
            issuer=comer.issuer,
            subject=comer.subject,
            sign_on_unit=comer.unit_code,
        )
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
