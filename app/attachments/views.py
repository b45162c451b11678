"""`/attachments/<id>`: a stored file, for who may see the record that names it; `…/page`: on a page of ours."""

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, abort, render_template, request
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from werkzeug.http import dump_options_header

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
        """The bytes, or the range of them that is asked for (RFC 9110, 14.2); `?download=1` offers to save them."""
        row = _found(pk)
        db.session.rollback()  # the bytes may take their time, the database is not held meanwhile
        wanted = request.range.range_for_length(row.size) if request.range else None
        if request.range and wanted is None:
            return Response(status=416, headers={"Content-Range": f"bytes */{row.size}"})
        start, stop = wanted or (0, row.size)
        answer = Response(_body(row, start, stop), 206 if wanted else 200, mimetype=row.media_type)
        answer.content_length = stop - start
        answer.headers.update(_headers(row))
        if wanted:
            answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{row.size}"
        return answer

    @expose("/<string(maxlength=22):pk>/page")
    @has_access
    def page(self, pk: str) -> str:
        """The file by itself in a tab, drawn as beside a record: not every browser shows a sandboxed PDF."""
        return render_template("attachment.html", file=_found(pk))


def _found(pk: str) -> Attachment:
    row = db.session.get(Attachment, pk)
    if row is None:
        abort(404, _("There is no such file, or it belongs to another unit."))
    return row


def _body(row: Attachment, start: int, stop: int) -> Iterator[bytes]:
    return iter(()) if request.method == "HEAD" else storage().read(row.sha256, start, stop - start)


def _headers(row: Attachment) -> dict[str, str]:
    how = "attachment" if request.args.get("download") == "1" else "inline"
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600, immutable",  # an id names the same bytes for good
        "Content-Disposition": dump_options_header(how, {"filename*": f"UTF-8''{quote(row.name, safe='')}"}),
        "Content-Security-Policy": SANDBOX,
        "ETag": f'"{row.sha256}"',
    }
