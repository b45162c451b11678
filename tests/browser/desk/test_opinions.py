"""Writing an opinion: phrases with blanks, and a session that ends in the middle."""

import re

import pytest

pytestmark = pytest.mark.browser
TWO_BLANKS = "缺____证明和____，请补充"
SELECTED = "field => field.value.slice(field.selectionStart, field.selectionEnd)"


@pytest.fixture
def writing(unit):
    """A reviewer before the dialog of a return, whose unit has a phrase with two blanks; and the opinion's field."""
    (applicant,) = unit.registrations(1)
    reviewer = unit.administrator("zhang").open("/phrases/list/")
    returns = reviewer.page.locator("form").filter(has=reviewer.button("添加")).nth(1)
    returns.get_by_role("textbox").fill(TWO_BLANKS)
    with reviewer.answered(200):
        returns.get_by_role("button", name="添加").click()
    reviewer.open(applicant.address).button("退回").click()
    return reviewer, reviewer.page.get_by_label("退回意见")


def test_one_click_puts_a_phrase_in_with_its_first_blank_selected(writing):
    reviewer, opinion = writing
    reviewer.button(TWO_BLANKS).click()
    assert (opinion.input_value(), opinion.evaluate(SELECTED)) == (TWO_BLANKS, "____")
    assert opinion.evaluate("field => field.selectionStart") == TWO_BLANKS.index("____")


def test_typing_fills_the_blank_and_tab_goes_to_the_next(writing):
    reviewer, opinion = writing
    reviewer.button(TWO_BLANKS).click()
    keys = reviewer.page.keyboard
    keys.type("学历")
    keys.press("Tab")
    assert opinion.evaluate(SELECTED) == "____"
    keys.type("照片")
    assert opinion.input_value() == "缺学历证明和照片，请补充"


def test_tab_after_the_last_blank_leaves_the_field(writing):
    reviewer, opinion = writing
    reviewer.button(TWO_BLANKS).click()
    for _ in range(2):
        reviewer.page.keyboard.press("Tab")
    assert not opinion.evaluate("field => field === document.activeElement")


def test_a_phrase_takes_the_place_of_the_opinion_that_stood_there_untouched(unit):
    (applicant,) = unit.registrations(1)
    reviewer = unit.administrator("zhang").open(applicant.address)
    reviewer.button("通过").click()
    reviewer.button("材料齐全，情况属实，同意").click()
    assert reviewer.page.get_by_label("审批意见").input_value() == "材料齐全，情况属实，同意"


def test_a_phrase_joins_what_was_written(unit):
    (applicant,) = unit.registrations(1)
    reviewer = unit.administrator("zhang").open(applicant.address)
    reviewer.button("退回").click()
    reviewer.page.get_by_label("退回意见").press_sequentially("另：")
    reviewer.button("证件照片不清晰，请重新上传").click()
    assert reviewer.page.get_by_label("退回意见").input_value() == "另：证件照片不清晰，请重新上传"


# ---- a session that ends in the middle -------------------------------------------------------------------------------


def test_an_opinion_outlives_the_session_in_which_it_was_written(unit):
    (applicant,) = unit.registrations(1)
    reviewer = unit.administrator("zhang")
    with reviewer.page.expect_response("**/present/*"):  # else it would be asked again without a session
        reviewer.open(applicant.address)
    reviewer.button("退回").click()
    dialog = reviewer.page.get_by_role("dialog", name="退回")
    dialog.get_by_text("标注问题项").click()
    dialog.get_by_label("邮箱", exact=True).check()
    dialog.get_by_label("邮箱的问题说明").fill("域名写错")
    reviewer.page.context.clear_cookies()
    with reviewer.answered(401):
        reviewer.confirm("写了很久的意见")

    reviewer.page.get_by_label("用户名").fill(unit.account("zhang"))
    reviewer.page.get_by_label("密码").fill(reviewer.password)
    with reviewer.answered(200):
        reviewer.button("登录").click()
    assert reviewer.page.get_by_label("退回意见").input_value() == "写了很久的意见"
    with reviewer.answered(200):
        reviewer.button("确定").click()

    last, *before = reviewer.open(applicant.address).history()
    assert re.match(r"退回 写了很久的意见 邮箱 ?域名写错 ", last), last
    assert len(before) == 1
