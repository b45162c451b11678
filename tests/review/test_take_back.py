"""撤销审核: whoever decided takes the verdict back, singly or a whole batch, while nothing rests on it."""

import pytest
import sqlalchemy as sa

from app import clock
from app.review.models import Decision, Submission
from tests.browsing import text_of
from tests.factories import id_number, registration_line, take

DECIDE, TAKE_BACK = "/registrations/decide", "/registrations/take_back"


@pytest.fixture
def desk(make, sign_in):
    make.account("zhang", "unit_administrator", make.unit())
    return sign_in("zhang")


def statuses(make):
    query = sa.select(Submission.person_name, Submission.status)
    return dict(tuple(row) for row in make.read(query))


def steps(make, pk):
    query = sa.select(Decision.step).where(Decision.submission_id == pk).order_by(Decision.id)
    return [step for (step,) in make.read(query)]


@pytest.mark.parametrize(("verdict", "status"), [("pass", "passed"), ("return", "returned")])
def test_an_older_verdict_is_taken_back_though_newer_rows_stand_in_the_ledger(make, desk, verdict, status):
    first, second = make.registration(1), make.registration(2)
    for pk in (first, second):
        desk.post(DECIDE, {"rowid": f"{pk}:1", "single": "1", "verdict": verdict, "opinion": "已核对"})
    form = {"rowid": f"{first}:2", "single": "1", "status": status, "opinion": "误操作"}
    answer = desk.post(TAKE_BACK, form)
    assert (answer.status_code, statuses(make)) == (303, {"人员1": "pending", "人员2": status})
    assert steps(make, first) == ["submit", verdict, "take_back"]


def test_a_batch_is_taken_back_whole(make, desk):
    ids = [make.registration(n) for n in range(1, 5)]
    rows = [f"{pk}:1" for pk in ids]
    answer = desk.post(DECIDE, {"rowid": rows, "verdict": "pass", "opinion": "同意"})
    batch = answer.location.split("/batch/")[1].split("?")[0]
    desk.post(TAKE_BACK, {"batch": batch, "status": "passed", "opinion": "误操作"})
    assert set(statuses(make).values()) == {"pending"}


def test_the_page_offers_it_on_every_verdict_that_nothing_rests_on(make, desk):
    ids = [make.registration(n) for n in (1, 2)]
    for pk in ids:
        desk.post(DECIDE, {"rowid": f"{pk}:1", "single": "1", "verdict": "pass", "opinion": "同意"})
    assert all("撤销审核" in desk.get(f"/registrations/show/{pk}").text for pk in ids)


def test_a_phrase_for_one_verdict_leaves_the_starters_of_the_other(make, desk):
    pk = make.registration(1)
    desk.post("/phrases/add/pass", {"text": "情况属实"})
    said = desk.get(f"/registrations/show/{pk}").text
    assert "情况属实" in said and "证件照片不清晰，请重新上传" in said


def test_what_was_passed_by_mistake_may_come_again_with_another_number(app, make, desk):
    """A pass that was taken back is none: the number was never confirmed."""
    pk = make.registration(1)
    for step, address, form in (
        (1, DECIDE, {"verdict": "pass"}),
        (2, TAKE_BACK, {"status": "passed"}),
        (3, DECIDE, {"verdict": "return"}),
    ):
        desk.post(address, form | {"rowid": f"{pk}:{step}", "single": "1", "opinion": "证件号码有误"})
    line = registration_line(1, person={"id_number": id_number(77)}, submitted_at=clock.now().isoformat())
    (result,) = take(app, line)
    assert (result.outcome, result.errors) == ("resubmitted", {})


def test_a_batch_says_how_much_of_it_can_be_taken_back(make, desk):
    ids = [make.registration(n) for n in (1, 2, 3)]
    rows = [f"{pk}:1" for pk in ids]
    batch = desk.post(DECIDE, {"rowid": rows, "verdict": "return", "opinion": "请更正"}).location
    make.taken(registration_line(1, person={"email": "new@example.cn"}, submitted_at=clock.now().isoformat()))
    assert "本批 3 条中有 2 条将重新待审核" in text_of(desk.get(batch))


def test_a_batch_of_which_nothing_can_be_taken_back_offers_it_no_more(make, desk):
    pk = make.registration(1)
    batch = desk.post(DECIDE, {"rowid": [f"{pk}:1"], "verdict": "return", "opinion": "请更正"}).location
    make.taken(registration_line(1, person={"email": "new@example.cn"}, submitted_at=clock.now().isoformat()))
    assert "撤销审核" not in text_of(desk.get(batch))


def test_a_record_outside_the_list_has_no_place_in_it(make, desk):
    pk, _waiting = make.registration(1), make.registration(2)
    assert "第 1 / 2 条" in text_of(desk.get(f"/registrations/show/{pk}"))
    desk.post(DECIDE, {"rowid": f"{pk}:1", "single": "1", "verdict": "pass", "opinion": "同意"})
    assert "列表共 1 条" in text_of(desk.get(f"/registrations/show/{pk}"))
