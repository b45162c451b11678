"""`flask check`: consistent, or a line for each thing that is not."""

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from tests.factories import unit_code
from tests.operations.conftest import flask
from tests.review.forms import TAKE_BACK

CHAIN = "the ledger skips a step"
LAST = "status or node is not the ledger's"
UNDECIDED = "decided_at says what status does not"
STEPS = "steps are not the ledger's length"
SINCE = "pending_since says what status does not"

R1, R2, R3 = (f"(SELECT id FROM submission WHERE ref = 'R{n}')" for n in (1, 2, 3))

# what was done behind the product's back → what is told of it
DAMAGE = {
    "UPDATE submission SET status = 'returned' WHERE ref = 'R2'": [f"{LAST}: registration R2"],
    "UPDATE submission SET status = 'pending' WHERE ref = 'R2'": [
        f"{LAST}: registration R2",
        f"{UNDECIDED}: registration R2",
    ],
    "UPDATE submission SET node = 'county' WHERE ref = 'R1'": [f"{LAST}: registration R1"],
    "UPDATE submission SET version = 2 WHERE ref = 'R2'": [
        "version is not the ledger's: registration R2",
        "versions are missing: registration R2",
    ],
    "UPDATE submission SET decided_at = NULL WHERE ref = 'R2'": [f"{UNDECIDED}: registration R2"],
    "UPDATE submission SET decided_at = submitted_at WHERE ref = 'R1'": [f"{UNDECIDED}: registration R1"],
    "UPDATE submission SET steps = 0 WHERE ref = 'R1'": [f"{STEPS}: registration R1"],
    "UPDATE submission SET steps = 4 WHERE ref = 'R3'": [f"{STEPS}: registration R3"],
    "UPDATE submission SET pending_since = NULL WHERE ref = 'R1'": [f"{SINCE}: registration R1"],
    "UPDATE submission SET pending_since = received_at WHERE ref = 'R2'": [f"{SINCE}: registration R2"],
    f"DELETE FROM submission_version WHERE number = 1 AND submission_id = {R3}": [
        "versions are missing: registration R3"
    ],
    f"DELETE FROM submission_version WHERE submission_id = {R1}": ["versions are missing: registration R1"],
    f"UPDATE submission_version SET number = 7 WHERE submission_id = {R1}": ["versions are missing: registration R1"],
    f"DELETE FROM decision WHERE submission_id = {R1}": ["has no ledger: registration R1"],
    f"DELETE FROM decision WHERE step = 'pass' AND submission_id = {R2}": [f"{LAST}: registration R2"],
    f"DELETE FROM decision WHERE step = 'return' AND submission_id = {R3}": [f"{CHAIN}: registration R3"],
    f"DELETE FROM decision WHERE step = 'submit' AND submission_id = {R2}": [f"{CHAIN}: registration R2"],
    f"UPDATE decision SET from_status = 'returned' WHERE step = 'pass' AND submission_id = {R2}": [
        f"{CHAIN}: registration R2",
        "the rules know no such step: registration returned pass passed",
    ],
    f"UPDATE decision SET step = 'terminate' WHERE step = 'pass' AND submission_id = {R2}": [
        "the rules know no such step: registration pending terminate passed"
    ],
    f"DELETE FROM registration WHERE id = {R1}": ["the facts are missing: registration R1"],
    "UPDATE person SET unit_id = NULL WHERE unit_id IS NOT NULL": ["the person belongs nowhere: registration R2"],
}


def check(app):
    return flask(app, "check")


def test_an_empty_database_is_consistent(app):
    ran = check(app)
    assert (ran.exit_code, ran.stdout) == (0, "consistent\n")


def test_what_the_feed_leaves_is_consistent(app, history):
    ran = check(app)
    assert (ran.exit_code, ran.stdout) == (0, "consistent\n")


def test_the_demo_is_consistent(demo_app):
    ran = check(demo_app)
    assert (ran.exit_code, ran.stdout) == (0, "consistent\n")


@pytest.mark.parametrize("statement", DAMAGE, ids=range(len(DAMAGE)))
def test_damage_is_told(app, history, behind, statement):
    behind(statement)
    ran = check(app)
    *lines, summary = ran.stdout.splitlines()
    assert (ran.exit_code, summary, set(DAMAGE[statement]) - set(lines)) == (1, f"{len(lines)} inconsistencies", set())


def test_every_damaged_record_has_its_line(app, history, behind):
    behind("UPDATE submission SET node = 'city'")
    assert check(app).stdout.splitlines()[:3] == [f"{LAST}: registration R{n}" for n in (1, 2, 3)]


def test_a_person_in_a_unit_that_never_passed_him_is_told(app, make, history, behind):
    other = make.unit(2)
    behind(f"UPDATE person SET unit_id = {other} WHERE unit_id IS NOT NULL")
    assert check(app).exit_code == 1


def test_a_step_on_a_version_that_is_not_there_is_told(app, history, behind):
    behind(f"UPDATE decision SET version = 9 WHERE step = 'return' AND submission_id = {R3}")
    assert check(app).exit_code == 1


@pytest.fixture
def taken_back(make, history, sign_in) -> int:
    """The unit's id; R2, the only record that passed there, was taken back."""
    unit = make.unit_id(unit_code(1))
    ((pk,),) = make.read(sa.select(Submission.id).where(Submission.ref == "R2"))
    make.account("zhang", "unit_administrator", unit)
    form = {"rowid": f"{pk}:2", "single": "1", "status": "passed", "opinion": "误操作"}
    assert sign_in("zhang").post(TAKE_BACK, form).status_code == 303
    return unit


def test_what_was_taken_back_is_consistent(app, taken_back):
    assert check(app).stdout == "consistent\n"


def test_a_person_in_the_unit_whose_only_pass_was_taken_back_is_told(app, taken_back, behind):
    behind(f"UPDATE person SET unit_id = {taken_back} WHERE id = (SELECT person_id FROM submission WHERE ref = 'R2')")
    assert check(app).stdout == "the person belongs where nothing passed: registration R2\n1 inconsistencies\n"
