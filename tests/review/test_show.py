"""The review page: the material, the whole number while it is being checked, and the history."""

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from tests.browsing import Browser, links, part, text_of, value_of
from tests.factories import audited, change, decision_line, id_number, mobile, registration_line, take
from tests.statements import recorded

NUMBERS = (id_number(1), mobile(1))


@pytest.fixture
def page(make, desk):
    """The review page of a waiting record, and its address."""
    address = f"/registrations/show/{make.registration(1)}"
    return desk.get(address), address


def whole(answer) -> list[bool]:
    return [number in answer.text for number in NUMBERS]


def test_the_page_shows_everything_that_was_submitted(page):
    said = text_of(page[0])
    facts = ("人员1", "男", "居民身份证", *NUMBERS, "群众", "p1@example.cn", "单位1", "2026-11-01 09:00", "R1")
    assert [fact for fact in facts if fact not in said] == []


def test_each_whole_showing_is_one_audit_row(make, desk, page, unit, administrator):
    desk.get(page[1])
    entries = audited(make, "reveal")
    assert [(entry.by_id, entry.unit_id, entry.subject) for entry in entries] == [
        (administrator, unit, "registration R1")
    ] * 2


@pytest.mark.parametrize("opinion", ["", "长" * 10_000])
def test_a_page_that_comes_back_with_whole_numbers_is_one_audit_row_more(make, desk, page, opinion):
    pk = page[1].rsplit("/", 1)[1]
    form = {"rowid": f"{pk}:1", "single": "1", "verdict": "pass", "opinion": opinion}
    answer = desk.post("/registrations/decide", form)
    assert answer.status_code == 400
    assert len(audited(make, "reveal")) == 1 + any(whole(answer))


@pytest.mark.parametrize(
    ("role", "over"),
    [
        ("unit_clerk", None),
        ("hr_reviewer", "350102"),
        ("hr_operations", "350000"),
        ("auditor", "350000"),
        ("system_administrator", "350000"),
    ],
)
def test_who_does_not_decide_sees_the_numbers_masked(make, unit, sign_in, role, over):
    make.account("reader", role, over or unit)
    answer = sign_in("reader").get(f"/registrations/show/{make.registration(1)}")
    assert (answer.status_code, whole(answer), audited(make, "reveal")) == (200, [False, False], [])
    assert f"{NUMBERS[0][:4]}{'*' * 10}{NUMBERS[0][-4:]}" in text_of(answer)


@pytest.mark.parametrize("verdict", ["pass", "return"])
def test_after_the_verdict_the_numbers_are_masked(make, desk, verdict):
    pk = make.registration(1)
    make.taken(decision_line(verdict=verdict))
    answer = desk.get(f"/registrations/show/{pk}")
    assert (whole(answer), audited(make, "reveal")) == ([False, False], [])


def test_what_waits_at_another_node_is_shown_masked(make, desk, page):
    change(make, sa.update(Submission).values(node="county"))
    assert whole(desk.get(page[1])) == [False, False]


def test_the_verdicts_are_offered_with_their_opinions_begun(page):
    assert [label in text_of(page[0]) for label in ("通过", "审批意见", "退回", "退回意见", "确定")] == [True] * 5
    assert value_of(page[0], "opinion") == "同意"


@pytest.mark.parametrize("reader", ["clerk", "owner"])
def test_who_cannot_decide_is_told_why_and_offered_nothing(make, unit, sign_in, reader):
    role = "unit_clerk" if reader == "clerk" else "unit_administrator"
    make.account(reader, role, unit, holder=id_number(1) if reader == "owner" else None)
    answer = sign_in(reader).get(f"/registrations/show/{make.registration(1)}")
    reason = {"clerk": "您的角色只能查看该记录，不能审核。", "owner": "本人"}[reader]
    assert reason in text_of(answer)
    assert 'name="verdict"' not in answer.text


def test_the_history_tells_each_step_newest_first(app, make, desk):
    pk = make.registration(1)
    make.taken(decision_line(verdict="return", opinion="照片不清晰", by="历史审核人"))
    take(app, registration_line(submitted_at="2026-11-03T09:00:00+08:00"))
    said = text_of(part(desk.get(f"/registrations/show/{pk}"), '<ol class="history"', "</ol>"))
    steps = [
        "重新提交",
        "2026-11-03 09:00",
        "退回",
        "照片不清晰",
        "历史审核人",
        "2026-11-02 09:00",
        "提交",
        "2026-11-01 09:00",
    ]
    place = 0
    for step in steps:
        assert step in said[place:], step
        place = said.index(step, place) + len(step)


def test_an_opinion_with_markup_is_shown_as_it_was_written(make, desk):
    pk = make.registration(1)
    make.taken(decision_line(opinion="<script>alert(1)</script>"))
    answer = desk.get(f"/registrations/show/{pk}")
    assert "<script>alert" not in answer.text
    assert "<script>alert(1)</script>" in text_of(answer)


def test_the_way_back_leads_to_the_record_in_the_list_as_it_was_asked(make, unit, desk):
    pk = make.registration()
    make.many(30, unit)
    answer = desk.get(f"/registrations/show/{pk}?status=all&sort=-name")
    assert links(answer, "返回列表") == [f"/registrations/list/?status=all&sort=-name&page=2#r{pk}"]
    assert f'id="r{pk}"' in desk.get("/registrations/list/?status=all&sort=-name&page=2").text


@pytest.mark.parametrize("key", ["0", "999999", "2147483647", "2147483648", "99999999999999999999", "-1", "abc", "1.5"])
def test_a_key_that_is_nobodys_is_not_found(desk: Browser, key):
    assert desk.get(f"/registrations/show/{key}").status_code == 404


def test_a_review_page_costs_at_most_10_statements_however_long_its_history(app, make, desk):
    pk = make.registration(1)
    costs = []
    for day in (3, 5, 7):
        with recorded(app) as statements:
            desk.get(f"/registrations/show/{pk}")
        costs.append(len(statements))
        make.taken(decision_line(day, decided_at=f"2026-11-0{day}T09:00:00+08:00"))
        take(app, registration_line(submitted_at=f"2026-11-0{day + 1}T09:00:00+08:00"))
    assert len(set(costs)) == 1
    assert costs[0] <= 10


@pytest.mark.parametrize(
    "query", ["from=tomorrow", "from=2026-11-02&to=2026-11-01", "gender=7", "to=%20", "q=~", "q=%23"]
)
def test_a_filter_that_cannot_be_read_does_not_hide_the_record(page, desk, query):
    """Some address that was kept or typed: the record is there whatever the list would say."""
    answer = desk.get(f"{page[1]}?{query}&sort=-name")
    (back,) = links(answer, "返回列表")
    assert (answer.status_code, "人员1" in text_of(answer)) == (200, True)
    assert desk.get(back).status_code == 200
