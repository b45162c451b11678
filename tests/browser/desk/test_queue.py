"""The queue: the record's place in the list it was opened from, and what opens after a verdict."""

import pytest

from tests.browser.desk.reading import name_on, names_on_list, place
from tests.browser.pages import LIST

pytestmark = pytest.mark.browser
WOMEN = f"{LIST}?gender=2&sort=-name"


@pytest.fixture
def women(unit):
    """Four women and men between them: the women as the list shows them, filtered and sorted by name downwards."""
    people = []
    for _ in range(4):
        unit.registrations(1, gender="1")
        people += unit.registrations(1, gender="2")
    return sorted(people, key=lambda one: one.name, reverse=True)


def pass_it(reviewer):
    reviewer.button("通过").click()
    reviewer.confirm()


def test_a_record_says_its_place_in_the_list_it_was_opened_from(unit, women):
    reviewer = unit.administrator("zhang").open(WOMEN)
    reviewer.open(reviewer.rows()[2])
    assert (name_on(reviewer), place(reviewer)) == (women[2].name, "第 3 / 4 条")


def test_after_a_verdict_the_next_of_the_filter_opens(unit, women):
    reviewer = unit.administrator("zhang").open(WOMEN)
    reviewer.open(reviewer.rows()[1])
    pass_it(reviewer)
    assert (name_on(reviewer), place(reviewer)) == (women[2].name, "第 2 / 3 条")


def test_after_the_last_of_the_filter_the_one_before_it_opens(unit, women):
    reviewer = unit.administrator("zhang").open(WOMEN)
    reviewer.open(reviewer.rows()[3])
    pass_it(reviewer)
    assert (name_on(reviewer), place(reviewer)) == (women[2].name, "第 3 / 3 条")


def test_after_two_verdicts_the_way_back_leads_to_the_same_filter_and_order(unit, women):
    reviewer = unit.administrator("zhang").open(WOMEN)
    reviewer.open(reviewer.rows()[0])
    pass_it(reviewer)
    pass_it(reviewer)
    with reviewer.answered(200):
        reviewer.link("返回列表").click()
    assert names_on_list(reviewer) == [woman.name for woman in women[2:]]
    assert reviewer.page.get_by_label("性别").input_value() == "2"


def test_what_is_put_off_gives_way_to_the_next(unit):
    applicants = unit.registrations(3)
    reviewer = unit.administrator("zhang").open(applicants[0].address)
    with reviewer.answered(200):
        reviewer.button("暂缓").click()
    assert (name_on(reviewer), place(reviewer)) == (applicants[1].name, "第 1 / 2 条")
