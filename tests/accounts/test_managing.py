"""账号与角色 and 单位与管理员 on screen: what HR operations does, and what its holders notice of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import clock
from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from app.sealing import blind
from app.units.models import Unit
from tests.accounts.test_bounds import GRANT, LIST, form, grant_id, grants, put_away, seen_of, step
from tests.accounts.test_kept import come_back
from tests.accounts.test_passwords import NEW, enter
from tests.browsing import Browser, links, table, tabs, text_of, value_of
from tests.conftest import PASSWORD
from tests.factories import audited, change, grant, id_number, mobile, unit_code
from tests.review.test_races import at_once
from tests.statements import recorded

UNITS, ADD, ISSUE = "/accounts/units/list/", "/accounts/units/add", "/accounts/issue/"
FACTS = {
    "name": "五四路社区服务站",
    "nature": "social_organisation",
    "region": "350102",
    "competent_department": "区民政局",
    "department": "",
    "legal_representative": "王法人",
    "legal_representative_id": id_number(5),
    "contact": "李联系",
    "mobile": mobile(5),
}
HOLDER = {"username": "zhao.new", "name": "赵新", "id_number": id_number(77)}


@pytest.fixture
def stage(make) -> dict[str, int]:
    unit = make.unit(1)
    make.account("ops", "hr_operations", "350100")
    return {"unit": unit, "li": make.account("li", "unit_administrator", unit)}


@pytest.fixture
def ops(stage, sign_in) -> Browser:
    return sign_in("ops")


def issue(browser: Browser, place: str, role: str = "unit_administrator", **changes: str) -> Any:
    return browser.post(ISSUE, form("", role, place) | HOLDER | changes)


def secret(answer: Any) -> str:
    """The initial password that a page shows."""
    found = re.search(r'<code class="secret"[^>]*>([^<]+)</code>', answer.text)
    assert found, "no password is shown"
    return found[1]


def stored(make, username: str, *columns: Any) -> Any:
    return make.read(sa.select(*columns).where(Account.username == username))[0]


# ---- built-in units --------------------------------------------------------------------------------------------------


def test_a_reviewer_enters_a_unit_and_operations_issues_its_account_which_signs_in(app, make, ops, sign_in):
    make.account("bureau", "hr_reviewer", "350102")
    bureau = sign_in("bureau")
    entered = bureau.post(ADD, FACTS).location
    row = table(bureau.get(UNITS))[0]  # the tab of built-in units, to who enters them
    assert (row["单位代码"], row["管理员"], row["单位信息"]) == ("NZ00000001", "未发放账号", "未完善")
    assert (bureau.get(ISSUE).status_code, links(bureau.get(entered), "发放账号")) == (403, [])
    assert [row["单位代码"] for row in table(ops.get(UNITS))] == ["NZ00000001"]  # those without, to who issues accounts
    (address,) = links(ops.get(entered), "发放账号")
    page = ops.get(address)
    assert (value_of(page, "unit"), value_of(page, "role")) == ("NZ00000001", "unit_administrator")
    password = secret(issue(ops, "NZ00000001"))
    assert (table(ops.get(UNITS)), table(bureau.get(UNITS))[0]["管理员"]) == ([], "赵新")
    browser = Browser(app)
    assert enter(browser, "zhao.new", password).status_code == 303
    assert browser.get("/registrations/list/").location == "/account/password"
    browser.get("/account/password")
    changed = browser.post("/account/password", {"old": password, "new": NEW, "again": NEW})
    assert (changed.status_code, browser.get("/registrations/list/").location) == (303, "/unit/register")
    assert "五四路社区服务站" in text_of(browser.get("/unit/register"))


def test_what_the_bureau_does_not_know_of_a_unit_is_left_open(make, ops):
    ops.post(ADD, FACTS)
    columns = (Unit.name, Unit.region, Unit.address, Unit.postal_code, Unit.staff_count)
    assert make.read(sa.select(*columns).where(Unit.code == "NZ00000001"))[0] == (
        "五四路社区服务站",
        "350102",
        "",
        "",
        0,
    )
    (entry,) = audited(make, "enter_unit")
    assert (entry.subject, entry.by_name) == ("unit NZ00000001", "ops 的持有人")


def test_a_code_is_the_next_free_one(make, ops):
    make.unit(8, code="NZ00000001")
    make.unit(9, code="NZ99999999")
    for _time in (1, 2):
        ops.post(ADD, FACTS)
    codes = [code for (code,) in make.read(sa.select(Unit.code).where(Unit.code.like("NZ%")).order_by(Unit.code))]
    assert codes == ["NZ00000001", "NZ00000002", "NZ00000003", "NZ99999999"]


def test_two_units_entered_at_once_have_two_codes(make, ops, sign_in):
    make.account("ops2", "hr_operations", "350100")
    second = sign_in("ops2")
    second.get(ADD)
    for _time in range(4):
        answers = at_once(lambda: ops.post(ADD, FACTS).status_code, lambda: second.post(ADD, FACTS).status_code)
        assert answers == [303, 303]
    assert len(make.read(sa.select(Unit.code).where(Unit.code.like("NZ%")))) == 8


WRONG_FACTS = {
    "name": ["", "名" * 201, "两\n行"],
    "nature": ["", "club"],
    "region": ["", "350203", "350000", "999999"],
    "competent_department": [""],
    "department": [unit_code(7), "NZ12345678"],
    "legal_representative": [" "],
    "legal_representative_id": ["", "350102196001150018", "35010219600230001X", "abc"],
    "contact": [""],
    "mobile": ["", "12345678901", "0591-87556301"],
}


@pytest.mark.parametrize("field", WRONG_FACTS)
def test_what_is_wrong_with_a_unit_stands_beside_its_field_and_what_was_typed_stays(make, ops, field):
    for wrong in WRONG_FACTS[field]:
        answer = ops.post(ADD, FACTS | {field: wrong})
        assert (answer.status_code, f'id="field-{field}-error"' in answer.text) == (400, True), wrong
        assert answer.text.count('class="error" id="field-') == 1
        assert value_of(answer, "contact" if field == "competent_department" else "competent_department") != ""
    assert make.read(sa.select(Unit.id).where(Unit.code.like("NZ%"))) == []


def test_a_department_that_reviews_here_is_the_units_department(make, ops):
    department = make.unit(3, nature="government")
    ops.post(ADD, FACTS | {"department": unit_code(3).lower()})
    assert make.read(sa.select(Unit.department_id).where(Unit.code == "NZ00000001")) == [(department,)]


# ---- an account is issued --------------------------------------------------------------------------------------------


def test_the_initial_password_is_shown_once_and_is_nowhere_in_clear(make, ops, stage):
    answer = issue(ops, unit_code(1))
    password = secret(answer)
    pk = stored(make, "zhao.new", Account.id)[0]
    later = [ops.get(f"/accounts/show/{pk}"), ops.get(LIST), issue(ops, unit_code(1))]
    assert [password in page.text for page in later] == [False] * 3
    assert (answer.headers["Cache-Control"], answer.headers.get_all("Set-Cookie")) == ("no-store", [])
    hashed, former, until = stored(make, "zhao.new", Account.password, Account.former_passwords, Account.initial_until)
    assert (password in hashed, former, until > clock.now() + timedelta(days=6)) == (False, None, True)
    entries = [str(tuple(entry)) for action in ("issue_account", "grant_role") for entry in audited(make, action)]
    assert (len(entries), any(password in entry for entry in entries)) == (2, False)


def test_the_form_sent_again_issues_nothing(make, ops):
    assert [issue(ops, unit_code(1)).status_code for _time in (1, 2)] == [200, 400]
    assert len(audited(make, "issue_account")) == 1


def test_the_account_has_its_role_until_its_last_day(make, ops):
    day = clock.today() + timedelta(days=30)
    issue(ops, "350102", "hr_reviewer", expires_on=str(day))
    query = sa.select(Grant.role, Grant.region, Grant.expires_on).join(Account, Account.id == Grant.user_id)
    assert make.read(query.where(Account.username == "zhao.new")) == [("hr_reviewer", "350102", day)]


WRONG_HOLDER = {
    "username": ["", "a", "Zhao", "赵新新", "zhao new", "x" * 33, "ops"],
    "name": ["", "名" * 201],
    "id_number": ["", "350102196001150018", "350102202699990011", "E12345678"],
    "role": ["auditor", "root"],
    "unit": ["", unit_code(9)],
    "expires_on": ["2020-01-01", "morgen", "2026-13-01"],
}


@pytest.mark.parametrize("field", WRONG_HOLDER)
def test_what_is_wrong_with_an_account_stands_beside_its_field_and_what_was_typed_stays(make, ops, field):
    for wrong in WRONG_HOLDER[field]:
        answer = ops.post(ISSUE, form("", "unit_clerk", unit_code(1)) | HOLDER | {field: wrong})
        assert (answer.status_code, f'id="field-{field}-error"' in answer.text) == (400, True), wrong
        assert value_of(answer, field) == (wrong if field != "role" else "")
        assert value_of(answer, "unit" if field != "unit" else "name") != ""
    assert make.read(sa.select(sa.func.count(Account.id))) == [(2,)]


@pytest.mark.parametrize("name", ["zhao", "ZHAO"])
def test_a_user_name_is_taken_however_it_is_written(make, ops, name):
    change(make, sa.update(Account).where(Account.username == "li").values(username=name))
    assert "该用户名已被使用" in text_of(issue(ops, unit_code(1), username="zhao"))


def test_nobody_issues_an_account_to_himself(make, ops):
    with make.app.app_context():
        number = blind(HOLDER["id_number"])
    change(make, sa.update(Account).where(Account.username == "ops").values(id_number_index=number))
    answer = issue(ops, unit_code(1))
    assert (answer.status_code, 'id="field-id_number-error"' in answer.text) == (400, True)
    assert make.read(sa.select(sa.func.count(Account.id))) == [(2,)]


def test_a_form_whose_session_ended_comes_back_and_issues_nothing_by_itself(make, ops):
    ops.client.delete_cookie("session")
    answer = come_back(ops, ISSUE, form("", "unit_administrator", unit_code(1)) | HOLDER, "ops")
    assert (answer.status_code, value_of(answer, "name"), "登录已失效" in text_of(answer)) == (200, "赵新", True)
    assert audited(make, "issue_account") == []


# ---- reset, disable, enable ------------------------------------------------------------------------------------------


def reset(browser: Browser, pk: int) -> Any:
    return browser.post(f"/accounts/reset/{pk}", {"seen": seen_of(browser.get(f"/accounts/show/{pk}"))})


def test_a_reset_works_in_the_middle_of_a_session(app, make, ops, stage, sign_in):
    li = sign_in("li")
    password = secret(reset(ops, stage["li"]))
    assert li.get("/registrations/list/").status_code == 302
    answers = [enter(Browser(app), "li", one).status_code for one in (PASSWORD, password)]
    assert (answers, len(audited(make, "reset_password"))) == ([401, 303], 1)


def test_a_reset_that_is_sent_again_is_told_and_resets_nothing(make, ops, stage):
    seen = {"seen": seen_of(ops.get(f"/accounts/show/{stage['li']}"))}
    first = ops.post(f"/accounts/reset/{stage['li']}", seen)
    hashed = stored(make, "li", Account.password)
    second = ops.post(f"/accounts/reset/{stage['li']}", seen)
    assert (secret(first) != "", second.status_code, "未作变更" in text_of(second)) == (True, 409, True)
    assert stored(make, "li", Account.password) == hashed


def test_disabling_works_in_the_middle_of_a_session_and_enabling_undoes_it(app, make, ops, stage, sign_in):
    make.account("zhao", "unit_administrator", stage["unit"])
    li = sign_in("li")
    assert put_away(ops, stage["li"]).status_code == 303
    assert li.get("/registrations/list/").status_code == 302
    assert enter(Browser(app), "li", PASSWORD).status_code == 401
    assert tabs(ops.get(LIST))["已失效"] == "1"
    seen = {"seen": seen_of(ops.get(f"/accounts/show/{stage['li']}"))}
    assert ops.post(f"/accounts/enable/{stage['li']}", seen).status_code == 303
    assert enter(Browser(app), "li", PASSWORD).status_code == 303
    (entry,) = audited(make, "disable_account")
    assert (entry.detail, len(audited(make, "enable_account"))) == ({"reason": "调离"}, 1)


def test_a_disabled_one_is_not_disabled_again(make, ops, stage):
    make.account("zhao", "unit_administrator", stage["unit"])
    seen = {"seen": seen_of(ops.get(f"/accounts/show/{stage['li']}")), "reason": "调离"}
    answers = [ops.post(f"/accounts/disable/{stage['li']}", seen) for _time in (1, 2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "账号此前已停用，未作变更" in text_of(answers[1])
    assert ops.post(f"/accounts/reset/{stage['li']}", seen).status_code == 409


def test_a_lost_telephone_is_no_second_factor_any_more(make, ops, stage, sign_in):
    page = ops.get(f"/accounts/show/{stage['li']}")
    assert "关闭两步验证" not in text_of(page)
    li = sign_in("li")
    change(
        make, sa.update(Account).where(Account.username == "li").values(second_sealed=b"x", second_since=clock.now())
    )
    sent = {"reason": "手机遗失", "seen": seen_of(page)}
    assert ops.post(f"/accounts/turn_off/{stage['li']}", sent).status_code == 409  # of before it had one
    page = ops.get(f"/accounts/show/{stage['li']}")
    answer = ops.post(f"/accounts/turn_off/{stage['li']}", sent | {"seen": seen_of(page)})
    assert (answer.status_code, stored(make, "li", Account.second_since)[0]) == (303, None)
    assert [entry.detail for entry in audited(make, "turn_off_second_factor")] == [{"reason": "手机遗失"}]
    assert li.get("/registrations/list/").status_code == 302


@pytest.mark.parametrize("address", ["/accounts/disable/{li}", "/roles/revoke/{grant}"])
def test_a_reason_is_asked_for(make, ops, stage, address):
    make.account("zhao", "unit_administrator", stage["unit"])
    seen = {"seen": seen_of(ops.get(f"/accounts/show/{stage['li']}")), "reason": " "}
    answer = ops.post(address.format(li=stage["li"], grant=grant_id(make, "li")), seen)
    assert (answer.status_code, "请填写" in text_of(answer)) == (400, True)
    assert grants(make, "li") == [("unit_administrator", None, False)]


def test_the_last_sign_in_is_seen(ops, stage, sign_in):
    assert "从未登录" in text_of(ops.get(f"/accounts/show/{stage['li']}"))
    sign_in("li")
    assert clock.shown(clock.now())[:10] in text_of(ops.get(f"/accounts/show/{stage['li']}"))


# ---- roles -----------------------------------------------------------------------------------------------------------


def test_a_granted_role_opens_and_a_revoked_one_does_not_at_the_very_next_request(make, ops, stage, sign_in):
    make.account("clerk", "unit_clerk", stage["unit"])
    clerk = sign_in("clerk")
    assert ops.post(GRANT, form("clerk", "hr_reviewer", "350102")).status_code == 303
    granted = grant_id(make, "clerk")
    assert clerk.post("/role", {"grant": granted}).status_code == 303
    assert clerk.get(UNITS).status_code == 200
    assert step(make, ops, "clerk").status_code == 303
    assert clerk.get(UNITS).status_code == 403
    assert clerk.post("/role", {"grant": granted}).status_code == 403
    entry = audited(make, "revoke_role")[0]
    said = {"role": "hr_reviewer", "region": "350102", "reason": "调离"}
    assert (entry.subject, entry.by_name, entry.detail) == ("account clerk", "ops 的持有人", said)


def test_a_last_day_is_changed_and_taken_away(make, ops, stage):
    pk = grant(make, stage["li"], "hr_reviewer", "350102")
    day = str(clock.today() + timedelta(days=3))
    assert ops.post(f"/roles/expire/{pk}", {"seen": "", "expires_on": day}).status_code == 303
    assert ops.post(f"/roles/expire/{pk}", {"seen": day, "expires_on": ""}).status_code == 303
    assert [entry.detail.get("until") for entry in audited(make, "change_expiry")] == [day, None]


@pytest.mark.parametrize("wrong", ["2020-01-01", "soon", "2201-01-01"])
def test_a_wrong_last_day_is_told_beside_it_and_stays(make, ops, stage, wrong):
    pk = grant(make, stage["li"], "hr_reviewer", "350102")
    answer = ops.post(f"/roles/expire/{pk}", {"seen": "", "expires_on": wrong})
    assert (answer.status_code, f'id="until-{pk}-error"' in answer.text) == (400, True)
    assert value_of(answer, "expires_on") == wrong


def test_a_disabled_account_gets_no_role(make, ops, stage):
    make.account("zhao", "unit_administrator", stage["unit"])
    put_away(ops, stage["li"])
    answer = ops.post(GRANT, form("li", "hr_reviewer", "350102"))
    assert (answer.status_code, "请先启用" in text_of(answer)) == (400, True)


# ---- the list --------------------------------------------------------------------------------------------------------


def names(browser: Browser, query: str = "") -> set[str]:
    return {row["用户名"] for row in table(browser.get(f"{LIST}{query}"))}


def test_the_list_is_of_the_own_jurisdiction(make, ops, stage):
    make.account("wang", "unit_administrator", make.unit(2, region="350203"))
    make.account("boss", "system_administrator", "350000")
    make.account("city", "hr_reviewer", "350100")
    make.account("county", "hr_reviewer", "350102")
    make.account("other", "hr_reviewer", "350203")
    assert names(ops) == {"ops", "li", "city", "county"}


def test_it_is_searched_and_filtered(make, ops, stage):
    make.account("county", "hr_reviewer", "350103")
    assert [names(ops, f"?q={text}") for text in ("li", "单位1", "ops 的", unit_code(1), "nobody")] == [
        *({"li"}, {"li"}, {"ops"}, {"li"}, set()),
    ]
    assert (names(ops, "?role=hr_reviewer"), names(ops, "?region=350103"), names(ops, "?region=350102")) == (
        *({"county"}, {"county"}, {"li"}),
    )
    assert [ops.get(f"{LIST}?{bad}").status_code for bad in ("role=root", "region=350203", "page=0", "status=x")] == [
        *(400, 400, 400, 400),
    ]


def test_a_number_that_is_searched_for_never_stands_in_an_address(make, ops, stage):
    number = id_number(800_000 + sum(map(ord, "li")) % 9000)
    found = ops.post("/roles/search", {"q": number}).location
    assert (number in found, [row["用户名"] for row in table(ops.get(found))]) == (False, ["li"])
    assert ops.post("/roles/search", {"q": "li2026"}).location == f"{LIST}?q=li2026"


def test_ended_roles_have_a_tab_of_their_own(make, ops, stage):
    grant(make, stage["li"], "hr_reviewer", "350102", clock.today() - timedelta(days=1))
    grant(make, stage["li"], "hr_reviewer", "350103")
    step(make, ops, "li")
    assert tabs(ops.get(LIST)) == {"生效中": "2", "已失效": "2", "全部": "4"}
    assert sorted(row["状态"] for row in table(ops.get(f"{LIST}?status=ended"))) == ["已到期", "已收回"]


def test_an_account_shows_only_what_lies_in_the_jurisdiction(make, ops, stage):
    grant(make, stage["li"], "hr_reviewer", "350203")
    said = text_of(ops.get(f"/accounts/show/{stage['li']}"))
    assert ("厦门" in said, "管辖范围以外的角色" in said, "由系统管理员办理" in said) == (False, True, True)
    other = make.account("wang", "unit_administrator", make.unit(2, region="350203"))
    assert ops.get(f"/accounts/show/{other}").status_code == 404


@pytest.mark.parametrize("rows", [1, 60])
def test_the_lists_cost_at_most_eight_statements(app, make, ops, stage, rows):
    for n in range(rows):
        grant(make, stage["li"], "hr_reviewer", "350102", clock.today() + timedelta(days=n))
        make.unit(200 + n, code=f"NZ{n:08d}")
    found = [LIST, f"{LIST}?q=li&role=hr_reviewer&region=350102", UNITS, f"{UNITS}?status=all&q=单位"]
    for address in (*found, f"/accounts/show/{stage['li']}"):
        with recorded(app) as statements:
            assert ops.get(address).status_code == 200
        assert len(statements) <= 8, address


def test_pages_follow_each_other(make, ops, stage):
    for n in range(30):
        grant(make, stage["li"], "hr_reviewer", "350102", clock.today() + timedelta(days=n))
    first = ops.get(LIST)
    (following,) = links(first, "下一页")
    assert (len(table(first)), len(table(ops.get(following)))) == (25, 7)
    assert ops.get(f"{LIST}?page=9").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_leads_there_for_whom_it_opens(make, sign_in, stage, role):
    make.account("reader", role, "350100" if ROLES[role].over == "region" else stage["unit"])
    page = sign_in("reader").get("/registrations/list/")
    shown = [label for label in ("账号与角色", "单位与管理员") if links(page, label)]
    assert shown == {
        "unit_administrator": ["账号与角色"],
        "hr_reviewer": ["单位与管理员"],
        "hr_operations": ["账号与角色", "单位与管理员"],
        "system_administrator": ["账号与角色", "单位与管理员"],
    }.get(role, [])


# ---- whose an account is ---------------------------------------------------------------------------------------------


def renumber(ops, account: int, number: str, reason: str = "证件录入有误", **more: str) -> Any:
    seen = seen_of(ops.get(f"/accounts/show/{account}"))
    return ops.post(f"/accounts/number/{account}", {"id_number": number, "reason": reason, "seen": seen} | more)


def test_operations_changes_whose_an_account_is(make, stage, ops):
    assert renumber(ops, stage["li"], id_number(91)).status_code == 303
    (index,) = make.read(sa.select(Account.id_number_index).where(Account.id == stage["li"]))
    assert index[0] == make_index(make, id_number(91))
    assert audited(make, "change_number")[0].detail["reason"] == "证件录入有误"


def make_index(make, number: str) -> str:
    with make.app.app_context():
        return blind(number)


def test_a_wrong_number_or_no_reason_stays_beside_its_field(stage, ops):
    answer = renumber(ops, stage["li"], "350102", reason="")
    assert answer.status_code == 400
    assert [f'id="{name}-error"' in answer.text for name in ("new-number", "why-number")] == [True, True]
    assert value_of(answer, "id_number") == "350102"


def test_nobody_makes_an_account_his_own_by_its_number(make, stage, ops):
    own = id_number(92)
    change(make, sa.update(Account).where(Account.username == "ops").values(id_number_index=make_index(make, own)))
    assert renumber(ops, stage["li"], own).status_code == 403


def test_a_number_that_changed_meanwhile_is_not_changed_again(stage, ops):
    seen = seen_of(ops.get(f"/accounts/show/{stage['li']}"))
    assert renumber(ops, stage["li"], id_number(91)).status_code == 303
    assert renumber(ops, stage["li"], id_number(93), seen=seen).status_code == 409
