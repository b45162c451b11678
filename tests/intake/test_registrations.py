"""The kind `registration`: its fields, the same again, and one live registration of a person in a unit."""

from datetime import UTC, datetime
from functools import reduce

import pytest
import sqlalchemy as sa

from app import clock
from app.review.models import Submission
from app.staff.models import Registration
from tests.factories import changed, decision_line, id_number, mobile, registration_line, take, unit_code
from tests.intake.answers import answered, answers, belongs_to, contents, ledger, state, versions

REQUIRED = ["ref", "unit", "submitted_at", "person", *(f"person.{name}" for name in registration_line()["person"])]

WRONG = [
    ("ref", "x" * 65),
    ("ref", "R" * 100_000),
    ("ref", "R1 "),
    ("ref", "R\x001"),
    ("ref", 7),
    ("ref", ["R1"]),
    ("unit", "913501026C8BXBRCP9"),
    ("unit", 913501026),
    ("unit", [unit_code(1)]),
    ("person", "陈小满"),
    ("person", ["陈小满"]),
    ("person", 1),
    ("person.name", "x" * 201),
    ("person.name", "陈\x00小满"),
    ("person.name", {"zh": "陈小满"}),
    ("person.gender", "3"),
    ("person.gender", 1),
    ("person.id_type", "driving_licence"),
    ("person.id_number", "350102199303030021"),
    ("person.id_number", "H82821948"),
    ("person.id_number", 350102199303030020),
    ("person.mobile", "12345"),
    ("person.political_status", "1"),
    ("person.email", "no-at-sign"),
    ("submitted_at", "2026-11-01T09:00:00"),
    ("submitted_at", "2999-01-01T00:00:00Z"),
    ("submitted_at", 1_700_000_000),
]

PASSED = decision_line(1, verdict="pass")
RETURNED = decision_line(2, verdict="return")
CORRECTED = registration_line(1, person={"email": "new@example.cn"}, submitted_at="2026-11-03T09:00:00+08:00")
RETURNED_AGAIN = decision_line(3, verdict="return", decided_at="2026-11-04T09:00:00+08:00")
MOVED = [registration_line(1, unit_code(2), ref="R2"), decision_line(4, "R2", "pass")]
BACK = [registration_line(1, ref="R3"), decision_line(5, "R3", "pass")]


@pytest.fixture(autouse=True)
def units(make):
    """Two units."""
    make.unit(1)
    make.unit(2)


def test_a_registration_waits_at_the_unit(make):
    make.registration(1)
    assert (state(make), ledger(make)) == (("pending", "unit", 1), [("submit", 1, None, "pending")])


def test_a_registration_is_stored_as_its_line_says(make):
    make.registration(1, person={"name": "\u3000陈小满😀", "email": "A@example.cn"})
    query = sa.select(Registration.person_name, Registration.email, Registration.submitted_at, Registration.region)
    at = datetime(2026, 11, 1, 1, tzinfo=UTC)
    assert [tuple(row) for row in make.read(query)] == [("陈小满😀", "A@example.cn", at, "350102")]


def test_its_version_keeps_the_numbers_masked(make):
    make.registration(1)
    number, phone = id_number(1), mobile(1)
    kept = versions(make)[0]["person"]
    assert (kept["id_number"], kept["mobile"]) == (
        f"{number[:4]}**********{number[-4:]}",
        f"{phone[:3]}****{phone[-4:]}",
    )


def test_each_field_that_is_absent_is_named(app):
    absent = [(path, value) for path in REQUIRED for value in (None, "", " \u3000")]
    assert answers(app, *(changed(registration_line(), path, value) for path, value in absent)) == [
        [path] for path, _value in absent
    ]


def test_an_empty_person_lacks_each_of_its_fields(app):
    assert answered(app, changed(registration_line(), "person", {})) == sorted(REQUIRED[4:])


def test_a_wrong_value_is_named(app):
    lines = [changed(registration_line(), path, value) for path, value in WRONG]
    assert answers(app, *lines) == [[path] for path, _value in WRONG]


@pytest.mark.parametrize("path", ["nickname", "person.nickname", "id", "status", "person.unit"])
def test_an_unknown_field_is_named(app, path):
    assert answered(app, changed(registration_line(), path, "x")) == [path]


def test_all_own_errors_of_a_line_come_together(app):
    wrong = {"ref": None, "person.gender": "3", "person.email": "x", "submitted_at": "now", "person.x": 1}
    line = reduce(lambda line, change: changed(line, *change), wrong.items(), registration_line())
    assert answered(app, line) == sorted(wrong)


def test_another_document_is_taken_by_its_own_rules(app):
    person = {"id_type": "passport", "id_number": "H82821948"}
    assert answered(app, registration_line(person=person)) == "created"


def test_a_time_of_this_very_moment_is_not_in_the_future(app):
    with clock.frozen(datetime(2026, 11, 1, 1, tzinfo=UTC)):
        assert answered(app, registration_line()) == "created"


def test_an_unknown_unit_is_named(app):
    assert answered(app, registration_line(1, unit_code(9))) == ["unit"]


def test_rules_between_records_are_judged_only_without_own_errors(app):
    assert answered(app, registration_line(1, unit_code(9), person={"email": "x"})) == ["person.email"]


def test_of_a_rejected_registration_nothing_is_stored(app, make):
    make.registration(1)
    before = contents(app)
    take(app, registration_line(2, unit_code(9)), registration_line(3, person={"email": "x"}), CORRECTED)
    take(app, registration_line(1, ref="another"))
    assert contents(app) == before


# ---- the same again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "since",
    [[], [PASSED], [RETURNED], [RETURNED, CORRECTED], [PASSED, CORRECTED, RETURNED_AGAIN], [PASSED, *MOVED]],
    ids=["pending", "passed", "returned", "pending again", "correction returned", "moved"],
)
def test_what_was_taken_once_is_unchanged_whatever_happened_since(app, make, since):
    first = make.registration(1)
    take(app, *since)
    before = contents(app)
    (result,) = take(app, registration_line(1))
    assert (result.outcome, result.id, contents(app)) == ("unchanged", first, before)


def test_sameness_is_tested_against_the_newest_version_too(app, make):
    make.registration(1)
    assert answers(app, RETURNED, CORRECTED, CORRECTED) == ["created", "resubmitted", "unchanged"]


def test_sameness_does_not_ask_for_the_order_of_keys(app, make):
    make.registration(1)
    line = registration_line(1)
    again = dict(reversed(line.items())) | {"person": dict(reversed(line["person"].items()))}
    assert answered(app, again) == "unchanged"


def test_sameness_comes_before_the_lines_own_errors(app, make):
    make.registration(1)
    with clock.frozen(datetime(2020, 1, 1, tzinfo=UTC)):  # where its time lies ahead
        assert answered(app, registration_line(1)) == "unchanged"


def test_a_blank_more_is_other_content(app, make):
    make.registration(1)
    assert answered(app, registration_line(1, person={"name": "人员1 "})) == ["ref"]


def test_a_rejected_line_is_judged_anew(app):
    line = registration_line(1)
    assert answers(app, line | {"nickname": "x"}, line, line) == [["nickname"], "created", "unchanged"]


@pytest.mark.parametrize("since", [[], [RETURNED, CORRECTED], [PASSED, CORRECTED]])
def test_other_content_of_a_pending_one_is_a_conflict(app, make, since):
    make.registration(1)
    take(app, *since)
    other = registration_line(1, person={"email": "other@example.cn"}, submitted_at="2026-11-05T09:00:00+08:00")
    assert answered(app, other) == ["ref"]


# ---- one live registration of a person in a unit ---------------------------------------------------------------------


SECOND = {
    "pending": ([], ["person.id_number"]),
    "returned": ([RETURNED], ["person.id_number"]),
    "pending again": ([RETURNED, CORRECTED], ["person.id_number"]),
    "passed": ([PASSED], ["person.id_number"]),
    "correction pending": ([PASSED, CORRECTED], ["person.id_number"]),
    "correction returned": ([PASSED, CORRECTED, RETURNED_AGAIN], ["person.id_number"]),
    "passed and pending elsewhere": ([PASSED, MOVED[0]], ["person.id_number"]),
    "passed and moved": ([PASSED, *MOVED], "created"),
    "passed, moved, and pending for the way back": ([PASSED, *MOVED, BACK[0]], ["person.id_number"]),
    "passed, moved, and back": ([PASSED, *MOVED, *BACK], ["person.id_number"]),
}


@pytest.mark.parametrize(("history", "expected"), SECOND.values(), ids=SECOND)
def test_a_second_registration_in_a_unit_is_refused_while_the_first_is_live(app, make, history, expected):
    make.registration(1)
    assert answers(app, *history, registration_line(1, ref="R9"))[-1] == expected


@pytest.mark.parametrize("history", [[], [RETURNED], [PASSED]])
def test_a_person_may_register_in_another_unit_meanwhile(app, make, history):
    make.registration(1)
    take(app, *history)
    assert answered(app, MOVED[0]) == "created"


def test_a_number_is_the_same_person_whatever_its_case(app):
    passport = {"id_type": "passport", "id_number": "H82821948"}
    lines = [registration_line(1, person=passport), registration_line(2, person=passport | {"id_number": "h82821948"})]
    assert answers(app, *lines) == ["created", ["person.id_number"]]


def test_a_registration_passed_in_another_unit_moves_the_person(app, make):
    make.registration(1)
    take(app, PASSED)
    before = belongs_to(make)
    take(app, *MOVED)
    assert (before, belongs_to(make)) == (unit_code(1), unit_code(2))


def test_the_former_unit_keeps_its_registration(app, make):
    make.registration(1)
    take(app, PASSED, *MOVED)
    assert state(make) == ("passed", "unit", 1)


@pytest.mark.parametrize("verdict", [None, "return"])
def test_a_person_moves_only_when_the_registration_passes(app, make, verdict):
    make.registration(1)
    take(app, PASSED, MOVED[0], *([decision_line(4, "R2", verdict)] if verdict else []))
    assert belongs_to(make) == unit_code(1)


def test_two_people_of_a_unit_do_not_stand_in_each_others_way(app, make):
    make.registration(1)
    make.registration(2)
    assert [row[0] for row in make.read(sa.select(Submission.ref).order_by(Submission.id))] == ["R1", "R2"]
