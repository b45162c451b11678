"""What was being sent when the session had ended: it is kept through the sign-in, then shown again to be confirmed."""

import json
from typing import Any, cast
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import sign_on
from app.typed import readable

AGAIN = "kept_again"  # marks a form that comes back
NOT_KEPT = {"csrf_token", AGAIN, "password", "old", "new", "again", "code"}
Kept = dict[str, Any]  # {"action": path, "fields": [[name, value], …]}


def ask_to_sign_in() -> tuple[str, int]:
    """The answer to a form of somebody who is not signed in (any more): sign in, and nothing typed is lost."""
    return sign_in_page("/", "", None, {"action": request.path, "fields": fields()} if _from_here() else None), 401


def once_more() -> AnyResponse | None:
    """The page of a form whose token is of another session, after a second sign-in: to be confirmed. None for one that
    does not come back, or comes from elsewhere."""
    if not _from_here() or "actor" not in g or not _comes_back(request.endpoint):
        return None
    g.draft = True
    view = current_app.view_functions[request.endpoint or ""]
    return current_app.make_response(cast(AnyResponse, view(**(request.view_args or {}))))


def fields() -> list[list[str]]:
    """What a form carries, for it to be sent again under another token; what is secret stands on no page."""
    return [[name, value] for name, value in request.form.items(multi=True) if name not in NOT_KEPT]


def _from_here() -> bool:
    """Whether a page of ours sent the form: browsers name the origin of each POST (Fetch standard)."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _comes_back(endpoint: str | None) -> bool:
    return getattr(current_app.view_functions.get(endpoint or ""), "comes_back", False)


def sign_in_page(inside: str, username: str, error: str | None, kept: Kept | None) -> str:
    page: dict[str, Any] = {"form_action": url_for("DoorView.built_in"), "username": username, "error": error}
    page |= {"next": inside, "kept": kept and {"action": kept["action"], "json": json.dumps(kept["fields"])}}
    page["sign_on_url"] = url_for("SignOnView.go") if sign_on.is_there() else None
    return render_template("login_built_in.html", page=page, **page)


def sent() -> Kept | None:
    """What the sign-in form carries along; None without it, or when it is no form of ours."""
    action, text = request.form.get("kept_action"), request.form.get("kept")
    if not action or not text:
        return None
    try:
        return checked(action, json.loads(text))
    except (ValueError, RecursionError):
        return None


def checked(action: str, pairs: Any) -> Kept | None:
    """A kept form, when its address is one of ours and its fields are texts."""
    if action.startswith("//"):  # to a browser that is another site
        return None
    try:
        endpoint, _arguments = current_app.url_map.bind("").match(action, method="POST")
    except HTTPException:
        return None
    if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
        return None
    pairs = [[readable(text) for text in pair] for pair in pairs]
    return {"action": action, "fields": pairs, "endpoint": endpoint}


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)


def go_on(kept: Kept, otherwise: str) -> AnyResponse:
    """After the sign-in: a page that sends the kept form again, to its own address and by all the rules of any request;
    marked, so that there it is shown with all that was written, to be confirmed, and nothing is changed.

    A view whose forms carry what somebody wrote `comes_back` (app/review/drafts.py). Of the others the step is to be
    done again.
    """
    if not _comes_back(kept["endpoint"]):
        flash(_("Your session had ended, so the last step was not done. Do it again if it is still wanted."), "warning")
        return redirect(otherwise, 303)
    page = {"action": kept["action"], "fields": [*kept["fields"], [AGAIN, "1"]]}
    return current_app.make_response(render_template("resume.html", page=page))


def is_again() -> bool:
    """Whether a form is sent by such a page; no view sees the mark."""
    if request.method != "POST" or request.form.get(AGAIN) != "1":
        return False
    request.form = ImmutableMultiDict(pair for pair in request.form.items(multi=True) if pair[0] != AGAIN)
    return True
