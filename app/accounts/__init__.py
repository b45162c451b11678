"""Who comes in and what they may: accounts, grants, roles, the doors."""

from flask import Flask, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import asker, kept
from app.extensions import begin_write, db
from app.tenancy import enter

PUBLIC = {
    "static",
    "HomeView.index",
    "DoorView.login",
    "DoorView.built_in",
    "DoorView.logout",
    "DoorView.locale",
}
READING = {"GET", "HEAD", "OPTIONS"}


def _other_administrators() -> list[str]:
    return asker.other_administrators(db.session(), g.unit_id, g.actor.user_id) if g.unit_id else []


def guard_requests(app: Flask, public: set[str]) -> None:
    """Before each request: say who asks, give the session its scope, and send strangers to the door."""
    open_to_all = PUBLIC | public

    @app.before_request
    def who_asks() -> Response | tuple[str, int] | None:
        g.locale = session.get("locale", app.config["BABEL_DEFAULT_LOCALE"])
        if request.endpoint == "static":
            return None
        if request.method not in READING and request.endpoint not in open_to_all:
            begin_write(db.session())  # before the account is read: see Two engines in the design
        if current_user.is_authenticated:
            g.held = asker.worn(g.grants)
            g.actor = asker.actor_of(current_user, g.held)
            g.unit_id = g.held.unit_id if g.held else None
            g.other_administrators = _other_administrators
            scope = g.held.scope() if g.held else asker.Scope.nothing()
            g.screen = "screen" if scope.kind == "unit" else "wide"
            enter(db.session(), scope)
            return None
        if request.endpoint is None or request.endpoint in open_to_all:
            return None  # an unknown address answers 404 by itself
        if request.method in READING:
            return redirect(url_for("DoorView.login", next=request.full_path.rstrip("?")))
        return kept.ask_to_sign_in()
