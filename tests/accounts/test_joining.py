"""Who comes from a unit by 单位登录 asks for a role there; who may answers."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts import joining
from app.accounts.bounds import Refused
from app.accounts.models import Account, Joining
from app.extensions import Session, begin_write, db
from app.tenancy import Scope, enter
from tests.accounts.test_bounds import GRANT, form, grants, seen_of
from tests.accounts.test_kept import come_back
from tests.browsing import Browser, choices, links, text_of, value_of
from tests.factories import audited, change, grant, id_number, unit_code
from tests.review.test_races import at_once
from tests.statements import recorded

REQUESTS, ROLES = "/roles/requests/", "/roles/list/"


@pytest.fixture
def unit(make) -> int:
    return make.unit(1)


@pytest.fixture
def ask(app, make) -> Callable[..., int]:
    """Asks for a role as its own page does, in a session that sees no unit; the request's id."""

    def asked(pk: int, unit: int, role: str = "unit_administrator") -> int:
        with app.test_request_context(), Session(db) as session:
            enter(session, Scope.nothing())
            begin_write(session)
            made = joining.ask(session, session.get_one(Account, pk), unit, role).id
            session.commit()
            return made

    return asked


def standing(app, pk: int) -> Any:
    with app.app_context(), Session(db) as session:
        enter(session, Scope.nothing())
        return joining.newest(session, pk)


# ---- asking ----------------------------------------------------------------------------------------------------------


def test_who_asks_waits_and_sees_for_what(app, make, ask, unit):
    pk = make.sign_on_account("chen", unit_code(1))
    assert standing(app, pk) is None
    ask(pk, unit, "unit_clerk")
    found = standing(app, pk)
    assert (found.unit_name, found.joining.role, found.joining.settled_at, found.settled_by) == (
        *("单位1", "unit_clerk", None, None),
    )
    (entry,) = audited(make, "ask_role")
    assert (entry.subject, entry.by_id, entry.detail) == (
        *("account chen", pk, {"role": "unit_clerk", "unit": unit_code(1)}),
    )


def test_who_asks_twice_has_one_request(make, ask, unit):
    pk = make.sign_on_account("chen", unit_code(1))
    assert ask(pk, unit, "unit_clerk") == ask(pk, unit, "unit_administrator")
    assert make.read(sa.select(Joining.role)) == [("unit_clerk",)]
    assert len(audited(make, "ask_role")) == 1


@pytest.mark.parametrize(
    ("case", "reason"),
    [("another unit", "other_unit"), ("built-in", "other_unit"), ("role", "role"), ("held", "held")],
)
def test_what_cannot_be_asked_for_is_refused(make, ask, unit, case, reason):
    pk = make.sign_on_account("chen", unit_code(2 if case == "another unit" else 1))
    if case == "built-in":
        change(make, sa.update(Account).values(subject=None, sign_on_unit=None))
    if case == "held":
        grant(make, pk, "unit_clerk", unit)
    with pytest.raises(Refused) as refused:
        ask(pk, unit, "hr_operations" if case == "role" else "unit_administrator")
    assert (refused.value.reason, make.read(sa.select(Joining.id))) == (reason, [])


# ---- the list --------------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(make, unit) -> dict[str, int]:
    """A unit with its administrator, HR operations of its city, and two who come from the unit."""
    make.account("ops", "hr_operations", "350100")
    make.account("li", "unit_administrator", unit)
    return {"unit": unit} | {name: make.sign_on_account(name, unit_code(1)) for name in ("chen", "dong")}


@pytest.fixture
def asked(stage, ask) -> int:
    """The request of `chen`."""
    return ask(stage["chen"], stage["unit"])


@pytest.fixture
def ops(stage, sign_in) -> Browser:
    return sign_in("ops")


@pytest.fixture
def li(stage, sign_in) -> Browser:
    return sign_in("li")


def admit(browser: Browser, pk: int, role: str = "unit_administrator") -> Any:
    return browser.post(f"{REQUESTS}admit/{pk}", {"role": role})


def refuse(browser: Browser, pk: int, reason: str = "本单位没有此人") -> Any:
    return browser.post(f"{REQUESTS}refuse/{pk}", {"reason": reason})


def stands(make, pk: int) -> Any:
    """Whether a request was granted (None while it waits), why not, and who said so."""
    query = sa.select(Joining.granted, Joining.reason, Account.username)
    query = query.select_from(Joining).outerjoin(Account, Account.id == Joining.settled_by_id)
    return tuple(make.read(query.where(Joining.id == pk))[0])


def test_who_waits_is_listed_to_the_unit_and_to_operations_with_their_number(make, asked, ops, li):
    for browser in (ops, li):
        assert links(browser.get(ROLES), "角色申请（1）") == [REQUESTS]
        said = text_of(browser.get(REQUESTS))
        number = id_number(800_000 + sum(map(ord, "chen")) % 9000)
        assert [part in said for part in ("chen 的持有人", f"3501**********{number[-4:]}", "单位1", "单位管理员")] == [
            True
        ] * 4
        assert number not in said
    assert refuse(li, asked).status_code == 303
    assert (links(ops.get(ROLES), "角色申请（1）"), "没有待处理的申请" in text_of(ops.get(REQUESTS))) == ([], True)


def test_what_lies_outside_of_the_jurisdiction_is_not_there(make, asked, sign_in):
    other = make.unit(2, region="350203")
    make.account("wang", "unit_administrator", other)
    make.account("ops2", "hr_operations", "350200")
    for name in ("wang", "ops2"):
        browser = sign_in(name)
        assert "chen" not in text_of(browser.get(REQUESTS))
        assert (admit(browser, asked).status_code, refuse(browser, asked).status_code) == (404, 404)
    assert stands(make, asked) == (None, None, None)


@pytest.mark.parametrize("role", ["unit_clerk", "hr_reviewer", "department_reviewer", "auditor"])
def test_who_grants_nothing_answers_nothing(make, asked, stage, sign_in, role):
    over = "350102" if role in ("hr_reviewer", "auditor") else stage["unit"]
    make.account("reader", role, over)
    reader = sign_in("reader")
    answers = [reader.get(REQUESTS), admit(reader, asked), refuse(reader, asked)]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert stands(make, asked) == (None, None, None)


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_is_paged_and_costs_at_most_eight_statements(app, make, ops, stage, ask, number):
    for n in range(number):
        ask(make.sign_on_account(f"p{n:02d}", unit_code(1)), stage["unit"])
    for address in (REQUESTS, f"/accounts/units/show/{stage['unit']}"):
        with recorded(app) as statements:
            page = ops.get(address)
        assert (page.status_code, len(statements) <= 8) == (200, True)
        assert page.text.count('action="/roles/requests/admit/') == min(25, number)
    if number > 25:
        following = ops.get(links(ops.get(REQUESTS), "下一页")[0])
        assert following.text.count('action="/roles/requests/admit/') == 5
        last = make.read(sa.select(sa.func.max(Joining.id)))[0][0]
        assert "p29" in text_of(refuse(ops, last, " "))  # comes back with the page that it is on
        assert refuse(ops, last).location == f"{REQUESTS}?page=2"
    assert ops.get(f"{REQUESTS}?page=9").status_code == 404


# ---- answering -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["unit_administrator", "unit_clerk"])
@pytest.mark.parametrize("who", ["ops", "li"])
def test_a_request_is_granted_with_the_role_that_is_chosen(make, app, asked, stage, sign_in, who, role):
    browser = sign_in(who)
    page = browser.get(REQUESTS)
    assert (value_of(page, "role"), choices(page, "role")) == (
        "unit_administrator",
        ["unit_administrator", "unit_clerk"],
    )
    assert admit(browser, asked, role).location == REQUESTS
    assert (grants(make, "chen"), stands(make, asked)) == ([(role, None, False)], (True, None, who))
    (entry,) = audited(make, "grant_role")
    assert (entry.subject, entry.unit_id, entry.detail["role"]) == ("account chen", stage["unit"], role)


def test_an_administrator_grants_his_own_role_to_nobody_who_has_not_asked(make, asked, stage, li):
    grant(make, stage["dong"], "unit_clerk", stage["unit"])
    answer = li.post(GRANT, form("dong", "unit_administrator", unit_code(1)))
    assert (answer.status_code, grants(make, "dong")) == (400, [("unit_clerk", None, False)])


def test_a_refusal_has_a_reason_which_who_asked_sees(make, app, asked, stage, li):
    answer = refuse(li, asked, " ")
    assert (answer.status_code, f'id="refuse-{asked}-error"' in answer.text) == (400, True)
    assert (stands(make, asked), audited(make, "refuse_role")) == ((None, None, None), [])
    assert refuse(li, asked).status_code == 303
    found = standing(app, stage["chen"])
    assert (found.joining.granted, found.joining.reason, found.settled_by) == (False, "本单位没有此人", "li 的持有人")
    (entry,) = audited(make, "refuse_role")
    assert entry.detail == {"role": "unit_administrator", "reason": "本单位没有此人"}
    assert grants(make, "chen") == []


def test_who_was_refused_may_ask_again(make, app, asked, stage, ask, li):
    refuse(li, asked)
    again = ask(stage["chen"], stage["unit"], "unit_clerk")
    assert (again != asked, standing(app, stage["chen"]).joining.id) == (True, again)


@pytest.mark.parametrize("role", ["hr_reviewer", "department_reviewer", "", "root"])
def test_no_other_role_is_granted_by_a_forged_answer(make, asked, ops, role):
    assert admit(ops, asked, role).status_code == 400
    assert (grants(make, "chen"), stands(make, asked)) == ([], (None, None, None))


def test_nobody_answers_his_own_request_under_whatever_name(make, asked, stage, li):
    number = make.read(sa.select(Account.id_number_index).where(Account.username == "li"))[0][0]
    change(make, sa.update(Account).where(Account.id == stage["chen"]).values(id_number_index=number))
    said = li.get(REQUESTS)
    assert ("本人" in text_of(said), f"admit/{asked}" in said.text) == (True, False)
    assert (admit(li, asked).status_code, refuse(li, asked).status_code) == (403, 403)
    assert (grants(make, "chen"), stands(make, asked)) == ([], (None, None, None))


@pytest.mark.parametrize(
    ("values", "told"), [({"sign_on_unit": unit_code(2)}, "来自其他单位"), ({"active": False}, "请先启用")]
)
def test_what_has_changed_since_stands_in_the_way(make, asked, ops, values, told):
    change(make, sa.update(Account).where(Account.username == "chen").values(**values))
    answer = admit(ops, asked)
    assert (answer.status_code, told in text_of(answer)) == (409, True)
    assert (grants(make, "chen"), stands(make, asked)) == ([], (None, None, None))
    assert refuse(ops, asked).status_code == 303


def test_the_second_who_answers_is_told_who_was_faster(make, asked, ops, li):
    assert refuse(li, asked).status_code == 303
    answer = admit(ops, asked)
    assert (answer.status_code, "办理人：li 的持有人" in text_of(answer)) == (409, True)
    assert (grants(make, "chen"), stands(make, asked)[0]) == ([], False)


TIMES = 5


@pytest.mark.parametrize("second", [admit, refuse])
def test_of_two_who_answer_at_once_one_comes_too_late(make, stage, ask, ops, li, second):
    ops.get(REQUESTS)
    for n in range(TIMES):
        pk = ask(make.sign_on_account(f"p{n}", unit_code(1)), stage["unit"])
        answers = at_once(lambda: admit(ops, pk).status_code, lambda: second(li, pk).status_code)  # noqa: B023
        assert sorted(answers) == [303, 409]
        assert len(grants(make, f"p{n}")) == (1 if stands(make, pk)[0] else 0)


def test_two_forms_of_one_who_asks_make_one_request(make, stage, ask):
    def step() -> int:
        return ask(stage["chen"], stage["unit"])

    first, second = at_once(step, step)
    assert (first == second, len(make.read(sa.select(Joining.id)))) == (True, 1)


def test_a_role_that_is_granted_on_another_page_answers_the_request(make, asked, ops):
    assert ops.post(GRANT, form("chen", "unit_administrator", unit_code(1))).status_code == 303
    assert (stands(make, asked), len(grants(make, "chen"))) == ((True, None, "ops"), 1)


def test_a_form_whose_session_ended_answers_nothing_by_itself(make, asked, ops):
    ops.client.delete_cookie("session")
    answer = come_back(ops, f"{REQUESTS}refuse/{asked}", {"reason": "本单位没有此人"}, "ops")
    assert (answer.status_code, value_of(answer, "reason"), "登录已失效" in text_of(answer)) == (
        200,
        "本单位没有此人",
        True,
    )
    assert stands(make, asked) == (None, None, None)


# ---- accounts without a password -------------------------------------------------------------------------------------


def test_who_comes_by_single_sign_on_has_no_password_to_reset_and_no_second_factor(make, asked, stage, ops):
    admit(ops, asked)
    page = ops.get(f"/accounts/show/{stage['chen']}")
    assert [part in text_of(page) for part in ("登录方式 单位登录", "重置密码", "停用账号")] == [True, False, True]
    for step in ("reset", "turn_off"):
        answer = ops.post(f"/accounts/{step}/{stage['chen']}", {"seen": seen_of(page), "reason": "遗失"})
        assert (answer.status_code, "没有密码" in text_of(answer)) == (403, True)
    assert make.read(sa.select(Account.password, Account.initial_until).where(Account.username == "chen")) == [
        ("", None)
    ]
    li = make.read(sa.select(Account.id).where(Account.username == "li"))[0][0]
    assert "登录方式 内置单位登录" in text_of(ops.get(f"/accounts/show/{li}"))
