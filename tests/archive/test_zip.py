"""B19: the attachments of all that a list matches, as one ZIP whose names tell whose and what they are."""

import io
import zipfile

import pytest
import sqlalchemy as sa

from app.attachments import Attachment, storage
from app.extensions import db
from tests.archive.factories import PROOFS, item_line, verdict_line
from tests.factories import audited, id_number, registration_line, take, unit_code
from tests.statements import recorded

ALL = "/archive/all/attachments.zip"
BOTH = {"proof": [{"file": name} for name in PROOFS]}


def opened(answer) -> zipfile.ZipFile:
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.get_data()))
    assert archive.testzip() is None
    return archive


def test_each_file_is_named_by_person_type_title_and_reference(intake, desk):
    intake(item_line("paper", 1, data={"title": "课堂观察"} | BOTH))
    folder = "人员1/期刊论文 课堂观察 A1"
    assert opened(desk.get(ALL)).namelist() == [f"{folder}/01 {PROOFS[0]}", f"{folder}/02 {PROOFS[1]}"]


def test_the_bytes_are_those_that_were_handed_in(intake, desk, folder):
    intake(item_line(data=BOTH))
    archive = opened(desk.get(ALL))
    assert [archive.read(name) for name in archive.namelist()] == [(folder / name).read_bytes() for name in PROOFS]


def test_it_holds_what_the_list_matches_and_nothing_else(intake, desk):
    intake(item_line("paper", 1), item_line("book", 2), item_line("paper", 3), verdict_line(11, of="A3"))
    assert len(opened(desk.get("/archive/paper/attachments.zip")).namelist()) == 1
    assert len(opened(desk.get("/archive/paper/attachments.zip?status=all")).namelist()) == 2


def test_another_units_files_are_not_in_it(make, intake, desk):
    make.unit(2)
    take(make.app, registration_line(9, unit_code(2)), verdict_line(9, of="R9", day=2))
    theirs = item_line("paper", 2, unit=unit_code(2), id_number=id_number(9))
    mine, other = intake(item_line("paper", 1), theirs)
    assert (mine.outcome, other.outcome) == ("created", "created")
    assert len(opened(desk.get(ALL)).namelist()) == 1


def test_a_reader_of_several_units_finds_the_unit_in_front(make, intake, sign_in):
    intake(item_line("paper", 1, data={"title": "课堂观察"}))
    make.account("hr", "hr_reviewer", "350102")
    assert opened(sign_in("hr").get(ALL)).namelist() == [f"单位1/人员1/期刊论文 课堂观察 A1/01 {PROOFS[0]}"]


@pytest.mark.parametrize(
    ("title", "kept"),
    [("a/../../b", "a_.._.._b"), ("nul", "nul"), ("题" * 90, "题" * 55), ("尾点...", "尾点"), ('<:"|?*>', "_______")],
)
def test_a_title_becomes_a_name_that_every_system_takes(intake, desk, title, kept):
    intake(item_line("paper", 1, data={"title": title}))
    assert opened(desk.get(ALL)).namelist() == [f"人员1/期刊论文 {kept} A1/01 {PROOFS[0]}"]


def test_names_are_unique_where_only_case_or_refused_characters_differ(intake, desk):
    refs = ["A1", "a1", "A/1", "A?1", "A_1"]
    intake(*(item_line("paper", 1, ref=ref) for ref in refs))
    names = [name.casefold() for name in opened(desk.get(ALL)).namelist()]
    assert len(set(names)) == len(refs)


def test_two_hundred_items_cost_two_statements_a_hundred(app, intake, desk):
    intake(*(item_line("paper", n) for n in range(1, 201)))
    with recorded(app) as statements:
        names = opened(desk.get(ALL)).namelist()
    assert len(set(names)) == 200
    assert sum("attachment" in statement for statement in statements) == 2


def test_a_file_that_the_storage_lost_is_told_and_the_rest_still_comes(app, make, intake, desk):
    intake(item_line("paper", 1, data=BOTH))
    ((lost,),) = make.read(sa.select(Attachment.sha256).where(Attachment.name == PROOFS[0]))
    with app.app_context():
        storage().remove([lost])
    archive = opened(desk.get(ALL))
    assert [name.rsplit("/", 1)[-1] for name in archive.namelist()] == [f"02 {PROOFS[1]}", "未能读取的附件.txt"]
    assert PROOFS[0] in archive.read("未能读取的附件.txt").decode("utf-8-sig")


def test_it_is_kept_in_the_audit_log(make, intake, desk):
    intake(item_line())
    desk.get(ALL)
    assert [entry.detail["format"] for entry in audited(make, "export")] == ["zip"]


def test_a_kind_without_files_has_no_such_address(desk):
    assert desk.get("/registrations/attachments.zip").status_code == 404


def test_the_connection_is_given_back_when_the_file_is_through(app, intake, desk):
    intake(item_line())
    with app.app_context():
        pool = db.engine.pool
    before = pool.checkedout()
    desk.get(ALL)
    assert pool.checkedout() == before
