"""业绩档案's start page in a browser: each table's picture, and a tree that stands as one left it."""

import re

import pytest

from tests.browser.figures import pictures, tell_the_same
from tests.browser.visitor import PHONE

pytestmark = pytest.mark.browser
HOME = "/archive/"
TRAINING = "/archive/continuing_education/list/"


def unfolded(visitor):
    """The categories that stand open in the tree."""
    return visitor.page.locator("nav.tree details[open] summary span:first-of-type").all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("account", ["unit.public", "hr.county"])
def test_each_table_has_its_picture_which_tells_the_same_numbers(look, account, scheme):
    reader = look(account, color_scheme=scheme).open(HOME)
    sections = pictures(reader)
    assert len(sections) == 3
    tell_the_same(sections)


def test_pictures_change_their_colours_when_the_reader_turns_dark(look):
    reader = look("unit.public", color_scheme="light").open(HOME)
    fills = """(section) => [...section.querySelectorAll("svg path")].map((path) => path.getAttribute("fill"))"""
    section = pictures(reader)[0]
    light = section.evaluate(fills)
    reader.page.emulate_media(color_scheme="dark")
    dark = section.evaluate(fills)
    assert "#efcf9b" in light  # what waits: --wait-line
    assert "#634a22" in dark
    assert "#efcf9b" not in dark


def test_a_picture_keeps_to_its_card_when_the_window_narrows(look):
    reader = look("unit.public").open(HOME)
    sections = pictures(reader)
    reader.page.set_viewport_size(PHONE)
    for section in sections:
        reader.page.wait_for_function(
            "(svg) => svg.getBoundingClientRect().width < 390", arg=section.locator("svg").element_handle()
        )


def test_without_script_the_tables_stand_alone(look):
    reader = look("unit.public", java_script_enabled=False).open(HOME)
    assert reader.page.locator("table.figures:visible").count() == 3
    assert reader.page.locator("[data-picture]:visible").count() == 0


def test_the_tree_stands_as_one_left_it(look):
    school = look("unit.public").open(HOME)
    tree = school.page.locator("nav.tree")
    tree.locator("summary").filter(has_text="工作业绩").click()
    tree.locator("summary").filter(has_text="行业专用").click()
    tree.locator("summary").filter(has_text="行业专用").click()
    assert unfolded(school.open(TRAINING)) == ["基本信息", "工作业绩"]
    school.page.locator("nav.tree summary").filter(has_text="基本信息").click()
    assert unfolded(school.open(HOME)) == ["工作业绩"]


def test_the_tree_is_as_new_in_another_session(look):
    look("unit.public").open(HOME).page.locator("nav.tree summary").filter(has_text="工作业绩").click()
    assert unfolded(look("unit.public").open(HOME)) == []


def test_the_branch_where_one_is_stands_open_though_it_was_folded(look):
    school = look("unit.public").open(TRAINING)
    school.page.locator("nav.tree summary").filter(has_text="基本信息").click()
    assert unfolded(school.open(TRAINING)) == ["基本信息"]


def test_a_type_is_called_as_the_manual_calls_it_with_both_counts_behind(look):
    school = look("unit.public").open(TRAINING)
    link = school.page.locator("nav.tree").get_by_role("link", name="继续教育")
    assert re.fullmatch(r"继续教育（\d+/\d+）", link.inner_text().replace("\n", ""))
    assert school.page.locator(".within").inner_text() == "业绩档案 / 基本信息"


def test_on_the_phone_the_tree_is_one_line_before_the_list(look):
    school = look("unit.public", viewport=PHONE).open(TRAINING)
    line = school.page.get_by_text("业绩档案 · 继续教育")
    assert school.page.locator("nav.tree").is_hidden()
    assert school.page.get_by_role("heading", name="继续教育").bounding_box()["y"] < PHONE["height"] / 3
    line.click()
    assert school.page.locator("nav.tree").get_by_role("link", name="全部记录").is_visible()


def test_on_the_phone_without_script_the_tree_unfolds_too(look):
    school = look("unit.public", viewport=PHONE, java_script_enabled=False).open(TRAINING)
    school.page.get_by_text("业绩档案 · 继续教育").click()
    school.page.locator("nav.tree").get_by_role("link", name="全部记录").click()
    school.page.wait_for_url("**/archive/all/list/")
