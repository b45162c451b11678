"""岗位核准信息 is entered in a browser: sums and errors come as one types, rows come and go; no script is needed."""

import pytest
from playwright.sync_api import Locator, expect

from tests.attachments import files
from tests.browser.visitor import Visitor
from tests.browser.words import LATIN, strange

pytestmark = pytest.mark.browser
FORM = {"name": "核准表.pdf", "mimeType": "application/pdf", "buffer": files.PDF}
DOCUMENT = {"核准文号": "鼓人社〔2026〕1号", "核准机关": "鼓楼区人社局", "核准日期": "2026-03-01", "核准岗位总数": "10"}


def field(visitor: Visitor, name: str, row: int) -> Locator:
    return visitor.page.get_by_label(f"{name}，第 {row} 行", exact=True)


def error(visitor: Visitor, target: Locator) -> Locator:
    return visitor.page.locator(f"#{target.get_attribute('aria-describedby')}")


def sums(visitor: Visitor, label: str) -> list[str]:
    return visitor.page.locator("tfoot tr").filter(has_text=label).locator("td.k-number").all_inner_texts()


def fill_row(visitor: Visitor, row: int, level: str, approved: int, filled: int) -> None:
    field(visitor, "岗位等级", row).select_option(label=level)
    field(visitor, "核准数", row).fill(str(approved))
    field(visitor, "已聘数", row).fill(str(filled))


def filled_in(visitor: Visitor) -> Visitor:
    """The form with a document and two rows."""
    visitor.open("/posts/submit")
    for label, value in DOCUMENT.items():
        visitor.page.get_by_label(label, exact=True).fill(value)
    fill_row(visitor, 1, "管理七级", 2, 1)
    fill_row(visitor, 2, "专业技术八级", 6, 5)
    visitor.page.locator("#form").set_input_files(FORM)
    return visitor


def test_sums_are_reckoned_and_checked_as_one_types(look):
    school = filled_in(look("unit.public"))
    assert [sums(school, label) for label in ("管理岗位", "专业技术岗位", "工勤技能岗位", "合计")] == [
        ["2", "1"],
        ["6", "5"],
        ["0", "0"],
        ["8", "6"],
    ]
    total = school.page.get_by_label("核准岗位总数")
    expect(error(school, total)).to_be_hidden()
    field(school, "核准数", 2).fill("9")
    expect(error(school, total)).to_have_text("小于下列各级岗位之和（11）")
    total.fill("11")
    expect(error(school, total)).to_be_hidden()
    over = field(school, "已聘数", 1)
    over.fill("３")  # as an input method writes it
    expect(error(school, over)).to_have_text("不得大于核准数")
    assert over.get_attribute("aria-invalid") == "true"


def test_a_level_brings_its_category_and_a_category_its_levels(look):
    school = filled_in(look("unit.public"))
    assert field(school, "岗位类别", 2).input_value() == "professional"
    field(school, "岗位类别", 2).select_option(label="工勤技能岗位")
    assert field(school, "岗位等级", 2).input_value() == ""
    offered = field(school, "岗位等级", 2).locator("optgroup:not([hidden]) option").all_inner_texts()
    assert [text.strip() for text in offered][::5] == ["工勤技能一级", "普通工"]
    field(school, "岗位类别", 2).select_option(label="管理岗位")
    field(school, "岗位等级", 2).select_option(label="管理七级")
    expect(error(school, field(school, "岗位等级", 2))).to_have_text("同一等级只能填写一行")


def test_rows_come_and_go_by_the_keyboard(look):
    school = filled_in(look("unit.public"))
    school.button("增加行").press("Enter")
    assert school.focus()["name"] == "select 岗位类别，第 7 行"
    school.button("删除第 2 行").press("Enter")
    expect(field(school, "岗位等级", 2)).to_have_count(0)
    assert (school.focus()["name"], sums(school, "合计")) == ("button 删除第 3 行", ["2", "1"])


def test_enter_in_a_field_goes_on_and_adds_no_row(look):
    school = filled_in(look("unit.public"))
    with school.answered(200):
        field(school, "核准数", 1).press("Enter")
    expect(school.page.get_by_role("heading", name="核对岗位核准信息")).to_be_visible()


def test_a_file_that_is_too_large_is_told_before_it_is_sent(look, tmp_path):
    large = tmp_path / "大.pdf"  # chosen by its path: in a message its bytes would be there six times
    large.write_bytes(b"%PDF-" + bytes(20 * 1024 * 1024))
    school = filled_in(look("unit.public"))
    school.page.locator("#form").set_input_files(large)
    expect(school.page.locator("#form-error")).to_have_text("大.pdf 超过 20 MB")
    assert school.page.locator("#form").evaluate("field => field.files.length") == 0


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_it_is_entered_checked_and_submitted(visit, script):
    school = filled_in(visit("unit.public", java_script_enabled=script))
    field(school, "岗位类别", 1).select_option(label="管理岗位")
    field(school, "岗位类别", 2).select_option(label="专业技术岗位")
    field(school, "已聘数", 1).fill("3")
    with school.answered(400):
        school.button("核对并继续").click()
    expect(error(school, field(school, "已聘数", 1))).to_have_text("不得大于核准数")
    field(school, "已聘数", 1).fill("1")
    with school.answered(200):
        school.button("核对并继续").click()
    if script:
        expect(school.page.get_by_role("region", name="附件").locator("canvas").first).to_be_visible()
    with school.answered(200):
        school.button("提交").click()
    assert school.messages() == ["岗位核准信息已提交，不能再修改。"]
    assert "鼓人社〔2026〕1号" in school.page.get_by_role("main").inner_text()


def test_its_pages_are_chinese_and_fit_a_phone(visit):
    school = filled_in(visit("unit.public"))
    seen = [school.see()]
    with school.answered(200):
        school.button("核对并继续").click()
    expect(school.page.get_by_role("region", name="附件").locator("canvas").first).to_be_visible()
    seen.append(school.see())
    with school.answered(200):
        school.button("提交").click()
    seen.append(school.see())
    assert [max(one.overhang) for one in seen] == [0, 0, 0]
    said = [text.replace("核准表.pdf", "") for one in seen for text in one.texts]
    assert not strange(said, LATIN, allowed="English")
