"""The export: the list's rows, under its filter and in its order, as a file that any spreadsheet opens safely."""

import pytest
import sqlalchemy as sa

from app import clock
from app.extensions import db
from app.review.models import Submission
from tests.browsing import csv_rows, saved_as, table
from tests.factories import audited, change, decision_line, id_number, mobile, unit_code
from tests.review.forms import QUERIES

LIST, EXPORT = "/registrations/list/", "/registrations/export.csv"
HEADS = {
    "zh": [
        *("编号", "单位", "姓名", "性别", "证件号码", "手机号码", "政治面貌", "邮箱", "注册时间"),
        "审核节点",
        "审核状态",
    ],
    "en": [
        *("Number", "Unit", "Name", "Gender", "ID document number", "Mobile number"),
        *("Political status", "E-mail", "Registration time", "Review node", "Review state"),
    ],
}


def test_the_export_is_a_csv_file_with_a_byte_order_mark_and_crlf(make, desk):
    make.registration(1)
    answer = desk.get(EXPORT)
    raw = answer.get_data()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert saved_as(answer) == f"人员注册审核-{clock.today():%Y%m%d}.csv"
    assert raw.startswith(b"\xef\xbb\xbf")
    assert (raw.count(b"\r\n"), raw.count(b"\n"), raw.count(b"\r")) == (2, 2, 2)


def test_a_row_reads_in_words_with_its_numbers_masked(make, desk):
    make.registration(1, person={"name": "欧阳晓", "gender": "2", "political_status": "01"})
    number, phone = id_number(1), mobile(1)
    assert csv_rows(desk.get(EXPORT)) == [
        HEADS["zh"],
        [
            *("R1", "单位1", "欧阳晓", "女", f"{number[:4]}{'*' * 10}{number[-4:]}", f"{phone[:3]}****{phone[-4:]}"),
            *("中共党员", "p1@example.cn", "2026-11-01 09:00", "单位", "待审核"),
        ],
    ]


def test_an_english_reader_gets_english_labels_and_words(make, desk):
    make.registration(1)
    desk.post("/locale", {"locale": "en"})
    head, row = csv_rows(desk.get(EXPORT))
    assert head == HEADS["en"]
    assert [row[n] for n in (3, 6, 9, 10)] == ["Male", "Citizen without party affiliation", "Unit", "Pending"]


@pytest.mark.parametrize(
    "query",
    [*QUERIES, "status=all&sort=name"],
)
def test_the_export_has_the_lists_rows_in_the_lists_order(make, desk, query):
    for n in (3, 1, 4, 2):
        make.registration(n, person={"gender": str(1 + n % 2)}, submitted_at=f"2026-11-0{n}T09:00:00+08:00")
    make.taken(decision_line(1, of="R1", verdict="pass", decided_at="2026-11-05T09:00:00+08:00"))
    head, *rows = csv_rows(desk.get(f"{EXPORT}?{query}"))
    shown = [_exported(row) for row in table(desk.get(f"{LIST}?{query}"))]
    assert [dict(zip(head, row, strict=True)) | screen for row, screen in zip(rows, shown, strict=True)] == [
        dict(zip(head, row, strict=True)) for row in rows
    ]


def _exported(row: dict[str, str]) -> dict[str, str]:
    """A row of the list without the column that exports do not have."""
    return {name: cell for name, cell in row.items() if name != "审核时间"}


def test_the_export_has_every_row_and_not_only_the_page(make, unit, desk):
    make.many(2600, unit)
    _head, *rows = csv_rows(desk.get(f"{EXPORT}?page=2"))
    assert len({row[0] for row in rows}) == len(rows) == 2600


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_cell_is_taken_for_a_formula(make, unit, desk, sign):
    make.many(1, unit)
    name = f"{sign}HYPERLINK(1)"
    change(make, sa.update(Submission).values(person_name=name))
    _head, row = csv_rows(desk.get(EXPORT))
    assert row[2] == f"'{name}"


@pytest.mark.parametrize("name", ['引"号', "逗,号", "换\n行", "'撇号", "  空白 ", "a=1"])
def test_quotes_commas_and_line_breaks_come_through_unchanged(make, unit, desk, name):
    make.many(2, unit)
    change(make, sa.update(Submission).values(person_name=name))
    _head, *rows = csv_rows(desk.get(EXPORT))
    assert [row[2] for row in rows] == [name, name]


def test_an_export_holds_no_whole_number(make, desk):
    make.registration(1)
    text = desk.get(EXPORT).text
    assert [number for number in (id_number(1), mobile(1)) if number in text] == []


def test_an_export_holds_no_row_of_another_unit(make, desk):
    make.unit(2)
    make.registration(1)
    make.registration(2, unit_code(2))
    _head, *rows = csv_rows(desk.get(f"{EXPORT}?status=all"))
    assert [row[0] for row in rows] == ["R1"]


def test_an_export_is_one_audit_row_of_who_took_what(make, unit, desk, administrator):
    make.registration(1)
    desk.get(f"{EXPORT}?status=all&sort=name")
    (entry,) = audited(make, "export")
    assert (entry.by_id, entry.by_name, entry.unit_id, entry.subject) == (
        administrator,
        "zhang 的持有人",
        unit,
        "registrations",
    )
    assert entry.detail["query"] == "status=all&sort=name"
    assert entry.request_id


@pytest.mark.parametrize("query", ["status=xyz", "sort=id_number", "gender=7", "from=tomorrow"])
def test_an_export_of_what_the_list_refuses_is_refused_and_not_audited(make, desk, query):
    assert desk.get(f"{EXPORT}?{query}").status_code == 400
    assert audited(make, "export") == []


def test_a_whole_number_in_the_query_of_an_export_is_not_kept_in_the_audit(make, desk):
    make.registration(1)
    desk.get(f"{EXPORT}?q={id_number(1)}")
    assert [entry for entry in audited(make, "export") if id_number(1) in str(entry.detail)] == []


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_connection_is_given_back_when_the_file_is_through(app, make, desk, suffix):
    make.registration(1)
    with app.app_context():
        pool = db.engine.pool
    before = pool.checkedout()
    desk.get(f"/registrations/export.{suffix}")
    assert pool.checkedout() == before
