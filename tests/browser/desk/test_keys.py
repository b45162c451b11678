"""Reviewing by keyboard alone: P and R decide, J and K move, U goes back, and none of them is in the way."""

import pytest

from tests.browser.desk.reading import marked_row, name_on, place, steps
from tests.browser.pages import LIST

pytestmark = pytest.mark.browser


def test_twenty_registrations_are_reviewed_by_keyboard_alone(unit):
    applicants = unit.registrations(20)
    reviewer = unit.administrator("zhang").open(LIST)
    keys = reviewer.page.keyboard
    verdicts = {"通过": ("p", ""), "退回": ("r", "材料不清晰")}
    given = [list(verdicts)[n % 3 == 2] for n in range(20)]

    reviewer.tab_to(reviewer.link("审核").first)
    with reviewer.answered(200):
        keys.press("Enter")
    met = []
    for verdict in given:
        met.append(name_on(reviewer))
        key, opinion = verdicts[verdict]
        keys.press(key)
        keys.type(opinion)
        with reviewer.answered(200):
            keys.press("Control+Enter")

    assert met == [applicant.name for applicant in applicants]
    assert steps(reviewer, *(applicant.address for applicant in applicants)) == [[v, "提交"] for v in given]


@pytest.mark.parametrize(("key", "position"), [("j", 3), ("k", 1)])
def test_j_and_k_move_to_the_next_and_the_previous(unit, key, position):
    applicants = unit.registrations(3)
    reviewer = unit.administrator("zhang").open(applicants[1].address)
    with reviewer.answered(200):
        reviewer.page.keyboard.press(key)
    assert (name_on(reviewer), place(reviewer)) == (applicants[position - 1].name, f"第 {position} / 3 条")


def open_last_row(reviewer):
    reviewer.open(LIST)
    with reviewer.answered(200):
        reviewer.link("审核").last.click()


def test_u_leads_back_to_the_row_that_was_opened(unit):
    applicants = unit.registrations(25)
    reviewer = unit.administrator("zhang")
    open_last_row(reviewer)
    with reviewer.answered(200):
        reviewer.page.keyboard.press("u")
    assert reviewer.page.url.endswith(f"#r{applicants[-1].pk}")
    assert marked_row(reviewer) == [applicants[-1].name]
    row, window = reviewer.page.locator(":target").bounding_box(), reviewer.page.viewport_size
    assert 0 <= row["y"] <= window["height"] - row["height"]


def test_u_leads_to_the_row_of_the_record_though_the_list_has_it_on_the_next_page(unit):
    applicants = unit.registrations(26)
    reviewer = unit.administrator("zhang")
    open_last_row(reviewer)
    for key in "ju":
        with reviewer.answered(200):
            reviewer.page.keyboard.press(key)
    assert marked_row(reviewer) == [applicants[-1].name]


def test_keys_are_letters_while_typing(unit):
    applicants = unit.registrations(3)
    reviewer = unit.administrator("zhang").open(applicants[1].address)
    reviewer.page.get_by_text("内部备注").click()
    note = reviewer.page.get_by_label("新备注")
    note.press_sequentially("jkpru?")
    assert (note.input_value(), name_on(reviewer)) == ("jkpru?", applicants[1].name)


def test_switched_off_keys_do_nothing_on_any_page_until_they_are_switched_on(unit):
    applicants = unit.registrations(3)
    reviewer = unit.administrator("zhang").open(applicants[0].address)
    keys = reviewer.page.keyboard
    keys.press("?")
    switch = reviewer.page.get_by_role("dialog", name="快捷键").get_by_label("启用单键快捷键")
    switch.uncheck()
    reviewer.open(applicants[1].address)
    for key in "prjku?":
        keys.press(key)
    assert reviewer.page.locator("dialog[open]").count() == 0

    # Had J or K moved, the third record would not be the next.
    reviewer.button("快捷键").click()
    switch.check()
    reviewer.button("关闭").click()
    with reviewer.answered(200):
        keys.press("j")
    assert name_on(reviewer) == applicants[2].name
