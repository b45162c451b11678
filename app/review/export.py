"""The export of a list: its rows under its filter and sort, streamed, whatever their number."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from app.review.listing import Asked, Column, Listing, all_of

BATCH = 1000  # rows fetched and written at a time
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(session: Session, listing: Listing, asked: Asked) -> Iterator[bytes]:
    """CSV (RFC 4180) in UTF-8 with a byte-order mark, a batch of rows at a time; what a spreadsheet would run is text.

    The labels and code words are in the caller's language.
    """
    columns = listing.shown("export")
    yield "\ufeff".encode() + _lines([[str(column.label) for column in columns]])
    result = session.execute(all_of(listing, asked).execution_options(yield_per=BATCH))
    for rows in result.partitions():
        yield _lines([_cells(columns, row) for row in rows])


def _cells(columns: list[Column], row: Any) -> list[str]:
    return [inert(column.read(getattr(row, f"c_{column.name}"))) for column in columns]


def inert(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula (an apostrophe before it, as OWASP advises)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()
