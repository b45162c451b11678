"""The export as an Excel workbook: the same rows and cells as the CSV, all of them text."""

import pytest
import sqlalchemy as sa

from app import clock
from app.review import export
from app.review.models import Submission
from tests.browsing import csv_rows, saved_as
from tests.factories import audited, change, decision_line, unit_code
from tests.review.forms import QUERIES
from tests.review.workbook import sheets

CSV, XLSX = "/registrations/export.csv", "/registrations/export.xlsx"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_it_is_a_workbook_to_be_saved(make, desk):
    make.registration(1)
    answer = desk.get(XLSX)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TYPE)
    assert saved_as(answer) == f"人员注册审核-{clock.today():%Y%m%d}.xlsx"


@pytest.mark.parametrize(
    "query",
    [*QUERIES, "status=all&numbers=whole"],
)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_it_has_the_rows_and_cells_of_the_csv(make, desk, query, locale):
    for n in (3, 1, 4, 2):
        make.registration(n, person={"gender": str(1 + n % 2)}, submitted_at=f"2026-11-0{n}T09:00:00+08:00")
    make.taken(decision_line(1, of="R1", verdict="pass", decided_at="2026-11-05T09:00:00+08:00"))
    desk.post("/locale", {"locale": locale})
    assert sheets(desk.get(f"{XLSX}?{query}")) == [csv_rows(desk.get(f"{CSV}?{query}"))]


def test_it_has_every_row_and_not_only_the_page(make, unit, desk):
    make.many(2600, unit)
    (rows,) = sheets(desk.get(f"{XLSX}?page=2"))
    assert rows == csv_rows(desk.get(CSV))
    assert len(rows) == 2601


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "http://example.cn/", "007", "1e5", "  空白 "])
def test_every_cell_is_text_as_it_was_written(make, unit, desk, name):
    make.many(1, unit)
    change(make, sa.update(Submission).values(person_name=name))
    ((_head, row),) = sheets(desk.get(XLSX))
    assert row[2] == name


@pytest.mark.parametrize(
    ("rows", "sizes"),
    [(0, [1]), (3, [4]), (4, [5]), (5, [5, 2]), (8, [5, 5]), (9, [5, 5, 2])],
)
def test_past_the_limit_of_a_sheet_it_goes_on_in_the_next_under_the_same_head(
    monkeypatch, make, unit, desk, rows, sizes
):
    monkeypatch.setattr(export, "SHEET_ROWS", 5)
    if rows:
        make.many(rows, unit)
    book = sheets(desk.get(XLSX))
    head, *lines = csv_rows(desk.get(CSV))
    assert [len(sheet) for sheet in book] == sizes
    assert [sheet[0] for sheet in book] == [head] * len(sizes)
    assert [row for sheet in book for row in sheet[1:]] == lines


def test_it_has_no_row_of_another_unit(make, desk):
    make.unit(2)
    make.registration(1)
    make.registration(2, unit_code(2))
    (rows,) = sheets(desk.get(f"{XLSX}?status=all"))
    assert [row[0] for row in rows[1:]] == ["R1"]


@pytest.mark.parametrize("query", ["status=xyz", "sort=id_number", "gender=7", "from=tomorrow"])
def test_what_the_list_refuses_is_refused_and_not_audited(make, desk, query):
    answer = desk.get(f"{XLSX}?{query}")
    assert (answer.status_code, answer.mimetype, audited(make, "export")) == (400, "text/html", [])
