"""A fault amid an export: nobody takes what came so far for the whole."""

import tempfile

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from app.staff.models import Registration
from tests.browsing import csv_rows, text_of
from tests.factories import change

ROWS = 1001  # the fault is past the first batch


@pytest.fixture
def faulty(make, unit, desk):
    """The desk of a unit the last of whose records cannot be read: its code is in no list."""
    make.many(ROWS, unit)
    ((last,),) = make.read(sa.select(sa.func.max(Submission.id)))
    table = Registration.__table__
    change(make, sa.update(table).where(table.c.id == last).values(political_status="??"))
    return desk


def test_a_csv_is_cut_off_and_never_ends_as_a_whole_answer(faulty):
    """Without a length and without the end of its chunks, a browser tells that the download failed."""
    answer = faulty.get("/registrations/export.csv", buffered=False)
    received: list[bytes] = []
    with pytest.raises(KeyError):
        received.extend(answer.response)
    begun = b"".join(received).startswith(b"\xef\xbb\xbf")
    assert (answer.status_code, answer.headers.get("Content-Length"), begun) == (200, None, True)


def test_a_workbook_is_no_file_but_the_page_of_a_fault(faulty):
    answer = faulty.get("/registrations/export.xlsx")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "Content-Disposition" not in answer.headers
    assert "请求编号" in text_of(answer)


def test_a_workbook_that_failed_leaves_nothing_on_the_disk(monkeypatch, tmp_path, faulty):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    faulty.get("/registrations/export.xlsx")
    assert [file.name for file in place.iterdir()] == []


def test_the_export_of_the_records_without_the_fault_is_whole(faulty):
    answer = faulty.get("/registrations/export.csv?political_status=13")
    assert (answer.status_code, len(csv_rows(answer))) == (200, ROWS)
