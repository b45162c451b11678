"""Roles within bounds: each role × each grant as the table says, and what tries to reach beyond it by a forged form."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import clock
from app.accounts.bounds import BOUNDS, Granter, Place, lasting, refusal
from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from tests.browsing import Browser, text_of, value_of
from tests.factories import audited, change, grant, unit_code
from tests.review.test_races import at_once

GRANT, LIST = "/roles/grant", "/roles/list/"
OWN, BELOW, BESIDE, ABOVE = "350100", "350102", "350203", "350000"


def over(role: str, region: str, unit: int) -> Place:
    return Place(None, region) if ROLES[role].over == "region" else Place(unit, region)


# ---- the table -------------------------------------------------------------------------------------------------------

#                          role         what it grants
TABLE: dict[str, set[str]] = {
    "unit_administrator": {"unit_clerk"},
    "stand_in": set(),
    "unit_clerk": set(),
    "department_reviewer": set(),
    "hr_reviewer": set(),
    "hr_operations": {"unit_administrator", "unit_clerk", "department_reviewer", "hr_reviewer"},
    "auditor": set(),
    "system_administrator": set(ROLES) - {"stand_in"},
}


def test_the_table_is_what_is_written_here():
    assert {role: set(BOUNDS[role].grants) if role in BOUNDS else set() for role in ROLES} == TABLE


@pytest.mark.parametrize("given", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_grants_what_the_table_says_within_its_jurisdiction_and_nothing_elsewhere(role, given):
    is_of_unit = ROLES[role].over != "region"
    by = Granter(role, unit_id=1, user_id=7) if is_of_unit else Granter(role, region=OWN, user_id=7)
    other = Account(id=8)
    places = {
        "own unit": Place(1, BELOW),
        "unit below": Place(2, BELOW),
        "unit beside": Place(3, BESIDE),
        "region": Place(None, OWN),
        "region below": Place(None, BELOW),
        "region beside": Place(None, BESIDE),
        "region above": Place(None, ABOVE),
    }
    within = {"own unit"} if is_of_unit else {"own unit", "unit below", "region", "region below"}
    allowed = {name for name, place in places.items() if refusal(by, given, place, other) is None}
    assert allowed == (within if given in TABLE[role] else set())


@pytest.mark.parametrize("given", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_to_who_has_asked_an_administrator_grants_his_own_role_too_and_in_his_unit_only(role, given):
    by = Granter(role, unit_id=1, user_id=7) if ROLES[role].over != "region" else Granter(role, region=OWN, user_id=7)
    admitted = TABLE[role] | ({"unit_administrator"} if role == "unit_administrator" else set())
    assert (refusal(by, given, Place(1, BELOW), Account(id=8), "answers") is None) == (given in admitted)
    assert refusal(by, given, Place(3, BESIDE), Account(id=8), "answers") is not None
    assert refusal(by, given, Place(1, BELOW), Account(id=7), "answers") == "self"


@pytest.mark.parametrize("role", ROLES)
def test_nobody_grants_to_himself_under_any_account(role):
    by = Granter(role, region="350000", user_id=7, number_index="n")
    for account in (Account(id=7), Account(id=8, id_number_index="n")):
        assert {refusal(by, given, Place(None, "350000"), account) for given in ROLES} == {"self"}


def test_how_long_an_administrator_is_there():
    today = clock.today()
    assert lasting({}) is None
    assert lasting({1: today, 2: today + timedelta(days=2)}) == today + timedelta(days=2)
    assert lasting({1: today, 2: None}) > today + timedelta(days=100_000)


# ---- forged forms ----------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(make) -> dict[str, int]:
    """HR operations of a city, and accounts within and outside of it."""
    units = {"in": make.unit(1, region=BELOW), "out": make.unit(2, region=BESIDE)}
    return units | {
        "ops": make.account("ops", "hr_operations", OWN),
        "li": make.account("li", "unit_administrator", units["in"]),
        "wang": make.account("wang", "unit_administrator", units["out"]),
        "boss": make.account("boss", "system_administrator", ABOVE),
    }


@pytest.fixture
def ops(stage, sign_in) -> Browser:
    return sign_in("ops")


def form(username: str, role: str, place: str, **more: str) -> dict[str, str]:
    where = {"region": place} if ROLES[role].over == "region" else {"unit": place}
    return {"username": username, "role": role, "unit": "", "region": "", "expires_on": ""} | where | more


def grants(make, username: str = "") -> list[tuple[str, str | None, bool]]:
    """What an account, or everybody, holds or held: role, region, whether it was revoked."""
    query = sa.select(Grant.role, Grant.region, Grant.revoked_at).join(Account, Account.id == Grant.user_id)
    rows = make.read(query.where(sa.or_(sa.literal(username == ""), Account.username == username)).order_by(Grant.id))
    return [(role, region, revoked is not None) for role, region, revoked in rows]


def grant_id(make, username: str) -> int:
    query = sa.select(Grant.id).join(Account, Account.id == Grant.user_id).where(Account.username == username)
    return make.read(query.order_by(Grant.id.desc()))[0][0]


BEYOND = {
    "to himself": lambda: form("ops", "hr_reviewer", OWN),
    "upward": lambda: form("li", "system_administrator", OWN),
    "sideways": lambda: form("li", "hr_operations", OWN),
    "sideways below": lambda: form("li", "hr_operations", BELOW),
    "the one who watches": lambda: form("li", "auditor", OWN),
    "a foreign region": lambda: form("li", "hr_reviewer", BESIDE),
    "the region above": lambda: form("li", "hr_reviewer", ABOVE),
    "a foreign unit": lambda: form("li", "unit_clerk", unit_code(2)),
    "no such role": lambda: form("li", "hr_reviewer", OWN) | {"role": "root"},
    "no such region": lambda: form("li", "hr_reviewer", "999999"),
    "a unit and a region": lambda: form("li", "hr_reviewer", OWN) | {"unit": unit_code(1)},
    "a unit's role over a region": lambda: form("li", "unit_clerk", "") | {"region": OWN},
    "a past day": lambda: form("li", "hr_reviewer", OWN, expires_on="2020-01-01"),
    "nobody": lambda: form("nobody", "hr_reviewer", OWN),
}


@pytest.mark.parametrize("case", BEYOND)
def test_a_forged_grant_beyond_the_bounds_does_nothing_and_says_why_beside_its_field(make, ops, case):
    before = grants(make)
    sent = BEYOND[case]()
    answer = ops.post(GRANT, sent)
    assert (answer.status_code, grants(make), audited(make, "grant_role")) == (400, before, [])
    assert 'class="error" id="field-' in answer.text
    assert value_of(answer, "username") == sent["username"]


def test_whoever_is_himself_by_his_number_gets_nothing_either(make, stage, sign_in):
    number = make.read(sa.select(Account.id_number_index).where(Account.username == "ops"))[0][0]
    change(make, sa.update(Account).where(Account.username == "li").values(id_number_index=number))
    answer = sign_in("ops").post(GRANT, form("li", "hr_reviewer", OWN))
    assert (answer.status_code, "不能由本人变更" in text_of(answer)) == (400, True)


def step(make, browser: Browser, username: str, what: str = "revoke") -> Any:
    data = {"reason": "调离"} if what == "revoke" else {"seen": "", "expires_on": str(clock.today())}
    return browser.post(f"/roles/{what}/{grant_id(make, username)}", data)


@pytest.mark.parametrize("what", ["revoke", "expire"])
@pytest.mark.parametrize(("username", "answer"), [("ops", 403), ("wang", 404), ("boss", 404)])
def test_nothing_beyond_the_bounds_is_revoked(make, ops, what, username, answer):
    before = grants(make)
    assert (step(make, ops, username, what).status_code, grants(make)) == (answer, before)


def test_a_role_of_the_own_region_that_the_table_does_not_name_is_not_revoked(make, ops):
    make.account("peer", "hr_operations", OWN)
    make.account("watch", "auditor", BELOW)
    before = grants(make)
    assert [step(make, ops, name).status_code for name in ("peer", "watch")] == [403, 403]
    assert grants(make) == before


@pytest.mark.parametrize("what", ["reset", "disable", "enable"])
def test_an_account_that_holds_more_than_he_grants_is_not_taken_over(make, ops, stage, what):
    grant(make, stage["li"], "auditor", BESIDE)
    stored = make.read(sa.select(Account.password, Account.active))
    for name in ("li", "wang", "boss", "ops"):
        page = ops.get(f"/accounts/show/{stage[name]}")
        seen = value_of(page, "seen") if 'name="seen"' in page.text else "x"
        assert ops.post(f"/accounts/{what}/{stage[name]}", {"reason": "x", "seen": seen}).status_code in (403, 404, 409)
    assert make.read(sa.select(Account.password, Account.active)) == stored


@pytest.mark.parametrize("role", [role for role in ROLES if role not in BOUNDS])
def test_who_grants_nothing_opens_no_form_and_posts_none(make, stage, sign_in, role):
    make.account("reader", role, OWN if ROLES[role].over == "region" else stage["in"])
    browser, before = sign_in("reader"), grants(make)
    answers = [
        browser.get(LIST),
        browser.get(GRANT),
        browser.post(GRANT, form("li", "unit_clerk", unit_code(1))),
        browser.post("/accounts/issue/", form("x" * 5, "unit_clerk", unit_code(1))),
        browser.post(f"/accounts/reset/{stage['li']}"),
        step(make, browser, "li"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert grants(make) == before


# ---- a unit's own administrator --------------------------------------------------------------------------------------


@pytest.fixture
def li(stage, sign_in) -> Browser:
    return sign_in("li")


def test_a_unit_administrator_grants_and_revokes_its_clerk_to_who_was_in_the_unit(make, stage, li):
    make.account("clerk", "unit_clerk", stage["in"])
    assert step(make, li, "clerk").status_code == 303
    assert li.post(GRANT, form("clerk", "unit_clerk", unit_code(1))).status_code == 303
    assert [revoked for _role, _region, revoked in grants(make, "clerk")] == [True, False]


@pytest.mark.parametrize("username", ["wang", "ops", "nobody"])
def test_a_unit_administrator_cannot_tell_other_accounts_from_none(make, li, username):
    answer = li.post(GRANT, form(username, "unit_clerk", unit_code(1)))
    assert (answer.status_code, "没有该用户名的账号" in text_of(answer)) == (400, True)


def test_a_unit_administrator_makes_no_other_administrator_and_issues_nothing(make, stage, li):
    make.account("clerk", "unit_clerk", stage["in"])
    before = grants(make)
    assert li.post(GRANT, form("clerk", "unit_administrator", unit_code(1))).status_code == 400
    assert li.post("/accounts/issue/", form("x" * 5, "unit_clerk", unit_code(1))).status_code == 403
    assert grants(make) == before


# ---- old forms -------------------------------------------------------------------------------------------------------


def test_a_grant_form_that_is_sent_again_grants_nothing_twice(make, ops):
    sent = form("li", "hr_reviewer", OWN)
    assert [ops.post(GRANT, sent).status_code for _time in (1, 2)] == [303, 409]
    assert len(grants(make, "li")) == 2


def test_a_grant_form_from_before_a_revoke_does_not_grant_again(make, ops):
    page = ops.get(GRANT)
    sent = form("li", "hr_reviewer", OWN) | {"made_at": value_of(page, "made_at")}
    assert (ops.post(GRANT, sent).status_code, step(make, ops, "li").status_code) == (303, 303)
    answer = ops.post(GRANT, sent)
    assert (answer.status_code, "收回人：ops 的持有人" in text_of(answer)) == (409, True)
    assert [revoked for _role, _region, revoked in grants(make, "li")] == [False, True]
    assert ops.post(GRANT, sent | {"made_at": value_of(ops.get(GRANT), "made_at")}).status_code == 303


def test_a_revoke_that_is_sent_again_is_told_who_did_it(make, ops, stage):
    grant(make, stage["li"], "hr_reviewer", OWN)
    assert step(make, ops, "li").status_code == 303
    answer = step(make, ops, "li")
    assert (answer.status_code, "收回人：ops 的持有人" in text_of(answer)) == (409, True)
    assert len(audited(make, "revoke_role")) == 1


def test_a_last_day_that_somebody_changed_meanwhile_stays(make, ops, stage):
    pk = grant(make, stage["li"], "hr_reviewer", OWN)
    day = str(clock.today() + timedelta(days=9))
    assert ops.post(f"/roles/expire/{pk}", {"seen": "", "expires_on": day}).status_code == 303
    answer = ops.post(f"/roles/expire/{pk}", {"seen": "", "expires_on": str(clock.today())})
    assert (answer.status_code, f"结束日期现为 {day}" in text_of(answer)) == (409, True)


# ---- the last administrators -----------------------------------------------------------------------------------------


def test_the_last_administrator_of_a_unit_is_not_revoked(make, ops):
    answer = step(make, ops, "li")
    assert (answer.status_code, "最后一名单位管理员" in text_of(answer)) == (409, True)
    assert value_of(answer, "reason") == "调离"
    assert (grants(make, "li"), audited(make, "revoke_role")) == ([("unit_administrator", None, False)], [])


def test_nor_is_a_day_set_after_which_there_is_none(make, ops, stage):
    assert step(make, ops, "li", "expire").status_code == 409
    second = make.account("zhao", "unit_administrator", stage["in"])
    assert step(make, ops, "li", "expire").status_code == 303
    assert step(make, ops, "zhao").status_code == 409  # the other one goes today
    assert second


def test_the_last_ones_account_is_disabled_at_once_and_his_role_waits(make, ops, stage, sign_in):
    li = sign_in("li")
    assert put_away(ops, stage["li"]).status_code == 303
    assert li.get("/registrations/list/").location.startswith("/login/")
    assert grants(make, "li") == [("unit_administrator", None, False)]
    assert unit_code(1) in ops.get("/accounts/units/list/?status=without").text


def test_the_last_system_administrators_account_is_not_disabled(make, stage, sign_in):
    make.account("boss2", "system_administrator", "350100")  # over less than the province: he keeps nobody there
    boss = make.read(sa.select(Account.id).where(Account.username == "boss"))[0][0]
    make.account("boss3", "system_administrator", ABOVE)
    other = sign_in("boss3")
    assert put_away(other, boss).status_code == 303
    assert make.read(sa.select(Account.active).where(Account.username == "boss3")) == [(True,)]


@pytest.mark.parametrize("why", ["expired", "revoked", "disabled"])
def test_one_who_does_not_hold_any_more_does_not_count(make, ops, stage, why):
    pk = make.account("zhao", "unit_administrator", stage["in"])
    of_zhao = Grant.user_id == pk
    values = {"expired": {"expires_on": clock.today() - timedelta(days=1)}, "revoked": {"revoked_at": clock.now()}}
    if why == "disabled":
        change(make, sa.update(Account).where(Account.id == pk).values(active=False))
    else:
        change(make, sa.update(Grant).where(of_zhao).values(**values[why]))
    assert step(make, ops, "li").status_code == 409


def test_of_two_one_goes(make, ops, stage):
    make.account("zhao", "unit_administrator", stage["in"])
    assert [step(make, ops, name).status_code for name in ("li", "zhao")] == [303, 409]


def test_the_last_system_administrator_stays(make, stage, sign_in):
    second = make.account("boss2", "system_administrator", ABOVE)
    browser = sign_in("boss2")
    assert step(make, browser, "boss").status_code == 303
    make.account("boss3", "system_administrator", BELOW)  # of a part is not of all
    browser3 = sign_in("boss3")
    assert step(make, browser3, "boss2").status_code == 404
    assert put_away(browser3, second).status_code == 404


def put_away(browser: Browser, pk: int) -> Any:
    form = {"reason": "调离", "seen": seen_of(browser.get(f"/accounts/show/{pk}"))}
    return browser.post(f"/accounts/disable/{pk}", form)


def seen_of(page: Any) -> str:
    """What the forms of the account carry: the last of that name on its page."""
    return (re.findall(r'name="seen" value="([^"]*)"', page.text) or [""])[-1]


TIMES = 5


def test_of_two_who_take_the_last_two_at_once_one_comes_too_late(make, stage, sign_in):
    make.account("ops2", "hr_operations", OWN)
    first, second = sign_in("ops"), sign_in("ops2")
    for n in range(TIMES):
        unit = make.unit(100 + n, region=BELOW)
        for letter in "ab":
            make.account(f"{letter}{n}", "unit_administrator", unit)
        ways = [f"/roles/revoke/{grant_id(make, f'{letter}{n}')}" for letter in "ab"]
        second.get(LIST)
        answers = at_once(
            lambda: first.post(ways[0], {"reason": "x"}).status_code,  # noqa: B023 — called within the turn
            lambda: second.post(ways[1], {"reason": "x"}).status_code,  # noqa: B023
        )
        assert sorted(answers) == [303, 409]


def test_two_system_administrators_who_revoke_each_other_leave_one(make, stage, sign_in):
    make.account("boss2", "system_administrator", ABOVE)
    first, second = sign_in("boss"), sign_in("boss2")
    ids = {name: grant_id(make, name) for name in ("boss", "boss2")}
    answers = at_once(
        lambda: first.post(f"/roles/revoke/{ids['boss2']}", {"reason": "x"}).status_code,
        lambda: second.post(f"/roles/revoke/{ids['boss']}", {"reason": "x"}).status_code,
    )
    assert answers.count(303) == 1
    assert sorted(revoked for _role, _region, revoked in grants(make, "boss") + grants(make, "boss2")) == [False, True]
