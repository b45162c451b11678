"""用人单位注册: who comes by 单位登录 from a unit that nobody knows, or completes what the HR bureau has entered."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import Account, Grant, Joining, UnitDraft
from app.operations.demo.provider.people import Person
from app.units.models import Unit
from tests.accounts.test_kept import come_back
from tests.browsing import Browser, choices, part, text_of, value_of
from tests.conftest import PASSWORD, build, release
from tests.factories import Make, audited, change, id_number, mobile, unit_code
from tests.provider import Newcomer, standing_in
from tests.review.test_races import at_once

REGISTER = "/unit/register"
CODE = unit_code(41)
WANG = Person(CODE, "东街测绘院", "王新", id_number(41))
LI = Person(CODE, "东街测绘院", "李新", id_number(42))
FACTS = {
    "name": "东街测绘院",
    "nature": "private_enterprise",
    "city": "350100",
    "region": "350102",
    "competent_department": "市自然资源局",
    "department": "",
    "industry": "测绘",
    "legal_representative": "陈法人",
    "legal_representative_id": id_number(43),
    "contact": "王新",
    "mobile": mobile(43),
    "address": "东街 1 号",
    "postal_code": "350001",
    "telephone": "0591-87654321",
    "email": "wang@example.cn",
    "staff_count": "120",
    "professional_count": "80",
}
REQUIRED = sorted(set(FACTS) - {"city", "department"})


@pytest.fixture
def app(engine, migrated, database, tmp_path) -> Iterator[Flask]:
    """The product, with a provider for 单位登录."""
    with standing_in() as provider:
        app = build(engine, database(migrated), tmp_path, **provider.environment)
        yield app
        release(app)


def signed_on(app: Flask, person: Person = WANG) -> Browser:
    """Somebody who has just come by 单位登录, at the page that he was led to."""
    newcomer = Newcomer(app)
    answer = newcomer.signs_on(person)
    assert answer.status_code == 303, text_of(answer)
    newcomer.browser.get(REGISTER)
    return newcomer.browser


def submit(browser: Browser, **changes: str) -> Any:
    return browser.post(REGISTER, FACTS | changes)


def units(make: Make) -> list[Unit]:
    return list(make.read(sa.select(Unit)))


def column(make: Make, query: Any) -> list[Any]:
    return [row[0] for row in make.read(query)]


@pytest.fixture
def wang(app) -> Browser:
    return signed_on(app)


@pytest.fixture
def built_in(make) -> Browser:
    """The administrator of a built-in unit that has not completed its information, signed in."""
    make.account("ops", "hr_operations", "350100")
    ops = Browser(make.app).sign_in("ops", PASSWORD)
    known = {name: FACTS[name] for name in ("name", "nature", "region", "competent_department", "contact")}
    people = {name: FACTS[name] for name in ("legal_representative", "legal_representative_id", "mobile", "department")}
    assert ops.post("/accounts/units/add", known | people).status_code == 303
    make.account("zhao", "unit_administrator", column(make, sa.select(Unit.id))[0])
    browser = Browser(make.app).sign_in("zhao", PASSWORD)
    browser.get(REGISTER)
    return browser


# ---- the unit that nobody knows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/registrations/list/", "/archive/", "/account/", "/roles/list/"])
def test_until_it_is_submitted_every_page_leads_to_the_registration(wang, address):
    answer = wang.get(address)
    assert (answer.status_code, answer.location) == (303, REGISTER)


def test_a_form_leads_there_too(wang):
    answer = wang.post("/registrations/decide", {"rowid": "1:1", "verdict": "pass", "opinion": "同意"})
    assert (answer.status_code, answer.location) == (303, REGISTER)


def test_the_code_is_there_and_locked_and_the_name_is_the_sign_ons(wang):
    page = wang.get(REGISTER)
    assert f'id="field-code" value="{CODE}" readonly' in page.text
    assert value_of(page, "name") == "东街测绘院"


def test_submitted_the_unit_is_there_with_its_administrator(wang, make):
    answer = submit(wang)
    assert (answer.status_code, answer.location) == (303, "/")
    (unit,) = make.read(sa.select(Unit.code, Unit.name, Unit.region, Unit.is_complete, Unit.staff_count))
    assert tuple(unit) == (CODE, "东街测绘院", "350102", True, 120)
    (held,) = make.read(sa.select(Grant.role, Account.first_name).join(Account, Account.id == Grant.user_id))
    assert tuple(held) == ("unit_administrator", "王新")
    assert wang.get("/registrations/list/").status_code == 200
    assert audited(make, "register_unit")[0].by_name == "王新"


def test_the_second_time_he_goes_straight_in(app, wang):
    submit(wang)
    newcomer = Newcomer(app)
    newcomer.signs_on(WANG)
    assert newcomer.browser.get("/registrations/list/").status_code == 200


@pytest.mark.parametrize("missing", REQUIRED)
def test_what_is_missing_is_said_beside_its_field(wang, make, missing):
    answer = submit(wang, **{missing: ""})
    assert (answer.status_code, f'id="field-{missing}-error"' in answer.text) == (400, True)
    assert answer.text.count('class="error"') == 1
    assert units(make) == []


WRONG = {
    "a foreign county": ("region", {"city": "", "region": "110101"}),
    "an abolished county": ("region", {"city": "", "region": "350403"}),  # 三元区, merged and given another code
    "a county of another city": ("region", {"region": "350203"}),
    "a word for a region": ("region", {"region": "福州"}),
    "five digits": ("postal_code", {"postal_code": "35000"}),
    "a check character": ("legal_representative_id", {"legal_representative_id": id_number(43)[:-1] + "Y"}),
    "a short mobile": ("mobile", {"mobile": "1385000"}),
    "no address of mail": ("email", {"email": "wang"}),
    "a count with many noughts": ("staff_count", {"staff_count": "000000000000999999999999"}),
    "more of them than staff": ("professional_count", {"professional_count": "121"}),
    "an unseen mark": ("name", {"name": "东街\u202e测绘院"}),
    "a fraction": ("staff_count", {"staff_count": "1.5"}),
    "a negative count": ("professional_count", {"professional_count": "-1"}),
    "a count past all": ("staff_count", {"staff_count": "9999999999"}),
    "an unknown nature": ("nature", {"nature": "club"}),
    "an unknown department": ("department", {"department": unit_code(77)}),
    "its own department": ("department", {"department": CODE}),
    "two lines": ("address", {"address": "东街\n1 号"}),
    "a long name": ("name", {"name": "院" * 201}),
}


@pytest.mark.parametrize(("field", "changes"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_beside_its_field_and_stays(wang, make, field, changes):
    answer = submit(wang, **changes)
    assert (answer.status_code, f'id="field-{field}-error"' in answer.text) == (400, True)
    assert value_of(answer, "contact") == "王新"
    assert units(make) == []


@pytest.mark.parametrize(
    ("chosen", "region"),
    [({"city": "350000", "region": ""}, "350000"), ({"region": "350100"}, "350100"), ({"city": ""}, "350102")],
    ids=["of the province", "of a city", "without the script"],
)
def test_where_a_unit_may_belong(wang, make, chosen, region):
    assert submit(wang, **chosen).status_code == 303
    assert column(make, sa.select(Unit.region)) == [region]


def test_the_province_its_nine_cities_and_their_counties_are_offered(wang):
    page = wang.get(REGISTER)
    cities, inside = choices(page, "city"), choices(page, "region")
    assert len(cities) == 11 and cities[:2] == ["", "350000"]
    assert {"350100", "350102", "350982"} <= set(inside) and not {"350000", "110101"} & set(inside)


def test_a_draft_is_kept_and_nothing_is_submitted(app, wang, make):
    assert wang.post(REGISTER, {"address": "东街 9 号", "postal_code": "35", "draft": "1"}).status_code == 303
    assert units(make) == []
    again = signed_on(app).get(REGISTER)
    assert (value_of(again, "address"), value_of(again, "postal_code")) == ("东街 9 号", "35")


def test_a_draft_holds_no_number_in_clear_and_is_gone_with_the_submission(wang, make):
    wang.post(REGISTER, FACTS | {"draft": "1"})
    (sealed,) = column(make, sa.select(UnitDraft.sealed))
    assert FACTS["mobile"].encode() not in sealed
    submit(wang)
    assert column(make, sa.select(UnitDraft.sealed)) == []


def test_the_competent_department_is_found_by_its_code(wang, make):
    department = make.unit(9)
    assert submit(wang, department=unit_code(9)).status_code == 303
    assert column(make, sa.select(Unit.department_id).where(Unit.code == CODE)) == [department]


def test_two_of_one_unit_at_once_make_one_unit_with_one_administrator(app, make):
    first, second = signed_on(app, WANG), signed_on(app, LI)
    answers = at_once(lambda: submit(first).status_code, lambda: submit(second).status_code)
    assert answers == [303, 303]
    assert len(units(make)) == 1
    assert column(make, sa.select(sa.func.count(Grant.id))) == [1]


def test_who_has_registered_is_led_away_from_the_page(wang):
    submit(wang)
    answer = wang.get(REGISTER)
    assert (answer.status_code, answer.location) == (302, "/")
    assert submit(wang, name="另一个名字").location == "/"


# ---- the second of a unit --------------------------------------------------------------------------------------------


@pytest.fixture
def li(app, wang) -> Browser:
    submit(wang)
    return signed_on(app, LI)


def test_a_second_one_is_told_whom_he_waits_for(li):
    page = li.get(REGISTER)
    assert "本单位管理员：王新" in text_of(page)
    assert li.get("/registrations/list/").location == REGISTER


def test_a_second_one_asks_once_and_waits(li, make):
    for _time in range(2):
        assert li.post("/unit/ask", {"role": "unit_administrator"}).status_code == 303
    assert column(make, sa.select(Joining.role)) == ["unit_administrator"]
    assert "等待批准" in text_of(li.get(REGISTER))
    assert li.get("/registrations/list/").location == REGISTER


@pytest.mark.parametrize("role", ["hr_operations", "system_administrator", "stand_in", ""])
def test_nobody_asks_for_more_than_a_role_in_his_unit(li, make, role):
    assert li.post("/unit/ask", {"role": role}).status_code == 400
    assert column(make, sa.select(Joining.role)) == []


def test_a_second_one_submits_no_other_information(li, make):
    assert submit(li, name="改名").location == REGISTER
    assert column(make, sa.select(Unit.name)) == ["东街测绘院"]


def test_who_comes_from_another_unit_is_another_account(app, wang, make):
    submit(wang)
    elsewhere = replace(WANG, unit_code=unit_code(44), unit_name="西街测绘院")
    assert signed_on(app, elsewhere).get("/registrations/list/").location == REGISTER
    assert len(column(make, sa.select(Account.id))) == 2


# ---- a built-in unit -------------------------------------------------------------------------------------------------


def test_a_built_in_unit_is_completed_by_its_administrator(built_in, make):
    assert built_in.get("/registrations/list/").location == REGISTER
    page = built_in.get(REGISTER)
    assert (value_of(page, "name"), value_of(page, "region")) == ("东街测绘院", "350102")
    assert FACTS["mobile"] not in page.text and "已登记" in page.text
    rest = FACTS | {"legal_representative_id": "", "mobile": ""}
    assert built_in.post(REGISTER, rest).location == "/"
    (unit,) = make.read(sa.select(Unit.is_complete, Unit.address, Unit.mobile_masked))
    assert tuple(unit) == (True, "东街 1 号", f"{FACTS['mobile'][:3]}****{FACTS['mobile'][-4:]}")
    assert built_in.get("/registrations/list/").status_code == 200


def test_what_is_under_review_goes_by_the_units_region(built_in, make):
    code = column(make, sa.select(Unit.code))[0]
    make.registration(60, code)
    answer = built_in.post(REGISTER, FACTS | {"city": "350200", "region": "350203"})
    assert (answer.status_code, 'id="field-region-error"' in answer.text) == (400, True)
    assert built_in.post(REGISTER, FACTS).location == "/"


def test_the_registration_stands_in_the_units_history(app, wang, built_in, make):
    submit(wang)
    built_in.post(REGISTER, FACTS)
    for browser, changed in ((wang, ""), (built_in, "— → 东街 1 号")):
        said = text_of(part(browser.get("/unit/"), 'id="changes-title"', "</section>"))
        assert ("单位注册" in said, changed in said) == (True, True)
    assert [row.unit_id is not None for row in audited(make, "register_unit")] == [True, True]


def test_a_clerk_of_such_a_unit_waits_for_its_administrator(built_in, make):
    make.account("qian", "unit_clerk", column(make, sa.select(Unit.id))[0])
    clerk = Browser(make.app).sign_in("qian", PASSWORD)
    assert clerk.get("/registrations/list/").location == REGISTER
    assert "须先由本单位管理员完善单位信息" in text_of(clerk.get(REGISTER))
    assert clerk.post(REGISTER, FACTS).location == REGISTER
    assert column(make, sa.select(Unit.is_complete)) == [False]


# ---- the account -----------------------------------------------------------------------------------------------------


def test_without_a_number_it_decides_nothing_until_the_number_is_entered_once(app, make):
    browser = signed_on(app, replace(WANG, id_number=""))
    submit(browser)
    assert "/account/number" in browser.get("/account/").text
    wrong = browser.post("/account/number", {"id_number": "350102"})
    assert (wrong.status_code, 'id="id_number-error"' in wrong.text) == (400, True)
    assert browser.post("/account/number", {"id_number": id_number(41)}).status_code == 303
    assert browser.get("/account/number").status_code == 404
    assert browser.post("/account/number", {"id_number": id_number(42)}).status_code == 404
    assert column(make, sa.select(Account.id_number_masked)) == [f"{id_number(41)[:4]}{'*' * 10}{id_number(41)[-4:]}"]


def test_it_has_no_password(wang):
    submit(wang)
    assert wang.get("/account/password").status_code == 404
    assert "单位登录" in text_of(wang.get("/account/"))


def test_nobody_comes_in_by_its_name_and_no_password(app, wang, make):
    username = column(make, sa.select(Account.username))[0]
    browser = Browser(app)
    browser.get("/login/built-in")
    assert browser.post("/login/built-in", {"username": username, "password": ""}).status_code == 401


def test_a_disabled_account_comes_in_no_more(app, wang, make):
    submit(wang)
    change(make, sa.update(Account).values(active=False))
    answer = Newcomer(app).signs_on(WANG)
    assert (answer.status_code, "已停用" in text_of(answer)) == (403, True)


def test_a_number_that_somebody_types_shields_him_from_nobody(app, make):
    browser = signed_on(app, replace(WANG, id_number=""))
    submit(browser)
    browser.get("/account/number")
    ops = id_number(98)
    assert browser.post("/account/number", {"id_number": ops}).status_code == 303
    make.account("ops", "hr_operations", "350100", holder=ops)
    operations = Browser(app).sign_in("ops", PASSWORD)
    account = column(make, sa.select(Account.id).where(Account.subject.is_not(None)))[0]
    assert f"/accounts/disable/{account}" in operations.get(f"/accounts/show/{account}").text


def test_nobody_is_granted_a_role_in_another_unit_than_the_one_he_comes_from(app, wang, make):
    submit(wang)
    make.unit(5)
    make.account("ops", "hr_operations", "350100")
    operations = Browser(app).sign_in("ops", PASSWORD)
    username = column(make, sa.select(Account.username).where(Account.subject.is_not(None)))[0]
    form = {"username": username, "role": "unit_clerk", "unit": unit_code(5), "region": "", "expires_on": ""}
    answer = operations.post("/roles/grant", form)
    assert (answer.status_code, "来自其他单位" in text_of(answer)) == (400, True)


def test_while_registering_the_page_can_ask_when_its_session_ends(wang):
    assert wang.get("/account/until").status_code == 200
    assert wang.post("/account/stay").status_code == 200


def test_what_was_written_when_the_session_ended_is_in_the_form_again(built_in):
    built_in.client.delete_cookie("session")
    page = come_back(built_in, REGISTER, FACTS | {"address": "东街 77 号"}, "zhao")
    assert (page.status_code, value_of(page, "address")) == (200, "东街 77 号")
