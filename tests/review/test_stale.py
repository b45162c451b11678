"""A page that was opened before others acted decides nothing that its reader did not see."""

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from tests.browsing import Browser, part, rowids, text_of, value_of
from tests.factories import audited, id_number, ledger, mobile
from tests.review.forms import DECIDE, LIST, TAKE_BACK, one, refused_beside, several, show

STATUS = {"pass": "passed", "return": "returned"}
PREVIEW = "/registrations/preview"


@pytest.fixture
def colleague(make, unit, administrator, sign_in) -> Browser:
    """The unit's other administrator, “li 的持有人”."""
    make.account("li", "unit_administrator", unit)
    return sign_in("li")


def steps(make, pk: int) -> list[str]:
    return [entry.step for entry in ledger(make, pk)]


def states(make) -> dict[str, str]:
    return dict(make.read(sa.select(Submission.person_name, Submission.status)))


def taking_back(pk: int, verdict: str = "return", reason: str = "误操作", seen: int = 2) -> dict[str, str]:
    """The form of 撤销审核 on a page that had seen so many steps of the record."""
    return {"rowid": f"{pk}:{seen}", "single": "1", "status": STATUS[verdict], "opinion": reason}


def there_and_back(browser: Browser, pk: int, verdict: str = "return") -> None:
    """Decide a fresh record and take the verdict back: it waits again, in the same version."""
    assert browser.post(DECIDE, one(pk, verdict)).status_code == 303
    assert browser.post(TAKE_BACK, taking_back(pk, verdict)).status_code == 303


# ---- a verdict -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", STATUS)
@pytest.mark.parametrize("verdict", STATUS)
def test_after_a_verdict_and_its_taking_back_the_page_from_before_does_not_decide(
    make, desk, colleague, before, verdict
):
    pk = make.registration()
    seen = rowids(desk.get(show(pk)))[0]
    there_and_back(colleague, pk, before)
    answer = desk.post(DECIDE, one(pk, verdict, "我写的<意见>") | {"rowid": seen})
    assert (answer.status_code, steps(make, pk)) == (409, ["submit", before, "take_back"])
    told = text_of(part(answer, 'conflict" role="alert"', "</div>"))
    assert [words for words in ("li 的持有人", "撤销审核") if words not in told] == []
    assert "我写的<意见>" in text_of(answer)


def test_the_page_that_answers_has_seen_it_and_decides(make, desk, colleague):
    pk = make.registration()
    there_and_back(colleague, pk)
    told = desk.post(DECIDE, one(pk, "pass", "我写的意见"))
    assert desk.post(DECIDE, one(pk) | {"rowid": rowids(told)[0]}).status_code == 303
    assert steps(make, pk) == ["submit", "return", "take_back", "pass"]


def test_without_an_opinion_it_is_told_before_one_is_asked_for(make, desk, colleague):
    pk = make.registration()
    there_and_back(colleague, pk)
    form = one(pk)
    del form["opinion"]
    answer = desk.post(DECIDE, form)
    assert (answer.status_code, "li 的持有人" in text_of(answer)) == (409, True)


def test_a_batch_leaves_it_and_says_who_took_it_back(make, desk, colleague):
    ids = [make.registration(n) for n in (1, 2)]
    there_and_back(colleague, ids[0])
    told = desk.post(PREVIEW, several(*ids)).get_json()
    page = desk.get(desk.post(DECIDE, several(*ids)).location)
    reason = text_of(part(page, 'id="left-title"', "</table>"))
    assert states(make) == {"人员1": "pending", "人员2": "passed"}
    assert (told["decide"], [left["name"] for left in told["left"]]) == (1, ["人员1"])
    assert [
        words for words in ("人员1", "li 的持有人", "撤销审核", told["left"][0]["reason"]) if words not in reason
    ] == []


# ---- 撤销审核 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", STATUS)
def test_a_verdict_given_anew_is_not_taken_back_by_the_page_of_the_first(make, desk, colleague, verdict):
    pk = make.registration()
    there_and_back(colleague, pk, verdict)
    colleague.post(DECIDE, one(pk, verdict, "另有原因", steps=3))
    answer = desk.post(TAKE_BACK, taking_back(pk, verdict, "看错<了>", seen=2))
    assert (answer.status_code, steps(make, pk)) == (409, ["submit", verdict, "take_back", verdict])
    assert [words for words in ("li 的持有人", "另有原因", "看错<了>") if words not in text_of(answer)] == []


def test_who_takes_back_second_is_told_who_did_before(make, desk, colleague):
    pk = make.registration()
    there_and_back(colleague, pk)
    answer = desk.post(TAKE_BACK, taking_back(pk, reason="看错了"))
    assert (answer.status_code, steps(make, pk)) == (409, ["submit", "return", "take_back"])
    assert [words for words in ("li 的持有人", "撤销审核", "看错了") if words not in text_of(answer)] == []


ODD = {"several": {}, "several, single": {"single": "1"}, "all": {"all": "1", "single": "1"}}


@pytest.mark.parametrize("form", ODD.values(), ids=ODD)
def test_several_records_are_taken_back_by_no_form_of_ours(make, desk, form):
    ids = [make.registration(n) for n in (1, 2)]
    desk.post(DECIDE, several(*ids))
    rows = {"rowid": [f"{pk}:2" for pk in ids], "status": "passed", "opinion": "误操作"}
    answer = desk.post(TAKE_BACK, rows | {"seen_at": "2099-01-01T00:00:00+00:00"} | form)
    assert (answer.status_code, set(states(make).values())) == (400, {"passed"})


@pytest.mark.parametrize(("meanwhile", "shown"), [(False, False), (True, True)], ids=["decided", "waits again"])
def test_a_reason_that_cannot_be_kept_is_answered_and_whole_numbers_on_the_page_are_audited(
    make, desk, colleague, meanwhile, shown
):
    pk = make.registration()
    colleague.post(DECIDE, one(pk, "return"))
    if meanwhile:
        colleague.post(TAKE_BACK, taking_back(pk))
    before = len(audited(make, "reveal"))
    answer = desk.post(TAKE_BACK, taking_back(pk, reason=" \u200b"))
    assert (answer.status_code, [number in answer.text for number in (id_number(1), mobile(1))]) == (400, [shown] * 2)
    assert len(audited(make, "reveal")) - before == shown


def test_a_blank_reason_is_answered_beside_the_field(make, desk):
    pk = make.registration()
    desk.post(DECIDE, one(pk, "return"))
    assert refused_beside(desk.post(TAKE_BACK, taking_back(pk, reason="  ")), "opinion-take-back-error")


# ---- all that match --------------------------------------------------------------------------------------------------


def everything(listed) -> dict[str, str]:
    """The form of 全部 on a list page."""
    said = {name: value_of(listed, name) for name in ("query", "seen_at")}
    return said | {"all": "1", "verdict": "pass", "opinion": "同意"}


def test_all_that_match_leaves_what_waits_only_since_the_list_was_made(make, desk, colleague):
    """One taken back since, one received since; what was decided meanwhile stays as it is."""
    ids = [make.registration(n) for n in (1, 2, 3, 4)]
    colleague.post(DECIDE, one(ids[0], "return"))
    listed = desk.get(LIST)
    colleague.post(TAKE_BACK, taking_back(ids[0]))
    colleague.post(DECIDE, one(ids[1], "return"))
    make.registration(5)
    assert desk.post(DECIDE, everything(listed)).status_code == 303
    assert states(make) == {
        "人员1": "pending",
        "人员2": "returned",
        "人员3": "passed",
        "人员4": "passed",
        "人员5": "pending",
    }


def test_what_was_on_the_list_and_came_back_since_is_left_too(make, desk, colleague):
    ids = [make.registration(n) for n in (1, 2)]
    listed = desk.get(LIST)
    there_and_back(colleague, ids[0])
    desk.post(DECIDE, everything(listed))
    assert states(make) == {"人员1": "pending", "人员2": "passed"}


def test_a_list_made_after_the_taking_back_decides_it(make, desk, colleague):
    there_and_back(colleague, make.registration())
    desk.post(DECIDE, everything(desk.get(LIST)))
    assert states(make) == {"人员1": "passed"}


def test_a_search_is_bounded_by_what_it_showed(make, desk, colleague):
    """The moment is that of the rows that match, not of the whole tab."""
    ids = [make.registration(n, person={"gender": str(n)}) for n in (1, 2)]
    colleague.post(DECIDE, one(ids[0], "return"))
    listed = desk.get(f"{LIST}?gender=2")
    colleague.post(TAKE_BACK, taking_back(ids[0]))
    desk.post(DECIDE, everything(listed) | {"query": ""})
    assert states(make) == {"人员1": "pending", "人员2": "passed"}


def test_the_preview_of_all_says_the_same(make, desk, colleague):
    ids = [make.registration(n) for n in (1, 2)]
    listed = desk.get(LIST)
    there_and_back(colleague, ids[0])
    told = desk.post(PREVIEW, everything(listed)).get_json()
    assert (told["decide"], told["left"]) == (1, [])


# ---- what no page of ours says ---------------------------------------------------------------------------------------

MOMENTS = {
    "0001-01-01T00:00:00+00:00": "pending",
    "1970-01-01T00:00:00+00:00": "pending",
    "9999-12-31T23:59:59.999999+00:00": "passed",
    **dict.fromkeys(("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-20T09:00:00"), "pending"),
    **dict.fromkeys(("", "now", "0", "99999-01-01", "２０２６-11-20T09:00:00+00:00", "1e999", "-1"), "pending"),
}


@pytest.mark.parametrize(("moment", "status"), MOMENTS.items())
@pytest.mark.parametrize("address", [DECIDE, PREVIEW])
def test_a_moment_that_no_list_was_made_at_is_no_fault(make, desk, moment, status, address):
    make.registration()
    answer = desk.post(address, everything(desk.get(LIST)) | {"seen_at": moment})
    assert answer.status_code in (200, 303, 400)
    assert states(make) == {"人员1": status if address == DECIDE else "pending"}


def test_a_form_of_one_and_of_all_is_a_batch(make, desk):
    ids = [make.registration(n) for n in (1, 2)]
    answer = desk.post(DECIDE, everything(desk.get(LIST)) | one(ids[0]))
    assert (answer.status_code, "/batch/" in answer.location) == (303, True)
    assert set(states(make).values()) == {"passed"}


UNREADABLE = ["from=tomorrow", "to=2026-02-30", "from=2026-11-02&to=2026-11-01", "political_status=99", "gender=1&to=x"]


@pytest.mark.parametrize("query", UNREADABLE)
@pytest.mark.parametrize("address", [DECIDE, PREVIEW])
def test_a_filter_that_cannot_be_read_never_widens_a_batch(make, desk, query, address):
    make.registration()
    answer = desk.post(address, everything(desk.get(LIST)) | {"query": query})
    assert (answer.status_code, states(make)) == (400, {"人员1": "pending"})
