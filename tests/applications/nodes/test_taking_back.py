"""撤销审核 while the next node has the record open: its verdict is refused by name; tabs, ledger and bar are right."""

import pytest

from tests.applications.nodes.stage import (
    COUNTY,
    FREE,
    application_line,
    back,
    one,
    open_plan_line,
    unit_passes,
    verdict,
)
from tests.applications.nodes.test_passing import draft
from tests.browsing import table, text_of
from tests.factories import id_number

DECIDE, TAKE_BACK = "/applications/decide", "/applications/take_back"


def waiting(browser) -> list[str]:
    return [row["姓名"] for row in table(browser.get("/applications/list/"))]


def test_the_next_nodes_verdict_is_refused_by_name(stage, reader):
    (pk,) = stage.applying(1)
    unit, department = reader("unit"), reader("department")
    draft(unit, pk, occupies="0", category="", level="")
    unit.post(DECIDE, one(stage.make, pk))
    open_page = one(stage.make, pk, opinion="同意上报")  # what the department's page had seen
    assert unit.post(TAKE_BACK, back(stage.make, pk)).status_code == 303
    answer = department.post(DECIDE, open_page)
    assert answer.status_code == 409
    assert "unit 的持有人" in text_of(answer) and "同意上报" in text_of(answer)
    assert stage.stands(pk) == ("pending", "unit")
    assert stage.steps(pk) == ["submit", "pass", "take_back"]
    assert (waiting(unit), waiting(department)) == (["人员1"], [])


def test_a_termination_taken_back_is_refused_to_who_had_it_open_at_the_unit(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(position=FREE))
    department, unit = reader("department"), reader("unit")
    department.post(DECIDE, one(stage.make, pk, "terminate", confirm_name="人员1"))
    assert department.post(TAKE_BACK, back(stage.make, pk, "terminated")).status_code == 303
    assert stage.stands(pk) == ("pending", "department")
    assert (waiting(department), waiting(unit)) == (["人员1"], [])


def test_what_the_next_node_decided_is_no_longer_taken_back(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(position=FREE))
    unit, department = reader("unit"), reader("department")
    form = back(stage.make, pk)
    department.post(DECIDE, one(stage.make, pk))
    answer = unit.post(TAKE_BACK, form)
    assert answer.status_code == 409
    assert "department 的持有人" in text_of(answer)
    assert stage.stands(pk) == ("pending", "county")


def test_what_went_to_the_committee_is_taken_back_by_the_last_node(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(position=FREE), *(verdict(n, day=10 + n) for n in (2, 3, 4)))
    province = reader("province")
    province.post(DECIDE, one(stage.make, pk))
    assert province.post(TAKE_BACK, back(stage.make, pk, "passed")).status_code == 303
    assert stage.stands(pk) == ("pending", "province")


def test_a_whole_batch_of_different_ends_is_taken_back(stage, reader):
    stage.taken(open_plan_line("P2", region=COUNTY))
    stage.staff(1, 2)
    ids = stage.taken(application_line(1), application_line(2, plan="P2"))
    lines = [line for ref in ("T1", "T2") for line in (unit_passes(of=ref, position=FREE), verdict(2, of=ref, day=12))]
    stage.taken(*lines)
    county = reader("county")
    form = {"rowid": [f"{pk}:3" for pk in ids], "verdict": "pass", "opinion": "同意"}
    result = county.post(DECIDE, form)
    assert [stage.stands(pk)[0] for pk in ids] == ["pending", "passed"]
    batch = result.headers["Location"].partition("/batch/")[2].partition("?")[0]
    assert county.post(TAKE_BACK, {"status": "pending", "opinion": "看错了", "batch": batch}).status_code == 303
    assert [stage.stands(pk) for pk in ids] == [("pending", "county")] * 2


@pytest.mark.parametrize("who", ["county", "unit2", "auditor"])
def test_only_the_node_that_decided_takes_it_back(stage, reader, who):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(position=FREE))
    reader("department").post(DECIDE, one(stage.make, pk))
    browser = reader(who)
    assert browser.post(TAKE_BACK, back(stage.make, pk)).status_code in (302, 403, 404, 409)
    assert stage.stands(pk) == ("pending", "county")


def test_another_holder_of_the_role_takes_it_back(stage, reader):
    (pk,) = stage.applying(1)
    unit, other = reader("unit"), reader("unit2")
    draft(unit, pk)
    unit.post(DECIDE, one(stage.make, pk))
    assert other.post(TAKE_BACK, back(stage.make, pk)).status_code == 303


def test_the_county_reviewers_own_application_is_refused_to_him(stage, make, sign_in):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(position=FREE), verdict(2, day=12))
    make.account("himself", "hr_reviewer", COUNTY, holder=id_number(1))
    himself = sign_in("himself")
    assert himself.post(DECIDE, one(make, pk)).status_code == 409
    assert "本人" in text_of(himself.get(f"/applications/show/{pk}"))
    form = {"rowid": [f"{pk}:3"], "verdict": "pass", "opinion": "同意"}
    assert himself.post("/applications/preview", form).get_json()["decide"] == 0
    assert stage.stands(pk) == ("pending", "county")
