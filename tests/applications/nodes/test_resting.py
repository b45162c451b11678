"""撤销审核 is refused, and says why, when others rely by now on what the record gave up with the verdict."""

import sqlalchemy as sa

from app.applications.models import Plan
from app.review.models import Submission
from tests.applications.nodes.stage import (
    OCCUPIED,
    application_line,
    back,
    one,
    open_plan_line,
    post_approval_line,
    unit_passes,
    verdict,
)
from tests.applications.nodes.test_freezing import WITHDRAW, asked_for
from tests.applications.nodes.test_passing import DECIDE, TAKE_BACK, draft
from tests.browsing import text_of
from tests.factories import change

AGAIN = {"ref": "T1-again", "plan": "P2", "submitted_at": "2026-11-19T09:00:00+08:00"}


def returned_for_good(stage, unit) -> int:
    """An application that its unit returned, and whose plan has closed since."""
    (pk,) = stage.applying(1)
    unit.post(DECIDE, one(stage.make, pk, "return"))
    change(stage.make, sa.update(Plan).where(Plan.code == "P1").values(closes_on=sa.text("'2026-11-15'")))
    return pk


def test_a_place_in_the_year_that_another_application_has(stage, reader):
    unit = reader("unit")
    pk = returned_for_good(stage, unit)
    stage.taken(open_plan_line("P2"), application_line(1, **AGAIN))
    assert "此人已在该年度重新申报" in text_of(unit.get(f"/applications/show/{pk}"))
    assert unit.post(TAKE_BACK, back(stage.make, pk, "returned")).status_code == 409
    assert stage.stands(pk) == ("returned", "unit")


def test_a_place_in_the_year_that_a_termination_bars(stage, reader):
    unit = reader("unit")
    pk = returned_for_good(stage, unit)
    stage.taken(open_plan_line("P2"), application_line(1, **AGAIN), verdict(9, "terminate", of="T1-again", day=20))
    assert unit.post(TAKE_BACK, back(stage.make, pk, "returned")).status_code == 409


def test_a_place_in_the_year_that_nobody_took_is_still_there(stage, reader):
    unit = reader("unit")
    pk = returned_for_good(stage, unit)
    assert unit.post(TAKE_BACK, back(stage.make, pk, "returned")).status_code == 303


def test_a_cited_item_that_the_applicant_has_back(stage, reader):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    unit.post(DECIDE, one(stage.make, pk, "return"))
    unit.post(WITHDRAW, one(stage.make, asked_for(stage)))
    assert "申报所引用的记录已由申报人撤回" in text_of(unit.get(f"/applications/show/{pk}"))
    assert unit.post(TAKE_BACK, back(stage.make, pk, "returned")).status_code == 409


def test_a_position_that_another_has_taken(stage, reader):
    stage.taken(post_approval_line(approved=18, filled=17))
    first, second = stage.applying(1, 2)
    department, unit = reader("department"), reader("unit")
    stage.taken(unit_passes(position=OCCUPIED))
    department.post(DECIDE, one(stage.make, first, "return"))
    draft(unit, second)
    assert unit.post(DECIDE, one(stage.make, second)).status_code == 303
    answer = department.post(TAKE_BACK, back(stage.make, first, "returned"))
    assert (answer.status_code, "岗位已由他人占用" in text_of(answer)) == (409, True)
    assert stage.stands(first) == ("returned", "department")


def test_a_position_that_is_free_is_taken_again(stage, reader):
    stage.taken(post_approval_line(approved=18, filled=17))
    (pk,) = stage.applying(1)
    department = reader("department")
    stage.taken(unit_passes(position=OCCUPIED))
    department.post(DECIDE, one(stage.make, pk, "return"))
    assert department.post(TAKE_BACK, back(stage.make, pk, "returned")).status_code == 303


def test_what_the_unit_has_written_since_it_was_sent_back(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    department, unit = reader("department"), reader("unit")
    department.post(DECIDE, one(stage.make, pk, "send_back", "请补充"))
    draft(unit, pk, files=(), text="重新填写的意见")
    answer = department.post(TAKE_BACK, back(stage.make, pk))
    assert (answer.status_code, stage.stands(pk)) == (409, ("pending", "unit"))
    assert "单位此后已重新填写推荐意见" in text_of(department.get(f"/applications/show/{pk}?status=all"))
    assert stage.drafts(pk)[-1].text == "重新填写的意见"


def test_a_cited_items_own_verdict_names_the_application(stage, reader):
    stage.applying(1)
    (item,) = stage.make.read(sa.select(Submission.id).where(Submission.ref == "A1"))
    stage.taken(verdict(9, "return"))
    assert "已有职称申报引用该记录" in text_of(
        reader("unit").get(f"/archive/social_position/show/{item[0]}?status=all")
    )
