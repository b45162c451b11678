"""The border between units, tried from a session with the scope of one: each attempt is refused or finds nothing.

The attempts are tables (`reading.py`, `bare.py`, `writing.py`). Each is tried on a plain session too, where it must
succeed: an attempt that could not reach the other unit anyway would prove nothing.
"""

from typing import Any

import pytest

from app.tenancy import ScopeError
from tests.tenancy import bare, reading, writing
from tests.tenancy.attempts import REFUSED


def table(attempts: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("attempt", attempts.values(), ids=attempts)


READ = {"model: " + name: attempt for name, attempt in reading.MODEL.items()}
READ |= {"bare: " + name: attempt for name, attempt in bare.BARE.items()}
READ |= {"mixed: " + name: attempt for name, attempt in bare.MIXED.items()}


def skip_other_engine(engine: Any, request: pytest.FixtureRequest) -> None:
    if engine.name == "sqlite" and "(PostgreSQL)" in request.node.name:
        pytest.skip("SQLite has no such statement")


@table(READ)
def test_reading_finds_nothing_of_another_unit(session, world, attempt):
    try:
        found = attempt(session, world)
    except REFUSED:
        return
    assert not found


@table(READ)
def test_a_reading_attempt_succeeds_where_nothing_guards(plain_session, world, attempt, engine, request):
    skip_other_engine(engine, request)
    assert attempt(plain_session, world)


@table(bare.BARE)
def test_what_no_scope_can_reach_is_an_error(session, world, attempt):
    with pytest.raises(ScopeError):
        attempt(session, world)


@table(writing.WRITES)
def test_writing_changes_nothing_of_another_unit(session, world, attempt):
    before = world.their_rows(session.connection())
    session.rollback()
    try:
        attempt(session, world)
        session.flush()
    except REFUSED:
        return
    assert world.their_rows(session.connection()) == before


@table(writing.WRITES)
def test_a_writing_attempt_succeeds_where_nothing_guards(plain_session, world, attempt, engine, request):
    skip_other_engine(engine, request)
    before = world.their_rows(plain_session.connection())
    attempt(plain_session, world)
    plain_session.flush()
    assert world.their_rows(plain_session.connection()) != before


@table(writing.REFUSED_TWICE)
def test_what_the_database_refuses_too_is_refused_by_the_guard_first(session, world, attempt):
    with pytest.raises(ScopeError):
        attempt(session, world)
        session.flush()
