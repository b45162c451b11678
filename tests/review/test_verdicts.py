"""A verdict over HTTP: one record, selected rows, all that match; and what is refused, kept, and told."""

from urllib.parse import quote

import pytest
import sqlalchemy as sa

from app.accounts.models import Account
from app.review.models import Submission
from tests.browsing import Browser, links, part, rowids, text_of, value_of
from tests.factories import change, decision_line, id_number, ledger, registration_line, take, unit_code
from tests.statements import recorded

LIST, DECIDE = "/registrations/list/", "/registrations/decide"
OPINIONS = {
    "empty": "",
    "blanks": " \r\n\t ",
    "invisible signs": "\u200b\u200b",
    "invisible signs and blanks": " \u00ad\ufeff\u3000\u2060\n",
    "10,000 characters": "长" * 10_000,
    "NUL": "材料\x00齐全",
    "control character": "材料\x1b[31m齐全",
}


def one(pk: int, verdict: str = "pass", opinion: str | None = "已核对", version: int = 1) -> dict[str, str]:
    """The form of the review page."""
    form = {"rowid": f"{pk}:{version}", "single": "1", "verdict": verdict}
    return form if opinion is None else form | {"opinion": opinion}


def batch(*ids: int, verdict: str = "pass", opinion: str | None = "已核对") -> dict[str, object]:
    """The form of the list with ticked rows."""
    form: dict[str, object] = {"rowid": [f"{pk}:1" for pk in ids], "verdict": verdict}
    return form if opinion is None else form | {"opinion": opinion}


def states(make) -> dict[str, str]:
    return dict(make.read(sa.select(Submission.person_name, Submission.status)))


def steps(make, *ids: int) -> list[str]:
    return [entry.step for entry in ledger(make, *ids)]


# ---- one record ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verdict", "status", "told"), [("pass", "passed", "通过"), ("return", "returned", "退回")])
def test_a_verdict_with_an_opinion_is_entered_under_the_readers_name(make, desk, administrator, verdict, status, told):
    pk = make.registration()
    answer = desk.post(DECIDE, one(pk, verdict, "  证件与本人一致  "))
    entry = ledger(make, pk)[-1]
    assert (answer.status_code, answer.location, states(make)) == (303, LIST, {"人员1": status})
    assert (entry.step, entry.opinion, entry.by_id, entry.by_name) == (
        verdict,
        "证件与本人一致",
        administrator,
        "zhang 的持有人",
    )
    assert f"已{told} 1 条" in text_of(desk.get(LIST))


@pytest.mark.parametrize("opinion", OPINIONS.values(), ids=OPINIONS)
@pytest.mark.parametrize("verdict", ["pass", "return"])
def test_an_opinion_that_cannot_be_kept_is_answered_beside_the_field_and_nothing_changes(make, desk, verdict, opinion):
    pk = make.registration()
    answer = desk.post(DECIDE, one(pk, verdict, opinion))
    assert answer.status_code == 400
    assert f'id="opinion-{verdict}-error"' in answer.text
    assert f'aria-describedby="opinion-{verdict}-error"' in answer.text
    assert (states(make), steps(make, pk)) == ({"人员1": "pending"}, ["submit"])


def _kept(answer, verdict: str) -> str:
    """What the text area of a verdict holds."""
    return value_of(part(answer, f'<textarea id="opinion-{verdict}"', "</textarea>"), "opinion")


@pytest.mark.parametrize(
    "opinion", ["长" * 10_000, "第一行\n第二行\x1b", '<b>"粗"</b>&amp;' * 400], ids=["long", "esc", "html"]
)
@pytest.mark.parametrize("verdict", ["pass", "return"])
@pytest.mark.parametrize("form", [one, batch])
def test_what_was_typed_is_kept_as_it_was(make, desk, form, verdict, opinion):
    answer = desk.post(DECIDE, form(make.registration(), verdict=verdict, opinion=opinion))
    assert answer.status_code == 400
    assert _kept(answer, verdict) == opinion


def test_5000_characters_are_kept_whole(make, desk):
    pk = make.registration()
    desk.post(DECIDE, one(pk, opinion="字" * 5000))
    assert ledger(make, pk)[-1].opinion == "字" * 5000


def test_markup_in_an_opinion_is_text(make, desk):
    pk = make.registration()
    desk.post(DECIDE, one(pk, opinion="<img src=x onerror=alert(1)>&lt;"))
    answer = desk.get(f"/registrations/show/{pk}")
    assert "<img" not in answer.text
    assert "<img src=x onerror=alert(1)>&lt;" in text_of(answer)


@pytest.mark.parametrize(("verdict", "begun"), [("pass", "同意"), ("return", "")])
@pytest.mark.parametrize("form", [one, batch])
def test_without_an_opinion_a_page_asks_for_it(make, desk, form, verdict, begun):
    pk = make.registration()
    answer = desk.post(DECIDE, form(pk, verdict=verdict, opinion=None))
    assert (answer.status_code, _kept(answer, verdict)) == (200, begun)
    assert "人员1" in text_of(answer)
    assert steps(make, pk) == ["submit"]


def test_the_page_that_asks_carries_the_selection_on(make, desk):
    ids = [make.registration(n) for n in range(1, 4)]
    asked = desk.post(DECIDE, batch(*ids[:2], verdict="return", opinion=None))
    form = {"verdict": value_of(asked, "verdict"), "rowid": rowids(asked), "opinion": "缺少证件"}
    assert desk.post(DECIDE, form).status_code == 303
    assert sorted(states(make).values()) == ["pending", "returned", "returned"]


# ---- too late, not one's own to decide -------------------------------------------------------------------------------


def test_who_comes_second_is_told_who_decided_what_and_his_text_is_kept(make, desk):
    pk = make.registration()
    make.taken(decision_line(verdict="return", opinion="照片不清晰", by="许静文"))
    answer = desk.post(DECIDE, one(pk, "pass", "我写的<意见>"))
    said = text_of(answer)
    assert answer.status_code == 409
    assert [
        word for word in ("许静文", "2026-11-02 09:00", "退回", "照片不清晰", "我写的<意见>") if word not in said
    ] == []
    assert steps(make, pk) == ["submit", "return"]


def test_a_new_version_is_shown_before_it_is_decided_and_the_text_is_kept(app, make, desk):
    pk = make.registration()
    make.taken(decision_line())
    take(app, registration_line(person={"email": "new@example.cn"}, submitted_at="2026-11-03T09:00:00+08:00"))
    answer = desk.post(DECIDE, one(pk, "pass", "我写的意见"))
    said = text_of(answer)
    assert answer.status_code == 409
    assert [word for word in ("new@example.cn", "2026-11-03 09:00", "我写的意见") if word not in said] == []
    assert f'value="{pk}:3"' in answer.text
    assert steps(make, pk) == ["submit", "return", "resubmit"]


def test_ones_own_record_is_refused_though_posted_without_its_button(make, unit, sign_in):
    make.account("owner", "unit_administrator", unit, holder=id_number(1))
    pk = make.registration(1)
    answer = sign_in("owner").post(DECIDE, one(pk))
    assert (answer.status_code, steps(make, pk)) == (409, ["submit"])
    assert "本人" in text_of(answer)


@pytest.mark.parametrize("form", [one, batch])
def test_an_account_that_does_not_say_whose_it_is_decides_nothing(make, desk, administrator, form):
    pk = make.registration()
    change(make, sa.update(Account).where(Account.id == administrator).values(id_number_index=None))
    answer = desk.post(DECIDE, form(pk))
    assert (answer.status_code, steps(make, pk)) == (403, ["submit"])


@pytest.mark.parametrize("form", [one, batch])
def test_a_clerk_decides_nothing_though_posted_without_a_button(make, unit, sign_in, form):
    make.account("clerk", "unit_clerk", unit)
    pk = make.registration()
    answer = sign_in("clerk").post(DECIDE, form(pk))
    assert (answer.status_code, steps(make, pk)) == (403, ["submit"])


# ---- several ---------------------------------------------------------------------------------------------------------


def test_the_selected_rows_are_decided_and_no_other(make, desk):
    ids = [make.registration(n) for n in range(1, 5)]
    answer = desk.post(DECIDE, batch(ids[0], ids[2]))
    assert answer.status_code == 303
    assert states(make) == {"人员1": "passed", "人员2": "pending", "人员3": "passed", "人员4": "pending"}
    assert "已通过 2 条" in text_of(desk.get(answer.location))


def test_a_batch_decides_what_it_can_and_says_what_was_left_out(make, unit, sign_in):
    make.account("owner", "unit_administrator", unit, holder=id_number(1))
    ids = [make.registration(n) for n in range(1, 4)]
    make.taken(decision_line(of="R2"))
    browser = sign_in("owner")
    answer = browser.post(DECIDE, batch(*ids))
    said = text_of(browser.get(answer.location))
    assert states(make) == {"人员1": "pending", "人员2": "returned", "人员3": "passed"}
    assert [words for words in ("人员1", "人员2", "历史数据", "已通过 1 条") if words not in said] == []


def test_all_that_match_a_search_are_decided_and_no_other(make, desk):
    for n, name in ((1, "欧阳晓"), (2, "欧阳明"), (3, "司马光")):
        make.registration(n, person={"name": name})
    listed = desk.get(f"{LIST}?q={quote('欧阳')}")
    form = {"all": "1", "query": value_of(listed, "query"), "seen_at": value_of(listed, "seen_at")}
    answer = desk.post(DECIDE, form | {"verdict": "pass", "opinion": "同意"})
    assert answer.status_code == 303
    assert states(make) == {"欧阳晓": "passed", "欧阳明": "passed", "司马光": "pending"}


def test_all_that_match_leaves_what_came_in_after_the_list_was_seen(make, desk):
    make.registration(1)
    listed = desk.get(LIST)
    make.registration(2)
    form = {"all": "1", "query": "", "seen_at": value_of(listed, "seen_at"), "verdict": "pass", "opinion": "同意"}
    desk.post(DECIDE, form)
    assert states(make) == {"人员1": "passed", "人员2": "pending"}


def test_all_that_match_without_the_moment_of_the_list_is_refused(make, desk):
    """Without it nobody can say what the reader saw."""
    make.registration(1)
    answer = desk.post(DECIDE, {"all": "1", "query": "", "seen_at": "yesterday", "verdict": "pass", "opinion": "同意"})
    assert (answer.status_code, states(make)) == (400, {"人员1": "pending"})


@pytest.mark.parametrize("opinion", ["已核对", None])
def test_a_batch_with_another_units_key_is_not_found_and_nothing_is_decided(make, desk, opinion):
    make.unit(2)
    own, theirs = make.registration(1), make.registration(2, unit_code(2))
    answer = desk.post(DECIDE, batch(own, theirs, opinion=opinion))
    assert (answer.status_code, steps(make, own, theirs)) == (404, ["submit", "submit"])


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"rowid": "abc"},
        {"rowid": "1"},
        {"rowid": "1:1:1"},
        {"rowid": "-1:1"},
        {"rowid": "１:1"},
        {"rowid": "99999999999:1"},
        {"rowid": "999999999:999999999"},
        {"all": "1", "query": "status=passed"},
        {"all": "1", "query": "status=xyz"},
        {"all": "1", "query": "gender=7"},
        {"all": "1", "query": "q=%00"},
        {"all": "1", "query": "gender=%00"},
        {"all": "1", "verdict": "terminate"},
        {"all": "1", "verdict": "take_back"},
        {"all": "1", "verdict": ""},
    ],
    ids=str,
)
def test_a_form_that_no_page_of_ours_sends_is_refused_and_decides_nothing(make, desk, form):
    make.registration()
    answer = desk.post(DECIDE, {"verdict": "pass", "opinion": "同意", "seen_at": "2027-01-01T00:00:00+00:00"} | form)
    assert answer.status_code in (400, 404)
    assert states(make) == {"人员1": "pending"}


def test_the_list_that_the_reader_came_from_is_one_click_away(make, unit, desk):
    make.many(60, unit)
    listed = desk.get(f"{LIST}?sort=-name")
    form = {"rowid": rowids(listed)[:2], "query": value_of(listed, "query"), "verdict": "pass", "opinion": "同意"}
    told = desk.get(desk.post(DECIDE, form).location)
    assert f"{LIST}?sort=-name" in {address.split("#")[0] for address in links(told, "返回列表")}


def test_after_a_single_verdict_the_next_that_waits_in_the_same_order_opens(make, desk):
    first, second, third = (make.registration(n) for n in (1, 2, 3))
    form = {"query": "sort=-name", "rowid": f"{second}:1"}
    following = desk.post(DECIDE, one(second) | form).location.split("?")[0]
    assert following == f"/registrations/show/{first}"
    assert desk.post(DECIDE, one(first) | {"query": "sort=-name"}).location.split("?")[0].endswith(f"/{third}")


def test_a_verdict_over_http_costs_the_same_statements_for_1_25_and_20000_rows(app, make, unit, desk):
    make.many(20_026, unit)
    costs = {}
    for size in (1, 25, 20_000):
        listed: Browser = desk.get(LIST)
        form: dict[str, object] = {"verdict": "pass", "opinion": "同意", "seen_at": value_of(listed, "seen_at")}
        form |= {"all": "1", "query": ""} if size > 25 else {"rowid": rowids(listed)[:size]}
        with recorded(app) as statements:
            assert desk.post(DECIDE, form).status_code == 303
        costs[size] = len(statements)
    assert set(states(make).values()) == {"passed"}
    assert len(set(costs.values())) == 1, costs
