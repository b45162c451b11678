"""单位与管理员: which units nobody administers, a unit's page, and handing one over."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.accounts.models import Account, Grant, Joining
from tests.accounts.test_bounds import grant_id, grants, step
from tests.accounts.test_kept import come_back
from tests.accounts.test_managing import NEW, secret
from tests.accounts.test_passwords import enter
from tests.browsing import Browser, links, table, tabs, text_of, value_of
from tests.factories import audited, change, grant, id_number, unit_code
from tests.review.test_races import at_once
from tests.statements import recorded

UNITS, SHOW, HAND = "/accounts/units/list/", "/accounts/units/show/{}", "/accounts/units/hand_over/{}"
HOLDER = {"username": "zhao.new", "name": "赵新", "id_number": id_number(77)}


@pytest.fixture
def stage(make) -> dict[str, int]:
    """A unit whose administrator has left, its clerk, and HR operations of its city."""
    unit = make.unit(1)
    make.account("ops", "hr_operations", "350100")
    return {
        "unit": unit,
        "li": make.account("li", "unit_administrator", unit),
        "clerk": make.account("clerk", "unit_clerk", unit),
    }


@pytest.fixture
def ops(stage, sign_in) -> Browser:
    return sign_in("ops")


def existing(
    browser: Browser, unit: int, username: str = "clerk", seen: str | None = None, reason: str = "离职"
) -> Any:
    return _post(browser, unit, seen, {"to": "existing", "username": username, "sure": username, "reason": reason})


def to_new(browser: Browser, unit: int, seen: str | None = None, **changes: str) -> Any:
    return _post(browser, unit, seen, {"to": "new", "reason": "离职"} | HOLDER | changes)


def _post(browser: Browser, unit: int, seen: str | None, form: dict[str, str]) -> Any:
    address = HAND.format(unit)
    seen = value_of(browser.get(address), "seen") if seen is None else seen
    return browser.post(address, form | {"seen": seen})


def in_office(make, unit: int) -> set[tuple[str, str]]:
    """Who holds what in a unit today: user names and roles."""
    query = sa.select(Account.username, Grant.role).join(Account, Account.id == Grant.user_id)
    return {(name, role) for name, role in make.read(query.where(Grant.unit_id == unit, Grant.in_force()))}


def nothing_done(make, unit: int) -> bool:
    acted = [
        entry
        for action in ("hand_over", "grant_role", "revoke_role", "issue_account")
        for entry in audited(make, action)
    ]
    return in_office(make, unit) == {("li", "unit_administrator"), ("clerk", "unit_clerk")} and acted == []


# ---- the list --------------------------------------------------------------------------------------------------------


def listed(browser: Browser, query: str = "") -> list[str]:
    return [row["单位名称"] for row in table(browser.get(f"{UNITS}{query}"))]


@pytest.mark.parametrize("why", ["none", "expired", "revoked", "disabled", "a clerk only"])
def test_a_unit_is_without_an_administrator_when_nobody_holds_that_role_in_force(make, ops, stage, why):
    unit = make.unit(2)
    if why != "none":
        pk = make.account("wang", "unit_clerk" if why == "a clerk only" else "unit_administrator", unit)
    values = {"expired": {"expires_on": clock.today() - timedelta(days=1)}, "revoked": {"revoked_at": clock.now()}}
    if why in values:
        change(make, sa.update(Grant).where(Grant.user_id == pk).values(**values[why]))
    if why == "disabled":
        change(make, sa.update(Account).where(Account.id == pk).values(active=False))
    assert (listed(ops), tabs(ops.get(UNITS))) == (["单位2"], {"没有管理员": "1", "内置单位": "0", "全部": "2"})
    assert table(ops.get(UNITS))[0]["管理员"] == "没有管理员"
    grant(make, make.account("zhao", "unit_clerk", stage["unit"]), "unit_administrator", unit)
    assert listed(ops) == []


def test_the_tabs_and_the_search_narrow_the_list(make, ops, stage):
    make.unit(2, code="NZ00000003", name="社区服务站")
    make.unit(3, region="350203")
    make.account("zhao", "unit_administrator", stage["unit"])
    assert (listed(ops), listed(ops, "?status=built_in"), listed(ops, "?status=all")) == (
        *(["社区服务站"], ["社区服务站"], ["社区服务站", "单位1"]),
    )
    rows = {row["单位名称"]: row for row in table(ops.get(f"{UNITS}?status=all"))}
    assert [row["管理员"] for row in rows.values()] == ["未发放账号", "li 的持有人、zhao 的持有人"]
    found = ops.post("/accounts/units/search", {"query": "status=all", "q": unit_code(1)}).location
    assert (found, listed(ops, found.removeprefix(UNITS))) == (f"{UNITS}?status=all&q={unit_code(1)}", ["单位1"])
    assert [listed(ops, f"?status=all&q={text}") for text in ("服务站", "NZ00000003", "单位3")] == [
        *(["社区服务站"], ["社区服务站"], []),
    ]
    assert [ops.get(f"{UNITS}?{bad}").status_code for bad in ("status=none", "page=0", "status=all&page=9")] == [
        400,
        400,
        404,
    ]


def test_whoever_enters_units_reads_and_hands_nothing_over(make, stage, sign_in):
    make.account("bureau", "hr_reviewer", "350102")
    bureau = sign_in("bureau")
    make.sign_on_account("chen", unit_code(1))
    page = bureau.get(SHOW.format(stage["unit"]))
    assert (page.status_code, links(page, "移交"), links(page, "发放账号")) == (200, [], [])
    assert "li 的持有人" in text_of(page)
    address = HAND.format(stage["unit"])
    assert [bureau.get(address).status_code, bureau.post(address, {"to": "existing"}).status_code] == [403, 403]
    assert nothing_done(make, stage["unit"])


def test_a_units_page_says_who_administers_it_and_what_may_be_done(make, ops, stage, sign_in):
    sign_in("li")
    grant(make, stage["clerk"], "unit_administrator", stage["unit"], clock.today())
    change(make, sa.update(Account).where(Account.username == "clerk").values(active=False))
    page = ops.get(SHOW.format(stage["unit"]))
    said = text_of(page)
    for part in (
        unit_code(1),
        "民营企业",
        "鼓楼区",
        "区教育局",
        "已完善",
        "li 的持有人",
        "最近登录",
        "从未登录",
        "账号已停用",
    ):
        assert part in said, part
    assert f"有效期至 {clock.today()}" in said
    assert links(page, "发放账号") == [f"/accounts/issue/?unit={unit_code(1)}"]
    assert links(page, "移交") == [HAND.format(stage["unit"])]


def test_another_regions_unit_is_not_there(make, ops):
    other = make.unit(2, region="350203")
    make.account("wang", "unit_administrator", other)
    answers = [ops.get(SHOW.format(other)), ops.get(HAND.format(other)), existing(ops, other, "clerk", "1")]
    answers.append(to_new(ops, other, "1"))
    assert [answer.status_code for answer in answers] == [404] * 4
    assert in_office(make, other) == {("wang", "unit_administrator")}


def test_the_pages_cost_at_most_eight_statements(app, make, ops, stage):
    for n in range(30):
        make.account(f"p{n}", "unit_administrator", make.unit(100 + n) if n % 2 else stage["unit"])
    for address in (f"{UNITS}?status=all", UNITS, SHOW.format(stage["unit"]), HAND.format(stage["unit"])):
        with recorded(app) as statements:
            assert ops.get(address).status_code == 200
        assert len(statements) <= 8, address


# ---- handing over ----------------------------------------------------------------------------------------------------


def test_the_last_administrator_goes_by_a_hand_over_and_only_so(make, ops, stage, sign_in):
    assert step(make, ops, "li").status_code == 409
    li, clerk = sign_in("li"), sign_in("clerk")
    assert li.get("/registrations/list/").status_code == 200
    assert existing(ops, stage["unit"]).location == SHOW.format(stage["unit"])
    assert in_office(make, stage["unit"]) == {("clerk", "unit_administrator"), ("clerk", "unit_clerk")}
    assert li.get("/registrations/list/").status_code == 403
    clerk.post("/role", {"grant": grant_id(make, "clerk")})
    assert clerk.get("/roles/list/").status_code == 200
    said = {action: [(entry.subject, entry.detail) for entry in audited(make, action)] for action in ACTIONS}
    assert said == {
        "hand_over": [(f"unit {unit_code(1)}", {"to": "clerk", "former": ["li"], "reason": "离职"})],
        "grant_role": [("account clerk", {"role": "unit_administrator", "region": None})],
        "revoke_role": [("account li", {"role": "unit_administrator", "region": None, "reason": "离职"})],
    }


ACTIONS = ("hand_over", "grant_role", "revoke_role")


def test_a_unit_without_an_administrator_is_handed_to_an_account_that_is_issued_at_once(app: Flask, make, ops, stage):
    unit = make.unit(2, code="NZ00000001")
    page = ops.get(HAND.format(unit))
    assert "该单位没有管理员" in text_of(page)
    answer = to_new(ops, unit)
    password = secret(answer)
    assert (in_office(make, unit), password in ops.get(SHOW.format(unit)).text) == (
        {("zhao.new", "unit_administrator")},
        False,
    )
    browser = Browser(app)
    assert enter(browser, "zhao.new", password).status_code == 303
    browser.get("/account/password")
    browser.post("/account/password", {"old": password, "new": NEW, "again": NEW})
    assert browser.get("/registrations/list/").status_code == 200
    assert [len(audited(make, action)) for action in ("issue_account", "hand_over", "revoke_role")] == [1, 1, 0]


def test_all_who_were_administrators_go_with_their_stand_ins_and_nobody_elses(make, ops, stage):
    zhao = make.account("zhao", "unit_administrator", stage["unit"])
    other = make.unit(2)
    make.account("wang", "unit_administrator", other)
    stood = [
        (stage["clerk"], stage["li"], stage["unit"]),
        (stage["clerk"], zhao, stage["unit"]),
        (stage["clerk"], zhao, other),
    ]
    rows = [{"user_id": who, "stands_for_id": whom, "unit_id": unit} for who, whom, unit in stood]
    facts = {"role": "stand_in", "granted_at": clock.now(), "expires_on": clock.today()}
    change(make, *(sa.insert(Grant).values(**row, **facts) for row in rows))
    page = text_of(ops.get(HAND.format(stage["unit"])))
    assert [part in page for part in ("li 的持有人", "zhao 的持有人", "代li 的持有人审核")] == [True] * 3
    secret(to_new(ops, stage["unit"]))
    assert in_office(make, stage["unit"]) == {("zhao.new", "unit_administrator"), ("clerk", "unit_clerk")}
    assert in_office(make, other) == {("wang", "unit_administrator"), ("clerk", "stand_in")}
    assert sorted(entry.subject for entry in audited(make, "revoke_role")) == [
        *("account clerk", "account clerk", "account li", "account zhao"),
    ]


def test_who_asked_for_a_role_there_and_takes_over_waits_no_more(make, ops, stage):
    chen = make.sign_on_account("chen", unit_code(1))
    request = {"user_id": chen, "unit_id": stage["unit"], "role": "unit_clerk", "asked_at": clock.now()}
    change(make, sa.insert(Joining).values(**request))
    assert existing(ops, stage["unit"], "chen").status_code == 303
    assert make.read(sa.select(Joining.granted, Joining.settled_at.is_not(None))) == [(True, True)]
    assert grants(make, "chen") == [("unit_administrator", None, False)]


def test_one_of_two_administrators_keeps_his_role_and_has_it_without_an_end(make, ops, stage):
    grant(make, stage["clerk"], "unit_administrator", stage["unit"], clock.today())
    assert existing(ops, stage["unit"]).status_code == 303
    assert in_office(make, stage["unit"]) == {("clerk", "unit_administrator"), ("clerk", "unit_clerk")}
    assert make.read(sa.select(Grant.expires_on).where(Grant.role == "unit_administrator", Grant.in_force())) == [
        (None,)
    ]


# ---- what is in the way ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("nobody", "没有该用户名的账号"),
        ("", "请填写"),
        ("chen", "来自其他单位"),
        ("gone", "请先启用"),
        ("ops", "不能由本人变更"),
        ("li", "唯一的管理员"),
    ],
)
def test_who_cannot_take_over_is_told_beside_his_name(make, ops, stage, case, told):
    make.sign_on_account("chen", unit_code(2))
    gone = make.account("gone", "unit_clerk", make.unit(2))
    change(make, sa.update(Account).where(Account.id == gone).values(active=False))
    answer = existing(ops, stage["unit"], case)
    assert (answer.status_code, told in text_of(answer)) == (400, True), text_of(answer)
    assert 'class="error" id="existing-username-error"' in answer.text
    assert (value_of(answer, "username"), value_of(answer, "reason")) == (case, "离职")
    assert nothing_done(make, stage["unit"])


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("username", "clerk"), ("username", "Zhao"), ("name", ""), ("id_number", "350102196001150018"), ("reason", " ")],
)
def test_what_is_wrong_with_a_new_holder_stands_beside_its_field_and_what_was_typed_stays(
    make, ops, stage, field, wrong
):
    answer = to_new(ops, stage["unit"], **{field: wrong})
    assert (answer.status_code, f'class="error" id="new-{field}-error"' in answer.text) == (400, True)
    assert f'value="{HOLDER["name"]}"' in answer.text or field == "name"
    assert nothing_done(make, stage["unit"])


def test_nobody_hands_a_unit_to_himself_under_a_new_name(make, ops, stage):
    number = id_number(800_000 + sum(map(ord, "ops")) % 9000)
    answer = to_new(ops, stage["unit"], id_number=number)
    assert (answer.status_code, 'id="new-id_number-error"' in answer.text) == (400, True)
    assert (
        nothing_done(make, stage["unit"]),
        make.read(sa.select(Account.id).where(Account.username == "zhao.new")),
    ) == (*(True, []),)


def test_nor_does_he_end_his_own_role_by_it(make, ops, stage):
    number = make.read(sa.select(Account.id_number_index).where(Account.username == "ops"))[0][0]
    change(make, sa.update(Account).where(Account.username == "li").values(id_number_index=number))
    for answer in (existing(ops, stage["unit"]), to_new(ops, stage["unit"])):
        assert (answer.status_code, "请由其他人员办理移交" in text_of(answer)) == (409, True)
    assert nothing_done(make, stage["unit"])


def test_a_unit_administrator_hands_nothing_over(make, stage, sign_in):
    li = sign_in("li")
    address = HAND.format(stage["unit"])
    form = {"to": "existing", "username": "clerk", "sure": "clerk", "reason": "离职", "seen": str(grant_id(make, "li"))}
    assert [li.get(address).status_code, li.post(address, form).status_code] == [403, 403]
    assert nothing_done(make, stage["unit"])


@pytest.mark.parametrize("way", [existing, to_new])
def test_an_old_form_is_told_and_keeps_what_was_typed(make, ops, stage, way):
    seen = value_of(ops.get(HAND.format(stage["unit"])), "seen")
    make.account("wang", "unit_administrator", stage["unit"])
    answer = way(ops, stage["unit"], seen=seen)
    assert (answer.status_code, "管理员在此期间已有变动" in text_of(answer)) == (409, True)
    assert ("wang 的持有人" in text_of(answer), 'value="离职"' in answer.text) == (True, True)
    assert (value_of(answer, "seen") != seen, audited(make, "hand_over")) == (True, [])
    assert ("li", "unit_administrator") in in_office(make, stage["unit"])
    again = way(ops, stage["unit"], seen=value_of(answer, "seen"))
    assert (again.status_code in (200, 303), len(audited(make, "hand_over"))) == (True, 1)


def test_a_hand_over_that_is_sent_again_does_nothing(make, ops, stage):
    seen = value_of(ops.get(HAND.format(stage["unit"])), "seen")
    assert [existing(ops, stage["unit"], seen=seen).status_code for _time in (1, 2)] == [303, 409]
    assert [to_new(ops, stage["unit"], seen=seen).status_code for _time in (1, 2)] == [409, 409]
    assert len(audited(make, "hand_over")) == 1


def test_a_form_whose_session_ended_hands_nothing_over_by_itself(make, ops, stage):
    seen = value_of(ops.get(HAND.format(stage["unit"])), "seen")
    ops.client.delete_cookie("session")
    form = {"to": "new", "seen": seen, "reason": "离职"} | HOLDER
    answer = come_back(ops, HAND.format(stage["unit"]), form, "ops")
    assert (answer.status_code, "登录已失效" in text_of(answer), 'value="赵新"' in answer.text) == (200, True, True)
    assert nothing_done(make, stage["unit"])


TIMES = 5


@pytest.mark.parametrize("ways", [(existing, existing), (existing, to_new), (to_new, to_new)])
def test_of_two_who_hand_a_unit_over_at_once_one_sees_what_the_other_did(make, ops, stage, sign_in, ways):
    make.account("ops2", "hr_operations", "350100")
    second = sign_in("ops2")
    second.get(UNITS)
    for n in range(TIMES):
        unit = make.unit(100 + n)
        make.account(f"old{n}", "unit_administrator", unit)
        seen = value_of(ops.get(HAND.format(unit)), "seen")
        names = [f"{letter}{n}.one" for letter in "ab"]
        for name, way in zip(names, ways, strict=True):
            if way is existing:
                make.account(name, "unit_clerk", unit)
        steps = [
            lambda b=browser, w=way, u=unit, s=seen, m=name: w(b, u, seen=s, username=m).status_code
            for browser, way, name in zip((ops, second), ways, names, strict=True)
        ]
        answers = at_once(*steps)
        assert sorted(answers)[1] == 409, answers
        assert len({name for name, role in in_office(make, unit) if role == "unit_administrator"} & set(names)) == 1
        assert ("old" + str(n), "unit_administrator") not in in_office(make, unit)


def test_a_hand_over_and_a_revoke_of_the_same_role_at_once_leave_one_administrator(make, ops, stage, sign_in):
    make.account("ops2", "hr_operations", "350100")
    second = sign_in("ops2")
    second.get(UNITS)
    for n in range(TIMES):
        unit = make.unit(200 + n)
        for letter in "ab":
            make.account(f"{letter}{n}", "unit_administrator", unit)
        make.account(f"c{n}", "unit_clerk", unit)
        seen, pk = value_of(ops.get(HAND.format(unit)), "seen"), grant_id(make, f"a{n}")
        answers = at_once(
            lambda: existing(ops, unit, f"c{n}", seen).status_code,  # noqa: B023 — called within the turn
            lambda: second.post(f"/roles/revoke/{pk}", {"reason": "调离"}).status_code,  # noqa: B023
        )
        administrators = {name for name, role in in_office(make, unit) if role == "unit_administrator"}
        assert (sorted(answers), administrators) in [([303, 409], {f"c{n}"}), ([303, 409], {f"b{n}"})], answers
