"""Who comes in and what they may: accounts, grants, roles, the doors."""

import re
from contextlib import suppress
from typing import Any

from flask import Flask, current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.accounts import asker, kept, places, second, sittings
from app.accounts.bounds import BOUNDS
from app.accounts.roles import ROLES
from app.extensions import begin_write, db
from app.tenancy import enter
from config import ConfigurationError

HOME = "HomeView.index"
PUBLIC = {
    "static",
    HOME,
    "DoorView.login",
    "DoorView.built_in",
    "DoorView.logout",
    "DoorView.locale",
    "SecondView.ask",
    "SignOnView.go",
    "SignOnView.back",
}
READING = {"GET", "HEAD", "OPTIONS"}
# What a page asks for by itself, to say when the session ends.
ALWAYS = {"AccountView.until", "AccountView.stay"}
# What opens before a password that was given out is changed, before a second factor that a role needs is there, and
# before the unit has told of itself.
CHANGING, ENROLLING, REGISTERING = {"AccountView.password"}, {"SecondView.enrol"}, {"RegisterView.register"}
REGISTERING |= {"RegisterView.ask", "DoorView.role"}  # to be let into a unit that is there; another role
BACKGROUND = re.compile(r".*\.present|AccountView\.until")  # what a page asks for by itself keeps nobody signed in


def register(appbuilder: AppBuilder) -> None:
    """Raises ConfigurationError where SECOND_FACTOR names a role that there is not."""
    if unknown := current_app.config["SECOND_FACTOR"] - ROLES.keys():
        raise ConfigurationError(f"SECOND_FACTOR names {', '.join(sorted(unknown))}: there are {', '.join(ROLES)}")
    from app.accounts.account_views import AccountsView  # inline, like those below: they ask who asks, as above
    from app.accounts.register_views import RegisterView
    from app.accounts.request_views import RequestsView
    from app.accounts.role_views import RolesView
    from app.accounts.unit_views import UnitsView

    appbuilder.add_view(RolesView, "roles", label=_l("Accounts and roles"), icon="people", category="settings")
    appbuilder.add_view(UnitsView, "units", label=_l("Units and administrators"), icon="building", category="settings")
    appbuilder.add_view_no_menu(AccountsView)
    appbuilder.add_view_no_menu(RegisterView)
    appbuilder.add_view_no_menu(RequestsView)


def guard_requests(app: Flask, public: set[str]) -> None:
    """Before each request: say who asks, give the session its scope, and send strangers to the door."""
    open_to_all = PUBLIC | public

    @app.before_request
    def who_asks() -> Response | tuple[str, int] | None:
        if request.endpoint == "static":
            return None
        g.draft = kept.is_again()
        if request.method not in READING and request.endpoint not in open_to_all:
            begin_write(db.session())  # before the account is read: see Two engines in the design
        if identify():
            page, until = next(((page, until) for lacking, page, until in _before_all_else() if lacking), (None, set()))
            g.alone = page is not None  # nothing of the panel stands around such a page
            if page and request.endpoint not in (open_to_all | ALWAYS | until) - {HOME}:
                return redirect(url_for(page), 303)
            if request.endpoint and request.endpoint not in open_to_all and not BACKGROUND.fullmatch(request.endpoint):
                sittings.note(g.sitting, db.session() if request.method not in READING else None)
            return None
        if request.endpoint is None or request.endpoint in open_to_all:
            return None  # an unknown address answers 404 by itself
        if current_user.is_authenticated:  # half of him: the second factor is still to be shown
            return redirect(url_for("SecondView.ask", next=request.full_path.rstrip("?")), 303)
        if request.method in READING:
            return redirect(url_for("DoorView.login", next=request.full_path.rstrip("?")))
        return kept.ask_to_sign_in()

    @app.after_request
    def confirmed(response: Response) -> Response:
        if g.get("draft") and response.status_code == 400 and not g.get("quiet"):
            response.status_code = 200  # nothing is wrong with it: it waits to be confirmed
        return response

    @app.before_request
    def is_there() -> None:
        if "actor" in g:
            places.refuse_absent(request.path)


def _before_all_else() -> list[tuple[bool, str, set[str]]]:
    """What comes before everything else, in this order: whether it is due, its page, what opens till it is done."""
    needs_second = not second.has(current_user) and second.is_required(current_user, g.grants)
    return [
        (current_user.initial_until is not None, "AccountView.password", CHANGING),
        (needs_second, "SecondView.enrol", ENROLLING),
        (is_registering(), "RegisterView.register", REGISTERING),
    ]


def identify() -> bool:
    """Put on `g` who asks and what he wears, and give the session its scope; False for a stranger, and for who has not
    shown his second factor yet."""
    g.locale = session.get("locale", current_app.config["BABEL_DEFAULT_LOCALE"])
    if not current_user.is_authenticated or is_half(current_user):
        return False
    g.held = asker.worn(g.grants)
    _remember_worn(g.held.id if g.held else None)
    g.unit_id = g.held.unit_id if g.held else None
    g.others = _others
    scope = g.held.scope() if g.held else asker.Scope.nothing()
    g.screen = "screen" if scope.kind == "unit" else "wide"
    enter(db.session(), scope)
    g.actor = asker.actor_of(current_user, g.held)
    return True


def _remember_worn(grant_id: int | None) -> None:
    """Say it when the role that was worn until now is no longer there."""
    if session.get("grant") not in (None, grant_id):
        flash(_("The role that you wore has ended."), "warning")
    if session.get("grant", 0) != grant_id:
        session["grant"] = grant_id


def is_registering() -> bool:
    """Whether the unit has still to tell of itself, or somebody who comes from one by its sign-on has no role yet."""
    if g.held is None:
        return current_user.subject is not None
    return g.held.role.over == "unit" and not g.held.is_complete


def is_half(account: Any) -> bool:
    """Whether the reader has given his password, and not his second factor yet."""
    return second.has(account) and g.sitting.second_at is None


def identify_quietly() -> None:
    """The same for an error page: a refusal may have come before, a fault may stand in the way."""
    if "actor" not in g:
        with suppress(SQLAlchemyError):
            identify()


def _others() -> asker.Others:
    if g.unit_id is None:
        return asker.Others()
    names = g.held.role_name in BOUNDS and BOUNDS[g.held.role_name].names
    naming = url_for("RolesView.stand_in") if names else None
    return asker.others(db.session(), g.unit_id, current_user.id_number_index, naming)
