"""Several administrators of one unit: who else reads, who was faster, and what nobody decides or takes back."""

import re

import pytest

from tests.browser.desk.reading import name_on, steps
from tests.factories import id_number

pytestmark = pytest.mark.browser


@pytest.fixture
def two(unit):
    """A registration, and two administrators who have it open, one after the other."""
    (applicant,) = unit.registrations(1)
    windows = []
    for username in ("zhang", "li"):
        window = unit.administrator(username)
        window.page.clock.install()
        with window.page.expect_response("**/present/*"):
            windows.append(window.open(applicant.address))
    return applicant, *windows


def returns(reviewer, opinion, status):
    reviewer.button("退回").click()
    with reviewer.answered(status):
        reviewer.confirm(opinion)


def test_who_opens_a_record_sees_who_else_has_it_open(unit, two):
    _applicant, _first, second = two
    others = second.page.get_by_text("同时打开的还有")
    others.wait_for()
    assert others.inner_text() == f"同时打开的还有： {unit.account('zhang')} 的持有人"


def test_who_came_first_sees_it_while_the_page_stays_open(unit, two):
    _applicant, first, _second = two
    others = first.page.get_by_text("同时打开的还有")
    assert not others.is_visible()
    first.page.clock.fast_forward(15_000)
    others.wait_for()
    assert unit.account("li") in others.inner_text()


def test_the_second_learns_who_decided_what_and_when(unit, two):
    _applicant, first, second = two
    returns(first, "材料不清晰", 200)
    returns(second, "邮箱写错了", 409)
    told = second.page.get_by_role("alert").inner_text()
    by = f"{unit.account('zhang')} 的持有人"
    assert re.search(rf"{by} 已于 20\d\d-\d\d-\d\d \d\d:\d\d 审核该记录：退回", told), told
    assert "材料不清晰" in told


def test_the_second_keeps_what_was_typed_and_decides_nothing(two):
    applicant, first, second = two
    returns(first, "材料不清晰", 200)
    returns(second, "邮箱写错了", 409)
    assert "邮箱写错了" in second.page.get_by_role("alert").inner_text()
    assert steps(second, applicant.address) == [["退回", "提交"]]


def test_what_was_typed_about_an_older_version_stands_in_the_field_for_the_new_one(two):
    applicant, _first, second = two
    applicant.is_returned()
    applicant.submits_again(email="new@example.cn")
    returns(second, "邮箱写错了", 409)
    assert "重新提交该记录，请阅读新版本后再审核" in second.page.get_by_role("alert").inner_text()
    second.button("退回").click()
    assert second.page.get_by_label("退回意见").input_value() == "邮箱写错了"


# ---- what nobody decides or takes back -------------------------------------------------------------------------------


def test_the_own_record_names_the_others_who_can_decide_it(unit):
    (own,) = unit.registrations(1)
    others = [unit.enrol(username) for username in ("li", "wang")]
    reviewer = unit.administrator("zhang", holder=id_number(own.n)).open(own.address)
    told = reviewer.page.get_by_text("这是您本人的记录，依回避规定须由本单位其他管理员审核").inner_text()
    assert told.split("：")[1].removesuffix("。").split("、") == others


def test_the_own_record_has_no_verdict_to_give_by_button_or_key(unit):
    own, other = unit.registrations(2)
    reviewer = unit.administrator("zhang", holder=id_number(own.n)).open(own.address)
    for key in "pr":
        reviewer.page.keyboard.press(key)
    assert reviewer.button("通过").count() == reviewer.button("退回").count() == 0
    assert reviewer.page.get_by_role("dialog").count() == 0
    with reviewer.answered(200):  # the keys are on
        reviewer.page.keyboard.press("j")
    assert name_on(reviewer) == other.name


def test_a_verdict_that_something_rests_on_says_why_it_cannot_be_taken_back(unit):
    (applicant,) = unit.registrations(1)
    reviewer = unit.administrator("zhang").open(applicant.address)
    reviewer.button("通过").click()
    reviewer.confirm()
    assert reviewer.open(applicant.address).button("撤销审核").count() == 1
    applicant.leaves_and_comes_back()
    reviewer.open(applicant.address)
    assert reviewer.page.get_by_text("不能撤销审核：该人员此后已提交其他材料。").is_visible()
    assert reviewer.button("撤销审核").count() == 0
