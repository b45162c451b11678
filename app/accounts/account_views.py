"""内置账号: issuing one, resetting its password, disabling and enabling it."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _

from app.accounts import forms, granting, issuing
from app.accounts.account_page import Sent
from app.accounts.bounds import REFUSED, Refused
from app.accounts.managing import Answer, Managing, account_url, by_now
from app.accounts.models import Account
from app.extensions import begin_write, db
from app.review import drafts


class AccountsView(Managing):
    route_base = "/accounts"
    default_view = "show"
    class_permission_name = "accounts"
    method_permission_name = {
        "show": "read",
        **dict.fromkeys(("issue", "reset", "number", "turn_off", "disable", "enable"), "edit"),
    }

    @expose("/show/<int(max=2147483647):pk>")
    @has_access
    def show(self, pk: int) -> str:
        return self.account_page(pk)

    @expose("/issue/", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def issue(self) -> Answer:
        """Issue an account with its first role; the answer shows the initial password, and nothing does so again."""
        by, fields = by_now(), (*forms.HOLDER, *forms.ROLE)
        if request.method != "POST":
            unit = request.args.get("unit", "")[:18]
            return self._issue_form(fields, {"unit": unit, "role": "unit_administrator" if unit else ""}, {})
        texts = forms.typed(fields, request.form)
        values, problems = forms.read(fields, texts)
        place, wrong = forms.place_of(db.session(), by.granter, texts)
        problems = wrong | problems
        if problems or place is None or drafts.unsent():
            return self._issue_form(fields, texts, problems), 400
        try:
            account, password = issuing.issue(db.session(), by, values, values["role"], place, values["expires_on"])
        except issuing.Taken:
            problem = {"username": _("There is an account of this user name already.")}
            return self._issue_form(fields, texts, problem), 400
        except Refused as refused:
            field = {"self": "id_number", "role": "role"}.get(refused.reason, "unit" if place.unit_id else "region")
            return self._issue_form(fields, texts, {field: str(refused)}), 400
        db.session.commit()
        return self.given_page(_("The account was issued"), account, password)

    def _issue_form(self, fields: Any, texts: forms.Texts, problems: forms.Problems) -> str:
        back = url_for("RolesView.list")
        return self.form_page(_("Issue an account"), fields, texts, problems, back_url=back, button=_("Issue"))

    @expose("/reset/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def reset(self, pk: int) -> Answer:
        account = self._locked(pk)
        if told := self._stale(account, active=True):
            return told
        try:
            password = issuing.reset(db.session(), by_now(), account)
        except Refused as refused:
            return self._refused(account, refused)
        db.session.commit()
        return self.given_page(_("The password was reset"), account, password)

    @expose("/disable/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def disable(self, pk: int) -> Answer:
        return self._with_reason(
            pk, "disable", issuing.disable, _("The account was disabled, and its sessions have ended.")
        )

    @expose("/turn_off/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def turn_off(self, pk: int) -> Answer:
        """Take off the second factor of somebody who lost his telephone."""
        told = _("The second factor is off, and the sessions of the account have ended.")
        return self._with_reason(pk, "turn_off", issuing.turn_off, told)

    @expose("/number/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def number(self, pk: int) -> Answer:
        """Change the ID number of an account that was entered wrongly, or not at all."""
        return self._with_reason(pk, "number", issuing.change_number, _("The ID number was changed."), forms.NUMBER)

    def _with_reason(
        self, pk: int, name: str, step: Callable[..., None], done: str, fields: Sequence[Any] = (forms.REASON,)
    ) -> Answer:
        """Take a step on an account for a reason that is asked for."""
        account, texts = self._locked(pk), forms.typed(fields, request.form)
        if told := self._stale(account, active=True):
            return told
        values, problems = forms.read(fields, texts)
        if unsent := drafts.unsent():
            problems.setdefault("reason", unsent)
        if problems:
            return self.account_page(pk, Sent(name, texts, problems)), 400
        try:
            step(db.session(), by_now(), account, **values)
        except Refused as refused:
            return self._refused(account, refused, Sent(name, texts))
        db.session.commit()
        flash(done, "success")
        return redirect(account_url(pk), 303)

    @expose("/enable/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def enable(self, pk: int) -> Answer:
        account = self._locked(pk)
        if told := self._stale(account, active=False):
            return told
        try:
            issuing.enable(db.session(), by_now(), account)
        except Refused as refused:
            return self._refused(account, refused)
        db.session.commit()
        flash(_("The account was enabled."), "success")
        return redirect(account_url(pk), 303)

    def _locked(self, pk: int) -> Account:
        """An account of the reader's jurisdiction, locked."""
        by = by_now()
        account = granting.lock(db.session(), pk) or abort(404)
        known = granting.held_over(db.session(), pk)
        if not by.granter.is_whole and not any(by.granter.reaches(place) for _one, _name, place in known):
            abort(404)
        return account

    def _stale(self, account: Account, active: bool) -> Answer | None:
        """The page for a form of an account that is no more as its page showed it."""
        if bool(account.active) == active and request.form.get("seen") == issuing.seen_of(account):
            return None
        told = _("The account is no more as this page showed it. Nothing was changed: look at it, then decide again.")
        if not account.active and active:
            told = _("The account is disabled already. Nothing was changed.")
        if account.active and not active:
            told = _("The account is enabled already. Nothing was changed.")
        return self.account_page(account.id, Sent(told=told)), 409

    def _refused(self, account: Account, refused: Refused, sent: Sent = Sent()) -> Answer:  # noqa: B008 — frozen
        if refused.reason in REFUSED:
            abort(403, str(refused))
        db.session.rollback()
        begin_write(db.session())
        return self.account_page(account.id, Sent(sent.form, sent.texts, told=str(refused))), 409
