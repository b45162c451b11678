"""The export of a list: its rows under its filter and sort, streamed, whatever their number."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import xlsxwriter
from sqlalchemy.orm import Session

from app.review.listing import Asked, Column, Listing, all_of
from app.sealing import reveal

BATCH = 1000  # rows fetched and written at a time
SHEET_ROWS = 1_048_576  # of an Excel sheet, its head included
WORKBOOK = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
WIDTHS = {"code": 22, "status": 10, "number": 10}  # characters, by the kind of a column
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # the wide ones too: spreadsheets take them alike


def csv_of(session: Session, listing: Listing, asked: Asked, whole: bool = False) -> Iterator[bytes]:
    """CSV (RFC 4180) in UTF-8 with a byte-order mark, a batch of rows at a time; what a spreadsheet would run is text.

    The labels and code words are in the caller's language. `whole`: personal numbers are not masked.
    """
    yield "\ufeff".encode() + _lines([_head(listing)])
    for rows in _rows(session, listing, asked, whole):
        yield _lines([[inert(cell) for cell in row] for row in rows])


def xlsx_of(session: Session, listing: Listing, asked: Asked, file: BinaryIO, whole: bool = False) -> None:
    """The same as an Excel workbook, all text, in constant memory; past a sheet's limit it goes on in the next."""
    with tempfile.TemporaryDirectory() as folder:  # of the rows on their way into the workbook, whatever happens
        book = xlsxwriter.Workbook(file, WORKBOOK | {"tmpdir": folder})
        _fill(book, listing, _rows(session, listing, asked, whole, empty=True))
        book.close()


def _fill(book: Any, listing: Listing, batches: Iterator[list[list[str]]]) -> None:
    bold = book.add_format({"bold": True})
    sheet, line = None, SHEET_ROWS
    for rows in batches:
        for row in rows:
            if line >= SHEET_ROWS:
                sheet, line = _new_sheet(book, listing), 1
                _write(sheet, 0, _head(listing), bold)
            if row:
                _write(sheet, line, row)
                line += 1


def _new_sheet(book: Any, listing: Listing) -> Any:
    """The next sheet, called like the list, its columns wide enough to be read."""
    number = len(book.worksheets()) + 1
    title = str(listing.title)[:24]
    sheet = book.add_worksheet(title if number == 1 else f"{title} {number}")
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(listing.shown("export")):
        sheet.set_column(place, place, WIDTHS.get(column.kind, 18))
    return sheet


def _write(sheet: Any, line: int, row: Sequence[str], form: Any = None) -> None:
    for place, cell in enumerate(row):
        sheet.write_string(line, place, cell, form)


def _head(listing: Listing) -> list[str]:
    return [str(column.label) for column in listing.shown("export")]


def _rows(
    session: Session, listing: Listing, asked: Asked, whole: bool, empty: bool = False
) -> Iterator[list[list[str]]]:
    """The cells of all rows, a batch at a time; `empty`: first a batch with one empty row, for a head without rows."""
    if empty:
        yield [[]]
    readers = [(f"c_{column.name}", _reader(column, whole)) for column in listing.shown("export")]
    result = session.execute(all_of(listing, asked, whole).execution_options(yield_per=BATCH))
    for rows in result.partitions():
        yield [[read(getattr(row, name)) for name, read in readers] for row in rows]


def _reader(column: Column, whole: bool) -> Callable[[Any], str]:
    return reveal if whole and column.sealed is not None else column.read


def inert(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula (an apostrophe before it, as OWASP advises)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()
