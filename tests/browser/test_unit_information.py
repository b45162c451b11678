"""单位信息 is revised in a browser: 完善单位信息 opens a dialog, 保存 saves it, and what was changed is told below."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE

pytestmark = pytest.mark.browser
ADDRESS, MOBILE = "鼓楼区湖东路 12 号", "13900001234"


@pytest.mark.parametrize(
    "options", [{}, {"viewport": PHONE}, {"java_script_enabled": False}], ids=["desk", "phone", "no script"]
)
def test_it_is_revised_and_the_change_is_shown(visit, options):
    school = visit("unit.public", **options).open("/unit/")
    dialog = school.page.get_by_role("dialog", name="完善单位信息")
    expect(dialog).to_be_hidden()
    school.button("完善单位信息").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("地址", exact=True).fill(ADDRESS)
    dialog.get_by_label("邮政编码").fill("35")
    dialog.get_by_label("联系人手机号码").fill(MOBILE)
    with school.answered(400):
        dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("邮政编码")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("邮政编码")).to_be_focused()
    expect(dialog.get_by_label("地址", exact=True)).to_have_value(ADDRESS)
    dialog.get_by_label("邮政编码").fill("350003")
    with school.answered(200):
        dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_be_hidden()
    assert school.messages() == ["单位信息已保存。"]
    (step,) = school.history()
    assert [words in step for words in (f"→ {ADDRESS}", "→ 350003", "→ 139****1234", "方颖")] == [True] * 4
    assert MOBILE not in school.page.get_by_role("main").inner_text()
    with school.answered(200):
        school.button("显示").click()
    assert MOBILE in school.page.get_by_role("main").inner_text()


def test_the_dialog_is_left_by_its_button_and_by_escape_and_nothing_is_saved(look):
    school = look("unit.public").open("/unit/")
    dialog = school.page.get_by_role("dialog", name="完善单位信息")
    for leave in (dialog.get_by_role("button", name="取消").click, lambda: school.page.keyboard.press("Escape")):
        school.button("完善单位信息").click()
        dialog.get_by_label("地址", exact=True).fill(ADDRESS)
        leave()
        expect(dialog).to_be_hidden()
    assert (school.history(), ADDRESS in school.open("/unit/").page.content()) == ([], False)


def test_it_is_revised_without_a_mouse(visit):
    school = visit("unit.public").open("/unit/")
    keys, dialog = school.page.keyboard, school.page.get_by_role("dialog", name="完善单位信息")
    school.tab_to(school.button("完善单位信息"))
    keys.press("Enter")
    school.tab_to(dialog.get_by_label("地址", exact=True))
    keys.press("ControlOrMeta+A")
    keys.type(ADDRESS)
    with school.answered(200):
        keys.press("Enter")
    assert school.messages() == ["单位信息已保存。"]
    assert f"→ {ADDRESS}" in school.history()[0]


@pytest.mark.parametrize("account", ["unit.clerk", "unit.company"])
def test_every_other_account_of_a_unit_reads_it(look, account):
    unit = look(account).open("/unit/")
    expect(unit.page.get_by_role("heading", name="基本信息")).to_be_visible()
    expect(unit.button("完善单位信息")).to_have_count(int(account == "unit.company"))
