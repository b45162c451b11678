"""A termination bars the plan's year by every door (R24), until it is taken back or its bar is lifted."""

import pytest
import sqlalchemy as sa

from app.applications.models import Plan
from tests.applications.nodes.stage import application_line, back, one, open_plan_line, unit_passes, verdict
from tests.archive.factories import verdict_line
from tests.browsing import text_of
from tests.factories import change, registration_line, unit_code

DECIDE, TAKE_BACK = "/applications/decide", "/applications/take_back"
LATER = {"submitted_at": "2026-11-20T09:00:00+08:00"}


def again(stage, year: int = 2026, **changes):
    """The result of a new application of the first person, within another plan of a year."""
    code = f"P{year}"
    stage.take(open_plan_line(code, year=year))
    return stage.take(application_line(1, ref="T9", plan=code, **LATER) | changes)[0]


def test_a_terminated_person_cannot_apply_again_that_year(stage):
    stage.applying(1)
    stage.taken(verdict(1, "terminate"))
    refused = again(stage)
    assert list(refused.errors) == ["id_number"]
    assert "2026" in refused.errors["id_number"][0]


def test_the_next_year_is_taken(stage):
    stage.applying(1)
    stage.taken(verdict(1, "terminate"))
    assert again(stage, 2027).outcome == "created"


def test_the_bar_holds_in_another_unit_too(stage):
    stage.applying(1)
    stage.taken(verdict(1, "terminate"))
    stage.taken(registration_line(1, unit_code(2), ref="R1B", submitted_at="2026-11-12T09:00:00+08:00"))
    stage.taken(verdict_line(900, of="R1B", day=13))
    assert list(again(stage, unit=unit_code(2)).errors) == ["id_number"]


def test_it_asks_to_type_the_persons_name(stage, reader):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    answer = unit.post(DECIDE, one(stage.make, pk, "terminate", "任职年限不足", confirm_name="人员2"))
    assert answer.status_code == 400
    assert "任职年限不足" in answer.text and 'value="人员2"' in answer.text
    assert stage.stands(pk) == ("pending", "unit")
    assert unit.post(DECIDE, one(stage.make, pk, "terminate", "任职年限不足", confirm_name="人员1")).status_code == 303
    assert stage.stands(pk) == ("terminated", "unit")


def test_a_batch_asks_for_the_number(stage, reader):
    ids = stage.applying(1, 2)
    unit = reader("unit")
    form = {"rowid": [f"{pk}:1" for pk in ids], "verdict": "terminate", "opinion": "不符合条件"}
    assert unit.post(DECIDE, form | {"confirm_count": "3"}).status_code == 400
    assert [stage.stands(pk)[0] for pk in ids] == ["pending", "pending"]
    assert unit.post(DECIDE, form | {"confirm_count": "2"}).status_code == 303
    assert [stage.stands(pk)[0] for pk in ids] == ["terminated", "terminated"]


def test_taking_it_back_ends_the_bar(stage, reader):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    unit.post(DECIDE, one(stage.make, pk, "terminate", confirm_name="人员1"))
    assert unit.post(TAKE_BACK, back(stage.make, pk, "terminated")).status_code == 303
    assert stage.stands(pk) == ("pending", "unit")
    assert "已有" in again(stage).errors["id_number"][0]


def test_after_the_plan_closed_it_is_not_taken_back(stage, reader):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    unit.post(DECIDE, one(stage.make, pk, "terminate", confirm_name="人员1"))
    change(stage.make, sa.update(Plan).values(closes_on=sa.text("'2026-11-20'")))
    assert unit.post(TAKE_BACK, back(stage.make, pk, "terminated")).status_code == 409
    assert stage.stands(pk) == ("terminated", "unit")


def test_the_system_administrator_lifts_it_with_a_reason(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(verdict(1, "terminate"))
    admin = reader("admin")
    form = {"rowid": f"{pk}:2", "single": "1"}
    assert admin.post(f"/applications/lift/{pk}", form | {"opinion": ""}).status_code == 400
    assert admin.post(f"/applications/lift/{pk}", form | {"opinion": "复核后符合条件"}).status_code == 303
    assert (stage.stands(pk), stage.steps(pk)) == (("terminated", "unit"), ["submit", "terminate", "lift"])
    assert "复核后符合条件" in text_of(admin.get(f"/applications/show/{pk}"))
    assert again(stage).outcome == "created"


def test_a_lifted_termination_is_not_lifted_twice_nor_taken_back(stage, reader):
    (pk,) = stage.applying(1)
    unit, admin = reader("unit"), reader("admin")
    unit.post(DECIDE, one(stage.make, pk, "terminate", confirm_name="人员1"))
    form = {"single": "1", "opinion": "复核"}
    admin.post(f"/applications/lift/{pk}", form | {"rowid": f"{pk}:2"})
    assert admin.post(f"/applications/lift/{pk}", form | {"rowid": f"{pk}:3"}).status_code == 409
    assert unit.post(TAKE_BACK, back(stage.make, pk, "terminated")).status_code == 409


@pytest.mark.parametrize("who", ["unit", "county", "operations", "auditor"])
def test_nobody_else_lifts_it(stage, reader, who):
    (pk,) = stage.applying(1)
    stage.taken(verdict(1, "terminate"))
    answer = reader(who).post(f"/applications/lift/{pk}", {"rowid": f"{pk}:2", "single": "1", "opinion": "x"})
    assert answer.status_code in (302, 403, 404)
    assert stage.steps(pk) == ["submit", "terminate"]


def test_a_returned_one_keeps_its_place(stage):
    stage.applying(1)
    stage.taken(verdict(1, "return"))
    assert list(again(stage).errors) == ["id_number"]


def test_until_its_plan_closes(stage):
    stage.applying(1)
    stage.taken(verdict(1, "return"))
    change(stage.make, sa.update(Plan).where(Plan.code == "P1").values(closes_on=sa.text("'2026-11-15'")))
    assert again(stage).outcome == "created"


def test_one_that_is_under_way_is_the_only_one(stage):
    stage.applying(1)
    stage.taken(unit_passes())
    assert list(again(stage).errors) == ["id_number"]
