"""`flask check`: consistent, or a line for each thing that is not."""

import pytest
import sqlalchemy as sa

from app.operations.seed import seed
from app.review.models import Submission
from app.tenancy import everything
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


# Of the archive of 1,500 items that `archive` makes: one record of each sort.
PENDING, WITHDRAWN = (
    f"(SELECT min(id) FROM submission WHERE kind = 'archive_item' AND status = '{status}')"
    for status in ("pending", "withdrawn")
)
PAPER = "(SELECT min(id) FROM submission WHERE type = 'paper')"
OPEN, LATER_OPEN, AGREED = (
    f"(SELECT {which}(id) FROM submission WHERE kind = 'withdrawal' AND status = '{status}')"
    for which, status in (("min", "pending"), ("max", "pending"), ("min", "passed"))
)
MARKED = "(SELECT min(submission_id) FROM archive_mark)"
MARKS = "the marks are not the fields'"

# what was done behind the product's back → what is told of it
ARCHIVE_DAMAGE = {
    f"DELETE FROM archive_item WHERE id = {PENDING}": "the facts are missing",
    f"DELETE FROM withdrawal WHERE id = {OPEN}": "the facts are missing",
    f"UPDATE submission SET type = '' WHERE id = {PAPER}": "only items have a type",
    f"UPDATE submission SET type = 'paper' WHERE id = {OPEN}": "only items have a type",
    f"UPDATE submission SET type = 'patent' WHERE id = {PAPER}": "type is not the version's",
    f"UPDATE submission SET title = 'x' WHERE id = {PAPER}": "the title is not the field's",
    f"UPDATE withdrawal SET item_id = {PENDING} WHERE id = {OPEN}": "the request is of no item of its unit and person",
    f"UPDATE submission SET status = 'returned' WHERE id = (SELECT item_id FROM withdrawal WHERE id = {OPEN})": (
        "the request is open, its item not passed"
    ),
    f"UPDATE withdrawal SET item_id = (SELECT item_id FROM withdrawal WHERE id = {OPEN}) WHERE id = {LATER_OPEN}": (
        "another request of its item is open too"
    ),
    f"UPDATE submission SET status = 'returned' WHERE id IN "
    f"(SELECT id FROM withdrawal WHERE item_id = {WITHDRAWN})": "the item is withdrawn, no request agreed",
    f"DELETE FROM archive_mark WHERE submission_id = {MARKED}": MARKS,
    f"UPDATE archive_mark SET value = 'x' WHERE submission_id = {MARKED}": MARKS,
    f"INSERT INTO archive_mark (submission_id, unit_id, type, field, value) "
    f"SELECT submission_id, unit_id, type, 'note', 'x' FROM archive_mark WHERE submission_id = {MARKED}": MARKS,
    f"UPDATE archive_mark SET type = 'x' WHERE submission_id = {MARKED}": "the mark is of another unit or type",
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


@pytest.fixture
def archive(app) -> None:
    """1,500 items in all states, with requests in all states."""
    with app.app_context(), everything("tests") as session:
        seed(session, 2, 1500, 1, lambda _count: None)


def test_an_archive_is_consistent(app, archive):
    assert check(app).stdout == "consistent\n"


@pytest.mark.parametrize("statement", ARCHIVE_DAMAGE, ids=range(len(ARCHIVE_DAMAGE)))
def test_damage_of_the_archive_is_told(app, archive, behind, statement):
    behind(statement)
    told = {line.split(":")[0] for line in check(app).stdout.splitlines()}
    assert ARCHIVE_DAMAGE[statement] in told


def test_a_type_that_left_the_catalogue_is_no_damage(app, archive, behind):
    behind("UPDATE submission SET type = 'gone' WHERE type = 'paper'")
    behind("UPDATE archive_mark SET type = 'gone' WHERE type = 'paper'")
    assert {line.split(":")[0] for line in check(app).stdout.splitlines()[:-1]} == {"type is not the version's"}


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
