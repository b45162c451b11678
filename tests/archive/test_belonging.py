"""The rules between records for items and requests: each that fails is named by its field."""

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from tests.archive.factories import item_line, request_line, verdict_line
from tests.factories import decision_line, id_number, registration_line, take, unit_code


@pytest.fixture
def other_unit(app, unit, make) -> int:
    """A second unit, to which the ninth person belongs."""
    pk = make.unit(2)
    take(app, registration_line(9, unit_code(2)), verdict_line(9, of="R9", day=2))
    return pk


def moved_away(app) -> None:
    """The first person registers in the second unit and is passed there, which ends his belonging to the first."""
    line = registration_line(50, unit_code(2), person={"id_number": id_number(1)})
    take(app, line | {"submitted_at": "2026-11-05T09:00:00+08:00"}, verdict_line(50, of="R50", day=6))


def at(moment: str, **changes):
    return {"submitted_at": f"2026-11-{moment}:00+08:00", **changes}


# ---- who may submit --------------------------------------------------------------------------------------------------


def test_who_belongs_to_the_unit_submits(answers):
    assert answers(item_line()) == ["created"]


def test_an_unknown_unit_is_named(answers):
    assert answers(item_line(unit=unit_code(9))) == [["unit"]]


def test_a_number_that_nobody_registered_is_named(answers):
    assert answers(item_line(id_number=id_number(77))) == [["id_number"]]


@pytest.mark.parametrize("verdict", [None, "return"], ids=["waits", "returned"])
def test_a_registration_that_did_not_pass_is_not_enough(app, answers, verdict):
    take(app, registration_line(3), *([decision_line(3, "R3", verdict)] if verdict else []))
    assert answers(item_line(id_number=id_number(3))) == [["id_number"]]


def test_who_belongs_to_another_unit_does_not_submit_here(answers, other_unit):
    assert answers(item_line(id_number=id_number(9))) == [["id_number"]]


def test_who_moved_away_submits_there_and_no_more_here(app, answers, other_unit):
    moved_away(app)
    later = at("07T09:00")
    assert answers(item_line(**later), item_line(ref="A2", unit=unit_code(2), **later)) == [["id_number"], "created"]


def test_an_unknown_type_is_named(answers):
    assert answers(item_line("horoscope", data={"sign": "x"})) == [["type"]]


def test_all_rules_that_fail_are_named(answers, other_unit):
    answers(item_line(), verdict_line(1, "return"))
    line = item_line("patent", ref="A1", unit=unit_code(2), id_number=id_number(2), **at("03T09:00"))
    assert answers(line) == [["id_number", "submitted_at", "type", "unit"]]


def test_a_lines_own_errors_come_before_the_rules(answers):
    assert answers(item_line(id_number=id_number(77), data={"title": None})) == [["data.title"]]


def test_a_rejected_item_leaves_nothing(make, answers):
    answers(item_line(id_number=id_number(77)), item_line(unit=unit_code(9)), item_line(data={"rank": -1}))
    assert make.read(sa.select(Submission.id).where(Submission.kind == "archive_item")) == []


# ---- what a new version keeps ----------------------------------------------------------------------------------------

KEPT = {
    "unit": {"unit": unit_code(2)},
    "id_number": {"id_number": id_number(2)},
    "type": {"type": "book"},
}


@pytest.fixture(params=["returned", "withdrawn"])
def come_back(request, answers, unit):
    """An item that may come again."""
    answers(item_line(), verdict_line(1, "return" if request.param == "returned" else "pass"))
    if request.param == "withdrawn":
        answers(request_line(), verdict_line(2, of="W1", day=6))


def test_it_comes_again(answers, come_back):
    assert answers(item_line(**at("07T09:00"))) == ["resubmitted"]


@pytest.mark.parametrize("field", KEPT)
def test_a_new_version_keeps(answers, come_back, other_unit, field):
    key = KEPT[field].get("type", "paper")
    line = item_line(key, **at("07T09:00"), **({} if field == "type" else KEPT[field]))
    assert answers(line) == [[field]]


def test_a_new_version_of_an_unknown_number_names_it(answers, come_back):
    assert answers(item_line(**at("07T09:00", id_number=id_number(77)))) == [["id_number"]]


def test_what_was_returned_in_a_former_unit_comes_again_there(app, answers, come_back, other_unit):
    moved_away(app)
    assert answers(item_line(**at("07T09:00"))) == ["resubmitted"]


def test_a_new_version_has_its_own_values(make, answers, come_back):
    answers(item_line(data={"title": "新题目"}, **at("07T09:00")))
    row = make.read(sa.select(Submission.title, Submission.version).where(Submission.ref == "A1"))
    assert [tuple(one) for one in row] == [("新题目", 2)]


# ---- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("moment", "expected"), [("02T11:59", ["submitted_at"]), ("02T12:00", "created")])
def test_an_item_does_not_lie_before_the_pass_of_the_registration(answers, moment, expected):
    assert answers(item_line(**at(moment))) == [expected]


@pytest.mark.parametrize(("moment", "expected"), [("04T11:59", ["submitted_at"]), ("04T12:00", "resubmitted")])
def test_a_new_version_does_not_lie_before_the_return(answers, moment, expected):
    assert answers(item_line(), verdict_line(1, "return"), item_line(data={"note": "改"}, **at(moment)))[-1] == expected


@pytest.mark.parametrize(("moment", "expected"), [("06T11:59", ["submitted_at"]), ("06T12:00", "resubmitted")])
def test_a_new_version_does_not_lie_before_the_withdrawal(answers, moment, expected):
    answers(item_line(), verdict_line(1), request_line(), verdict_line(2, of="W1", day=6))
    assert answers(item_line(**at(moment))) == [expected]


@pytest.mark.parametrize(("moment", "expected"), [("04T11:59", ["submitted_at"]), ("04T12:00", "created")])
def test_a_request_does_not_lie_before_the_pass_of_its_item(answers, moment, expected):
    answers(item_line(), verdict_line(1))
    assert answers(request_line(**at(moment))) == [expected]


@pytest.mark.parametrize("line", [item_line, request_line], ids=["item", "request"])
def test_no_time_lies_ahead(answers, line):
    answers(item_line(ref="A1" if line is request_line else "A0"), verdict_line(1))
    assert answers(line(submitted_at="2999-01-01T00:00:00+08:00")) == [["submitted_at"]]


@pytest.mark.parametrize(("day", "expected"), [(2, ["decided_at"]), (4, "created")])
def test_a_verdict_on_an_item_does_not_lie_before_its_submission(answers, day, expected):
    assert answers(item_line(), verdict_line(1, day=day))[-1] == expected


# ---- requests --------------------------------------------------------------------------------------------------------

NOT_PASSED = {
    "unknown": [],
    "pending": [item_line()],
    "returned": [item_line(), verdict_line(1, "return")],
    "withdrawn": [item_line(), verdict_line(1), request_line(9), verdict_line(9, of="W9", day=6)],
}


@pytest.mark.parametrize("state", NOT_PASSED)
def test_a_request_is_of_a_passed_item(answers, state):
    answers(*NOT_PASSED[state])
    assert answers(request_line(**at("07T09:00"))) == [["item"]]


def test_a_request_is_of_an_item_and_no_other_kind(answers):
    assert answers(request_line(item="R1")) == [["item"]]


def test_one_request_is_open_at_a_time(answers):
    answers(item_line(), verdict_line(1))
    assert answers(request_line(1), request_line(2)) == ["created", ["item"]]


def test_each_item_has_its_own(answers):
    answers(item_line("paper", 1), item_line("book", 2), verdict_line(1), verdict_line(2, of="A2"))
    assert answers(request_line(1), request_line(2, "A2")) == ["created", "created"]


def test_a_request_is_never_resubmitted(answers):
    answers(item_line(), verdict_line(1), request_line(), verdict_line(2, "return", of="W1", day=6))
    assert answers(request_line(reason="再次申请", **at("07T09:00"))) == [["ref"]]


@pytest.mark.parametrize("field", ["ref", "item", "reason", "submitted_at"])
def test_a_request_names_the_field_that_is_absent(answers, field):
    answers(item_line(), verdict_line(1))
    assert answers(request_line() | {field: None}) == [[field]]


def test_the_title_of_a_request_and_its_person_are_those_of_its_item(make, answers):
    answers(item_line(data={"title": "课堂观察"}), verdict_line(1), request_line())
    query = sa.select(Submission.title, Submission.person_name).where(Submission.kind == "withdrawal")
    assert [tuple(row) for row in make.read(query)] == [("课堂观察", "人员1")]
