"""The export of a list: its rows under its filter and sort, streamed, whatever their number."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
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
    return csv_from(_head(listing), _rows(session, listing, asked, whole))


def csv_from(head: list[str], batches: Iterator[list[list[str]]]) -> Iterator[bytes]:
    """The same of any table: its head, and its rows in batches."""
    yield "\ufeff".encode() + _lines([head])
    for rows in batches:
        yield _lines([[inert(cell) for cell in row] for row in rows])


def xlsx_of(session: Session, listing: Listing, asked: Asked, file: BinaryIO, whole: bool = False) -> None:
    """The same as an Excel workbook, all text, in constant memory; past a sheet's limit it goes on in the next."""
    head = [(str(column.label), column.kind) for column in listing.shown("export")]
    xlsx_from(file, str(listing.title), head, _rows(session, listing, asked, whole))


def xlsx_from(file: BinaryIO, title: str, head: Sequence[tuple[str, str]], batches: Iterator[list[list[str]]]) -> None:
    """The same of any table: its title, its head as (label, kind of the column), and its rows in batches."""
    with tempfile.TemporaryDirectory() as folder:  # of the rows on their way into the workbook, whatever happens
        book = xlsxwriter.Workbook(file, WORKBOOK | {"tmpdir": folder})
        _fill(book, title, head, batches)
        book.close()


def _fill(book: Any, title: str, head: Sequence[tuple[str, str]], batches: Iterator[list[list[str]]]) -> None:
    bold = book.add_format({"bold": True})
    sheet, line = None, SHEET_ROWS
    for row in chain([[]], chain.from_iterable(batches)):  # an empty one first: a head without rows is a table too
        if line >= SHEET_ROWS:
            sheet, line = _new_sheet(book, title, head), 1
            _write(sheet, 0, [label for label, _kind in head], bold)
        if row:
            _write(sheet, line, row)
            line += 1


def _new_sheet(book: Any, title: str, head: Sequence[tuple[str, str]]) -> Any:
    """The next sheet, called like the table, its columns wide enough to be read."""
    number = len(book.worksheets()) + 1
    sheet = book.add_worksheet(title[:24] if number == 1 else f"{title[:24]} {number}")
    sheet.freeze_panes(1, 0)
    for place, (_label, kind) in enumerate(head):
        sheet.set_column(place, place, WIDTHS.get(kind, 18))
    return sheet


def _write(sheet: Any, line: int, row: Sequence[str], form: Any = None) -> None:
    for place, cell in enumerate(row):
        sheet.write_string(line, place, cell, form)


def _head(listing: Listing) -> list[str]:
    return [str(column.label) for column in listing.shown("export")]


def _rows(session: Session, listing: Listing, asked: Asked, whole: bool) -> Iterator[list[list[str]]]:
    """The cells of all rows, a batch at a time."""
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
