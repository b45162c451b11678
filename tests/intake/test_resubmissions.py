"""A returned registration that comes again, and the correction of a passed one."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.review.models import Decision, Submission, Version
from app.staff.models import Person, Registration
from tests.factories import decision_line, id_number, registration_line, take, unit_code
from tests.intake.answers import answered, answers, belongs_to, contents, ledger, state, versions

PASSED = decision_line(1, verdict="pass")
RETURNED = decision_line(2, verdict="return")
CORRECTION_RETURNED = decision_line(3, verdict="return", decided_at="2026-11-04T09:00:00+08:00")
CORRECTION_PASSED = decision_line(4, verdict="pass", decided_at="2026-11-04T09:00:00+08:00")
PASSPORT = {"id_type": "passport", "id_number": "H82821948"}


def corrected(unit: str = "", at: str = "2026-11-03T09:00:00+08:00", **person: Any) -> dict[str, Any]:
    """The first registration with other facts."""
    return registration_line(1, unit, person={"email": "new@example.cn"} | person, submitted_at=at)


@pytest.fixture(autouse=True)
def first(make) -> int:
    """Two units, and a registration in the first: its id."""
    make.unit(1)
    make.unit(2)
    return make.registration(1)


def test_a_returned_one_is_pending_again_at_the_unit(app, make, first):
    results = take(app, RETURNED, corrected())
    assert (results[1].outcome, results[1].id, state(make)) == ("resubmitted", first, ("pending", "unit", 2))


def test_its_ledger_has_each_step_on_its_version(app, make):
    take(app, RETURNED, corrected(), decision_line(3, verdict="pass", decided_at="2026-11-04T09:00:00+08:00"))
    assert ledger(make) == [
        ("submit", 1, None, "pending"),
        ("return", 1, "pending", "returned"),
        ("resubmit", 2, "returned", "pending"),
        ("pass", 2, "pending", "passed"),
    ]


def test_the_older_version_is_kept(app, make):
    take(app, RETURNED, corrected())
    assert [version["person"]["email"] for version in versions(make)] == ["p1@example.cn", "new@example.cn"]


def test_each_version_keeps_its_own_time(app, make):
    take(app, RETURNED, corrected())
    query = sa.select(Version.submitted_at).order_by(Version.number)
    assert [f"{row[0]:%m-%dT%H:%M}" for row in make.read(query)] == ["11-01T01:00", "11-03T01:00"]


def test_the_registration_shows_the_newest_version(app, make):
    take(app, RETURNED, corrected(name="新名字", gender="2"))
    query = sa.select(Registration.person_name, Registration.gender, Registration.email)
    assert [tuple(row) for row in make.read(query)] == [("新名字", "2", "new@example.cn")]


def test_it_is_as_undecided_as_a_new_one(app, make):
    take(app, RETURNED, corrected())
    assert make.read(sa.select(Submission.decided_at, Submission.decided_by_id)) == [(None, None)]


def test_it_may_be_returned_and_come_again_any_number_of_times(app, make):
    lines = [RETURNED]
    for day in range(3, 9):
        lines.append(corrected(at=f"2026-11-{day:02d}T09:00:00+08:00", email=f"v{day}@example.cn"))
        lines.append(decision_line(day, verdict="return", decided_at=f"2026-11-{day:02d}T10:00:00+08:00"))
    take(app, *lines)
    assert (state(make), len(versions(make))) == (("returned", "unit", 7), 7)


def test_the_ledger_names_the_applicant_and_the_time_of_a_resubmission(app, make):
    take(app, RETURNED, corrected())
    query = sa.select(Decision.by_name, Decision.at).where(Decision.step == "resubmit")
    assert [(name, f"{at:%m-%dT%H:%M}") for name, at in make.read(query)] == [("人员1", "11-03T01:00")]


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ([corrected()], "pending"),
        ([corrected(), CORRECTION_RETURNED], "returned"),
        ([corrected(), CORRECTION_PASSED], "passed"),
    ],
)
def test_the_person_belongs_to_the_unit_while_a_correction_is_under_way(app, make, since, status):
    take(app, PASSED, *since)
    assert (state(make)[0], belongs_to(make)) == (status, unit_code(1))


# ---- what it follows -------------------------------------------------------------------------------------------------

BEFORE, THEN = "2026-11-02T08:59:59+08:00", "2026-11-02T02:00:00+01:00"  # of the verdicts' 09:00 in the province


@pytest.mark.parametrize("verdict", [PASSED, RETURNED], ids=["passed", "returned"])
@pytest.mark.parametrize(("at", "expected"), [(BEFORE, ["submitted_at"]), (THEN, "resubmitted")])
def test_it_does_not_lie_before_the_verdict_that_it_follows(app, verdict, at, expected):
    assert answers(app, verdict, corrected(at=at))[-1] == expected


# ---- what it keeps ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [PASSED, RETURNED], ids=["passed", "returned"])
def test_it_keeps_the_unit(app, verdict):
    assert answers(app, verdict, corrected(unit_code(2)))[-1] == ["unit"]


def test_it_may_change_the_number_when_it_never_passed(app, make):
    assert answers(app, RETURNED, corrected(id_number=id_number(2)))[-1] == "resubmitted"


def test_with_the_number_the_registration_is_another_persons(app, make):
    take(
        app,
        RETURNED,
        corrected(id_number=id_number(2)),
        decision_line(3, verdict="pass", decided_at="2026-11-04T00:00:00Z"),
    )
    assert (belongs_to(make, 1), belongs_to(make, 2)) == (None, unit_code(1))


def test_the_number_that_was_given_up_is_free_again(app):
    take(app, RETURNED, corrected(id_number=id_number(2)))
    assert answered(app, registration_line(1, ref="R9")) == "created"


def test_it_may_change_the_document_when_it_never_passed(app):
    assert answers(app, RETURNED, corrected(**PASSPORT))[-1] == "resubmitted"


@pytest.mark.parametrize("others", [[], [decision_line(9, "R2", "return")], [decision_line(9, "R2", "pass")]])
def test_a_changed_number_meets_the_rules_of_a_new_one(app, others):
    take(app, registration_line(2), *others, RETURNED)
    assert answered(app, corrected(id_number=id_number(2))) == ["person.id_number"]


def test_a_changed_number_may_be_live_in_another_unit(app):
    take(app, registration_line(2, unit_code(2)), RETURNED)
    assert answered(app, corrected(id_number=id_number(2))) == "resubmitted"


@pytest.mark.parametrize("history", [[PASSED], [PASSED, corrected(), CORRECTION_RETURNED]], ids=["passed", "returned"])
@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"id_number": id_number(2)}, ["person.id_number"]),
        (PASSPORT, ["person.id_number", "person.id_type"]),
    ],
    ids=["number", "document"],
)
def test_once_passed_it_keeps_number_and_type(app, history, change, fields):
    take(app, *history)
    assert answered(app, corrected(at="2026-11-05T09:00:00+08:00", **change)) == fields


def test_once_passed_it_keeps_the_type_alone(app, make):
    passport = {"id_type": "passport", "id_number": "H82821948"}
    take(app, registration_line(2, person=passport), decision_line(9, "R2", "pass"))
    permit = registration_line(
        2, person=passport | {"id_type": "hk_macau_permit"}, submitted_at="2026-11-03T09:00:00+08:00"
    )
    assert answered(app, permit) == ["person.id_type"]


def test_all_rules_that_fail_are_named(app):
    take(app, PASSED)
    line = corrected(unit_code(2), BEFORE, id_number=id_number(2))
    assert answered(app, line) == ["person.id_number", "submitted_at", "unit"]


def test_own_errors_come_before_all_of_them(app):
    take(app, PASSED)
    assert answered(app, corrected(unit_code(2), BEFORE, id_number="1")) == ["person.id_number"]


def test_a_refused_one_changes_nothing(app):
    take(app, PASSED)
    before = contents(app)
    take(app, corrected(unit_code(2)), corrected(at=BEFORE), corrected(id_number=id_number(2)))
    assert contents(app) == before


# ---- a correction of what the person has left ------------------------------------------------------------------------

MOVED = [registration_line(1, unit_code(2), ref="R2"), decision_line(5, "R2", "pass")]
AGAIN = registration_line(1, ref="R3")


def test_a_correction_in_a_former_unit_moves_nobody_before_it_passes(app, make):
    take(app, PASSED, *MOVED, corrected())
    assert (state(make)[0], belongs_to(make)) == ("pending", unit_code(2))


@pytest.mark.parametrize("verdict", [None, "return"], ids=["pending", "returned"])
def test_a_correction_beside_a_live_registration_in_the_unit_names_the_person(app, verdict):
    take(app, PASSED, *MOVED, AGAIN, *([decision_line(6, "R3", verdict)] if verdict else []))
    assert answered(app, corrected()) == ["person.id_number"]


def test_nobody_is_left_over_when_a_registration_changes_its_number(app, make):
    take(app, RETURNED, corrected(id_number=id_number(2)))
    owners = sa.select(sa.func.count()).select_from(Submission).join(Person, Person.id == Submission.person_id)
    assert make.read(owners) == [(1,)]
