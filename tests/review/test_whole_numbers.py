"""Whole numbers: on the page by 显示, in exports by asking for them; each time a row in the audit log."""

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from tests.browsing import csv_rows, links, part
from tests.factories import audited, change, decision_line, id_number, mobile, unit_code
from tests.review.forms import LIST, one, show
from tests.review.workbook import sheets

NUMBERS = [id_number(1), mobile(1)]
MASKED = [f"{NUMBERS[0][:4]}{'*' * 10}{NUMBERS[0][-4:]}", f"{NUMBERS[1][:3]}****{NUMBERS[1][-4:]}"]
READERS = ["unit_clerk", "hr_reviewer", "hr_operations", "auditor", "system_administrator"]
EXPORTS = {"csv": "/registrations/export.csv", "xlsx": "/registrations/export.xlsx"}


@pytest.fixture
def reader(make, unit, sign_in):
    """Signs a reader of a role in who decides nothing on the unit's records."""

    def come(role: str):
        make.account("reader", role, unit if role == "unit_clerk" else "350102")
        return sign_in("reader")

    return come


def numbers_of(answer) -> list[str]:
    """The ID numbers and mobiles of an export's rows."""
    rows = csv_rows(answer) if answer.mimetype == "text/csv" else sheets(answer)[0]
    return [cell for row in rows[1:] for cell in row[4:6]]


def whole(answer) -> list[bool]:
    return [number in answer.text for number in NUMBERS]


# ---- 显示 ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["decided", "at another node"])
def elsewhere(request, make, unit) -> int:
    """A record that does not wait at the unit."""
    pk = make.registration(1)
    if request.param == "decided":
        make.taken(decision_line(verdict="pass"))
    else:
        change(make, sa.update(Submission).values(node="county"))
    return pk


def test_a_record_that_does_not_wait_here_is_masked_until_it_is_revealed(desk, elsewhere):
    page = desk.get(show(elsewhere))
    revealed = desk.post(f"/registrations/reveal/{elsewhere}")
    assert (revealed.status_code, whole(page), whole(revealed)) == (200, [False, False], [True, True])
    assert [masked in page.text for masked in MASKED] == [True, True]
    assert whole(desk.get(show(elsewhere))) == [False, False]


def test_each_reveal_is_one_audit_row_of_who_saw_what(make, unit, desk, administrator, elsewhere):
    desk.get(show(elsewhere))
    assert audited(make, "reveal") == []
    for _ in range(2):
        desk.post(f"/registrations/reveal/{elsewhere}")
    entries = audited(make, "reveal")
    expected = (administrator, "zhang 的持有人", unit, "registration R1")
    assert [(e.by_id, e.by_name, e.unit_id, e.subject) for e in entries] == [expected] * 2


def test_the_audit_row_does_not_hold_the_number(make, desk, elsewhere):
    desk.post(f"/registrations/reveal/{elsewhere}")
    assert [number for number in NUMBERS for entry in audited(make, "reveal") if number in str(entry)] == []


def test_only_what_is_masked_offers_to_be_revealed(make, desk, elsewhere):
    waiting = make.registration(2)
    offered = ['action="/registrations/reveal/' in desk.get(show(pk)).text for pk in (elsewhere, waiting)]
    assert offered == [True, False]


def test_a_revealed_page_keeps_the_list_that_it_was_opened_from(desk, elsewhere):
    page = desk.post(f"/registrations/reveal/{elsewhere}", {"query": "status=all&sort=-name"})
    (back,) = links(page, "返回列表")
    assert back.split("#")[0] == f"{LIST}?status=all&sort=-name"


@pytest.mark.parametrize("role", READERS)
def test_who_may_not_see_them_is_neither_offered_nor_given_them(make, reader, role):
    pk = make.registration(1)
    browser = reader(role)
    page, asked = browser.get(show(pk)), browser.post(f"/registrations/reveal/{pk}")
    assert (page.status_code, "/reveal/" in page.text, whole(page)) == (200, False, [False, False])
    assert (asked.status_code, whole(asked), audited(make, "reveal")) == (403, [False, False], [])


ANSWERS = {
    "no opinion yet": ("/registrations/decide", {"single": "1", "verdict": "pass"}),
    "a blank opinion": ("/registrations/decide", {"single": "1", "verdict": "pass", "opinion": " "}),
    "a verdict too late": ("/registrations/decide", {"single": "1", "verdict": "pass", "opinion": "同意"}),
    "a blank reason": ("/registrations/take_back", {"single": "1", "status": "returned", "opinion": " "}),
    "a reason too late": ("/registrations/take_back", {"single": "1", "status": "returned", "opinion": "误操作"}),
    "a blank note": ("/registrations/note/{pk}", {"text": " "}),
    "a day that is none": ("/registrations/postpone/{pk}", {"until": "tomorrow"}),
    "显示": ("/registrations/reveal/{pk}", {}),
}


@pytest.mark.parametrize(("address", "form"), ANSWERS.values(), ids=ANSWERS)
def test_a_page_that_answers_a_form_with_whole_numbers_is_one_audit_row(make, desk, address, form):
    """The record waits again, though the form was written when it was returned, or before."""
    pk = make.registration(1)
    desk.post("/registrations/decide", one(pk, "return"))
    taken_back = {"rowid": f"{pk}:2", "single": "1", "status": "returned", "opinion": "误操作"}
    assert desk.post("/registrations/take_back", taken_back).status_code == 303
    late = 1 if form.get("opinion") == "同意" else 2 if "status" in form else 3
    answer = desk.post(address.format(pk=pk), form | {"rowid": f"{pk}:{late}"})
    assert (answer.status_code in (200, 400, 409), whole(answer)) == (True, [True, True])
    assert [entry.subject for entry in audited(make, "reveal")] == ["registration R1"]


# ---- exports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", EXPORTS)
def test_an_export_has_whole_numbers_only_when_asked(make, desk, form):
    make.registration(1)
    answers = [desk.get(f"{EXPORTS[form]}{query}") for query in ("", "?numbers=", "?numbers=1", "?numbers=whole")]
    assert [numbers_of(answer) for answer in answers] == [MASKED, MASKED, MASKED, NUMBERS]


@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize("role", READERS)
def test_who_may_not_see_them_exports_none_and_nothing_is_audited(make, reader, role, form):
    make.registration(1)
    answer = reader(role).get(f"{EXPORTS[form]}?numbers=whole")
    assert (answer.status_code, answer.mimetype, audited(make, "export")) == (403, "text/html", [])
    assert whole(answer) == [False, False]


@pytest.mark.parametrize("form", EXPORTS)
def test_an_export_of_whole_numbers_is_one_audit_row_with_filter_and_count(make, desk, administrator, form):
    for n in (1, 2, 3):
        make.registration(n, person={"gender": "2" if n == 3 else "1"})
    desk.get(f"{EXPORTS[form]}?gender=1&numbers=whole")
    (entry,) = audited(make, "export")
    assert (entry.by_id, entry.subject) == (administrator, "registrations")
    assert entry.detail == {"query": "gender=1", "count": 2, "format": form, "whole": True}


@pytest.mark.parametrize("form", EXPORTS)
def test_the_audit_row_of_a_masked_export_says_so(make, desk, form):
    make.registration(1)
    desk.get(EXPORTS[form])
    assert [entry.detail["whole"] for entry in audited(make, "export")] == [False]


def test_the_list_offers_whole_numbers_only_to_those_who_may_see_them(make, desk, reader):
    make.registration(1)
    offered = ["numbers=whole" in _exports(browser.get(LIST)) for browser in (desk, reader("unit_clerk"))]
    assert offered == [True, False]


def _exports(answer) -> str:
    return part(answer, '<div class="exports">', "</div>").text


@pytest.mark.parametrize("form", EXPORTS)
def test_the_numbers_of_another_unit_are_in_no_export(make, desk, form):
    make.registration(1)
    make.unit(2)
    make.registration(2, unit_code(2))
    assert numbers_of(desk.get(f"{EXPORTS[form]}?status=all&numbers=whole")) == NUMBERS
