"""A batch: what cannot be decided is named before and after with the reasons, and the whole of it is taken back."""

import re

import pytest

from tests.browser.desk.reading import names_on_list, steps, table
from tests.browser.pages import LIST
from tests.factories import id_number

pytestmark = pytest.mark.browser
OWN, CHANGED = "属您本人的记录，须由其他管理员审核", "您打开后已重新提交"
RESTS = "此后已有材料以该审核结果为依据"


def choose(reviewer, applicants):
    reviewer.open(LIST)
    for applicant in applicants:
        reviewer.page.get_by_label(f"选择 {applicant.name}", exact=True).check()


def pass_all(reviewer, applicants):
    choose(reviewer, applicants)
    reviewer.button("通过").click()
    reviewer.confirm("批量核对无误")


def take_back_all(reviewer):
    reviewer.button("撤销审核").click()
    reviewer.confirm("误操作")


@pytest.fixture
def overtaken(unit):
    """Five people, the window of a reviewer who ticked all of them, and the name of the colleague who was faster.

    Meanwhile the first was decided, the second came again, and the third came again as the reviewer himself.
    """
    people = unit.registrations(5)
    number = id_number(people[0].n + 200_000)
    reviewer = unit.administrator("zhang", holder=number)
    choose(reviewer, people)
    decided, changed, own = people[:3]
    colleague = unit.administrator("li").open(decided.address)
    colleague.button("通过").click()
    colleague.confirm()
    for one, corrections in ((changed, {"email": "new@example.cn"}), (own, {"id_number": number})):
        one.is_returned()
        one.submits_again(**corrections)
    return people, reviewer, f"{unit.account('li')} 的持有人"


def is_told(reasons, people, colleague):
    """Whether these are the reasons of the first three, in their order, and of nobody else."""
    decided, changed, own = people[:3]
    expected = {
        decided.name: rf"{colleague} 已于 20\d\d-\d\d-\d\d \d\d:\d\d 通过",
        changed.name: CHANGED,
        own.name: OWN,
    }
    same_people = list(reasons) == list(expected)
    return same_people and all(re.fullmatch(expected[name], reason) for name, reason in reasons.items())


def test_the_preview_names_what_will_not_be_decided_and_why(overtaken):
    people, reviewer, colleague = overtaken
    reviewer.button("通过").click()
    preview = reviewer.page.get_by_role("dialog", name="通过").get_by_role("status")
    preview.get_by_role("list").wait_for()
    told = [item.inner_text().split(maxsplit=2) for item in preview.get_by_role("listitem").all()]
    assert "将审核：2 条" in preview.inner_text() and "不会审核：3 条" in preview.inner_text()
    assert [ref for _name, ref, _reason in told] == [person.ref for person in people[:3]]
    assert is_told({name: reason for name, _ref, reason in told}, people, colleague), told


def test_the_result_tells_it_row_by_row_and_stays_when_it_is_loaded_again(overtaken):
    people, reviewer, colleague = overtaken
    reviewer.button("通过").click()
    reviewer.confirm("批量核对无误")
    told = table(reviewer, "已审核"), table(reviewer, "未审核")
    assert told[0] == {person.name: "已通过" for person in people[3:]}
    assert is_told(told[1], people, colleague), told[1]
    with reviewer.answered(200):
        reviewer.page.reload()
    assert (table(reviewer, "已审核"), table(reviewer, "未审核")) == told


# ---- taken back whole ------------------------------------------------------------------------------------------------


def test_a_batch_is_taken_back_whole_from_its_result(unit):
    people = unit.registrations(3)
    reviewer = unit.administrator("zhang")
    pass_all(reviewer, people)
    result = reviewer.page.url.removeprefix(reviewer.url)
    take_back_all(reviewer)
    assert table(reviewer, "已撤销") == {person.name: "待审核" for person in people}
    assert steps(reviewer, *(person.address for person in people)) == [["撤销审核", "通过", "提交"]] * 3
    assert reviewer.open(result).button("撤销审核").count() == 0


def test_a_taken_back_batch_leaves_what_it_did_not_decide(overtaken):
    people, reviewer, _colleague = overtaken
    reviewer.button("通过").click()
    reviewer.confirm("批量核对无误")
    take_back_all(reviewer)
    assert set(table(reviewer, "已撤销")) == {person.name for person in people[3:]}
    newest = [history[0] for history in steps(reviewer, *(person.address for person in people))]
    assert newest == ["通过", "重新提交", "重新提交", "撤销审核", "撤销审核"]


def test_what_something_rests_on_is_left_out_of_taking_a_batch_back_and_says_so(unit):
    free, settled = unit.registrations(2)
    reviewer = unit.administrator("zhang")
    pass_all(reviewer, [free, settled])
    settled.leaves_and_comes_back()
    take_back_all(reviewer)
    assert table(reviewer, "已撤销") == {free.name: "待审核"}
    assert table(reviewer, "未撤销") == {settled.name: RESTS}
    assert [history[0] for history in steps(reviewer, free.address, settled.address)] == ["撤销审核", "通过"]


# ---- the own record --------------------------------------------------------------------------------------------------


def test_the_own_record_is_left_out_of_a_batch_of_all(unit):
    own, *others = unit.registrations(3)
    reviewer = unit.administrator("zhang", holder=id_number(own.n)).open(LIST)
    reviewer.page.get_by_label("全选本页").check()
    reviewer.button("选择全部 3 项").click()
    reviewer.button("通过").click()
    reviewer.confirm("批量核对无误")
    assert set(table(reviewer, "已审核")) == {other.name for other in others}
    assert table(reviewer, "未审核") == {own.name: OWN}
    assert names_on_list(reviewer.open(LIST)) == [own.name]


def test_the_own_record_cannot_be_ticked(unit):
    own, other = unit.registrations(2)
    reviewer = unit.administrator("zhang", holder=id_number(own.n)).open(LIST)
    boxes = reviewer.page.get_by_role("row").get_by_role("checkbox", name="选择 ")
    assert [box.get_attribute("aria-label") for box in boxes.all()] == [f"选择 {other.name}"]
