"""The way of an application (R34): the unit, its department, up the HR bureaus to the plan's, the committee."""

import pytest

from tests.applications.nodes.stage import (
    CITY,
    COUNTY,
    DEPARTMENT,
    FREE,
    PROVINCE,
    application_line,
    one,
    open_plan_line,
    unit_passes,
    verdict,
)
from tests.browsing import table
from tests.factories import unit_code, unit_line

LIST, DECIDE = "/applications/list/", "/applications/decide"
# the unit's region, whether it has a department, the plan's region → where its application goes
ROUTES = [
    (COUNTY, True, PROVINCE, ["department", "county", "city", "province", "committee"]),
    (COUNTY, False, PROVINCE, ["county", "city", "province", "committee"]),
    (COUNTY, False, CITY, ["county", "city", "committee"]),
    (COUNTY, True, COUNTY, ["department", "county", "committee"]),
    (CITY, False, PROVINCE, ["city", "province", "committee"]),
    (CITY, False, CITY, ["city", "committee"]),
    (PROVINCE, False, PROVINCE, ["province", "committee"]),
    (PROVINCE, True, PROVINCE, ["department", "province", "committee"]),
]


@pytest.mark.parametrize(("region", "department", "plan", "route"), ROUTES)
def test_each_pass_goes_to_the_next_node_of_the_route(stage, region, department, plan, route):
    of = {"competent_department_code": unit_code(DEPARTMENT)} if department else {}
    stage.taken(unit_line(3, region=region, **of), open_plan_line("P2", region=plan))
    (pk,) = stage.applying(1, unit=3, plan="P2")
    places = []
    for n, _node in enumerate(route):
        line = unit_passes(institution=False) if n == 0 else verdict(n + 1, day=12 + n)
        stage.taken(line)
        places.append(stage.stands(pk))
    assert places == [*(("pending", node) for node in route[:-1]), ("passed", "committee")]


def test_on_screen_the_record_goes_from_reader_to_reader(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    for who in ("department", "county", "city", "province"):
        browser = reader(who)
        assert [row["姓名"] for row in table(browser.get(LIST))] == ["人员1"]
        assert browser.post(DECIDE, one(stage.make, pk)).status_code == 303
        assert table(browser.get(LIST)) == []
    assert stage.stands(pk) == ("passed", "committee")


def test_a_batch_of_different_routes_is_passed_on_each_its_own_way(stage, reader):
    stage.taken(open_plan_line("P2", region=COUNTY))
    stage.staff(1, 2)
    ids = stage.taken(application_line(1), application_line(2, plan="P2"))
    stage.taken(unit_passes(1, "T1", position=FREE), unit_passes(2, "T2", position=FREE))
    reader("department").post(DECIDE, {"rowid": [f"{pk}:2" for pk in ids], "verdict": "pass", "opinion": "同意"})
    answer = reader("county").post(DECIDE, {"rowid": [f"{pk}:3" for pk in ids], "verdict": "pass", "opinion": "同意"})
    assert answer.status_code == 303
    assert [stage.stands(pk) for pk in ids] == [("pending", "city"), ("passed", "committee")]


def test_a_node_decides_nothing_that_waits_at_another(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    for who in ("unit", "city", "province"):
        browser = reader(who)
        answer = browser.post(DECIDE, one(stage.make, pk))
        assert (who, answer.status_code) == (who, 409 if who == "unit" else 404)
    assert stage.stands(pk) == ("pending", "department")


def test_the_unit_cannot_send_back_to_itself(stage, reader):
    (pk,) = stage.applying(1)
    assert reader("unit").post(DECIDE, one(stage.make, pk, "send_back")).status_code == 403


def test_a_foreign_jurisdiction_sees_nothing(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(), verdict(2, day=12))
    browser = reader("othercounty")
    assert table(browser.get(f"{LIST}?status=all")) == []
    assert browser.get(f"/applications/show/{pk}").status_code == 404


def test_the_later_nodes_do_not_see_it_before_it_comes_to_them(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    browser = reader("city")
    assert table(browser.get(f"{LIST}?status=all")) == []
    assert browser.get(f"/applications/show/{pk}").status_code == 404


def test_a_resubmission_starts_at_the_unit_again(stage):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(), verdict(2, "return", day=12))
    stage.taken(application_line(1, statement="已更正", submitted_at="2026-11-13T09:00:00+08:00"))
    assert stage.stands(pk) == ("pending", "unit")
