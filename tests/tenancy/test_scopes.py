"""What each scope sees, and how a session holds its one scope."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import Session, db
from app.review.models import Decision, Submission, Version
from app.staff.models import Person, Registration
from app.tenancy import UNGUARDED, Scope, ScopeError, bulk_insert, enter, everything, insert_from, reaching, scope_of
from app.units.models import Unit
from tests.factories import unit_code
from tests.tenancy.conftest import World, rows_of
from tests.tenancy.writing import AT, their_registration, their_version


@pytest.fixture(scope="module")
def bureau(world: World) -> int:
    """A department with two units of its own in two districts, each with a registration."""
    bureau = world.make.unit(10, region="350102")
    rows_of(world.make, 11, region="350102", competent_department_code=unit_code(10))
    rows_of(world.make, 12, region="350104", competent_department_code=unit_code(10))
    return bureau


@pytest.fixture
def open_session(world: World) -> Iterator[Callable[[Scope], Session]]:
    """Opens a session with a scope."""
    with world.app.app_context(), Session(db) as session:

        def opened(scope: Scope) -> Session:
            enter(session, scope)
            return session

        yield opened


# scope → the units whose records it sees, and the units that it sees
SEEN: dict[str, tuple[Callable[[World, int], Scope], set[int], set[int]]] = {
    "a unit": (lambda w, bureau: Scope.unit(w.mine.unit), {1}, {1}),
    "a department": (lambda w, bureau: Scope.department(bureau), {11, 12}, {10, 11, 12}),
    "a district": (lambda w, bureau: Scope.region("350102", "350102"), {1, 11}, {1, 10, 11}),
    "a city": (lambda w, bureau: Scope.region("350100", "350199"), {1, 2, 11, 12}, {1, 2, 10, 11, 12}),
    "another city": (lambda w, bureau: Scope.region("350200", "350299"), set(), set()),
    "nothing": (lambda w, bureau: Scope.nothing(), set(), set()),
    "everything": (lambda w, bureau: Scope("everything", reason="test"), {1, 2, 11, 12}, {1, 2, 10, 11, 12}),
}


@pytest.mark.parametrize("make_scope, owners, units", SEEN.values(), ids=SEEN)
@pytest.mark.parametrize("model", [Submission, Registration, Version, Decision, Unit], ids=lambda m: m.__tablename__)
def test_a_scope_sees_exactly_its_own(world, bureau, open_session, make_scope, owners, units, model):
    session = open_session(make_scope(world, bureau))
    column = Unit.id if model is Unit else model.unit_id
    expected = {world.make.unit_id(unit_code(n)) for n in (units if model is Unit else owners)}
    assert set(session.scalars(sa.select(column))) == expected


@pytest.mark.parametrize("kind", [kind for kind in SEEN if kind != "everything"])
def test_no_scope_of_units_finds_a_person(world, bureau, open_session, kind):
    session = open_session(SEEN[kind][0](world, bureau))
    assert not session.scalars(sa.select(Person)).all()


@pytest.mark.parametrize("load", [selectinload, joinedload], ids=lambda load: load.__name__)
def test_loading_a_relation_stops_at_the_border(world, open_session, load):
    session = open_session(Scope.region("350102", "350102"))
    session.execute(reaching(sa.update(Unit).where(Unit.id == world.mine.unit).values(region="350203"), "it moved"))
    row = session.scalar(
        sa.select(Submission).where(Submission.id == world.mine.submission).options(load(Submission.unit))
    )
    assert row.unit is None


WIDE = {
    "a department": lambda bureau: Scope.department(bureau),
    "a district": lambda bureau: Scope.region("350102", "350102"),
    "nothing": lambda bureau: Scope.nothing(),
}


@pytest.mark.parametrize("make_scope", WIDE.values(), ids=WIDE)
@pytest.mark.parametrize("way", ["flush", "bulk_insert"])
def test_a_wide_scope_writes_no_row_outside(world, bureau, open_session, make_scope, way):
    session = open_session(make_scope(bureau))
    with pytest.raises(ScopeError):
        if way == "flush":
            session.add(their_registration(world))
            session.flush()
        else:
            bulk_insert(session, Version, [their_version(world)])


def test_insert_from_takes_only_rows_in_scope(world, session):
    facts = {"number": 7, "submitted_at": AT, "data": {}, "digest": "x"}
    types = Version.__table__.c
    query = sa.select(
        Submission.id, Submission.unit_id, *(sa.literal(value, types[name].type) for name, value in facts.items())
    )
    insert_from(session, Version, ["submission_id", "unit_id", *facts], query, source=Submission)
    connection = session.connection().execution_options(**{UNGUARDED: "test"})
    owners = connection.exec_driver_sql("SELECT unit_id FROM submission_version WHERE number = 7").scalars()
    assert list(owners) == [world.mine.unit]


# ---- the one scope of a session --------------------------------------------------------------------------------------

WITHOUT_SCOPE: dict[str, Callable[[Any, World], Any]] = {
    "select": lambda s, w: s.scalars(sa.select(Submission)).all(),
    "get": lambda s, w: s.get(Submission, w.mine.submission),
    "count": lambda s, w: s.scalar(sa.select(sa.func.count()).select_from(Submission)),
    "legacy query": lambda s, w: s.query(Submission).all(),
    "update": lambda s, w: s.execute(sa.update(Submission).values(title="x")),
    "delete": lambda s, w: s.execute(sa.delete(Version)),
    "flush": lambda s, w: (s.add(their_registration(w)), s.flush()),
    "bulk_insert": lambda s, w: bulk_insert(s, Version, [their_version(w)]),
    "scope_of": lambda s, w: scope_of(s),
}


@pytest.mark.parametrize("attempt", WITHOUT_SCOPE.values(), ids=WITHOUT_SCOPE)
def test_no_scope_is_an_error_and_never_all(world, attempt):
    with world.app.app_context(), Session(db) as session, pytest.raises(ScopeError):
        attempt(session, world)


def test_a_session_outside_a_request_has_no_scope_either(world):
    with world.app.app_context(), pytest.raises(ScopeError):
        db.session.scalars(sa.select(Submission)).all()


def test_a_second_scope_is_refused_and_the_first_stays(world, session):
    row = session.get(Submission, world.mine.submission)
    with pytest.raises(ScopeError):
        enter(session, Scope.unit(world.theirs.unit))
    assert scope_of(session) == Scope.unit(world.mine.unit)
    assert session.get(Submission, world.mine.submission) is row


def test_the_same_scope_again_is_none_other(world, session):
    enter(session, Scope.unit(world.mine.unit))
    assert scope_of(session) == Scope.unit(world.mine.unit)


def test_background_work_has_a_session_of_its_own(world, session):
    with everything("test") as wide:
        assert wide.get(Submission, world.theirs.submission) is not None
    assert session.get(Submission, world.theirs.submission) is None


def test_the_own_unit_is_read_and_written_as_before(world, session):
    row = session.get(Registration, world.mine.submission)
    row.title = "x"
    session.flush()
    session.execute(sa.update(Submission).where(Submission.id == row.id).values(title="y"))
    session.refresh(row)
    assert row.title == "y"
