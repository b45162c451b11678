"""公示名单 is printed as it was posted, whatever became of an application since; taking somebody out asks first."""

import pytest
import sqlalchemy as sa

from app import clock
from app.applications.models import Notice, Plan
from tests.applications.nodes.stage import application_line, back, one, open_plan_line
from tests.applications.notices.board import WRITTEN, lacks
from tests.applications.papers import pages
from tests.browsing import text_of
from tests.factories import change


@pytest.fixture
def people(stage) -> list[int]:
    return stage.applying(1, 2, 3)


@pytest.fixture
def pk(board, people) -> int:
    return board.made(*people)


@pytest.fixture
def passed(board, people) -> int:
    """A complete notice with which the first was passed; the others wait."""
    pk = board.complete(*people)
    board.browser.post("/applications/decide", one(board.stage.make, people[0]))
    return pk


def printed(board, pk: int) -> str:
    return "".join(pages(board.browser.get(f"/notices/list.pdf/{pk}").data))


def names(text: str) -> list[int]:
    """Which of the people are on the list, in its order."""
    return sorted((n for n in range(1, 6) if f"人员{n}" in text), key=lambda n: text.index(f"人员{n}"))


def differs(board, pk: int) -> str:
    return text_of(board.page(pk)).partition("与目前人员情况不一致：")[2].partition(" 公示日期")[0].strip()


# ---- as it was posted ------------------------------------------------------------------------------------------------


def test_who_was_ended_is_still_on_it_and_the_page_says_so(stage, board, passed, people):
    before = printed(board, passed)
    ending = one(stage.make, people[1], "terminate", "任职年限不足", confirm_name="人员2")
    board.browser.post("/applications/decide", ending)
    assert stage.stands(people[1])[0] == "terminated"
    assert names(before) == names(printed(board, passed)) == [1, 2, 3]
    assert differs(board, passed) == "人员2（已终止）"


def test_an_application_that_came_again_stands_on_it_as_it_was(stage, board, passed, people):
    board.browser.post("/applications/decide", one(stage.make, people[2], "return", "请补正"))
    stage.taken(application_line(3, specialty="学前教育", submitted_at=clock.now().isoformat()))
    said = printed(board, passed)
    assert ("小学教育" in said, "学前教育" in said) == (True, False)
    assert differs(board, passed) == "人员3（申报信息有变动）"


def test_who_was_taken_out_once_it_was_fixed_is_still_on_it(stage, board, passed, people):
    board.browser.post("/applications/take_back", back(stage.make, people[0]))
    board.post("remove", passed, application=str(people[0]), sure="1")
    assert names(printed(board, passed)) == [1, 2, 3]
    assert differs(board, passed) == "人员1（已移出）"


def test_its_order_is_not_that_of_plans_that_changed_since(stage, board, pk, people):
    stage.taken(open_plan_line("P2", closes_on="2099-12-30"))
    later = stage.applying(4, plan="P2")
    board.post("add", pk, application=str(later[0]))
    before = names(printed(board, pk))
    change(stage.make, sa.update(Plan).where(Plan.code == "P2").values(name="改了", closes_on=sa.text("'2199-12-31'")))
    assert names(printed(board, pk)) == before == [4, 1, 2, 3]


# ---- made anew -------------------------------------------------------------------------------------------------------


def test_nothing_is_said_of_a_list_that_is_as_the_notice(board, pk):
    assert "不一致" not in text_of(board.page(pk))


def test_who_comes_and_goes_before_it_is_fixed_makes_it_anew(stage, board, pk, people):
    (fourth,) = stage.applying(4)
    board.post("add", pk, application=str(fourth))
    board.post("remove", pk, application=str(people[0]), sure="1")
    assert names(printed(board, pk)) == [2, 3, 4]
    assert "不一致" not in text_of(board.page(pk))


def test_saving_the_days_makes_it_anew(stage, board, pk, people):
    board.browser.post("/applications/decide", one(stage.make, people[2], "return", "请补正"))
    stage.taken(application_line(3, specialty="学前教育", submitted_at=clock.now().isoformat()))
    assert "重新保存公示日期" in text_of(board.page(pk))
    board.post("edit", pk, begins_on="2026-11-16", ends_on="2026-11-20")
    assert "学前教育" in printed(board, pk)
    assert "不一致" not in text_of(board.page(pk))


def test_one_from_before_lists_were_kept_is_printed_as_it_is(stage, board, pk):
    change(stage.make, sa.update(Notice).where(Notice.id == pk).values(posted=None))
    assert names(printed(board, pk)) == [1, 2, 3]
    assert "不一致" not in text_of(board.page(pk))


def test_what_is_not_known_yet_is_a_line_to_write_on(board, people):
    said = printed(board, board.made(*people, contact="人事处 李老师"))
    assert ("公示地点：________________" in said, "人事处李老师" in said, "—" in said) == (True, True, False)


# ---- taking out ------------------------------------------------------------------------------------------------------


def test_taking_somebody_out_asks_first(stage, board, pk, people):
    asked = board.post("remove", pk, application=str(people[0]))
    assert (asked.status_code, board.drafts_in(people[0])) == (200, [pk])
    assert "移出后，须另行公示方可通过" in text_of(asked)
    assert 'name="sure" value="1"' in asked.text


def test_out_of_a_notice_that_is_fixed_it_says_what_stays(stage, board, passed, people):
    board.browser.post("/applications/take_back", back(stage.make, people[0]))
    asked = text_of(board.post("remove", passed, application=str(people[0])))
    assert "不能再加入本公示" in asked
    assert "已张贴的公示名单均保持不变" in asked


def test_what_is_fixed_is_told_with_what_still_changes(board, passed):
    told = text_of(board.page(passed))
    assert "公示日期、人员和材料不能再修改；" in told
    assert "退回本单位的人员可以移出" in told


def test_who_is_in_no_other_notice_is_not_said_to_be_in_one(stage, board, passed, people):
    board.browser.post("/applications/take_back", back(stage.make, people[0]))
    board.post("remove", passed, application=str(people[0]), sure="1")
    assert lacks(board.page(passed), people[0]) == "已回到本单位，尚无公示"
    steps = len(stage.steps(people[0]))
    other = board.begin(rowid=f"{people[0]}:{steps}")
    assert other.status_code == 303
    assert lacks(board.page(passed), people[0]) == "已回到本单位，改用另一公示"


def test_its_numbers_tell_who_waits(board, passed, people):
    assert "人员 3 · 待审核 2 人，其中已填写 2 人" in text_of(board.page(passed))
    board.write(passed, {people[1]: WRITTEN | {"text": ""}})
    assert "人员 3 · 待审核 2 人，其中已填写 1 人" in text_of(board.page(passed))
