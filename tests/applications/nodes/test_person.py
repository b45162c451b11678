"""A person's page (人员): everything of his that waits is decided there, an application like the rest."""

import sqlalchemy as sa

from app.review.models import Submission
from tests.applications.nodes.stage import application_line, unit_passes
from tests.archive.factories import item_line, request_line
from tests.browsing import Browser, table, text_of
from tests.factories import id_number, unit_code


def waiting(stage) -> dict[str, str]:
    """ref → status of the records of the first person."""
    rows = stage.make.read(sa.select(Submission.ref, Submission.status).where(Submission.person_id == person(stage)))
    return {row.ref: row.status for row in rows}


def person(stage) -> int:
    return int(stage.make.read(sa.select(Submission.person_id).where(Submission.ref == "R1"))[0][0])


def decide(browser: Browser, stage, action: str, refs: list[str], verdict: str = "pass", **more: str):
    """The form of the person's page on some of his records."""
    query = sa.select(Submission.id, Submission.steps).where(Submission.ref.in_(refs))
    tokens = [f"{row.id}:{row.steps}" for row in stage.make.read(query)]
    form = {"rowid": tokens, "verdict": verdict, "opinion": "当面核对原件", "query": f"person={person(stage)}"}
    return browser.post(action, form | more)


def test_items_a_withdrawal_and_an_application_are_all_decided_from_his_page(stage, reader):
    stage.staff(1, unit=2)
    more = item_line("social_position", 2, unit=unit_code(2), id_number=id_number(1), ref="A2")
    other = item_line("social_position", 3, unit=unit_code(2), id_number=id_number(1), ref="A3")
    stage.taken(more, other, application_line(1, unit=2))
    stage.taken(request_line(1, item="A1", submitted_at="2026-11-12T09:00:00+08:00"))
    company = reader("company")
    page = company.get(f"/people/show/{person(stage)}")
    assert all(f'action="{base}' in page.text for base in ("/archive/", "/withdrawals/", "/applications/"))
    decide(company, stage, "/archive/all/decide", ["A2", "A3"])
    decide(company, stage, "/withdrawals/decide", ["W1"], "return")
    decide(company, stage, "/applications/decide", ["T1"], "terminate", confirm_count="1")
    assert waiting(stage) == {
        **{"R1": "passed", "A1": "passed", "A2": "passed", "A3": "passed", "W1": "returned", "T1": "terminated"}
    }


def test_the_batch_of_his_page_asks_for_the_number_of_terminations(stage, reader):
    stage.applying(1, unit=2)
    company = reader("company")
    assert 'name="confirm_count"' in company.get(f"/people/show/{person(stage)}").text
    assert decide(company, stage, "/applications/decide", ["T1"], "terminate").status_code == 400


def test_a_later_node_reads_there_only_what_has_come_to_it(stage, reader):
    stage.applying(1)
    county = reader("county")
    assert "T1" not in county.get(f"/people/show/{person(stage)}").text
    stage.taken(unit_passes())
    department = reader("department")
    assert "高级教师" in text_of(department.get(f"/people/show/{person(stage)}"))
    assert "高级教师" not in text_of(county.get(f"/people/show/{person(stage)}"))


def test_the_list_of_people_counts_what_waits_at_the_readers_node(stage, reader):
    stage.applying(1)
    stage.taken(unit_passes())
    waits = {who: table(reader(who).get("/people/list/"))[0]["待审核合计"] for who in ("unit", "department")}
    assert waits == {"unit": "—", "department": "1"}


def test_his_page_names_the_plan_of_each_application(stage, reader):
    stage.applying(1)
    page = reader("unit").get(f"/people/show/{person(stage)}")
    (row,) = [row for row in table(page) if "评审计划" in row]
    assert row["评审计划"] == "P1评审计划"
