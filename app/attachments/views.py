"""`/attachments/<id>`: a stored file, for who may see the record that names it; `…/page`: on a page of ours."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, abort, render_template, request
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _

from app.attachments.models import Attachment
from app.attachments.storage import storage
from app.extensions import db

# A file is shown by itself: whatever it holds may neither run, nor load anything, nor be framed elsewhere.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"


class AttachmentView(BaseView):
    route_base = "/attachments"
    class_permission_name = "attachments"
    method_permission_name = {"get": "read", "page": "read"}
    default_view = "get"

    @expose("/<string(maxlength=22):pk>")
    @has_access
    def get(self, pk: str) -> Response:
        return sent(_found(pk))

    @expose("/<string(maxlength=22):pk>/page")
    @has_access
    def page(self, pk: str) -> str:
        """The file by itself in a tab, drawn as beside a record: not every browser shows a sandboxed PDF."""
        return render_template("attachment.html", file=_found(pk))


def sent(row: Attachment) -> Response:
    """The bytes of a file that the reader may see, or the one range of them that is asked for (RFC 9110, 13 and 14);
    `?download=1` offers to save them. Several ranges at once are answered with the whole, as a server may."""
    db.session.expunge(row)
    db.session.rollback()  # the bytes may take their time, the database is not held meanwhile
    if request.if_none_match.contains_weak(row.sha256):
        return Response(status=304, headers=_validity(row))
    part = _part(row)
    if part is not None and part[0] >= part[1]:
        return Response(status=416, headers={"Content-Range": f"bytes */{row.size}", "Accept-Ranges": "bytes"})
    start, stop = part or (0, row.size)
    answer = Response(_body(row, start, stop), 206 if part else 200, mimetype=row.media_type)
    answer.content_length = stop - start
    answer.headers.update({**_validity(row), **_manner(row)})
    if part:
        answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{row.size}"
    return answer


def _found(pk: str) -> Attachment:
    row = db.session.get(Attachment, pk)
    if row is None:
        abort(404, _("There is no such file, or it belongs to another unit."))
    return row


def _part(row: Attachment) -> tuple[int, int] | None:
    """The range that is asked for, empty when it lies behind the end; None for the whole."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    if request.headers.get("If-Range", _tag(row)) != _tag(row):
        return None  # what the asker holds a part of is another file
    begin, end = asked.ranges[0]
    start = begin if begin >= 0 else max(row.size + begin, 0)
    return start, row.size if end is None else min(end, row.size)


def _body(row: Attachment, start: int, stop: int) -> Iterator[bytes]:
    return iter(()) if request.method == "HEAD" else storage().read(row.sha256, start, stop - start)


def _tag(row: Attachment) -> str:
    return f'"{row.sha256}"'


def _validity(row: Attachment) -> dict[str, str]:
    """An id names the same bytes for good, but not everybody may see them for good: ask each time, by the tag."""
    return {"ETag": _tag(row), "Cache-Control": "private, no-cache", "Vary": "Cookie"}


def _manner(row: Attachment) -> dict[str, str]:
    how = "attachment" if request.args.get("download") == "1" else "inline"
    return {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(row.file_name, safe='')}",  # RFC 8187
        "Content-Security-Policy": SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
