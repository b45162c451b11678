"""The tabs of a desk are relative to its node (design.md): where a record stands for each of its readers."""

import pytest

from tests.applications.nodes.stage import application_line, back, one, unit_passes, verdict
from tests.browsing import table, tabs

WHO = ("unit", "department", "county")
TABS = ("pending", "passed", "returned", "terminated")


def shown(browser) -> str:
    """The tab besides 全部 that has the one record, `all` for 全部 alone, nothing where it is on none."""
    on = [tab for tab in (*TABS, "all") if table(browser.get(f"/applications/list/?status={tab}"))]
    assert len(on) <= 2
    return on[0] if on else ""


# what happened, and the tab that the record then is on at the unit, the department, the county
STORIES = {
    "submitted": ([], ("pending", "", "")),
    "passed by the unit": (["pass"], ("passed", "pending", "")),
    "passed by the department": (["pass", "pass"], ("passed", "passed", "pending")),
    "with the committee": (["pass"] * 5, ("passed", "passed", "passed")),
    "returned by the unit": (["return"], ("returned", "", "")),
    "returned by the department": (["pass", "return"], ("returned", "returned", "")),
    "returned by the county": (["pass", "pass", "return"], ("returned", "returned", "returned")),
    "terminated by the county": (["pass", "pass", "terminate"], ("terminated", "terminated", "terminated")),
    "came again": (["pass", "return", "again"], ("pending", "all", "")),
    "came again and up": (["pass", "return", "again", "pass"], ("passed", "pending", "")),
}


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_where_a_record_stands(stage, reader, story):
    steps, expected = STORIES[story]
    stage.applying(1)
    for n, step in enumerate(steps, 1):
        at_unit = n == 1 or steps[n - 2] == "again"
        if step == "again":
            stage.taken(application_line(1, statement="已更正", submitted_at=f"2026-11-{10 + n}T13:00:00+08:00"))
        elif step == "pass" and at_unit:
            stage.taken(unit_passes(n, day=10 + n))
        else:
            stage.taken(verdict(n, step, day=10 + n))
    assert tuple(shown(reader(who)) for who in WHO) == expected


def test_what_was_sent_back_to_the_unit_is_under_all_until_it_comes_up_again(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    department, unit = reader("department"), reader("unit")
    department.post("/applications/decide", one(stage.make, pk, "send_back", "请补充公示材料"))
    assert (shown(unit), shown(department)) == ("pending", "all")
    unit.post("/applications/decide", one(stage.make, pk))
    assert (shown(unit), shown(department)) == ("passed", "pending")


def test_what_the_unit_took_back_is_under_all_above(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    department, unit = reader("department"), reader("unit")
    assert shown(department) == "pending"
    unit.post("/applications/take_back", back(stage.make, pk))
    assert (shown(unit), shown(department)) == ("pending", "all")


def test_a_reader_without_a_node_sees_the_state_itself(stage, reader):
    stage.applying(1, 2)
    stage.taken(unit_passes())
    rows = table(reader("auditor").get("/applications/list/"))
    assert {row["姓名"]: row["审核节点"] for row in rows} == {"人员1": "主管部门", "人员2": "单位"}


def test_the_menu_counts_what_waits_at_the_readers_node(stage, reader):
    stage.applying(1, 2, 3)
    stage.taken(unit_passes())
    assert tabs(reader("unit").get("/applications/list/"))["待审核"] == "2"
    assert tabs(reader("department").get("/applications/list/"))["待审核"] == "1"
