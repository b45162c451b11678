"""The rules between records of applications and their decisions: each named by the field that it is put to."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.applications.models import Plan
from tests.applications.nodes.stage import (
    FREE,
    OCCUPIED,
    application_line,
    open_plan_line,
    recommendation,
    unit_passes,
    verdict,
)
from tests.factories import change, changed, id_number, unit_code

APPLICATIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an unknown plan": ({"plan": "P9"}, ["plan"]),
    "an unknown unit": ({"unit": unit_code(77)}, ["unit"]),
    "a plan of another region": ({"plan": "P-OTHER"}, ["plan"]),
    "before the plan opens": ({"plan": "P-LATER"}, ["submitted_at"]),
    "after the plan closed": ({"plan": "P-OVER"}, ["submitted_at"]),
    "somebody who registered nowhere": ({"id_number": id_number(9)}, ["id_number", "items"]),
    "another's item": ({"items": ["A2"]}, ["items"]),
    "an unknown item": ({"items": ["A1", "A9"]}, ["items"]),
    "an item twice": ({"items": ["A1", "A1"]}, ["items"]),
    "no item": ({"items": []}, ["items"]),
    "before the item passed": ({"submitted_at": "2026-11-03T09:30:00+08:00"}, ["submitted_at"]),
    "a file that is not there": ({"attachments": [{"file": "none.pdf"}]}, ["attachments"]),
    "an unknown field": ({"note": "x"}, ["note"]),
}
DECISIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no recommendation": ({"recommendation": None}, ["recommendation"]),
    "no position": ({"position": None}, ["position"]),
    "four working days": ({"recommendation": recommendation(notice_to="2026-10-29")}, ["recommendation.notice_to"]),
    "a notice that was not over": (
        {"recommendation": recommendation(notice_to="2026-11-11")},
        ["recommendation.notice_to"],
    ),
    "days the wrong way round": (
        {"recommendation": recommendation(notice_to="2026-10-20")},
        ["recommendation.notice_to"],
    ),
    "no proof": ({"recommendation": recommendation(notice=[])}, ["recommendation.notice"]),
    "a position without a level": (
        {"position": {"occupies": True, "category": "professional", "explanation": "占用"}},
        ["position.level"],
    ),
    "a level of another category": ({"position": OCCUPIED | {"level": "m7"}}, ["position.level"]),
    "a level without a position": ({"position": FREE | {"level": "p7"}}, ["position.level"]),
    "another node": ({"node": "county"}, ["node"]),
    "before the submission": ({"decided_at": "2026-11-09T09:00:00+08:00"}, ["decided_at"]),
    "a verdict that no kind knows": ({"verdict": "send_back"}, ["verdict"]),
}


def without(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if value is not None}


@pytest.mark.parametrize("case", APPLICATIONS, ids=str)
def test_what_is_wrong_with_an_application(stage, case):
    changes, fields = APPLICATIONS[case]
    stage.staff(1, 2)
    stage.taken(
        open_plan_line("P-OTHER", region="350200"),
        open_plan_line("P-LATER", opens_on="2026-12-01"),
        open_plan_line("P-OVER", closes_on="2026-11-01"),
    )
    (refused,) = stage.take(application_line(1) | changes)
    assert sorted(refused.errors) == fields


@pytest.mark.parametrize("case", DECISIONS, ids=str)
def test_what_is_wrong_with_the_units_pass(stage, case):
    changes, fields = DECISIONS[case]
    stage.applying(1)
    (refused,) = stage.take(without(unit_passes() | changes))
    assert sorted(refused.errors) == fields


@pytest.mark.parametrize("name", ["recommendation", "position"])
def test_only_the_units_pass_has_a_recommendation(stage, name):
    stage.applying(1)
    stage.taken(unit_passes())
    more = {"recommendation": recommendation(), "position": OCCUPIED}
    (refused,) = stage.take(verdict(2, day=12) | {name: more[name]})
    assert list(refused.errors) == [name]


def test_a_company_has_no_position(stage):
    stage.applying(1, unit=2)
    (refused,) = stage.take(unit_passes())
    assert list(refused.errors) == ["position"]


@pytest.mark.parametrize(("path", "value"), [("unit", unit_code(2)), ("id_number", id_number(2)), ("plan", "P2")])
def test_a_new_version_keeps_what_it_is_of(stage, path, value):
    stage.applying(1)
    stage.staff(2)
    stage.taken(verdict(1, "return"), open_plan_line("P2", year=2027))
    line = application_line(1, statement="已更正", submitted_at="2026-11-13T09:00:00+08:00")
    (refused,) = stage.take(changed(line, path, value))
    assert path in refused.errors


def test_a_new_version_is_taken_until_the_plan_closes(stage):
    stage.applying(1)
    stage.taken(verdict(1, "return"))
    change(stage.make, sa.update(Plan).values(closes_on=sa.text("'2026-11-12'")))
    (refused,) = stage.take(application_line(1, statement="已更正", submitted_at="2026-11-13T09:00:00+08:00"))
    assert list(refused.errors) == ["submitted_at"]


def test_the_same_lines_again_change_nothing(stage):
    stage.applying(1)
    stage.taken(unit_passes())
    again = stage.take(application_line(1), unit_passes())
    assert [result.outcome for result in again] == ["unchanged", "unchanged"]


def test_the_same_files_under_other_names_are_the_same(stage):
    stage.applying(1)
    (stage.folder / "again.pdf").write_bytes((stage.folder / "proof-1.pdf").read_bytes())
    (again,) = stage.take(application_line(1, attachments=[{"file": "again.pdf"}]))
    assert again.outcome == "unchanged"


def test_a_pending_one_takes_no_new_version(stage):
    stage.applying(1)
    (refused,) = stage.take(application_line(1, statement="另写的"))
    assert "ref" in refused.errors
