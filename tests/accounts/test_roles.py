"""Grants: which role is worn, what it opens, and what the menu shows of it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.accounts.models import Account
from app.accounts.roles import ROLES
from tests.browsing import Browser, choices, table, text_of, value_of
from tests.factories import grant, unit_code

LIST = "/registrations/list/"


@pytest.fixture
def both(make, sign_in) -> tuple[Browser, list[int], list[int]]:
    """The administrator of two units, their grants, and a record in each."""
    units = [make.unit(1), make.unit(2)]
    account = make.account("zhang", "unit_administrator", units[0])
    grant(make, account, "unit_clerk", units[1])
    records = [make.registration(1), make.registration(2, unit_code(2))]
    browser = sign_in("zhang")
    return browser, [int(key) for key in choices(browser.get(LIST), "grant")], records


def names(browser: Browser) -> list[str]:
    return [row["姓名"] for row in table(browser.get(LIST))]


def test_who_holds_several_grants_wears_the_first_and_picks_another(both):
    browser, grants, _records = both
    assert names(browser) == ["人员1"]
    assert browser.post("/role", {"grant": grants[1]}).location == "/"
    assert names(browser) == ["人员2"]
    assert value_of(browser.get(LIST), "grant") == str(grants[1])


def test_the_picked_grant_alone_says_what_is_seen_and_done(both):
    browser, grants, (first, second) = both
    browser.post("/role", {"grant": grants[1]})
    seen = [browser.get(f"/registrations/show/{pk}").status_code for pk in (first, second)]
    form = {"verdict": "pass", "opinion": "同意", "single": "1"}
    decided = browser.post("/registrations/decide", form | {"rowid": f"{second}:1"}).status_code
    assert (seen, decided) == ([404, 200], 403)


def test_the_units_name_and_the_role_are_offered_to_pick_from(both):
    said = text_of(both[0].get(LIST))
    assert [label in said for label in ("单位管理员 · 单位1", "单位经办人 · 单位2")] == [True, True]


@pytest.mark.parametrize("whose", ["another's", "expired", "nobody's", "no number"])
def test_a_grant_that_is_not_ones_own_or_no_longer_holds_is_refused(make, both, whose):
    browser, grants, _records = both
    other = make.account("wang", "unit_administrator", make.unit(3))
    picked = {
        "another's": lambda: grant(make, other, "system_administrator", "350000"),
        "expired": lambda: grant(make, grant_holder(make), "hr_reviewer", "350000", clock.today() - timedelta(days=1)),
        "nobody's": lambda: 999_999,
        "no number": lambda: "abc",
    }[whose]()
    answer = browser.post("/role", {"grant": picked})
    assert answer.status_code == 403
    assert "您没有这个角色，或该角色已失效" in text_of(answer)
    assert names(browser) == ["人员1"]
    assert value_of(browser.get(LIST), "grant") == str(grants[0])


def grant_holder(make) -> int:
    """The id of the account `zhang`."""
    return make.read(sa.select(Account.id).where(Account.username == "zhang"))[0][0]


def test_who_holds_one_grant_has_nothing_to_pick(make, sign_in):
    make.account("zhang", "unit_administrator", make.unit())
    assert 'name="grant"' not in sign_in("zhang").get(LIST).text


def menu(answer) -> list[str]:
    nav = re.search(r'<nav class="side".*?</nav>', answer.text, flags=re.S)
    return re.findall(r'<a href="([^"]*)"', nav[0]) if nav else []


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_shows_only_what_opens(make, sign_in, role):
    unit = make.unit()
    make.account("reader", role, "350000" if ROLES[role].over == "region" else unit)
    browser = sign_in("reader")
    shown = menu(browser.get(LIST))
    assert shown
    assert [browser.get(address).status_code for address in shown] == [200] * len(shown)


@pytest.mark.parametrize(
    ("role", "over", "expected"),
    [
        ("unit_clerk", 1, ["人员1"]),
        ("department_reviewer", 3, ["人员1"]),
        ("hr_reviewer", "350102", ["人员1"]),
        ("hr_reviewer", "350100", ["人员1"]),
        ("hr_reviewer", "350200", ["人员2"]),
        ("hr_operations", "350000", ["人员1", "人员2"]),
        ("auditor", "350200", ["人员2"]),
        ("system_administrator", "350000", ["人员1", "人员2"]),
    ],
)
def test_a_role_reads_what_it_is_granted_over_and_nothing_else(make, sign_in, role, over, expected):
    units = {3: make.unit(3, nature="government")}
    units[1] = make.unit(1, competent_department_code=unit_code(3))
    units[2] = make.unit(2, region="350203")
    make.registration(1, unit_code(1))
    make.registration(2, unit_code(2))
    make.account("reader", role, units.get(over, over))
    assert names(sign_in("reader")) == expected
