"""撤回申请 on screen: agreed to, refused, asked again, taken back; both the request and its item tell of it."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.archive.models import Withdrawal
from app.review.models import Submission
from tests.archive.factories import item_line, request_line, verdict_line
from tests.archive.reading import history_of, sections_of
from tests.browsing import csv_rows, heads, part, rowids, table, tabs, text_of
from tests.factories import id_number, ledger, registration_line, take, unit_code

LIST, DECIDE, TAKE_BACK = "/withdrawals/list/", "/withdrawals/decide", "/withdrawals/take_back"
LATER = {"submitted_at": "2026-11-07T09:00:00+08:00"}


@pytest.fixture
def item(intake) -> int:
    """A passed item's id."""
    made, _passed = intake(item_line(data={"title": "课堂观察"}), verdict_line(1))
    return made.id


@pytest.fixture
def request_id(intake, item) -> int:
    """The id of a request to have it back."""
    return intake(request_line())[0].id


def form(make, pk: int, verdict: str = "pass", opinion: str = "情况属实") -> dict[str, Any]:
    """The form of the review page of a request, as it now stands."""
    return {"rowid": f"{pk}:{len(ledger(make, pk))}", "single": "1", "verdict": verdict, "opinion": opinion}


def back(make, pk: int, status: str = "passed") -> dict[str, Any]:
    return {"rowid": f"{pk}:{len(ledger(make, pk))}", "single": "1", "status": status, "opinion": "看错了"}


def stands(make, *ids: int) -> list[str]:
    rows = dict(tuple(row) for row in make.read(sa.select(Submission.id, Submission.status)))
    return [rows[pk] for pk in ids]


def steps(make, pk: int) -> list[str]:
    return [entry.step for entry in ledger(make, pk)]


# ---- the list and the page -------------------------------------------------------------------------------------------


def test_the_list_says_who_asks_for_what_and_why(desk, request_id):
    (row,) = table(desk.get(LIST))
    assert (row["姓名"], row["业绩记录"], row["原因"]) == ("人员1", "课堂观察", "证明材料缺页，申请撤回补充")


def test_its_columns_its_tabs_and_its_export(desk, request_id):
    answer = desk.get(LIST)
    assert heads(answer)[:5] == ["姓名", "项目类型", "业绩记录", "原因", "提交时间"]
    assert tabs(answer) == {"待审核": "1", "已通过": "0", "已退回": "0", "全部": "1"}
    head, row = csv_rows(desk.get("/withdrawals/export.csv"))
    told = dict(zip(head, row, strict=True))
    assert (told["编号"], told["单位"], told["审核节点"], told["审核状态"]) == ("W1", "单位1", "单位", "待审核")


def test_the_tree_counts_what_is_asked_for(desk, request_id):
    assert "撤回申请 1" in text_of(desk.get("/archive/"))


def test_the_page_shows_the_request_beside_its_record(desk, request_id):
    sections = sections_of(desk.get(f"/withdrawals/show/{request_id}"))
    assert "证明材料缺页，申请撤回补充" in sections["申请内容"] and "课堂观察" in sections["期刊论文"]


@pytest.mark.parametrize("address", ["{list}", "/withdrawals/show/{pk}"], ids=["list", "page"])
def test_the_buttons_read_agree_and_refuse(desk, request_id, address):
    answer = desk.get(address.format(list=LIST, pk=request_id))
    buttons = re.findall(r'<button type="submit" name="verdict"[^>]*>(.*?)</button>', answer.text, flags=re.S)
    labels = [re.sub(r"<svg.*?</svg>|<kbd.*?</kbd>|\s", "", button, flags=re.S) for button in buttons]
    assert labels == ["同意", "不同意"]


def test_another_units_request_is_not_found(make, intake, desk, item, sign_in):
    make.unit(2)
    take(make.app, registration_line(9, unit_code(2)), verdict_line(9, of="R9", day=2))
    theirs = item_line("paper", 2, unit=unit_code(2), id_number=id_number(9))
    *_rest, asked = intake(theirs, verdict_line(2, of="A2"), request_line(2, "A2"))
    before = ledger(make, asked.id)
    answers = [
        desk.get(f"/withdrawals/show/{asked.id}"),
        desk.post(DECIDE, {"rowid": f"{asked.id}:1", "verdict": "pass", "opinion": "同意", "single": "1"}),
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert (table(desk.get(LIST)), ledger(make, asked.id)) == ([], before)


# ---- agreed to -------------------------------------------------------------------------------------------------------


def test_agreeing_gives_the_record_back(make, desk, item, request_id):
    assert desk.post(DECIDE, form(make, request_id)).status_code == 303
    assert stands(make, request_id, item) == ["passed", "withdrawn"]


def test_both_ledgers_have_one_row_more_with_the_opinion(make, desk, item, request_id):
    desk.post(DECIDE, form(make, request_id, opinion="请补齐缺页"))
    last = [ledger(make, pk)[-1] for pk in (request_id, item)]
    assert [(entry.step, entry.from_status, entry.to_status, entry.opinion, entry.by_name) for entry in last] == [
        ("pass", "pending", "passed", "请补齐缺页", "zhang 的持有人"),
        ("withdraw", "passed", "withdrawn", "请补齐缺页", "zhang 的持有人"),
    ]
    assert last[0].at == last[1].at


def test_agreeing_needs_an_opinion(make, desk, item, request_id):
    assert desk.post(DECIDE, form(make, request_id, opinion=" ")).status_code == 400
    assert stands(make, request_id, item) == ["pending", "passed"]


def test_the_records_history_tells_of_it(make, desk, item, request_id):
    desk.post(DECIDE, form(make, request_id, opinion="请补齐缺页"))
    told = history_of(desk.get(f"/archive/paper/show/{item}"))
    assert "已撤回" in told and "请补齐缺页" in told


def test_what_was_given_back_comes_again_and_waits(make, intake, desk, item, request_id):
    desk.post(DECIDE, form(make, request_id))
    when = ledger(make, item)[-1].at.isoformat()
    (again,) = intake(item_line(data={"title": "改过的题目"}, submitted_at=when))
    assert (again.outcome, stands(make, item)) == ("resubmitted", ["pending"])


def test_what_was_revised_is_marked_against_what_passed(intake, desk, item):
    intake(request_line(), verdict_line(2, of="W1", day=6), item_line(data={"title": "改过的题目"}, **LATER))
    said = text_of(part(desk.get(f"/archive/paper/show/{item}"), '<div class="review">', "</section>"))
    assert "撤回后重新提交。与原通过内容相比修改了： 论文题目" in said and "原为：课堂观察" in said


# ---- refused ---------------------------------------------------------------------------------------------------------


def test_refusing_leaves_the_record_passed(make, desk, item, request_id):
    assert desk.post(DECIDE, form(make, request_id, "return", "材料齐全，不必撤回")).status_code == 303
    assert (stands(make, request_id, item), steps(make, item)) == (["returned", "passed"], ["submit", "pass"])


def test_refusing_needs_an_opinion(make, desk, item, request_id):
    assert desk.post(DECIDE, form(make, request_id, "return", "")).status_code == 400
    assert stands(make, request_id, item) == ["pending", "passed"]


def test_both_histories_tell_of_the_refusal(make, desk, item, request_id):
    desk.post(DECIDE, form(make, request_id, "return", "材料齐全，不必撤回"))
    pages = (f"/withdrawals/show/{request_id}", f"/archive/paper/show/{item}")
    assert ["材料齐全，不必撤回" in history_of(desk.get(page)) for page in pages] == [True, True]


def test_after_a_refusal_another_request_comes_under_another_ref(make, intake, desk, item, request_id):
    desk.post(DECIDE, form(make, request_id, "return"))
    assert [one.outcome for one in intake(request_line(), request_line(2))] == ["unchanged", "created"]


# ---- the record meanwhile --------------------------------------------------------------------------------------------


def test_while_a_request_is_open_its_records_pass_is_not_taken_back(make, desk, item, request_id):
    answer = desk.post("/archive/paper/take_back", back(make, item))
    assert (answer.status_code, stands(make, request_id, item)) == (409, ["pending", "passed"])


def test_while_a_request_is_open_its_record_takes_no_new_version(intake, item, request_id):
    (result,) = intake(item_line(data={"title": "改过的题目"}, **LATER))
    assert sorted(result.errors) == ["ref"]


def test_who_comes_second_is_told_who_decided(make, desk, item, request_id):
    stale = form(make, request_id, "return", "不必撤回")
    desk.post(DECIDE, form(make, request_id))
    answer = desk.post(DECIDE, stale)
    assert (answer.status_code, "zhang 的持有人" in text_of(answer)) == (409, True)
    assert (stands(make, request_id, item), len(steps(make, item))) == (["passed", "withdrawn"], 3)


def test_nobody_decides_on_a_request_of_his_own(make, unit, request_id, item, sign_in):
    make.account("self", "unit_administrator", unit, holder=id_number(1))
    assert sign_in("self").post(DECIDE, form(make, request_id)).status_code == 409
    assert stands(make, request_id, item) == ["pending", "passed"]


# ---- taken back ------------------------------------------------------------------------------------------------------


def test_a_consent_taken_back_makes_the_record_passed_again(make, desk, item, request_id):
    desk.post(DECIDE, form(make, request_id))
    assert desk.post(TAKE_BACK, back(make, request_id)).status_code == 303
    assert stands(make, request_id, item) == ["pending", "passed"]
    assert [steps(make, pk)[-1] for pk in (request_id, item)] == ["take_back", "take_back"]


def test_a_consent_given_once_more_gives_it_back_once_more(make, desk, item, request_id):
    for _time in range(2):
        desk.post(DECIDE, form(make, request_id))
        assert stands(make, request_id, item) == ["passed", "withdrawn"]
        desk.post(TAKE_BACK, back(make, request_id))
    assert stands(make, request_id, item) == ["pending", "passed"]


def test_a_refusal_taken_back_waits_again(make, desk, item, request_id):
    desk.post(DECIDE, form(make, request_id, "return"))
    assert desk.post(TAKE_BACK, back(make, request_id, "returned")).status_code == 303
    assert stands(make, request_id, item) == ["pending", "passed"]


AGAIN = item_line(data={"title": "改过的题目"}, **LATER)
SINCE = {
    "the record came again": [verdict_line(2, of="W1", day=6), AGAIN],
    "the record came again and passed": [verdict_line(2, of="W1", day=6), AGAIN, verdict_line(3, day=8)],
    "a later consent": [
        verdict_line(2, of="W1", day=6),
        AGAIN,
        verdict_line(3, day=8),
        request_line(2, submitted_at="2026-11-09T09:00:00+08:00"),
        verdict_line(4, of="W2", day=10),
    ],
    "another request after a refusal": [
        verdict_line(2, "return", of="W1", day=6),
        request_line(2, **LATER),
    ],
    "another consent after a refusal": [
        verdict_line(2, "return", of="W1", day=6),
        request_line(2, **LATER),
        verdict_line(3, of="W2", day=8),
    ],
}


@pytest.mark.parametrize("since", SINCE)
def test_a_verdict_is_not_taken_back_after(make, answers, taken_back, item, request_id, since):
    assert set(answers(*SINCE[since])) <= {"created", "resubmitted"}
    before = stands(make, request_id, item)
    answer = taken_back(request_id)
    assert (answer.status_code, stands(make, request_id, item)) == (409, before)


@pytest.fixture
def taken_back(make, desk):
    """Takes the verdict on a request back, as the page would ask for it."""
    return lambda pk: desk.post(TAKE_BACK, back(make, pk, stands(make, pk)[0]))


def test_at_most_one_request_of_a_record_is_open_whatever_is_taken_back(make, answers, desk, item, request_id):
    answers(verdict_line(2, "return", of="W1", day=6), request_line(2, **LATER))
    desk.post(TAKE_BACK, back(make, request_id, "returned"))
    query = sa.select(Withdrawal.ref).where(Withdrawal.item_id == item, Submission.status == "pending")
    assert [ref for (ref,) in make.read(query)] == ["W2"]


def test_a_pass_is_taken_back_though_a_request_followed_an_earlier_one(make, desk, answers, item, request_id):
    answers(verdict_line(2, of="W1", day=6), AGAIN, verdict_line(3, day=8))
    assert desk.post("/archive/paper/take_back", back(make, item)).status_code == 303
    assert stands(make, request_id, item) == ["passed", "pending"]


# ---- several at once -------------------------------------------------------------------------------------------------


@pytest.fixture
def several(intake) -> None:
    """Three requests that wait and one that was refused, on items of three types."""
    keys = ("paper", "patent", "book", "paper")
    intake(*(item_line(key, n) for n, key in enumerate(keys, 1)), *(verdict_line(n, of=f"A{n}") for n in range(1, 5)))
    intake(*(request_line(n, f"A{n}") for n in range(1, 5)), verdict_line(9, "return", of="W4", day=6))


def test_a_batch_is_agreed_to_across_types_and_leaves_what_was_decided(make, desk, several):
    tokens = rowids(desk.get(LIST))
    refused = make.read(sa.select(Submission.id).where(Submission.ref == "W4"))[0][0]
    answer = desk.post(DECIDE, {"rowid": [*tokens, f"{refused}:1"], "verdict": "pass", "opinion": "同意撤回"})
    assert answer.status_code == 303
    items = make.read(sa.select(Submission.ref, Submission.status).where(Submission.kind == "archive_item"))
    assert dict(tuple(row) for row in items) == {
        "A1": "withdrawn",
        "A2": "withdrawn",
        "A3": "withdrawn",
        "A4": "passed",
    }
    assert re.findall(r"<dd>(\d+)</dd>", desk.get(answer.location).text)[:2] == ["3", "1"]


def test_a_batch_taken_back_passes_its_records_again_but_for_those_that_came_again(make, intake, desk, several):
    batch = desk.post(DECIDE, {"rowid": rowids(desk.get(LIST)), "verdict": "pass", "opinion": "同意撤回"}).location
    pk = make.read(sa.select(Submission.id).where(Submission.ref == "A1"))[0][0]
    (again,) = intake(item_line("paper", 1, {"title": "改"}, submitted_at=ledger(make, pk)[-1].at.isoformat()))
    assert again.outcome == "resubmitted"
    number = re.search(r"batch/(\d+)", batch)[1]
    desk.post(TAKE_BACK, {"batch": number, "status": "passed", "opinion": "看错了"})
    rows = make.read(sa.select(Submission.ref, Submission.status).where(Submission.ref.in_(["A1", "A2", "W1", "W2"])))
    assert dict(tuple(row) for row in rows) == {"A1": "pending", "A2": "passed", "W1": "passed", "W2": "pending"}
