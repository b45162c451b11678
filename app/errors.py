"""The error pages: what happened, what to do next, and the request id that the log has too."""

import errno
import logging
import re
import sqlite3
from typing import Any

from flask import Flask, abort, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from app import accounts
from app.attachments import StorageError
from app.extensions import db
from app.review.listing import BadAsk
from app.typed import can_be_kept
from config import MAX_FORM

log = logging.getLogger(__name__)

# code → (title, what to do next)
PAGES: dict[int, tuple[Any, Any]] = {
    400: (_l("The request cannot be read"), _l("Go back, check what you entered, and try again.")),
    403: (
        _l("You may not open this"),
        _l("Your role does not include this page. Ask your administrator if it should."),
    ),
    404: (
        _l("There is nothing here"),
        _l("The record or page does not exist, or does not belong to your unit. Start again from the list."),
    ),
    405: (_l("This address takes no such request"), _l("Start again from the list.")),
    409: (_l("Somebody else was faster"), _l("Open the record again to see what was decided.")),
    411: (_l("The request does not say how long it is"), _l("Nothing was stored. Send it from the page again.")),
    413: (_l("That is too large"), _l("Nothing was stored. Send less at once.")),
    429: (_l("Too many attempts"), _l("Wait a little, then try again.")),
    500: (
        _l("Something went wrong on our side"),
        _l("Nothing was half done. Try again; if it persists, tell us the number below."),
    ),
    503: (_l("The system is busy"), _l("Nothing was half done. Try again in a moment.")),
    507: (
        _l("The server has no room left"),
        _l("Nothing was half done. Tell those who run the system, with the number below; then try again."),
    ),
}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Form fields whose own views answer beside the field; in every other place a NUL is nobody's input.
FREE_TEXT = re.compile("opinion|text|remark:.*")


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(BadAsk, lambda error: _page(400, str(error)))
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(StorageError, _storage_error)
    app.register_error_handler(Exception, _fault)


def refuse_unreadable() -> None:
    """Before anything else: a body without a length, one that is too long, and NUL, which PostgreSQL refuses and
    SQLite would keep. The body is read here, so that nobody holds the database while it still comes in."""
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = MAX_FORM
    endless = request.environ.get("wsgi.input_terminated") and not request.headers.get("Content-Length")
    if request.method == "POST" and endless:
        abort(411)  # read up to the limit it would pass for whole
    fields = request.form.items(multi=True) if request.method == "POST" else ()
    texts = [request.path, *(part for pair in request.args.items(multi=True) for part in pair)]
    texts += [part for name, value in fields for part in (name, "" if FREE_TEXT.fullmatch(name) else value)]
    if not all(can_be_kept(text) for text in texts):
        abort(400, _("A control character stands where none can be. Type the text again instead of pasting it."))


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    own = error.description if type(error).description != error.description else None
    return _page(error.code, own, getattr(error, "next_url", None))


def _csrf_error(error: CSRFError) -> Any:
    try:
        if (again := accounts.kept.once_more()) is not None:
            return again
    except HTTPException as refused:
        return _http_error(refused)
    except BadAsk as refused:
        return _page(400, str(refused))
    return _page(400, _("The page was open for too long, or comes from elsewhere. Open it again and repeat the step."))


def _database_error(error: OperationalError) -> Any:
    log.error("the database refused", exc_info=error)
    if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:
        db.engine.dispose()  # a connection that was opened on a read-only disk stays so when the disk no longer is
    return _unable(503, error)


def _storage_error(error: StorageError) -> Any:
    log.error("the storage refused", exc_info=error)
    return _unable(503, error, _("The storage of files does not answer. Everything else works; try again in a moment."))


def _fault(error: Exception) -> Any:
    log.error("a fault", exc_info=error)
    return _unable(InternalServerError.code, error)


def _unable(code: int, error: Exception, text: str | None = None) -> Any:
    db.session.rollback()
    if _no_room(error):
        return _page(507)
    return _page(code, text)


def _no_room(error: BaseException | None) -> bool:
    """Whether a disk was full: as the system, SQLite (SQLITE_FULL) or PostgreSQL (class 53100) says it."""
    while error is not None:
        cause = getattr(error, "orig", error)
        told = (getattr(cause, "errno", 0), getattr(cause, "sqlite_errorcode", 0), getattr(cause, "sqlstate", ""))
        if told[0] in FULL or told[1] == sqlite3.SQLITE_FULL or told[2] == "53100":
            return True
        error = error.__cause__ or error.__context__
    return False


def _again() -> dict[str, Any] | None:
    """The form that could not be done now, to be sent again as it was written."""
    if request.method != "POST":
        return None
    again = [[accounts.kept.AGAIN, "1"]] if g.get("draft") else []
    return {"action": request.path, "fields": [*accounts.kept.fields(), *again]}


def _page(code: int, text: str | None = None, next_url: str | None = None) -> tuple[str, int]:
    g.quiet = True
    accounts.identify_quietly()  # a refusal that came early is shown in the asker's own frame
    title, usual = PAGES.get(code, PAGES[500] if code >= 500 else PAGES[400])
    actions = [{"label": _("Back to the start"), "url": "/"}]
    if request.path == "/" and "actor" in g:
        actions = [{"label": _("My account"), "url": url_for("AccountView.show")}]
    if next_url:
        actions.insert(0, {"label": _("Go to the last page"), "url": next_url})
    page = {
        "code": code,
        "title": str(title),
        "text": text or str(usual),
        "actions": actions,
        "request_id": g.get("request_id", ""),
        "again": _again() if code in (503, 507) else None,
    }
    return render_template("error.html", page=page, **page), code
