"""The feed's kind `plan`."""

import pytest
import sqlalchemy as sa

from app.applications.models import Plan
from tests.applications.factories import plan_line
from tests.factories import changed, take
from tests.intake.answers import answered, answers, contents

REQUIRED = sorted(set(plan_line()) - {"kind"})
WRONG = [
    ("ref", "x" * 65),
    ("code", "x" * 65),
    ("code", 2026),
    ("code", "a\nb"),
    ("name", "x" * 201),
    ("name", ["计划"]),
    ("year", "2026"),
    ("year", 1899),
    ("year", 2101),
    ("year", 2026.5),
    ("series", "工程技术人员"),
    ("series", "p1"),
    ("level", "p1"),
    ("level", "senior"),
    ("region", "110000"),
    ("region", "350101"),
    ("committee", "x" * 201),
    ("committee", "a\x00b"),
    ("opens_on", "2026-06"),
    ("opens_on", "2026-06-31"),
    ("closes_on", "2026-12-31T00:00:00+08:00"),
    ("closes_on", 20261231),
]


def test_a_plan_is_stored_as_its_line_says(app, make):
    make.taken(plan_line(1, name=" 2026年度评审😀 ", region="350102", code="闽" * 64))
    columns = (Plan.code, Plan.name, Plan.year, Plan.series, Plan.level, Plan.region, Plan.ref, Plan.steps)
    assert [tuple(row) for row in make.read(sa.select(*columns))] == [
        ("闽" * 64, "2026年度评审😀", 2026, "engineering", "associate_senior", "350102", "P1", 0)
    ]


def test_its_days_are_stored_as_dates(app, make):
    make.taken(plan_line(1, opens_on="2027-02-28", closes_on="2028-02-29"))
    ((opens_on, closes_on),) = make.read(sa.select(Plan.opens_on, Plan.closes_on))
    assert (opens_on.isoformat(), closes_on.isoformat()) == ("2027-02-28", "2028-02-29")


def test_each_field_that_is_absent_is_named(app):
    absent = [(name, value) for name in REQUIRED for value in (None, "", " \u3000")]
    lines = [changed(plan_line(), name, value) for name, value in absent]
    assert answers(app, *lines) == [[name] for name, _value in absent]


def test_a_wrong_value_is_named(app):
    lines = [plan_line(**{name: value}) for name, value in WRONG]
    assert answers(app, *lines) == [[name] for name, _value in WRONG]


def test_an_unknown_field_is_named(app):
    assert answered(app, plan_line(steps=3)) == ["steps"]


def test_of_a_rejected_plan_nothing_is_stored(app):
    before = contents(app)
    take(app, plan_line(level="x"))
    assert contents(app) == before


@pytest.mark.parametrize(("closes_on", "expected"), [("2026-06-01", "created"), ("2026-05-31", ["closes_on"])])
def test_the_window_may_be_one_day_and_is_never_reversed(app, closes_on, expected):
    assert answered(app, plan_line(closes_on=closes_on)) == expected


def test_there_is_one_plan_per_code_by_whatever_ref(app, make):
    make.taken(plan_line(1))
    assert answered(app, plan_line(1, ref="another")) == ["code"]


def test_a_plan_comes_only_once_under_a_ref(app, make):
    make.taken(plan_line(1))
    others = [plan_line(1, name="另一个名称"), plan_line(1, closes_on="2027-01-31"), plan_line(2, ref="P1")]
    assert answers(app, *others) == [["ref"]] * 3


def test_the_same_line_again_is_unchanged_even_when_the_plan_was_changed_on_screen_since(app, make, sign_in):
    pk = make.taken(plan_line(1))
    make.account("ops", "hr_operations", "350000")
    ops = sign_in("ops")
    ops.post(f"/plans/edit/{pk}", {"seen": '{"steps": 0}', "name": "改过的名称"})
    assert [row[0] for row in make.read(sa.select(Plan.name))] == ["改过的名称"]
    assert [(result.outcome, result.id) for result in take(app, plan_line(1))] == [("unchanged", pk)]


def test_own_errors_come_before_the_conflict(app, make):
    make.taken(plan_line(1))
    assert answered(app, plan_line(1, level="x")) == ["level"]
