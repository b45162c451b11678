"""单位首页 in a browser: cards lead to lists, tables have their pictures, 审核 opens a record, on a phone too."""

import pytest

from tests.browser.figures import pictures, tell_the_same
from tests.browser.visitor import DESK, PHONE

pytestmark = pytest.mark.browser
both = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
HOME = "/"


@pytest.mark.parametrize("kind", ["registration", "archive_item", "withdrawal", "application"])
def test_a_card_leads_to_the_list_of_what_waits(look, kind):
    school = look("unit.public").open(HOME)
    card = school.page.locator(f"#card-{kind}")
    number = int(card.locator("strong").inner_text())
    with school.answered(200):
        card.click()
    assert school.tab("待审核") == school.total() == number


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_table_has_its_picture_which_tells_the_same_numbers(look, scheme):
    sections = pictures(look("unit.public", color_scheme=scheme).open(HOME))
    assert len(sections) == 3
    tell_the_same(sections)


def test_two_states_of_one_colour_are_told_apart_by_their_hatching(look):
    school = look("unit.public").open(HOME)
    school.page.locator("[aria-labelledby=by-kind] [data-picture] svg pattern").first.wait_for(state="attached")


@both
def test_a_row_opens_its_record_to_be_decided(look, size):
    school = look("unit.public", viewport=size).open(HOME)
    row = school.page.get_by_role("table", name="最新提交").get_by_role("row").nth(1)
    name = row.get_by_role("cell").nth(1).inner_text()
    with school.answered(200):
        row.get_by_role("link", name="审核").click()
    assert name in school.page.get_by_role("heading", level=1).inner_text()
    assert school.button("通过").is_visible()


def test_it_is_where_the_menu_and_the_brand_lead(look):
    school = look("unit.public")
    for name in ("单位首页", "职称评审台"):
        school.open("/people/list/").link(name).click()
        school.page.get_by_role("heading", level=1, name="单位首页").wait_for()


def test_without_script_the_tables_stand_alone(look):
    school = look("unit.public", java_script_enabled=False).open(HOME)
    assert school.page.locator("table.figures:visible").count() == 3
    assert school.page.locator("[data-picture]:visible").count() == 0


@pytest.mark.parametrize("account", ["unit.public", "unit.clerk"])
@both
def test_it_does_not_scroll_sideways(look, account, size):
    assert max(look(account, viewport=size).open(HOME).see().overhang) <= 0
