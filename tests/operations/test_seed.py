"""`flask seed`: archive items of all types with their people, as if they had come through the feed."""

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app import clock
from app.archive.catalogue import catalogue
from app.archive.models import ArchiveItem, Mark, Withdrawal
from app.attachments import Attachment, storage
from app.intake.archive import data_table
from app.intake.fields import validate
from app.intake.files import Folder
from app.intake.kinds import Line
from app.operations.check import inconsistencies
from app.operations.demo.load import FEED
from app.operations.seed import seed, seed_registrations
from app.review.models import Submission, Version
from app.staff.models import Person
from app.tenancy import everything
from app.units.models import Unit
from tests.conftest import build, release
from tests.operations.conftest import flask
from tests.statements import recorded

ITEMS = 800


def seeded(app, *, units: int = 3, items: int = ITEMS, number: int = 1) -> None:
    with app.app_context(), everything("tests") as session:
        seed(session, units, items, number, lambda _count: None)


@pytest.fixture
def filled(app):
    """`app` with 800 items in three units."""
    seeded(app)
    return app


def states(make, kind: str) -> Counter[str]:
    rows = make.read(sa.select(Submission.status).where(Submission.kind == kind))
    return Counter(status for (status,) in rows)


def content(app) -> list[Any]:
    """What was submitted, and where it stands."""
    query = sa.select(Submission.kind, Submission.type, Submission.title, Submission.person_name, Submission.status)
    query = query.add_columns(Version.number, Version.data).join(Version, Version.submission_id == Submission.id)
    with app.app_context(), everything("tests") as session:
        return list(session.execute(query.order_by(Version.submission_id, Version.number)))


def test_what_it_makes_is_consistent(filled):
    with filled.app_context(), everything("tests") as session:
        assert list(inconsistencies(session)) == []


def test_the_command_makes_as_many_units_and_items_as_it_is_told(app, make):
    ran = flask(app, "seed", "--units", "4", "--items", "50")
    units = make.read(sa.select(sa.func.count()).select_from(Unit))[0][0]
    assert (ran.exit_code, units, states(make, "archive_item").total()) == (0, 4, 50)


def test_without_items_there_are_units_alone(app, make):
    seeded(app, units=2, items=0)
    assert make.read(sa.select(sa.func.count()).select_from(Submission)) == [(0,)]


def test_the_same_seed_gives_the_same_content(app, engine, migrated, database, tmp_path):
    other = build(engine, database(migrated), tmp_path / "other")
    for each in (app, other):
        seeded(each, items=120)
    assert content(app) == content(other)
    release(other)


def test_another_seed_gives_other_content(app, engine, migrated, database, tmp_path):
    other = build(engine, database(migrated), tmp_path / "other")
    seeded(app, items=120)
    seeded(other, items=120, number=2)
    assert content(app) != content(other)
    release(other)


def test_it_can_be_run_again(filled, make):
    seeded(filled)
    assert states(make, "archive_item").total() == 2 * ITEMS


def test_every_type_of_the_catalogue_is_there(filled, make):
    with filled.app_context():
        types = set(catalogue().types)
    assert {type_ for (type_,) in make.read(sa.select(ArchiveItem.type))} == types


def test_the_intake_would_take_every_item(filled):
    wrong = []
    with filled.test_request_context(), everything("tests") as session:
        for item in session.scalars(sa.select(ArchiveItem)):
            item_type = catalogue().types[item.type]
            line = Line(session, {}, clock.now(), Folder(FEED.parent / "proofs"))
            files = {field.key: {"file": "certificate.png"} for field in item_type.files if field.key in item.data}
            listed = {key: [one] if isinstance(item.data[key], list) else one for key, one in files.items()}
            _good, errors = validate(data_table(line, item_type), item.data | listed, line.now)
            wrong += [(item.type, item.data, errors)] if errors else []
    assert wrong == []


def test_every_item_is_of_somebody_whose_registration_passed_in_its_unit(filled, make):
    passed = aliased(Submission)
    belongs = sa.exists().where(
        passed.person_id == Submission.person_id,
        passed.unit_id == Submission.unit_id,
        passed.kind == "registration",
        passed.status == "passed",
        passed.decided_at <= Submission.submitted_at,
    )
    assert make.read(sa.select(Submission.ref).where(Submission.kind == "archive_item", ~belongs)) == []


def test_there_is_about_one_person_for_ten_items(filled, make):
    ((people,),) = make.read(sa.select(sa.func.count()).select_from(Person))
    assert ITEMS / 10 <= people <= ITEMS / 8


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("registration", {"pending", "passed", "returned"}),
        ("archive_item", {"pending", "passed", "returned", "withdrawn"}),
        ("withdrawal", {"pending", "passed", "returned"}),
    ],
)
def test_each_kind_is_there_in_all_its_states(filled, make, kind, expected):
    assert set(states(make, kind)) == expected


def test_some_items_came_again_with_other_content(filled, make):
    query = sa.select(Version.submission_id, Version.number, Version.data["data"])
    rows = make.read(query.join(ArchiveItem, ArchiveItem.id == Version.submission_id).where(ArchiveItem.version == 2))
    said = {(pk, number): data for pk, number, data in rows}
    again = {pk for pk, _number in said}
    assert again
    assert [pk for pk in again if said[pk, 1] == said[pk, 2]] == []


def test_some_numbers_stand_in_records_of_several_units(app, make):
    seeded(app, units=20, items=3000)
    twice = sa.select(Mark.value).group_by(Mark.type, Mark.field, Mark.value)
    assert make.read(twice.having(sa.func.count(Mark.unit_id.distinct()) > 1))


def test_the_file_of_each_item_is_its_own_and_can_be_read(filled, make):
    named = {data["proof"][0] for (data,) in make.read(sa.select(ArchiveItem.data)) if "proof" in data}
    files = make.read(sa.select(Attachment.id, Attachment.sha256))
    with filled.app_context():
        kept = [file.digest for file in storage().kept()]
    assert (named <= {pk for pk, _digest in files}, {digest for _pk, digest in files}) == (True, set(kept))
    assert (len(named), len(kept)) == (ITEMS, 1)


def test_a_request_is_submitted_after_the_pass_of_its_item(filled, make):
    item = aliased(Submission)
    early = sa.exists().where(item.id == Withdrawal.item_id, item.decided_at > Withdrawal.submitted_at)
    assert make.read(sa.select(Withdrawal.ref).where(Withdrawal.status != "passed", early)) == []


def test_the_statements_do_not_grow_with_the_items(app):
    numbers = []
    for items in (400, 1600):
        with recorded(app) as statements:
            seeded(app, units=1, items=items)
        numbers.append(len(statements))
    assert max(numbers) <= 45  # one for each table and kind of row: a few tables may get none


def test_registrations_can_be_made_alone_in_one_state(app, make):
    with app.app_context(), everything("tests") as session:
        seed_registrations(session, 2, 30, 1, lambda _count: None, outcomes=("pending",))
    assert make.read(sa.select(Submission.kind, Submission.status).distinct()) == [("registration", "pending")]
    assert states(make, "registration").total() == 30
