"""公示 in a browser: nothing goes on before what was typed is saved; files are sent at once; days keep their order."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk.applying import applies, institution

pytestmark = pytest.mark.browser
SAVE_FIRST = "此处填写的内容尚未保存，请先保存再继续"


@pytest.fixture
def reviewer(shared, visit, tmp_path):
    """An administrator of a school of which somebody has applied; the proofs are in the test's folder."""
    school = institution(shared[0], visit)
    applies(school, tmp_path)
    return school.administrator("zhang").open("/applications/list/")


@pytest.fixture
def asked(reviewer):
    """The page that asks for the days of a new notice."""
    reviewer.page.get_by_label("全选本页").check()
    with reviewer.answered(200):
        reviewer.button("发起公示").click()
    return reviewer


@pytest.fixture
def notice(asked):
    """A notice that is over, with one application in it."""
    asked.page.get_by_label("公示开始日期").fill("2026-11-02")
    asked.page.get_by_label("公示结束日期").fill("2026-11-06")
    saved(asked, "保存公示")
    return asked


@pytest.fixture
def complete(notice, tmp_path):
    """One that is written and proved, so that it can pass."""
    text(notice).fill("同意推荐")
    notice.page.get_by_label("是否占用本单位职位数").select_option("不占用")
    notice.page.get_by_role("textbox", name="占用说明").fill("不占用")
    saved(notice, "全部保存")
    upload(notice, "公示证明", tmp_path / "proof-1.pdf")
    upload(notice, "公示材料", tmp_path / "proof-2.png")
    expect(notice.button("通过")).to_be_visible()
    return notice


def text(visitor):
    return visitor.page.get_by_role("textbox", name=re.compile("^推荐意见: "))


def saved(visitor, button):
    with visitor.answered(200):
        visitor.button(button).click()


def field(visitor, name):
    return visitor.page.get_by_role("group", name=name)


def upload(visitor, name, *paths):
    with visitor.answered(200):  # the page is loaded again
        field(visitor, name).locator("input[type=file]").set_input_files(paths)
    expect(field(visitor, name).locator("li a")).to_have_text([path.name for path in paths])


def dialogs(visitor):
    return visitor.page.locator("dialog[open]")


def object_to(visitor):
    """An objection, whose outcome is then typed and not saved."""
    visitor.page.get_by_text("登记异议", exact=True).click()
    visitor.page.get_by_label("异议提出人").fill("李某")
    visitor.page.get_by_label("异议内容").fill("论文署名有疑问")
    saved(visitor, "保存异议")
    visitor.page.get_by_text("登记处理结果", exact=True).click()
    outcome = visitor.page.get_by_label("处理结果", exact=True)
    outcome.fill("经核实不属实")
    return outcome


# ---- nothing goes on before what was typed is saved ------------------------------------------------------------------


def test_a_pass_waits_until_the_table_is_saved_and_then_freezes_what_was_typed(complete):
    address = complete.page.url.removeprefix(complete.url)
    text(complete).fill("改动后的推荐意见")
    complete.button("通过").click()
    expect(dialogs(complete)).to_have_count(0)
    expect(complete.page.get_by_role("alert").filter(has_text=SAVE_FIRST)).to_be_visible()
    expect(complete.button("全部保存")).to_be_focused()
    saved(complete, "全部保存")
    complete.button("通过").click()
    with complete.answered(200):
        complete.confirm("同意")
    assert complete.messages() == ["已通过 1 条。"]
    complete.open(address)
    expect(complete.page.get_by_role("table")).to_contain_text("改动后的推荐意见")


def test_a_typed_outcome_is_saved_before_anything_passes(complete):
    outcome = object_to(complete)
    complete.button("通过").click()
    expect(dialogs(complete)).to_have_count(0)
    expect(complete.page.locator("details.answer")).to_contain_text(SAVE_FIRST)
    assert outcome.input_value() == "经核实不属实"


def test_another_form_of_the_page_waits_too(notice):
    object_to(notice)
    text(notice).fill("同意推荐")
    notice.button("全部保存").click()
    expect(notice.page.locator("details.answer")).to_contain_text(SAVE_FIRST)
    assert text(notice).input_value() == "同意推荐"


def test_files_wait_too(notice, tmp_path):
    text(notice).fill("同意推荐")
    field(notice, "公示证明").locator("input[type=file]").set_input_files(tmp_path / "proof-1.pdf")
    expect(notice.page.get_by_role("alert").filter(has_text=SAVE_FIRST)).to_be_visible()
    expect(field(notice, "公示证明").locator("li a")).to_have_count(0)


def test_what_is_as_it_was_holds_nothing_back(complete):
    text(complete).fill("改动")
    complete.button("通过").click()
    text(complete).fill("同意推荐")
    expect(complete.page.get_by_role("alert").filter(has_text=SAVE_FIRST)).to_have_count(0)
    complete.button("通过").click()
    expect(dialogs(complete)).to_have_count(1)


# ---- files and days --------------------------------------------------------------------------------------------------


def test_of_files_of_which_one_cannot_be_kept_none_is_sent(notice, tmp_path):
    (tmp_path / "notes.txt").write_text("no")
    field(notice, "公示证明").locator("input[type=file]").set_input_files(
        [tmp_path / "proof-1.pdf", tmp_path / "notes.txt"]
    )
    expect(field(notice, "公示证明").get_by_role("alert")).to_contain_text("notes.txt")
    expect(field(notice, "公示证明").locator("li a")).to_have_count(0)


def test_the_first_day_moves_a_last_one_that_would_be_too_early(asked):
    asked.page.get_by_label("公示开始日期").fill("2027-03-01")
    expect(asked.page.get_by_label("公示结束日期")).to_have_value("2027-03-05")
    asked.page.get_by_label("公示结束日期").fill("2027-03-12")
    asked.page.get_by_label("公示开始日期").fill("2027-03-02")
    expect(asked.page.locator("[data-count-text]")).to_contain_text("9 个工作日")
    expect(asked.page.get_by_label("公示结束日期")).to_have_value("2027-03-12")
