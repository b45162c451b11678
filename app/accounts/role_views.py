"""角色与账号: who holds what, and what HR operations and the system administrator do about it."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.accounts import account_page, forms, granting, holders, issuing
from app.accounts.account_page import Sent
from app.accounts.bounds import REFUSED, Granter, Place, Refused
from app.accounts.granting import By, Found, Settled
from app.accounts.holders import Units, Wanted
from app.accounts.models import Account
from app.extensions import begin_write, db
from app.review import drafts, pages
from app.review.desk_base import Screen

Answer = Response | str | tuple[str, int]


def by_now() -> By:
    """Who asks, by the role that he wears."""
    held = g.held
    granter = Granter(held.role_name, held.unit_id, held.region, g.actor.user_id, current_user.id_number_index)
    return By(g.actor, granter)


class Managing(Screen):
    """What the pages of accounts, roles and units share."""

    def form_page(self, title: str, fields: Any, texts: forms.Texts, problems: forms.Problems, **more: Any) -> str:
        page = {
            "title": title,
            "fields": forms.shown(fields, by_now().granter, texts, problems),
            "made_at": request.form.get("made_at") or clock.now().isoformat(),
            "unsent": drafts.unsent() if request.method == "POST" else None,
            "action": request.path,
        } | more
        g.here = request.path  # where the language switch of a posted page leads
        return render_template("accounts/form.html", page=page)

    def account_page(self, pk: int, sent: Sent = Sent()) -> str:  # noqa: B008 — frozen
        """The page of an account; 404 where nothing of it lies in the reader's jurisdiction."""
        g.here = _account_url(pk)
        account = db.session.get(Account, pk, populate_existing=True) or abort(404)
        page = account_page.account_page(db.session(), self.manages(), by_now(), account, sent)
        return render_template("accounts/show.html", page=page or abort(404))

    def manages(self) -> bool:
        """Whether the reader issues, resets and disables accounts."""
        return bool(self.appbuilder.sm.has_access("can_edit", AccountsView.class_permission_name))


class RolesView(Managing):
    route_base = "/roles"
    default_view = "list"
    class_permission_name = "roles"
    method_permission_name = {
        **dict.fromkeys(("list", "search"), "read"),
        **dict.fromkeys(("grant", "revoke", "expire"), "edit"),
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
        if not rows and wanted.page > 1:
            last = max(1, pages.page_count(numbers["found"]))
            raise pages.no_such_page(self.url("list", wanted.query_string(page=last)), last)
        return render_template("accounts/list.html", page=account_page.roles_page(self, by, wanted, rows, numbers))

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
        db.session.commit()
        flash(_("The role was granted. It opens at the holder's next step."), "success")
        return redirect(_account_url(account.id), 303)

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
            told = Sent(sent.form, sent.texts, told=str(refused))
            return self.account_page(pk, told), 409
        except Settled as settled:
            return self.account_page(pk, Sent(told=account_page.settled(db.session(), settled.grant))), 409
        db.session.commit()
        flash(done, "success")
        return redirect(_account_url(pk), 303)


class AccountsView(Managing):
    route_base = "/accounts"
    default_view = "show"
    class_permission_name = "accounts"
    method_permission_name = {
        "show": "read",
        **dict.fromkeys(("issue", "reset", "turn_off", "disable", "enable"), "edit"),
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
        return self._given(_("The account was issued"), account, password)

    def _issue_form(self, fields: Any, texts: forms.Texts, problems: forms.Problems) -> str:
        back = url_for("RolesView.list")
        return self.form_page(_("Issue an account"), fields, texts, problems, back_url=back, button=_("Issue"))

    def _given(self, title: str, account: Account, password: str) -> str:
        """The one page that shows an initial password. It is the answer to a POST: nothing leads to it again."""
        page = {
            "title": title,
            "name": account.first_name,
            "username": account.username,
            "password": password,
            "until": clock.shown(account.initial_until),
            "url": self.url("show", pk=account.id),
        }
        g.here = page["url"]
        return render_template("accounts/given.html", page=page)

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
        return self._given(_("The password was reset"), account, password)

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

    def _with_reason(self, pk: int, name: str, step: Callable[[Any, By, Account, str], None], done: str) -> Answer:
        """Take a step on an account for a reason that is asked for."""
        account, reason = self._locked(pk), request.form.get("reason", "").strip()
        if told := self._stale(account, active=True):
            return told
        if problem := forms.reason_problem(reason) or drafts.unsent():
            return self.account_page(pk, Sent(name, {"reason": reason}, {"reason": problem})), 400
        try:
            step(db.session(), by_now(), account, reason)
        except Refused as refused:
            return self._refused(account, refused, Sent(name, {"reason": reason}))
        db.session.commit()
        flash(done, "success")
        return redirect(_account_url(pk), 303)

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
        return redirect(_account_url(pk), 303)

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


class BuiltInUnitsView(Managing):
    route_base = "/accounts/units"
    default_view = "list"
    class_permission_name = "built_in_units"
    method_permission_name = dict.fromkeys(("list", "search", "add"), "edit")

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        asked = Units.parse(request.args)
        if asked.q != request.args.get("q", "") or not all(request.args.values()):
            return redirect(self.url("list", asked.query_string()))
        rows, total = db.session.execute(holders.units_of(asked)).all(), holders.number_of_units(db.session(), asked)
        if not rows and asked.page > 1:
            last = max(1, pages.page_count(total))
            raise pages.no_such_page(self.url("list", asked.query_string(page=last)), last)
        page = account_page.units_page(self, asked, rows, total, self.manages())
        return render_template("accounts/list.html", page=page)

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> Response:
        return redirect(self.url("list", Units(holders.search_text(request.form.get("q", ""))).query_string()), 303)

    @expose("/add", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def add(self) -> Answer:
        """Enter a built-in unit: its code is the system's."""
        by = by_now()
        if request.method != "POST":
            return self._form({}, {})
        texts = forms.typed(forms.UNIT, request.form)
        values, problems = forms.read(forms.UNIT, texts)
        department = self._department(texts["department"], problems)
        if "region" in values and values["region"] not in by.granter.regions():
            problems["region"] = str(REFUSED["place"])
        if problems or drafts.unsent():
            return self._form(texts, problems), 400
        facts = {name: value for name, value in values.items() if name != "department"}
        _pk, code = issuing.enter_unit(db.session(), by, facts | {"department_id": department})
        db.session.commit()
        flash(_("The unit was entered. Its code is %(code)s.", code=code), "success")
        return redirect(self.url("list"), 303)

    def _department(self, code: str, problems: forms.Problems) -> int | None:
        found: Place | None = forms.unit_of(db.session(), code) if code else None
        if code and found is None:
            problems["department"] = _("No unit with this code is in your jurisdiction.")
        return found.unit_id if found else None

    def _form(self, texts: forms.Texts, problems: forms.Problems) -> str:
        return self.form_page(
            _("Enter a unit"), forms.UNIT, texts, problems, back_url=self.url("list"), button=_("Enter")
        )


def _account_url(pk: int) -> str:
    return url_for("AccountsView.show", pk=pk)
