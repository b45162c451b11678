"""角色: who holds what in which unit or region; granting, revoking, last days."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, g, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import account_page, forms, granting, holders, issuing, joining
from app.accounts.account_page import Sent
from app.accounts.bounds import REFUSED, Place, Refused
from app.accounts.granting import By, Found, Settled
from app.accounts.holders import Wanted
from app.accounts.managing import Answer, Managing, account_url, by_now
from app.accounts.models import Account
from app.extensions import db
from app.review import drafts, pages


class RolesView(Managing):
    route_base = "/roles"
    default_view = "list"
    class_permission_name = "roles"
    method_permission_name = {
        **dict.fromkeys(("list", "search"), "read"),
        **dict.fromkeys(("grant", "stand_in", "revoke", "expire"), "edit"),
    }
    within = ("/roles", "/accounts/show", "/accounts/issue")  # what its line of the menu stands for

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        by = by_now()
        wanted = Wanted.parse(by.granter, request.args)
        if wanted.q != request.args.get("q", "") or not all(request.args.values()):
            return redirect(self.url("list", wanted.query_string()))
        rows = db.session.execute(holders.page_of(by.granter, wanted)).all()
        numbers = holders.numbers(db.session(), by.granter, wanted)
        waiting = joining.number_waiting(db.session()) if self.may("edit") else 0
        pages.refuse_past_end(
            rows, wanted.page, numbers["found"], lambda last: self.url("list", wanted.query_string(page=last))
        )
        page = account_page.roles_page(self, by, wanted, rows, numbers, waiting)
        return render_template("accounts/list.html", page=page)

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> Response:
        """The search box: posted, so that a whole number typed there never stands in an address."""
        wanted = Wanted.parse(by_now().granter, dict(pages.arguments(request.form.get("query", ""))))
        q = holders.search_text(request.form.get("q", ""))
        return redirect(self.url("list", wanted.query_string(q=q, page=1)), 303)

    @expose("/grant", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def grant(self) -> Answer:
        by, fields = by_now(), (*forms.ACCOUNT, *forms.ROLE)
        if request.method != "POST":
            return self._grant_form(fields, {"username": request.args.get("account", "")}, {})
        texts = forms.typed(fields, request.form)
        values, problems = forms.read(fields, texts)
        place, wrong = forms.place_of(db.session(), by.granter, texts)
        problems = wrong | problems
        account = self._to(by, texts["username"], problems)
        if problems or account is None or place is None or drafts.unsent():
            return self._grant_form(fields, texts, problems), 400
        at = pages.moment(request.form.get("made_at", ""))
        try:
            granting.grant(db.session(), by, account, values["role"], place, values["expires_on"], at)
        except Refused as refused:
            field = {"self": "username", "role": "role"}.get(refused.reason, "unit" if place.unit_id else "region")
            return self._grant_form(fields, texts, {field: str(refused)}), 400
        except Settled as settled:
            return self._grant_form(fields, texts, {"role": self._held(settled)}), 409
        joining.settle(db.session(), by, account, place.unit_id)
        db.session.commit()
        flash(_("The role was granted. It opens at the holder's next step."), "success")
        return redirect(account_url(account.id), 303)

    def _grant_form(self, fields: Any, texts: forms.Texts, problems: forms.Problems) -> str:
        return self.form_page(_("Grant a role"), fields, texts, problems, back_url=self.url("list"), button=_("Grant"))

    def _to(self, by: By, username: str, problems: forms.Problems) -> Account | None:
        """The account that gets the role, locked; what is wrong with it goes to the problems."""
        found = issuing.find(db.session(), username) if username else None
        account = granting.lock(db.session(), found.id) if found else None
        if account is not None and not by.granter.regions():  # within a unit: whoever has held a role there
            known = granting.held_over(db.session(), account.id)
            account = account if any(by.granter.reaches(place) for _one, _name, place in known) else None
        if account is None and "username" not in problems:
            problems["username"] = _("No account with this user name is here.")
        if account is not None and not account.active:
            problems["username"] = _("This account is disabled: enable it first.")
        return account

    def _held(self, settled: Settled) -> str:
        if settled.grant.revoked_at is not None:
            return account_page.settled(db.session(), settled.grant)
        return _("The account holds this role here already: change its last day on the account's page.")

    @expose("/stand_in", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def stand_in(self) -> Answer:
        """代审: name who decides for the reader until a day."""
        by = by_now()
        if not by.granter.bound.names:
            abort(403, str(REFUSED["role"]))
        accounts = [(one.username, f"{one.first_name} · {one.username}") for one in granting.nameable(db.session(), by)]
        fields = forms.stand_in(accounts, granting.latest_end(g.held.expires_on))
        if request.method != "POST":
            return self._stand_in_form(fields, {}, {})
        texts = forms.typed(fields, request.form)
        values, problems = forms.read(fields, texts)
        account = self._to(by, texts["username"], problems)
        if problems or account is None or drafts.unsent():
            return self._stand_in_form(fields, texts, problems), 400
        at, place = pages.moment(request.form.get("made_at", "")), Place(by.granter.unit_id, None)
        try:
            granting.name_stand_in(db.session(), by, account, place, values["expires_on"], at)
        except Refused as refused:
            field = "expires_on" if refused.reason == "day" else "username"
            return self._stand_in_form(fields, texts, {field: str(refused)}), 400
        except Settled as settled:
            told = self._held(settled)
            if settled.grant.holds:
                told = _("This account stands in for you already. To have it longer, revoke that first.")
            return self._stand_in_form(fields, texts, {"username": told}), 409
        db.session.commit()
        flash(_("The stand-in was named: he decides for you from now on, and does nothing else."), "success")
        return redirect(account_url(account.id), 303)

    def _stand_in_form(self, fields: Any, texts: forms.Texts, problems: forms.Problems) -> str:
        title = _("Name a stand-in")
        return self.form_page(title, fields, texts, problems, back_url=self.url("list"), button=title)

    @expose("/revoke/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def revoke(self, pk: int) -> Answer:
        by, found = self._found(pk)
        reason = request.form.get("reason", "").strip()
        problem = forms.reason_problem(reason) or drafts.unsent()
        sent = Sent(f"revoke-{pk}", {"reason": reason}, {"reason": problem} if problem else {})
        return self._step(
            found,
            sent,
            lambda: granting.revoke(db.session(), by, found, reason),
            _("The role was revoked. It opens nothing any more."),
        )

    @expose("/expire/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def expire(self, pk: int) -> Answer:
        by, found = self._found(pk)
        text = request.form.get("expires_on", "").strip()
        until, problem = forms.last_day(text)
        problem = problem or drafts.unsent()
        sent = Sent(f"expire-{pk}", {"expires_on": text}, {"expires_on": problem} if problem else {})
        seen = request.form.get("seen", "")
        return self._step(
            found, sent, lambda: granting.expire(db.session(), by, found, seen, until), _("The last day was changed.")
        )

    def _found(self, pk: int) -> tuple[By, Found]:
        by = by_now()
        return by, granting.find(db.session(), by, pk) or abort(404)

    def _step(self, found: Found, sent: Sent, step: Callable[[], None], done: str) -> Answer:
        """Take a step on a grant, or show the account's page with what is in the way."""
        pk = found.account.id
        if sent.problems:
            return self.account_page(pk, sent), 400
        try:
            step()
        except Refused as refused:
            if refused.reason in REFUSED:
                abort(403, str(refused))
            if refused.reason == "day":
                return self.account_page(pk, Sent(sent.form, sent.texts, {"expires_on": str(refused)})), 400
            told = Sent(sent.form, sent.texts, told=str(refused))
            return self.account_page(pk, told), 409
        except Settled as settled:
            return self.account_page(pk, Sent(told=account_page.settled(db.session(), settled.grant))), 409
        db.session.commit()
        flash(done, "success")
        return redirect(account_url(pk), 303)
