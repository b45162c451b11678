"""The security manager: who comes in, and what they may open, from `Grant` alone."""

from typing import Any

from flask import Flask, current_app, g
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_limiter import Limiter
from werkzeug.security import check_password_hash

from app.accounts import asker
from app.accounts.models import Account
from app.accounts.own import AccountView
from app.accounts.second_views import SecondView
from app.accounts.sign_on_views import SignOnView
from app.accounts.views import DoorView
from app.extensions import db

# The longest text a password is hashed from: hashing is slow by design.
PASSWORD_LENGTH = 200


class Doorkeeper(SecurityManager):
    user_model = Account

    def create_limiter(self, app: Flask) -> Limiter:
        # The framework's own, which counts in each worker for itself: see guessing.py.
        return Limiter(key_func=lambda: "", app=app, enabled=False)

    def register_views(self) -> None:
        self.auth_view = self.appbuilder.add_view_no_menu(DoorView)
        self.appbuilder.add_view_no_menu(AccountView)
        self.appbuilder.add_view_no_menu(SecondView)
        self.appbuilder.add_view_no_menu(SignOnView)

    def load_user(self, pk: Any) -> Account | None:
        return asker.load(db.session(), int(pk))

    def get_user_roles(self, user: Any) -> list[Any]:
        held = g.get("held")
        return list(held.roles) if held else []

    def get_public_role(self) -> Any:
        return asker.RoleName("public")

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        return False

    def sign_in(self, username: str, password: str) -> Account | None:
        """The account whose name and password these are. Known and unknown names cost the same."""
        # Beyond ASCII the database folds letters otherwise than the count of guesses does, and no name has any.
        account = self.find_user(username=username) if username.isascii() else None
        known = account if account is not None and account.active and account.password else None
        stored = known.password if known else current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"]
        right = check_password_hash(stored, password[:PASSWORD_LENGTH])
        return known if right else None
