"""Every page fits a desk's screen and a phone's, and the decision is at hand on both."""

import pytest

from tests.browser.pages import DOORS, LIST, OPEN_FOLDS, REFUSALS, every_page

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
WIDTH = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
both = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
languages = pytest.mark.parametrize("language", ["zh", "en"])


def too_wide(visitor):
    """By how much the page that is open is wider than the window, with everything unfolded."""
    visitor.page.evaluate(OPEN_FOLDS)
    return visitor.page.evaluate(WIDTH)


@both
@languages
def test_no_page_scrolls_sideways(look, monkeypatch, size, language):
    reader = look(viewport=size)
    widths = {door: too_wide(reader.open(door)) for door in DOORS}
    reader.sign_in("unit.public")
    if language == "en":
        with reader.answered(200):
            if size == PHONE:
                reader.page.get_by_text("菜单", exact=True).click()
            reader.button("English").click()
    monkeypatch.setattr(reader, "texts", lambda: [str(too_wide(reader))])
    widths |= {page: int(texts[0]) for page, texts in every_page(reader)}
    assert not {page: width for page, width in widths.items() if width > 0}


@both
@pytest.mark.parametrize("refused", REFUSALS[:-1])
def test_no_refusal_scrolls_sideways(look, size, refused):
    school = look("unit.public", viewport=size)
    refused(school)
    assert too_wide(school) <= 0


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
