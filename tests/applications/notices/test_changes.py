"""A notice changes until its proof is uploaded, and no more once an application was passed with it; what is stale is
refused with nothing lost."""

import io
import re

import pytest
import sqlalchemy as sa

from app import clock
from app.attachments import Attachment
from app.operations.stored import faults
from app.review.models import Submission
from app.tenancy import everything
from tests.applications.nodes.stage import application_line, back, one
from tests.applications.notices.board import JSON, OVER, WRITTEN, Board, state
from tests.archive.factories import pdf, png
from tests.browsing import saved_as, text_of, value_of
from tests.factories import audited, change

DAYS = {"begins_on": "2026-11-10", "ends_on": "2026-11-18"}


@pytest.fixture
def pk(stage, board) -> int:
    """A notice of the first two applications."""
    return board.made(*stage.applying(1, 2))


@pytest.fixture
def passed(stage, board) -> int:
    """A complete notice with which the first application was passed, the second waits."""
    first, second = stage.applying(1, 2)
    pk = board.complete(first, second)
    board.browser.post("/applications/decide", one(stage.make, first))
    assert stage.stands(first) == ("pending", "department")
    return pk


def names(page) -> list[str]:
    """Who is in the table of a notice's page."""
    return re.findall(r'class="lead who"><a [^>]*>(.*?)</a>', page.text)


# ---- days, place, contact --------------------------------------------------------------------------------------------


def test_its_days_place_and_contact_change_and_that_is_audited(stage, board, pk):
    assert board.post("edit", pk, **DAYS, place="公告栏", contact="人事处").status_code == 303
    kept = board.notice(pk)
    assert (str(kept.begins_on), kept.working_days, kept.place, kept.contact) == ("2026-11-10", 7, "公告栏", "人事处")
    assert [entry.detail["was"]["begins_on"] for entry in audited(stage.make, "change_notice")] == [OVER["begins_on"]]


def test_a_form_that_somebody_was_faster_with_is_refused_with_what_was_typed(stage, board, reader, pk):
    seen = {"steps": str(board.notice(pk).steps)}
    Board(reader("unit2"), stage).post("edit", pk, **DAYS)
    answer = board.browser.post(f"/notices/edit/{pk}", {**OVER, **seen, "place": "礼堂门口"})
    assert (answer.status_code, value_of(answer, "place")) == (409, "礼堂门口")
    assert "2026-11-10 至 2026-11-18" in text_of(answer)
    assert board.notice(pk).place == ""


def test_what_is_wrong_changes_nothing_and_stays(board, pk):
    answer = board.post("edit", pk, **(DAYS | {"ends_on": "2026-11-01"}), place="公告栏")
    assert (answer.status_code, value_of(answer, "place"), board.notice(pk).place) == (400, "公告栏", "")
    assert 'id="ends_on-error"' in answer.text


def test_with_its_proof_uploaded_its_days_are_refused_with_what_was_typed(board, pk):
    board.upload(pk, "proof")
    answer = board.post("edit", pk, **DAYS, place="礼堂门口")
    assert (answer.status_code, "礼堂门口" in text_of(answer), board.notice(pk).place) == (409, True, "")
    assert "请先删除公示证明" in text_of(answer)


def test_with_its_proof_removed_they_change_again(board, pk):
    board.upload(pk, "proof")
    (file,) = board.notice(pk).proof
    assert board.post("remove_file", pk, remove=f"proof:{file}").status_code == 303
    assert board.post("edit", pk, **DAYS).status_code == 303


# ---- people ----------------------------------------------------------------------------------------------------------


def test_what_else_waits_is_offered_and_added(stage, board, pk):
    (third,) = stage.applying(3)
    assert f'name="application" value="{third}"' in board.page(pk).text
    assert board.post("add", pk, application=str(third)).status_code == 303
    assert names(board.page(pk)) == ["人员1", "人员2", "人员3"]


def test_an_application_is_taken_out_and_keeps_what_was_written(stage, board, pk):
    first, second = (int(one) for one in re.findall(r'name="seen:(\d+)"', board.page(pk).text))
    board.write(pk, {first: WRITTEN})
    assert board.post("remove", pk, application=str(first), sure="1").status_code == 303
    assert (board.drafts_in(first, second), stage.drafts(first)[-1].text) == ([None, pk], "同意推荐")


@pytest.mark.parametrize("action", ["add", "remove"])
def test_with_its_proof_uploaded_its_people_stay(stage, board, pk, action):
    (third,) = stage.applying(3)
    board.upload(pk, "proof")
    first = re.search(r'name="seen:(\d+)"', board.page(pk).text)[1]
    assert board.post(action, pk, application=str(third) if action == "add" else first).status_code == 409
    assert names(board.page(pk)) == ["人员1", "人员2"]


@pytest.mark.parametrize("action", ["add", "remove"])
def test_its_people_change_only_as_the_page_had_them(stage, board, reader, pk, action):
    third, fourth = stage.applying(3, 4)
    seen = {"steps": str(board.notice(pk).steps)}
    first = re.search(r'name="seen:(\d+)"', board.page(pk).text)[1]
    Board(reader("unit2"), stage).post("add", pk, application=str(third))
    form = seen | {"application": str(fourth) if action == "add" else first}
    assert board.browser.post(f"/notices/{action}/{pk}", form).status_code == 409
    assert names(board.page(pk)) == ["人员1", "人员2", "人员3"]


def test_what_is_in_another_notice_is_not_added(stage, board, pk):
    (third,) = stage.applying(3)
    other = board.made(third)
    assert board.post("add", pk, application=str(third)).status_code == 400
    assert board.drafts_in(third) == [other]


def test_nobody_is_added_when_nobody_is_chosen(board, pk):
    answer = board.post("add", pk)
    assert (answer.status_code, "请先选择人员" in text_of(answer)) == (400, True)


# ---- proof and material ----------------------------------------------------------------------------------------------


def test_with_proof_and_material_it_is_complete(board, pk):
    board.prove(pk)
    assert state(board.page(pk)) == "已完成"


def test_the_script_is_told_what_is_wrong_with_a_file(board, pk):
    answer = board.upload(pk, "proof", b"not a picture", **JSON)
    assert (answer.status_code, "proof.png" in answer.get_json()["error"]) == (400, True)


def test_without_script_it_stands_beside_the_field(board, pk):
    answer = board.upload(pk, "proof", b"not a picture")
    assert (answer.status_code, "proof.png" in text_of(answer)) == (400, True)


def test_a_file_that_is_removed_is_gone(stage, board, pk):
    board.upload(pk, "material", pdf())
    (file,) = board.notice(pk).material
    board.post("remove_file", pk, remove=f"material:{file}")
    assert (board.notice(pk).material, stage.make.read(_file(file))) == ([], [])


def _file(pk: str):
    return sa.select(Attachment.id).where(Attachment.id == pk)


def test_flask_check_finds_nothing_amiss_with_its_files(app, board, pk):
    board.prove(pk)
    with app.app_context(), everything("tests") as session:
        assert list(faults(session)) == []


def test_a_file_cannot_come_beside_it_by_the_form_of_one_application(stage, board, pk):
    first = stage.make.read(_application("T1"))[0][0]
    board.prove(pk)
    proof = board.notice(pk).proof
    sent = {"proof": (io.BytesIO(png()), "x.png"), "text": "同意", "steps": "0", "explanation": ""}
    sent["steps"] = str(sum(row.steps for row in (stage.drafts(first)[-1], board.notice(pk))))
    answer = board.browser.post(f"/applications/recommend/{first}", sent)
    assert (answer.status_code, board.drafts_in(first)) == (400, [pk])
    board.browser.post(f"/applications/remove_file/{first}", {"remove": f"proof:{proof[0]}"})
    assert stage.make.read(_file(proof[0])) != []


def test_flask_check_finds_a_file_that_is_named_and_gone(app, stage, board, pk):
    board.prove(pk)
    (file,) = board.notice(pk).proof
    change(stage.make, sa.delete(Attachment).where(Attachment.id == file))
    with app.app_context(), everything("tests") as session:
        assert [fault for fault in faults(session) if file in fault] == [
            f"it is not there, and a notice names it: attachment {file}"
        ]


# ---- once something was passed with it -------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["edit", "add", "remove", "remove_file"])
def test_then_its_days_people_and_files_stay_as_they_are(stage, board, passed, action):
    (third,) = stage.applying(3)
    before = vars(board.notice(passed)).copy()
    second = re.search(r'name="seen:(\d+)"', board.page(passed).text)[1]
    forms = {
        "edit": DAYS,
        "add": {"application": str(third)},
        "remove": {"application": second},
        "remove_file": {"remove": f"proof:{before['proof'][0]}"},
    }
    assert board.post(action, passed, **forms[action]).status_code == 409
    after = vars(board.notice(passed))
    assert {name: after[name] for name in after if name[0] != "_"} == {
        name: before[name] for name in before if name[0] != "_"
    }


def test_then_nothing_is_uploaded(board, passed):
    answer = board.upload(passed, "proof")
    assert (answer.status_code, len(board.notice(passed).proof)) == (400, 1)
    assert "不能再修改" in text_of(answer)


def test_what_came_back_stays_in_it_and_is_written_there_again(stage, board, reader, passed):
    first = stage.make.read(_application("T1"))[0][0]
    reader("department").post("/applications/decide", one(stage.make, first, "send_back", "请补充"))
    assert board.drafts_in(first) == [passed]
    assert board.write(passed, {first: {"text": "重新填写"}}).status_code == 303
    assert [said.text for said in stage.drafts(first)] == ["同意推荐", "重新填写"]


def test_what_came_back_may_leave_it_and_what_was_frozen_stays(stage, board, passed):
    first = stage.make.read(_application("T1"))[0][0]
    board.browser.post("/applications/take_back", back(stage.make, first))
    assert board.post("remove", passed, application=str(first), sure="1").status_code == 303
    assert [said.notice_id for said in stage.drafts(first)] == [passed, None]


def test_a_returned_application_that_comes_again_is_still_in_it(stage, board, pk):
    first = stage.make.read(_application("T1"))[0][0]
    board.browser.post("/applications/decide", one(stage.make, first, "return", "请补正"))
    stage.taken(application_line(1, title="正高级教师", submitted_at=clock.now().isoformat()))
    assert board.drafts_in(first) == [pk]
    assert "正高级教师" in text_of(board.page(pk))


def _application(ref: str):
    return sa.select(Submission.id).where(Submission.ref == ref)


# ---- its list --------------------------------------------------------------------------------------------------------


def test_its_list_is_printed_as_soon_as_it_is_saved_and_that_is_audited(stage, board, pk):
    answer = board.browser.get(f"/notices/list.pdf/{pk}")
    assert (answer.status_code, answer.data[:5], saved_as(answer)) == (200, b"%PDF-", "公示名单-20261116.pdf")
    assert [(entry.subject, entry.detail["count"]) for entry in audited(stage.make, "export")] == [(f"notice {pk}", 2)]
