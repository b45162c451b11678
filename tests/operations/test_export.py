"""`flask export`: the same columns and words as on screen."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug import Response

from app.archive.catalogue import catalogue
from app.audit import AuditEntry
from app.operations.demo.load import FEED
from app.operations.seed import seed
from app.review.models import Submission
from app.tenancy import everything
from app.units.models import Unit
from tests.factories import decision_line, id_number, mobile, registration_line, take, unit_code, unit_line
from tests.operations.conftest import flask
from tests.review.workbook import sheets
from tests.statements import recorded

HEADER = [
    *("编号", "单位", "姓名", "性别", "证件号码", "手机号码", "政治面貌", "邮箱", "注册时间"),
    *("审核节点", "审核状态"),
]


def export(app, file: Path, *options: str, kind: str = "registrations"):
    """The command, and the rows that it wrote."""
    ran = flask(app, "export", kind, "-o", str(file), *options)
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


# ---- the archive -----------------------------------------------------------------------------------------------------

PAPER = {
    "title": "城市桥梁的检测",
    "journal": "桥梁学报",
    "published_on": "2024-05-01",
    "rank": 2,
    "corresponding": False,
}


@pytest.fixture
def paper(app, tmp_path) -> None:
    """One paper of somebody who registered, with its proof beside the feed."""
    shutil.copy(FEED.parent / "proofs" / "certificate.png", tmp_path)
    item = {"kind": "archive_item", "ref": "A1", "unit": unit_code(1), "id_number": id_number(2), "type": "paper"}
    item |= {"data": PAPER | {"proof": [{"file": "certificate.png"}]}, "submitted_at": "2026-11-03T00:30:00+08:00"}
    lines = [unit_line(1), registration_line(2), decision_line(2, "R2", "pass"), item]
    feed = tmp_path / "feed.ndjson"
    feed.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert flask(app, "intake", "load", str(feed)).exit_code == 0


@pytest.fixture
def seeded(app) -> None:
    """1,500 items of all types, in all states, with requests."""
    with app.app_context(), everything("tests") as session:
        seed(session, 2, 1500, 1, lambda _count: None)


def counted(make, *criteria) -> int:
    return make.read(sa.select(sa.func.count()).select_from(Submission).where(*criteria))[0][0]


def test_a_type_is_exported_with_all_its_columns_in_words(app, paper, file):
    _ran, rows = export(app, file, kind="paper")
    assert dict(zip(*rows, strict=True)) == {
        "编号": "A1",
        "单位": "单位1",
        "姓名": "人员2",
        "论文题目": "城市桥梁的检测",
        "期刊名称": "桥梁学报",
        "发表日期": "2024-05-01",
        "国际刊号": "",
        "国内刊号": "",
        "DOI": "",
        "卷期页码": "",
        "作者排名": "2",
        "是否通讯作者": "否",
        "收录情况": "",
        "备注": "",
        "提交时间": "2026-11-03 00:30",
        "审核节点": "单位",
        "审核状态": "待审核",
    }


def test_the_archive_is_exported_over_all_types(app, paper, file):
    _ran, rows = export(app, file, kind="archive")
    assert dict(zip(*rows, strict=True)) == {
        "编号": "A1",
        "单位": "单位1",
        "姓名": "人员2",
        "项目类型": "期刊论文",
        "名称": "城市桥梁的检测",
        "提交时间": "2026-11-03 00:30",
        "审核节点": "单位",
        "审核状态": "待审核",
    }


def test_every_type_comes_out_whole_with_its_columns_and_its_codes_in_words(app, make, seeded, file):
    with app.app_context():
        known = catalogue()
    for key, item_type in known.types.items():
        _ran, rows = export(app, file, kind=key)
        fields = [field for field in item_type.fields if field.kind not in ("file", "files")]
        assert {field.zh for field in fields} <= set(rows[0]), key
        assert len(rows) - 1 == counted(make, Submission.type == key) > 0, key
        for field in (field for field in fields if field.kind == "code"):
            words = {row[rows[0].index(field.zh)] for row in rows[1:]} - {""}
            assert words <= {zh for zh, _en in known.codes[field.codes].values()}, (key, field.key)


def test_the_archive_and_the_requests_come_out_whole(app, make, seeded, file):
    for kind, criterion in (("archive", "archive_item"), ("withdrawals", "withdrawal")):
        _ran, rows = export(app, file, kind=kind)
        assert len(rows) - 1 == counted(make, Submission.kind == criterion) > 0, kind


def test_a_request_is_told_with_its_reason(app, seeded, file):
    _ran, rows = export(app, file, kind="withdrawals")
    assert rows[0] == ["编号", "单位", "姓名", "项目类型", "业绩记录", "原因", "提交时间", "审核节点", "审核状态"]
    assert {row[-1] for row in rows[1:]} == {"待审核", "已通过", "已退回"}


def test_a_type_keeps_to_one_unit_when_asked(app, make, seeded, file):
    ((code, unit),) = make.read(sa.select(Unit.code, Unit.id).order_by(Unit.id).limit(1))
    _ran, rows = export(app, file, "--unit", code, kind="paper")
    assert len(rows) - 1 == counted(make, Submission.type == "paper", Submission.unit_id == unit) > 0


def test_a_type_that_left_the_catalogue_is_exported_while_something_of_it_is_there(app, paper, behind, file):
    behind("UPDATE submission SET type = 'gone' WHERE type = 'paper'")
    _ran, rows = export(app, file, kind="gone")
    assert [row[0] for row in rows] == ["编号", "A1"]


def test_an_unknown_kind_is_told_with_those_there_are(app, file):
    ran, rows = export(app, file, kind="people")
    with app.app_context():
        kinds = ["registrations", "withdrawals", "archive", *catalogue().types]
    assert (ran.exit_code, rows) == (2, None)
    assert all(kind in ran.stderr for kind in kinds)


def test_a_workbook_of_a_type_holds_what_the_text_does(app, paper, file, tmp_path):
    _ran, rows = export(app, file, kind="paper")
    book = tmp_path / "out.xlsx"
    flask(app, "export", "paper", "-o", str(book))
    assert sheets(Response(book.read_bytes())) == [rows]


def test_an_export_of_a_type_takes_as_many_statements_as_it_has_batches_or_fewer(app, seeded, file):
    with recorded(app) as statements:
        export(app, file, kind="paper")
    assert len(statements) <= 6
