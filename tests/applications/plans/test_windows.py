"""The window of a plan: what its last day is moved to, what has to be confirmed before, and what follows."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.applications.models import Application, Plan
from app.extensions import begin_write
from app.operations.demo.load import keep_open
from app.review.models import Submission
from app.tenancy import everything
from tests.applications.factories import plan_line
from tests.applications.plans.conftest import NOON
from tests.applications.plans.forms import closing, dues, edit, errors, row, sent
from tests.applications.plans.rows import apply
from tests.browsing import text_of, value_of
from tests.factories import audited, unit_code

pytestmark = pytest.mark.usefixtures("november")


def test_the_last_day_of_the_applications_follows_the_plans(app, make, ops, applied):
    make.taken(plan_line(2))
    apply(app, "P2026-02", 3)
    edit(ops, applied, closes_on="2027-02-28")
    due = make.read(sa.select(Plan.code, Application.due_on).join(Plan, Plan.id == Application.plan_id).distinct())
    assert sorted((code, day.isoformat()) for code, day in due) == [
        ("P2026-01", "2027-02-28"),
        ("P2026-02", "2026-12-31"),
    ]


def test_other_changes_leave_the_last_day_of_the_applications(make, ops, applied):
    edit(ops, applied, name="改过的名称")
    assert dues(make) == {"2026-12-31"}


def test_records_of_other_kinds_keep_no_day(make, ops, applied):
    make.registration(50)
    edit(ops, applied, closes_on="2027-02-28")
    query = sa.select(Submission.due_on).where(Submission.kind == "registration")
    assert [due for (due,) in make.read(query)] == [None]


def test_a_plan_that_nothing_waits_under_is_closed_by_one_confirmation(make, ops, applied):
    assert closing(ops, applied).status_code == 303
    assert (str(row(make, applied).closes_on), dues(make)) == ("2026-11-20", {"2026-11-20"})
    assert "即将截止 · 今天截止" in text_of(ops.get(f"/plans/show/{applied}"))
    assert "今日截止" not in text_of(ops.get(f"/plans/show/{applied}"))


def test_without_script_the_step_is_asked_on_the_page_first(make, ops, plan):
    page = ops.post(f"/plans/close/{plan}", {"seen": value_of(ops.get(f"/plans/show/{plan}"), "seen")})
    assert page.status_code == 200 and "<dialog" in page.text and " open data-open" in page.text
    assert str(row(make, plan).closes_on) == "2026-12-31"


def test_the_dialog_tells_how_many_wait_at_their_units_and_are_returned(ops, waiting):
    shown = text_of(ops.get(f"/plans/show/{waiting}"))
    assert "尚有 2 件申报在用人单位待审核，1 件已退回待修改" in shown
    assert "2026-11-20 以后不能再修改重报" in shown


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({}, ["confirm", "reason"]),
        ({"confirm": "2-1"}, ["reason"]),
        ({"confirm": "2-1", "reason": "x" * 501}, ["reason"]),
        ({"reason": "评审提前"}, ["confirm"]),
        ({"confirm": "1-1", "reason": "评审提前"}, ["confirm"]),
    ],
)
def test_with_applications_waiting_it_is_not_closed_without_the_confirmed_numbers_and_a_reason(
    make, ops, waiting, form, wrong
):
    before = row(make, waiting)
    page = closing(ops, waiting, **form)
    assert (page.status_code, sorted(errors(page))) == (400, wrong)
    assert (value_of(page, "reason"), row(make, waiting), dues(make)) == (
        form.get("reason", ""),
        before,
        {"2026-12-31"},
    )


def test_closed_with_confirmation_the_log_keeps_the_numbers_and_the_reason(make, ops, waiting):
    assert closing(ops, waiting, confirm="2-1", reason="评审提前").status_code == 303
    assert (str(row(make, waiting).closes_on), dues(make)) == ("2026-11-20", {"2026-11-20"})
    (entry,) = audited(make, "change_plan")
    assert entry.detail == {
        "before": {"closes_on": "2026-12-31"},
        "after": {"closes_on": "2026-11-20"},
        "confirmed": {"waiting_at_units": 2, "returned": 1},
        "reason": "评审提前",
    }


def test_numbers_that_changed_since_the_page_was_opened_are_confirmed_anew(app, make, ops, waiting):
    page = ops.get(f"/plans/show/{waiting}")
    apply(app, "P2026-01", 5)
    form = {"seen": value_of(page, "seen"), "sure": "1", "confirm": "2-1", "reason": "评审提前"}
    answer = ops.post(f"/plans/close/{waiting}", form)
    assert answer.status_code == 400 and "尚有 3 件申报在用人单位待审核" in text_of(answer)
    assert str(row(make, waiting).closes_on) == "2026-12-31"


def test_the_form_asks_for_the_same_confirmation(make, ops, waiting):
    page = edit(ops, waiting, closes_on="2026-11-30")
    assert (page.status_code, sorted(errors(page))) == (400, ["confirm", "reason"])
    form = sent(page) | {"confirm": value_of(page, "confirm"), "reason": "评审提前"}
    assert ops.post(f"/plans/edit/{waiting}", form).status_code == 303
    assert str(row(make, waiting).closes_on) == "2026-11-30"


def test_a_later_last_day_of_a_plan_that_is_open_needs_no_confirmation(make, ops, waiting):
    assert edit(ops, waiting, closes_on="2027-03-31").status_code == 303
    assert dues(make) == {"2027-03-31"}


def test_a_plan_that_is_not_open_yet_is_opened_today(make, ops):
    pk = make.taken(plan_line(1, opens_on="2026-12-01"))
    assert closing(ops, pk, "open").status_code == 303
    assert str(row(make, pk).opens_on) == "2026-11-20"


@pytest.fixture
def over(app, make, ops) -> int:
    """A plan that closed on the 15th of November, with an application returned and one that waits."""
    pk = make.taken(plan_line(1, closes_on="2026-11-15"))
    apply(app, "P2026-01", 1, status="returned")
    apply(app, "P2026-01", 2)
    return int(pk)


def test_a_closed_plan_is_opened_again_until_a_new_last_day(make, ops, over):
    form = {"confirm": "1-1", "reason": "延期", "closes_on": "2026-12-10"}
    assert closing(ops, over, "open", **form).status_code == 303
    assert (str(row(make, over).closes_on), dues(make)) == ("2026-12-10", {"2026-12-10"})
    assert audited(make, "change_plan")[0].detail["reason"] == "延期"


@pytest.mark.parametrize("closes_on", ["", "2026-11-19", "morgen"])
def test_the_new_last_day_is_today_or_later(make, ops, over, closes_on):
    page = closing(ops, over, "open", confirm="1-1", reason="延期", closes_on=closes_on)
    assert (page.status_code, list(errors(page))) == (400, ["closes_on"])
    assert (value_of(page, "closes_on"), str(row(make, over).closes_on)) == (closes_on, "2026-11-15")


@pytest.mark.parametrize("door", ["open", "edit"])
def test_opening_again_with_returned_applications_is_confirmed_by_either_door(make, ops, over, door):
    answer = (
        closing(ops, over, "open", closes_on="2026-12-10")
        if door == "open"
        else edit(ops, over, closes_on="2026-12-10")
    )
    assert (answer.status_code, sorted(errors(answer))) == (400, ["confirm", "reason"])
    assert str(row(make, over).closes_on) == "2026-11-15"


OTHERS = [
    ("pending", "2026-12-31", 2026, True),
    ("passed", "2026-11-18", 2026, True),
    ("returned", "2026-12-31", 2026, True),
    ("returned", "2026-11-18", 2026, False),
    ("terminated", "2026-12-31", 2026, False),
    ("pending", "2026-12-31", 2025, False),
]


@pytest.mark.parametrize(("status", "closes_on", "year", "refused"), OTHERS)
def test_it_is_not_opened_again_over_who_gave_up_the_place_and_applied_elsewhere(
    app, make, ops, over, status, closes_on, year, refused
):
    make.unit(2, region="350203")
    make.taken(plan_line(2, closes_on=closes_on, year=year))
    apply(app, "P2026-02", 1, unit_code(2), status)
    page = closing(ops, over, "open", confirm="1-1", reason="延期", closes_on="2026-12-10")
    assert ("closes_on" in errors(page), str(row(make, over).closes_on) == "2026-11-15") == (refused, refused)
    assert ("有 1 人的申报被退回" in text_of(page)) == refused


def test_who_applied_in_another_region_since_counts_too(app, make, sign_in):
    make.unit(1)
    make.unit(2, region="350203")
    pk = make.taken(plan_line(1, region="350100", closes_on="2026-11-15"))
    make.taken(plan_line(2))
    apply(app, "P2026-01", 1, unit_code(1), "returned")
    apply(app, "P2026-02", 1, unit_code(2))
    make.account("fuzhou", "hr_operations", "350100")
    page = closing(sign_in("fuzhou"), pk, "open", confirm="0-1", reason="延期", closes_on="2026-12-10")
    assert list(errors(page)) == ["closes_on"]


@pytest.mark.parametrize(
    ("opens_on", "closes_on", "step"),
    [
        ("2026-06-01", "2026-12-31", "open"),
        ("2026-06-01", "2026-11-20", "close"),
        ("2026-06-01", "2026-10-31", "close"),
    ],
)
def test_a_step_that_does_not_fit_the_state_is_refused(make, ops, opens_on, closes_on, step):
    pk = make.taken(plan_line(1, opens_on=opens_on, closes_on=closes_on))
    before = row(make, pk)
    seen = json.dumps({"steps": 0})
    answer = ops.post(f"/plans/{step}/{pk}", {"seen": seen, "sure": "1", "closes_on": "2027-01-31"})
    assert answer.status_code == 409 and "本次操作未保存" in text_of(answer)
    assert row(make, pk) == before


# ---- the demo --------------------------------------------------------------------------------------------------------


def kept_open(app) -> None:
    with app.app_context(), everything("tests") as session:
        begin_write(session)
        keep_open(session)
        session.commit()


@pytest.mark.parametrize(
    ("year", "opens_on", "closes_on", "expected"),
    [
        (2026, "2026-06-01", "2026-12-31", "2027-01-19"),
        (2026, "2026-06-01", "2026-08-31", "2027-01-19"),
        (2026, "2026-06-01", "2027-06-30", "2027-06-30"),
        (2026, "2026-12-01", "2026-12-31", "2026-12-31"),
        (2025, "2025-06-01", "2025-12-31", "2025-12-31"),
    ],
    ids=["closing", "closed", "far", "not begun", "last year"],
)
def test_the_demo_keeps_its_current_plans_open_for_60_days(app, make, year, opens_on, closes_on, expected):
    make.unit(1)
    make.taken(plan_line(1, year=year, opens_on=opens_on, closes_on=closes_on))
    apply(app, "P2026-01")
    kept_open(app)
    assert ([str(day) for (day,) in make.read(sa.select(Plan.closes_on))], dues(make)) == ([expected], {expected})


def test_a_plan_that_somebody_closed_in_the_demo_stays_closed(app, make, ops, plan):
    closing(ops, plan)
    with clock.frozen(NOON + timedelta(days=2)):
        kept_open(app)
    assert str(row(make, plan).closes_on) == "2026-11-20"
