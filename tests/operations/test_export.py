"""`flask export registrations`: the same columns and words as on screen."""

import csv
import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit import AuditEntry
from tests.factories import id_number, mobile, registration_line, take, unit_code, unit_line
from tests.operations.conftest import flask

HEADER = [
    *("编号", "单位", "姓名", "性别", "证件号码", "手机号码", "政治面貌", "邮箱", "注册时间"),
    *("审核节点", "审核状态"),
]


def export(app, file: Path, *options: str):
    """The command, and the rows that it wrote."""
    ran = flask(app, "export", "registrations", "-o", str(file), *options)
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""))) if file.exists() else None
    return ran, rows


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "out.csv"


def test_its_columns_are_the_contracts(app, file):
    ran, rows = export(app, file)
    assert (ran.exit_code, rows) == (0, [HEADER])


def test_a_row_reads_as_on_screen(app, history, file):
    _ran, rows = export(app, file)
    number, phone = id_number(2), mobile(2)
    masked = [f"{number[:4]}**********{number[-4:]}", f"{phone[:3]}****{phone[-4:]}"]
    facts = [*masked, "群众", "p2@example.cn", "2026-11-01 09:00"]
    assert [row for row in rows if row[0] == "R2"] == [["R2", "单位1", "人员2", "男", *facts, "单位", "已通过"]]


def test_it_holds_the_records_of_every_state(app, history, file):
    _ran, rows = export(app, file)
    assert sorted((row[0], row[-1]) for row in rows[1:]) == [("R1", "待审核"), ("R2", "已通过"), ("R3", "待审核")]


def test_it_speaks_english_when_asked(app, history, file):
    _ran, rows = export(app, file, "--locale", "en")
    assert (rows[0][0], {tuple(row[-2:]) for row in rows[1:]}) == (
        "Number",
        {("Unit", "Pending"), ("Unit", "Passed")},
    )


def test_english_has_no_chinese_word_of_ours(app, history, file):
    _ran, rows = export(app, file, "--locale", "en")
    words = [*rows[0], *(cell for row in rows[1:] for cell in (row[3], row[6], *row[8:]))]
    assert [word for word in words if not word.isascii()] == []


@pytest.mark.parametrize(("options", "refs"), [([], ["R1", "S2"]), (["--unit", unit_code(2)], ["S2"])])
def test_it_keeps_to_one_unit_when_asked(app, file, options, refs):
    take(app, unit_line(1), unit_line(2), registration_line(1), registration_line(2, unit_code(2), ref="S2"))
    _ran, rows = export(app, file, *options)
    assert sorted(row[0] for row in rows[1:]) == refs


def test_a_unit_without_records_gives_the_header_alone(app, history, file):
    take(app, unit_line(2))
    assert export(app, file, "--unit", unit_code(2))[1] == [HEADER]


@pytest.mark.parametrize("code", [unit_code(9), "", "%", "a\nb", "单位1"])
def test_an_unknown_unit_is_a_usage_error_and_no_file(app, history, file, code):
    ran, rows = export(app, file, "--unit", code)
    assert (ran.exit_code, rows) == (2, None)


def test_an_unknown_unit_leaves_the_file_that_is_there(app, file):
    file.write_text("older")
    export(app, file, "--unit", unit_code(9))
    assert file.read_text() == "older"


@pytest.mark.parametrize(
    "args", [["people"], ["registrations", "--format", "pdf"], ["registrations", "--locale", "fr"]]
)
def test_what_is_not_offered_is_a_usage_error(app, file, args):
    assert flask(app, "export", *args, "-o", str(file)).exit_code == 2


def test_the_demo_comes_out_whole(demo_app, file):
    _ran, rows = export(demo_app, file)
    assert len(rows) == 1 + 270


def test_an_export_is_in_the_audit_log(app, make, history, file):
    export(app, file, "--unit", unit_code(1))
    query = sa.select(AuditEntry.action, AuditEntry.subject, AuditEntry.by_name, AuditEntry.unit_id)
    assert make.read(query) == [("export", "registrations", "flask export", make.unit_id(unit_code(1)))]
