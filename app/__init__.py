"""The product. `create_app` builds it, binds the extensions, registers the features; nothing else."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import app.extensions  # noqa: F401 — first of all: it names the constraints of every table that follows
from app import accounts, applications, archive, attachments, errors, frame, home, operations, review, staff, units
from app.accounts.manager import Doorkeeper
from app.accounts.roles import framework_roles
from app.accounts.sittings import Cookies
from app.archive.catalogue import load
from app.extensions import Panel, csrf, db, migrate
from app.home.index import HomeView
from config import settings

FEATURES = (staff, archive, applications, home, attachments, units, review, accounts)  # in menu order


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The app, configured by `config.settings()` unless told otherwise."""
    app = Flask(__name__)
    app.config.from_mapping(config or settings())
    app.session_interface = Cookies()
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    app.config["FAB_ROLES"] = framework_roles()
    operations.log_requests(app)
    db.init_app(app)
    migrate.init_app(app, db, directory="migrations")
    with app.app_context():
        app.extensions["catalogue"] = load(app.config["CATALOGUE"])
        appbuilder = Panel(indexview=HomeView, security_manager_class=Doorkeeper)
        appbuilder.init_app(app, db.session)
        home.lead(appbuilder)
        for feature in FEATURES:
            feature.register(appbuilder)
    app.before_request(errors.refuse_unreadable)
    accounts.guard_requests(app, public=operations.PUBLIC | home.PUBLIC)
    errors.register(app)
    csrf.init_app(app)  # after who asks is known: a form sent after its session ended is kept, not refused
    frame.register(app)
    operations.register(app)
    return app
