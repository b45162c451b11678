"""What the pages of accounts, roles and built-in units share."""

from typing import Any

from flask import abort, g, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.accounts import account_page, forms
from app.accounts.account_page import Sent
from app.accounts.bounds import Granter
from app.accounts.granting import By
from app.accounts.models import Account
from app.extensions import db
from app.review import drafts
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
        g.here = account_url(pk)
        account = db.session.get(Account, pk, populate_existing=True) or abort(404)
        page = account_page.account_page(db.session(), self.manages(), by_now(), account, sent)
        return render_template("accounts/show.html", page=page or abort(404))

    def given_page(self, title: str, account: Account, password: str) -> str:
        """The one page that shows an initial password. It is the answer to a POST: nothing leads to it again."""
        g.here = account_url(account.id)
        page = {
            "title": title,
            "name": account.first_name,
            "username": account.username,
            "password": password,
            "until": clock.shown(account.initial_until),
            "url": g.here,
        }
        return render_template("accounts/given.html", page=page)

    def manages(self) -> bool:
        """Whether the reader issues, resets and disables accounts."""
        return bool(self.appbuilder.sm.has_access("can_edit", "accounts"))


def account_url(pk: int) -> str:
    return url_for("AccountsView.show", pk=pk)
