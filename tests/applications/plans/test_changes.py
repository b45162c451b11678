"""评审计划 as HR operations makes and changes it: what is refused beside which field, and what follows a change."""

import json

import pytest
import sqlalchemy as sa

from app.accounts.roles import ROLES
from app.applications.models import Plan
from tests.accounts.test_kept import sign_in_again
from tests.applications.factories import plan_line
from tests.applications.plans.forms import edit, errors, row, sent
from tests.applications.plans.rows import apply
from tests.browsing import Browser, choices, text_of, value_of
from tests.factories import audited, unit_code

pytestmark = pytest.mark.usefixtures("november")
NEW = {
    "code": "P2026-90",
    "name": "2026年度卫生系列正高级职称评审",
    "year": "2026",
    "series": "health",
    "level": "full_senior",
    "region": "350100",
    "committee": "福建省卫生系列高级职称评审委员会",
    "opens_on": "2026-12-01",
    "closes_on": "2027-01-31",
}


# ---- making ----------------------------------------------------------------------------------------------------------


def test_a_plan_is_made_as_it_was_typed_and_is_told_in_the_audit_log(make, ops):
    answer = ops.post("/plans/add", NEW)
    pk = int(answer.location.rsplit("/", 1)[1])
    stored = row(make, pk)
    assert {name: str(getattr(stored, name)) for name in NEW} == NEW
    assert (stored.steps, stored.ref) == (0, None)
    (entry,) = audited(make, "add_plan")
    assert (entry.subject, entry.by_name, entry.unit_id) == ("plan P2026-90", "ops 的持有人", None)
    assert {name: str(value) for name, value in entry.detail["after"].items()} == NEW


def test_a_new_plan_is_there_for_the_units_of_its_region(make, sign_in, ops):
    ops.post("/plans/add", NEW)
    make.account("reader", "unit_administrator", make.unit_id(unit_code(1)))
    assert "P2026-90" in text_of(sign_in("reader").get("/plans/list/?status=upcoming"))


BAD = [
    *((name, "", "请填写") for name in NEW),
    ("code", "x" * 65, "最多 64 字"),
    ("name", "x" * 201, "最多 200 字"),
    ("name", "a\nb", "控制字符"),
    ("committee", "a\u2028b", "控制字符"),
    ("year", "26", "应为年度"),
    ("year", "２０２６", "应为年度"),
    ("year", "1899", "应为年度"),
    ("series", "p1", "请选择"),
    ("level", "高级", "请选择"),
    ("region", "110000", "请选择"),
    ("opens_on", "2026-02-30", "应为日期"),
    ("closes_on", "2026-11-30", "不能早于开始日期"),
    ("closes_on", "10000-01-01", "应为日期"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD, ids=[f"{name} {value[:12]!r}" for name, value, _ in BAD])
def test_a_wrong_field_is_told_beside_it_and_what_was_typed_stays(make, ops, name, value, message):
    page = ops.post("/plans/add", NEW | {name: value})
    assert page.status_code == 400
    assert {field: message in text for field, text in errors(page).items()} == {name: True}
    kept = {field: text for field, text in NEW.items() if field != name}
    assert {field: value_of(page, field) for field in kept} == kept
    assert make.read(sa.select(sa.func.count(Plan.id)))[0][0] == 0


def test_all_wrong_fields_are_told_together(ops):
    assert sorted(errors(ops.post("/plans/add", {}))) == sorted(NEW)


def test_there_is_one_plan_per_code_on_screen_too(make, ops, plan):
    page = ops.post("/plans/add", NEW | {"code": "P2026-01"})
    assert (page.status_code, list(errors(page))) == (400, ["code"])
    assert make.read(sa.select(sa.func.count(Plan.id)))[0][0] == 1


def test_a_plan_is_made_inside_the_own_region_only(make, sign_in):
    make.account("fuzhou", "hr_operations", "350100")
    fuzhou = sign_in("fuzhou")
    offered = choices(fuzhou.get("/plans/add"), "region")
    assert "350102" in offered and "350100" in offered and not {"350000", "350200", "350203"} & set(offered)
    for region in ("350000", "350203"):
        page = fuzhou.post("/plans/add", NEW | {"region": region})
        assert (page.status_code, list(errors(page))) == (400, ["region"])
    assert fuzhou.post("/plans/add", NEW | {"region": "350102"}).status_code == 303


def test_the_new_plan_of_a_reader_whose_session_ended_is_shown_again_and_not_made(app, make, ops):
    ops.post("/logout/")
    answer = ops.post("/plans/add", NEW)
    assert answer.status_code == 401
    page = sign_in_again(ops, answer, "ops")
    assert value_of(page, "name") == NEW["name"] and "登录已失效" in text_of(page)
    assert make.read(sa.select(sa.func.count(Plan.id)))[0][0] == 0


# ---- who may ---------------------------------------------------------------------------------------------------------

DOORS = [
    ("get", "add"),
    ("post", "add"),
    ("get", "edit/{}"),
    ("post", "edit/{}"),
    ("post", "close/{}"),
    ("post", "open/{}"),
]


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"hr_operations"}))
def test_nobody_but_hr_operations_makes_or_changes_a_plan(make, sign_in, plan, role):
    over = "350000" if ROLES[role].over == "region" else make.unit_id(unit_code(1))
    make.account("reader", role, over)
    reader = sign_in("reader")
    before = row(make, plan)
    answers = [getattr(reader, method)(f"/plans/{path.format(plan)}").status_code for method, path in DOORS]
    assert (answers, row(make, plan)) == ([403] * len(DOORS), before)


@pytest.mark.parametrize("region", ["350000", "350200", "350203"], ids=["above", "beside", "below another"])
def test_a_plan_of_another_region_is_not_found_by_hr_operations(make, sign_in, plan, region):
    pk = make.taken(plan_line(2, region=region))
    make.account("fuzhou", "hr_operations", "350100")
    fuzhou = sign_in("fuzhou")
    before = row(make, pk)
    form = {"seen": json.dumps({"steps": 0}), "name": "改名", "sure": "1"}
    answers = [fuzhou.get(f"/plans/edit/{pk}")]
    answers += [fuzhou.post(f"/plans/{step}/{pk}", form) for step in ("edit", "close", "open")]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert row(make, pk) == before


def test_the_page_of_a_plan_from_above_offers_no_change(make, sign_in, plan):
    make.account("fuzhou", "hr_operations", "350100")
    page = sign_in("fuzhou").get(f"/plans/show/{plan}")
    assert page.status_code == 200 and "/plans/edit/" not in page.text and "/plans/close/" not in page.text


# ---- changing --------------------------------------------------------------------------------------------------------


def test_a_plan_without_applications_changes_in_everything_but_its_code(make, ops, plan):
    changes = {name: value for name, value in NEW.items() if name != "code"}
    assert edit(ops, plan, **changes, code="P9").status_code == 303
    stored = row(make, plan)
    assert {name: str(getattr(stored, name)) for name in changes} == changes
    assert (stored.code, stored.steps) == ("P2026-01", 1)


def test_a_change_is_told_in_the_audit_log_with_what_was_before(make, ops, plan):
    edit(ops, plan, name="改过的名称", closes_on="2027-01-31")
    (entry,) = audited(make, "change_plan")
    assert (entry.subject, entry.by_name) == ("plan P2026-01", "ops 的持有人")
    assert entry.detail == {
        "before": {"name": "2026年度工程系列副高级职称评审（1）", "closes_on": "2026-12-31"},
        "after": {"name": "改过的名称", "closes_on": "2027-01-31"},
    }


def test_saving_a_form_as_it_was_opened_changes_nothing(make, ops, plan):
    before = row(make, plan)
    assert edit(ops, plan).status_code == 303
    assert (row(make, plan), audited(make, "change_plan")) == (before, [])


def test_a_wrong_change_is_told_beside_its_field(make, ops, plan):
    before = row(make, plan)
    page = edit(ops, plan, closes_on="2026-05-31", name="")
    assert (page.status_code, sorted(errors(page))) == (400, ["closes_on", "name"])
    assert (value_of(page, "closes_on"), row(make, plan)) == ("2026-05-31", before)


FREE = {"name": "改过的名称", "committee": "另一评委会", "opens_on": "2026-11-03", "closes_on": "2026-11-10"}


def test_applications_leave_name_committee_and_the_window_around_them_free(make, ops, applied):
    assert edit(ops, applied, **FREE).status_code == 303
    stored = row(make, applied)
    assert {name: str(getattr(stored, name)) for name in FREE} == FREE


CONFLICTS = [
    ("year", "2027", "已有 2 件申报"),
    ("series", "health", "已有 2 件申报"),
    ("level", "intermediate", "已有 2 件申报"),
    ("region", "350100", "已有 2 件申报按此属地"),
    ("opens_on", "2026-11-04", "不能晚于 2026-11-03"),
    ("closes_on", "2026-11-09", "不能早于 2026-11-10"),
]


@pytest.mark.parametrize(("name", "value", "message"), CONFLICTS, ids=[name for name, _, _ in CONFLICTS])
def test_what_conflicts_with_applications_is_refused_with_the_reason_beside_it(
    make, ops, applied, name, value, message
):
    before = row(make, applied)
    page = edit(ops, applied, **{name: value, "committee": "另一评委会"})
    assert page.status_code == 400
    assert {field: message in text for field, text in errors(page).items()} == {name: True}
    assert (value_of(page, name), value_of(page, "committee")) == (value, "另一评委会")
    assert row(make, applied) == before


def test_what_applications_were_made_of_is_told_and_not_asked(ops, applied):
    page = ops.get(f"/plans/edit/{applied}")
    assert [name for name in ("year", "series", "level", "region") if f' name="{name}"' in page.text] == []
    assert "该计划已有 2 件申报，以上内容不能修改" in text_of(page)


def test_applications_of_another_plan_forbid_nothing(app, make, ops, plan):
    make.taken(plan_line(2))
    apply(app, "P2026-02")
    assert edit(ops, plan, year="2027").status_code == 303


# ---- somebody was faster ---------------------------------------------------------------------------------------------


@pytest.fixture
def other(make, sign_in, ops) -> Browser:
    make.account("other", "hr_operations", "350000")
    return sign_in("other")


def test_a_stale_form_is_refused_with_what_changed_and_nothing_typed_is_lost(make, ops, other, plan):
    form = sent(ops.get(f"/plans/edit/{plan}"))
    edit(other, plan, name="他人改的名称", closes_on="2027-01-31")
    page = ops.post(f"/plans/edit/{plan}", form | {"name": "我改的名称", "committee": "另一评委会"})
    assert page.status_code == 409
    shown = text_of(page)
    assert "计划名称：原为2026年度工程系列副高级职称评审（1），现为他人改的名称" in shown
    assert "申报截止日期：原为2026-12-31，现为2027-01-31" in shown
    assert (value_of(page, "name"), value_of(page, "committee")) == ("我改的名称", "另一评委会")
    assert (row(make, plan).name, row(make, plan).steps) == ("他人改的名称", 1)
    again = sent(page) | {"closes_on": "2027-01-31"}
    assert ops.post(f"/plans/edit/{plan}", again).status_code == 303
    assert (row(make, plan).name, row(make, plan).steps) == ("我改的名称", 2)


def test_a_stale_form_keeps_the_reason_of_its_confirmation(make, ops, other, waiting):
    page = edit(ops, waiting, closes_on="2026-11-30")
    edit(other, waiting, committee="另一评委会")
    form = sent(page) | {"confirm": value_of(page, "confirm"), "reason": "评审提前"}
    page = ops.post(f"/plans/edit/{waiting}", form)
    assert (page.status_code, value_of(page, "reason"), value_of(page, "closes_on")) == (409, "评审提前", "2026-11-30")


def test_a_stale_dialog_is_refused_with_what_changed_and_keeps_the_reason(make, ops, other, waiting):
    seen = value_of(ops.get(f"/plans/show/{waiting}"), "seen")
    edit(other, waiting, committee="另一评委会")
    form = {"seen": seen, "sure": "1", "confirm": "2-1", "reason": "评审提前"}
    page = ops.post(f"/plans/close/{waiting}", form)
    assert page.status_code == 409
    assert "评委会：原为福建省工程系列高级职称评审委员会，现为另一评委会" in text_of(page)
    assert (value_of(page, "reason"), str(row(make, waiting).closes_on)) == ("评审提前", "2026-12-31")


@pytest.mark.parametrize(
    "seen", ["", "x", "[]", "{}", "1", "[" * 5000], ids=["none", "x", "list", "empty", "number", "deep"]
)
def test_a_form_that_does_not_say_what_it_had_seen_is_refused(make, ops, plan, seen):
    before = row(make, plan)
    answers = [
        ops.post(f"/plans/{step}/{plan}", {"seen": seen, "name": "x", "sure": "1"}) for step in ("edit", "close")
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert row(make, plan) == before
