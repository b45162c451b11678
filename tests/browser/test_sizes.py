"""Every page fits a desk's screen and a phone's, and the decision is at hand on both."""

import pytest

from tests.browser.pages import DOORS, LIST
from tests.browser.visitor import DESK, PHONE

pytestmark = pytest.mark.browser
both = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@pytest.mark.parametrize("door", DOORS)
def test_no_door_scrolls_sideways(look, door):
    assert max(look().open(door).see().overhang) <= 0


@pytest.mark.parametrize(
    ("account", "language"),
    [
        ("unit.public", "中文"),
        ("hr.city", "中文"),
        ("hr.ops", "中文"),
        ("unit.public", "English"),
        ("hr.ops", "English"),
    ],
)
def test_no_page_scrolls_sideways(survey, account, language):
    overhang = {page: seen.overhang for page, seen in survey(account, language).items()}
    assert not {page: sides for page, sides in overhang.items() if max(sides) > 0}


def test_no_refusal_scrolls_sideways(refusal):
    assert max(refusal.overhang) <= 0


@both
@pytest.mark.parametrize("place", ["list", "review page"])
def test_a_dialog_stands_inside_the_window(look, size, place):
    school = look("unit.public", viewport=size)
    if place == "list":
        school.page.get_by_role("checkbox", name="选择").first.check()
    else:
        school.open(school.rows()[0])
    school.button("退回").click()
    box = school.page.get_by_role("dialog").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size["height"]
    assert school.button("确定").is_visible()


@both
def test_the_decision_is_in_view_before_anything_is_scrolled(look, size):
    school = look("unit.public", viewport=size)
    school.open(school.rows()[0])
    for name in ("通过", "退回"):
        box = school.button(name).bounding_box()
        assert box["y"] + box["height"] <= size["height"]


def test_on_the_phone_the_decision_stays_at_the_bottom_edge_and_hides_nothing(look):
    school = look("unit.public", viewport=PHONE)
    school.open(school.rows()[0])
    for where in ("0", "document.body.scrollHeight"):
        school.page.evaluate(f"() => scrollTo(0, {where})")
        box = school.button("通过").bounding_box()
        assert PHONE["height"] - 80 < box["y"] < PHONE["height"] - 40
    last = school.page.locator(".history li").last.bounding_box()
    assert last["y"] + last["height"] < box["y"]


def test_on_the_phone_the_batch_bar_is_at_the_bottom_edge_once_a_row_is_chosen(look):
    school = look("unit.public", viewport=PHONE)
    school.open(LIST).page.get_by_role("checkbox", name="选择").nth(1).check()
    box = school.button("通过").bounding_box()
    assert PHONE["height"] - 120 < box["y"] < PHONE["height"] - 40
