"""What was being sent when the session had ended: it is kept through the sign-in, then sent by one more click."""

import json
from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

Kept = dict[str, Any]  # {"action": path, "fields": [[name, value], …]}


def ask_to_sign_in() -> tuple[str, int]:
    """The answer to a form of somebody who is not signed in (any more): sign in, and nothing typed is lost."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return sign_in_page("/", "", None, {"action": request.path, "fields": fields}), 401


def sign_in_page(inside: str, username: str, error: str | None, kept: Kept | None) -> str:
    page: dict[str, Any] = {"form_action": url_for("DoorView.built_in"), "username": username, "error": error}
    page |= {"next": inside, "kept": kept and {"action": kept["action"], "json": json.dumps(kept["fields"])}}
    return render_template("login_built_in.html", page=page, **page)


def sent() -> Kept | None:
    """What the sign-in form carries along; None without it, or when it is no form of ours."""
    action, fields = request.form.get("kept_action"), request.form.get("kept")
    if not action or not fields:
        return None
    try:
        current_app.url_map.bind("").match(action, method="POST")
        pairs = json.loads(fields)
        return {"action": action, "fields": [[str(name), str(value)] for name, value in pairs]}
    except (HTTPException, ValueError, TypeError):
        return None


def resend_page(kept: Kept | None) -> str | None:
    """The page that shows what had been written and sends it; None when nothing was kept."""
    if kept is None:
        return None
    opinion = next((value for name, value in kept["fields"] if name == "opinion"), None)
    page = {
        "title": _("Send what you had written"),
        "action": kept["action"],
        "fields": [(name, value) for name, value in kept["fields"] if name != "opinion"],
        "opinion": opinion,
        "label": _("Opinion"),
        "cancel_url": "/",
    }
    return render_template("desk/resend.html", page=page)
