"""The part of a desk that lists: a page of the records, the search box, the export of what matches."""

import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from flask import Response, abort, g, redirect, render_template, request, stream_with_context
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.http import dump_options_header
from werkzeug.wrappers import Response as AnyResponse

from app import audit, clock
from app.extensions import db
from app.review import drafts, pages
from app.review.desk_base import DeskBase
from app.review.export import csv_of, xlsx_of
from app.review.listing import Asked, clean_search, page_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 64 * 1024  # bytes of a file sent at a time


class Lists(DeskBase):
    default_view = "list"
    list_template = "desk/list.html"

    @expose("/list/")
    @has_access
    def list(self) -> AnyResponse | str | tuple[str, int]:
        asked, problems = self.asked()
        if asked.list or asked.q != clean_search(request.args.get("q", "")) or not all(request.args.values()):
            # A whole number typed into the address does not stay there; nor do filters that were left empty, nor what
            # is asked of another list.
            return redirect(self.list_url(asked))
        if problems:
            return self._list_page(asked, [], 0, problems), 400
        rows = db.session.execute(page_of(self.listing, asked, g.screen, g.actor.user_id, self.decides(asked))).all()
        total = self.total(asked)
        pages.refuse_past_end(rows, asked.page, total, lambda last: self.list_url(asked, page=last))
        return self._list_page(asked, rows, total, {})

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> AnyResponse:
        """The search box: posted, so that a whole number typed there never stands in an address."""
        asked = self.asked_by_form()
        q = self.search_text(clean_search(request.form.get("q", "")))
        return redirect(self.list_url(asked, q=q, page=1), 303)

    @expose("/export.csv")
    @has_access
    def export(self) -> AnyResponse | str | tuple[str, int]:
        asked, problems = self.asked()
        if problems:
            return self._list_page(asked, [], 0, problems), 400
        whole = self._audited_export(asked, "csv")
        parts = csv_of(db.session(), self.listing, asked, whole)
        first = next(
            parts
        )  # a fault before the first byte still becomes an error page; a later one cuts the answer off
        return self._attachment(chain([first], parts), "csv", "text/csv", whole)

    @expose("/export.xlsx")
    @has_access
    def export_xlsx(self) -> AnyResponse | str | tuple[str, int]:
        asked, problems = self.asked()
        if problems:
            return self._list_page(asked, [], 0, problems), 400
        whole = self._audited_export(asked, "xlsx")
        file = written(lambda file: xlsx_of(db.session(), self.listing, asked, file, whole))
        answer = self._attachment(iter(lambda: file.read(CHUNK), b""), "xlsx", XLSX, whole)
        answer.call_on_close(file.close)
        return answer

    def _list_page(self, asked: Asked, rows: Any, total: int, problems: dict[str, str]) -> str:
        page = pages.list_page(self, asked, rows, total, problems) | self.list_context(asked, rows)
        return render_template(self.list_template, page=page)

    def list_context(self, asked: Asked, rows: Any) -> dict[str, Any]:
        """What the list's template shows besides."""
        return {}

    def _audited_export(self, asked: Asked, form: str) -> bool:
        """Write the export's audit row; answers whether numbers are whole, which must be asked for and allowed."""
        whole = request.args.get("numbers") == "whole" and self.listing.has_numbers
        if whole and not self.may("reveal"):
            abort(403)
        count = self.total(asked)
        detail = {"query": asked.query_string(page=1), "count": count, "format": form, "whole": whole}
        audit.record_apart("export", g.actor, self.listing.name, g.unit_id, **detail)
        return whole

    def _attachment(self, parts: Iterator[bytes], suffix: str, mimetype: str, whole: bool) -> Response:
        """The answer that is saved as a file; its name says what it is, and that its numbers are whole."""
        title = [str(self.listing.title), *([_("whole numbers")] if whole else [])]
        return saved_as(parts, self.listing.name, title, suffix, mimetype)


def written(write: Callable[[BinaryIO], None]) -> BinaryIO:
    """A file that is written whole before its first byte leaves; whoever asks for it closes it."""
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
    try:
        write(file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def saved_as(parts: Iterator[bytes], name: str, title: list[str], suffix: str, mimetype: str) -> Response:
    """The answer that is saved as a file, called by its title and the day, where the browser can (RFC 6266)."""
    what = "-".join([*title, f"{clock.today():%Y%m%d}"])
    names = {"filename": f"{name}.{suffix}", "filename*": f"UTF-8''{quote(what)}.{suffix}"}
    headers = {"Content-Disposition": dump_options_header("attachment", names)}
    return Response(stream_with_context(_closed_after(db.session(), parts)), mimetype=mimetype, headers=headers)


def _closed_after(session: Session, parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts of an answer that is still read from the database when its request is over: the framework has taken
    leave of the session by then, so its connection is given back here."""
    try:
        yield from parts
    finally:
        session.close()
