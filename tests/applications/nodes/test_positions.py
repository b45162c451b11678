"""The ledger of positions (B7): what remains, and what passes beyond it only with a reason that is kept."""

import re

import pytest

from tests.applications.nodes.stage import (
    FREE,
    application_line,
    back,
    one,
    open_plan_line,
    post_approval_line,
    unit_passes,
    verdict,
)
from tests.applications.nodes.test_passing import DECIDE, TAKE_BACK, draft
from tests.browsing import part, text_of


def remaining(browser, pk: int) -> str:
    page = browser.get(f"/applications/show/{pk}").text
    return page.rpartition('<td class="k-number"><strong')[2].partition(">")[2].partition("<")[0]


def test_the_page_shows_what_remains(stage, reader):
    stage.taken(post_approval_line(approved=20, filled=17))
    (pk, other) = stage.applying(1, 2)
    unit = reader("unit")
    assert remaining(unit, pk) == "3"
    stage.taken(unit_passes(of="T2"))
    assert remaining(unit, pk) == "2"
    stage.taken(verdict(2, "return", of="T2", day=12))
    assert remaining(unit, pk) == "3"
    assert other


def test_without_an_approval_it_says_so_and_nothing_is_exceeded(stage, reader):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    assert "/posts/submit" in unit.get(f"/applications/show/{pk}").text
    draft(unit, pk)
    assert unit.post(DECIDE, one(stage.make, pk)).status_code == 303
    assert [said.exceeds for said in stage.drafts(pk)] == [False]


def test_beyond_what_remains_it_needs_a_reason_that_is_kept(stage, reader):
    stage.taken(post_approval_line(approved=17, filled=17))
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk)
    assert unit.post(DECIDE, one(stage.make, pk)).status_code == 409
    assert stage.stands(pk) == ("pending", "unit")
    assert unit.post(DECIDE, one(stage.make, pk, exceeds_reason="编制部门已同意增核")).status_code == 303
    (said,) = stage.drafts(pk)
    assert (said.exceeds, said.exceeds_reason) == (True, "编制部门已同意增核")
    assert "编制部门已同意增核" in text_of(reader("department").get(f"/applications/show/{pk}"))


def test_the_dialog_comes_back_with_what_was_typed_and_asks_for_the_reason(stage, reader):
    stage.taken(post_approval_line(approved=17, filled=17))
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk)
    answer = unit.post(DECIDE, one(stage.make, pk, opinion="同意推荐，请上级审核"))
    assert answer.status_code == 409
    asked = part(answer, '<dialog class="dialog" id="dialog-pass"', "</dialog>").text
    assert "同意推荐，请上级审核" in asked
    assert re.search(r'<details class="question" open>.*name="exceeds_reason"', asked, re.DOTALL)
    assert "专业技术七级：核准 17，已聘 17，本年度已推荐 0，剩余 0。仍要通过的，请填写理由。" in asked


QUESTION = r'<details class="question"( hidden)?><summary>'


@pytest.mark.parametrize(
    ("approved", "changes", "asked"),
    [
        (18, {}, False),  # one is left
        (17, {}, True),
        (17, {"occupies": "0", "category": "", "level": ""}, False),
        (17, {"category": "professional", "level": ""}, False),
        (17, {"level": "p8"}, True),  # nothing is approved of this level
        (None, {}, False),  # what nobody approved is not exceeded
    ],
)
def test_the_dialog_asks_for_a_reason_only_where_no_position_is_left(stage, reader, approved, changes, asked):
    if approved:
        stage.taken(post_approval_line(approved=approved, filled=17))
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk, **changes)
    dialog = part(unit.get(f"/applications/show/{pk}"), '<dialog class="dialog" id="dialog-pass"', "</dialog>")
    assert (re.search(QUESTION, dialog.text)[1] is None) is asked


def test_what_a_batch_would_decide_is_told_with_the_reason_that_was_given(stage, reader):
    stage.taken(post_approval_line(approved=17, filled=17))
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk)
    form = {"rowid": f"{pk}:1", "verdict": "pass"}
    reasons = ({}, {"exceeds_reason": "编制部门已同意增核"})
    assert [unit.post("/applications/preview", form | one).get_json()["decide"] for one in reasons] == [0, 1]


@pytest.mark.parametrize(
    ("reason", "status"),
    [("\u200b\u2060", 409), ("超" * 2001, 400), ("编制\x07部门", 400)],
    ids=["unseen", "too long", "a control character"],
)
def test_a_reason_that_cannot_be_kept_is_none(stage, reader, reason, status):
    stage.taken(post_approval_line(approved=17, filled=17))
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk)
    assert unit.post(DECIDE, one(stage.make, pk, exceeds_reason=reason)).status_code == status
    assert stage.stands(pk) == ("pending", "unit")


def test_in_a_batch_only_those_that_exceed_are_left(stage, reader):
    stage.taken(post_approval_line(approved=19, filled=17))
    ids = stage.applying(1, 2, 3)
    unit = reader("unit")
    for pk in ids:
        draft(unit, pk)
    unit.post(DECIDE, {"rowid": [f"{pk}:1" for pk in ids], "verdict": "pass", "opinion": "同意"})
    assert [stage.stands(pk)[1] for pk in ids] == ["department", "department", "unit"]


def test_a_position_that_was_taken_back_is_free_again(stage, reader):
    stage.taken(post_approval_line(approved=18, filled=17))
    first, second = stage.applying(1, 2)
    unit = reader("unit")
    draft(unit, first)
    draft(unit, second)
    unit.post(DECIDE, one(stage.make, first))
    assert unit.post(DECIDE, one(stage.make, second)).status_code == 409
    unit.post(TAKE_BACK, back(stage.make, first))
    assert unit.post(DECIDE, one(stage.make, second)).status_code == 303


def test_who_takes_no_position_exceeds_nothing(stage, reader):
    stage.taken(post_approval_line(approved=17, filled=17))
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk, occupies="0", category="", level="")
    assert unit.post(DECIDE, one(stage.make, pk)).status_code == 303


def test_an_imported_pass_beyond_it_is_taken_and_marked(stage):
    stage.taken(post_approval_line(approved=17, filled=17))
    exceeding, free = stage.applying(1, 2)
    stage.taken(unit_passes(of="T1"), unit_passes(of="T2", position=FREE))
    assert [said.exceeds for pk in (exceeding, free) for said in stage.drafts(pk)] == [True, False]


@pytest.mark.parametrize("year", [2025, 2027])
def test_another_years_recommendations_do_not_count(stage, reader, year):
    stage.taken(post_approval_line(approved=18, filled=17), open_plan_line("P2", year=year))
    stage.staff(1, 2)
    (_other, pk) = stage.taken(application_line(1, plan="P2"), application_line(2))
    stage.taken(unit_passes(of="T1"))
    unit = reader("unit")
    draft(unit, pk)
    assert unit.post(DECIDE, one(stage.make, pk)).status_code == 303
