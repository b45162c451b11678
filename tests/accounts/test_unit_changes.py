"""更改单位信息: HR operations changes who a unit is, for a reason, and what is under review goes with its region."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from app.units.models import Unit
from tests.accounts.test_kept import come_back
from tests.applications.nodes.stage import DEPARTMENT, Stage, application_line, unit_passes, verdict
from tests.archive.factories import proofs
from tests.browsing import Browser, choices, links, part, table, text_of, value_of
from tests.factories import audited, change, id_number, mobile, registration_line, take, unit_code
from tests.review.test_races import at_once

SHOW, EDIT = "/accounts/units/show/{}", "/accounts/units/edit/{}"
FACTS = {
    "name": "单位1",
    "nature": "private_enterprise",
    "region": "350102",
    "competent_department": "区教育局",
    "department": "",
    "industry": "教育",
    "legal_representative": "王法人",
    "legal_representative_id": "",
    "contact": "李联系",
    "mobile": "",
    "address": "五四路1号",
    "postal_code": "350001",
    "telephone": "0591-87556301",
    "email": "hr@example.cn",
    "staff_count": "60",
    "professional_count": "5",
}
WHY = "名称登记有误"


@pytest.fixture
def unit(make) -> int:
    return make.unit(1)


@pytest.fixture
def ops(make, unit, sign_in) -> Browser:
    """HR operations of the unit's city."""
    make.account("ops", "hr_operations", "350100")
    return sign_in("ops")


def save(browser: Browser, unit: int, **changes: str) -> Any:
    """Save the form as it is now, with changes and a reason."""
    address = EDIT.format(unit)
    seen = {"seen": value_of(browser.get(address), "seen"), "reason": WHY}
    return browser.post(address, seen | FACTS | changes)


def stored(make: Any, *columns: str) -> list[Any]:
    """What is stored of the units, by id: all of it, or some columns."""
    table = Unit.__table__.columns
    query = sa.select(*(table[name] for name in columns or table.keys())).select_from(Unit).order_by(Unit.id)
    return [tuple(row) for row in make.read(query)]


def lies_in(make: Any) -> list[str]:
    """The regions of all submissions, by their ids."""
    return [row[0] for row in make.read(sa.select(Submission.region).order_by(Submission.id))]


def problem(page: Any, field: str) -> str:
    """What stands beside a field."""
    return text_of(part(page, f'id="field-{field}-error"', "</p>")) if f'id="field-{field}-error"' in page.text else ""


# ---- what is changed -------------------------------------------------------------------------------------------------


def test_the_form_has_all_facts_but_the_code_and_numbers_stay_masked(ops, unit):
    page = ops.get(EDIT.format(unit))
    assert links(ops.get(SHOW.format(unit)), "更改单位信息") == [EDIT.format(unit)]
    assert {name: value_of(page, name) for name in FACTS} == FACTS
    assert 'name="code"' not in page.text and unit_code(1) in text_of(page)
    assert [number for number in (id_number(900_001), mobile(90_000_001)) if number in page.text] == []


def test_its_page_says_all_that_it_has_told_numbers_masked(ops, unit):
    page = ops.get(SHOW.format(unit))
    said = text_of(part(page, 'id="unit-title"', "</section>"))
    shown = ("法定代表人姓名 王法人", "联系人姓名 李联系", "地址 五四路1号", "联系电话 0591-87556301", "职工人数 60")
    assert [words for words in shown if words not in said] == []
    assert [number for number in (id_number(900_001), mobile(90_000_001)) if number in page.text] == []


def test_who_a_unit_is_changes_with_a_reason_and_is_kept_and_shown_to_both(make, ops, unit, sign_in):
    make.account("zhang", "unit_administrator", unit)
    answer = save(ops, unit, name="新名单位", nature="public_institution", legal_representative_id=id_number(5))
    assert (answer.status_code, answer.location) == (303, SHOW.format(unit))
    assert stored(make, "name", "nature", "code") == [("新名单位", "public_institution", unit_code(1))]
    (row,) = audited(make, "change_unit")
    masked = [f"{number[:4]}{'*' * 10}{number[-4:]}" for number in (id_number(900_001), id_number(5))]
    assert (row.unit_id, row.by_name, row.detail["reason"]) == (unit, "ops 的持有人", WHY)
    assert row.detail["changed"] == {
        "name": ["单位1", "新名单位"],
        "nature": ["private_enterprise", "public_institution"],
        "legal_representative_id": masked,
    }
    for page in (ops.get(SHOW.format(unit)), sign_in("zhang").get("/unit/")):
        said = text_of(part(page, 'id="changes-title"', "</section>"))
        expected = ("单位1 → 新名单位", "民营企业 → 事业单位", " → ".join(masked), WHY, "ops 的持有人", "人社运维更改")
        assert [words for words in expected if words not in said] == []


@pytest.mark.parametrize("reason", ["", " ", "因" * 501])
def test_without_a_reason_nothing_is_changed(make, ops, unit, reason):
    before = stored(make)
    answer = save(ops, unit, name="新名单位", reason=reason)
    assert (answer.status_code, problem(answer, "reason") != "", value_of(answer, "name")) == (400, True, "新名单位")
    assert (stored(make), audited(make, "change_unit")) == (before, [])


def test_what_is_no_fact_is_not_changed_by_a_forged_form(make, ops, unit):
    before = stored(make, "id", "code", "is_complete", "ref")
    assert save(ops, unit, address="东街", code=unit_code(5), is_complete="", id="7", ref="X").status_code == 303
    assert stored(make, "id", "code", "is_complete", "ref") == before


def test_nothing_changed_is_said_and_not_recorded(make, ops, unit):
    before = stored(make)
    assert save(ops, unit).status_code == 303
    assert "未作更改" in text_of(ops.get(SHOW.format(unit)))
    assert (stored(make), audited(make, "change_unit")) == (before, [])


def test_the_competent_department_is_found_by_its_code_wherever_it_lies(make, ops, unit):
    department = make.unit(9, region="350203")
    assert save(ops, unit, department=unit_code(9)).status_code == 303
    assert value_of(ops.get(EDIT.format(unit)), "department") == unit_code(9)
    assert stored(make, "department_id")[0] == (department,)
    assert audited(make, "change_unit")[0].detail["changed"] == {"department": [None, unit_code(9)]}
    for code, told in ((unit_code(77), "没有"), (unit_code(1), "本单位")):
        answer = save(ops, unit, department=code)
        assert (answer.status_code, problem(answer, "department") != "") == (400, True), told
    assert save(ops, unit, department="").status_code == 303
    assert stored(make, "department_id")[0] == (None,)


def test_a_unit_that_has_not_told_of_itself_is_changed_as_far_as_it_is_known(make, ops, unit):
    change(make, sa.update(Unit).values(is_complete=False, address="", staff_count=0))
    page = ops.get(EDIT.format(unit))
    assert 'name="address"' not in page.text
    assert save(ops, unit, name="新名单位").status_code == 303
    assert stored(make, "name", "address", "is_complete") == [("新名单位", "", False)]


# ---- 属地 ------------------------------------------------------------------------------------------------------------


def test_what_is_under_review_and_what_was_decided_go_with_the_region(make, ops, unit, sign_in):
    make.unit(2)
    waits, passed, others = make.registration(1), make.registration(2), make.registration(3, unit_code(2))
    change(make, sa.update(Submission).where(Submission.id == passed).values(status="passed"))
    make.account("new", "hr_reviewer", "350103")
    make.account("old", "hr_reviewer", "350102")
    assert (waits < passed < others, save(ops, unit, region="350103").status_code) == (True, 303)
    assert lies_in(make) == ["350103", "350103", "350102"]
    rows = {who: len(table(sign_in(who).get("/registrations/list/?status=all"))) for who in ("new", "old")}
    assert rows == {"new": 2, "old": 1}
    page = text_of(ops.get(SHOW.format(unit)))
    assert "福建省福州市鼓楼区 → 福建省福州市台江区" in page


@pytest.mark.parametrize("region", ["350203", "350000", "110101", "", "福州"])
def test_a_region_outside_of_the_jurisdiction_is_refused(make, ops, unit, region):
    make.registration(1)
    answer = save(ops, unit, region=region)
    assert (answer.status_code, problem(answer, "region") != "") == (400, True)
    assert (lies_in(make), stored(make, "region")) == (["350102"], [("350102",)])
    assert "350203" not in choices(answer, "region") and "350103" in choices(answer, "region")


@pytest.mark.parametrize("status", ["pending", "returned"])
def test_an_application_that_is_under_way_keeps_the_nodes_of_its_way(make, tmp_path, sign_in, status):
    stage = Stage(make, proofs(tmp_path))
    make.account("ops", "hr_operations", "350100")
    ops, own = sign_in("ops"), {"nature": "public_institution", "department": unit_code(DEPARTMENT)}
    stage.applying(1)
    if status == "returned":
        stage.taken(verdict(1, "return"))
    answers = {
        "region": save(ops, stage.unit, **own | {"region": "350100"}),
        "department": save(ops, stage.unit, **own | {"department": ""}),
    }
    for field, answer in answers.items():
        assert (answer.status_code, "请待其审核办结" in problem(answer, field)) == (400, True)
    assert save(ops, stage.unit, **own | {"region": "350103"}).status_code == 303
    if status == "returned":
        stage.taken(application_line(1, statement="已改正", submitted_at="2026-11-12T09:00:00+08:00"))
    stage.taken(verdict(2, "terminate", day=13))
    assert save(ops, stage.unit, **own | {"region": "350100", "department": ""}).status_code == 303
    assert set(lies_in(make)) == {"350100"}


def test_what_waits_at_a_county_stays_with_it(make, tmp_path, sign_in):
    stage = Stage(make, proofs(tmp_path))
    make.account("ops", "hr_operations", "350100")
    ops, own = sign_in("ops"), {"nature": "public_institution", "department": unit_code(DEPARTMENT)}
    stage.applying(1)
    stage.taken(unit_passes(1), verdict(2, day=12))
    answer = save(ops, stage.unit, **own | {"region": "350103"})
    assert (answer.status_code, "请待其审核办结" in problem(answer, "region")) == (400, True)


def test_two_units_are_not_each_others_department(make, ops, unit):
    make.unit(9, region="350102", competent_department_code=unit_code(1))
    answer = save(ops, unit, department=unit_code(9))
    assert (answer.status_code, "不能互为主管部门" in problem(answer, "department")) == (400, True)


def test_a_record_that_comes_in_meanwhile_lies_in_its_units_region(app, make, ops, unit):
    for n in range(5):
        region = ("350103", "350104")[n % 2]
        lines = [registration_line(10 * n + k) for k in range(4)]
        answers = at_once(
            lambda region=region: save(ops, unit, region=region).status_code,
            lambda lines=lines: len([one for one in take(app, *lines) if one.id]),
        )
        assert (answers, set(lies_in(make))) == ([303, 4], {region})


# ---- who, and when ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("unit_administrator", [403, 403]),
        ("hr_reviewer", [403, 403]),
        ("auditor", [403, 403]),
        ("system_administrator", [200, 303]),
    ],
)
def test_who_may_change_it(make, unit, sign_in, role, statuses):
    make.account("reader", role, unit if role == "unit_administrator" else "350000")
    reader = sign_in("reader")
    got = reader.get(EDIT.format(unit))
    seen = value_of(got, "seen") if got.status_code == 200 else ""
    form = FACTS | {"seen": seen, "reason": WHY, "name": "新名单位"}
    assert [got.status_code, reader.post(EDIT.format(unit), form).status_code] == statuses
    assert len(audited(make, "change_unit")) == statuses.count(303)


def test_a_unit_outside_of_the_jurisdiction_is_not_there(make, ops):
    other = make.unit(2, region="350203")
    form = FACTS | {"reason": WHY, "seen": ""}
    assert [ops.get(EDIT.format(other)).status_code, ops.post(EDIT.format(other), form).status_code] == [404, 404]


def test_who_comes_second_is_told_and_keeps_what_he_wrote(make, ops, unit, sign_in):
    make.account("zhang", "unit_administrator", unit)
    zhang = sign_in("zhang")
    seen = value_of(ops.get(EDIT.format(unit)), "seen")
    own = {name: value_of(zhang.get("/unit/edit"), name) for name in ("seen", "contact", "mobile", "postal_code")}
    own |= {name: FACTS[name] for name in ("industry", "telephone", "email", "staff_count", "professional_count")}
    assert zhang.post("/unit/edit", own | {"address": "东街 9 号"}).status_code == 303
    answer = ops.post(EDIT.format(unit), FACTS | {"seen": seen, "reason": WHY, "name": "新名单位"})
    assert (answer.status_code, "在此期间已有变动" in text_of(answer)) == (409, True)
    assert (value_of(answer, "name"), value_of(answer, "reason")) == ("新名单位", WHY)
    assert stored(make, "name", "address") == [("单位1", "东街 9 号")]


def test_a_form_whose_session_ended_changes_nothing_by_itself(make, ops, unit):
    before, seen = stored(make), value_of(ops.get(EDIT.format(unit)), "seen")
    ops.client.delete_cookie("session")
    answer = come_back(ops, EDIT.format(unit), FACTS | {"seen": seen, "reason": WHY, "name": "新名单位"}, "ops")
    assert ("登录已失效" in text_of(answer), value_of(answer, "name")) == (True, "新名单位")
    assert stored(make) == before
