"""Two units with a registration each, a session that may see only the first, and one that nothing guards.

Nothing here commits, so that one database serves all attempts of a module.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session as PlainSession

from app.extensions import Session, db, tune_sqlite
from app.review.models import Decision, Submission, Version
from app.tenancy import UNGUARDED, Scope, enter
from tests.conftest import PASSWORD, build, release
from tests.factories import Make, decision_line, unit_code


@dataclass(frozen=True)
class Rows:
    """The ids of one unit and of its registration, its person, the version and the first ledger row of that."""

    unit: int
    submission: int
    person: int
    version: int
    decision: int


@dataclass(frozen=True)
class World:
    mine: Rows
    theirs: Rows
    app: Flask
    make: Make

    def unguarded(self, url: str = "SQLALCHEMY_DATABASE_URI") -> sa.Engine:
        """An engine on the same database without any guard of ours."""
        engine = sa.create_engine(self.app.config[url], poolclass=sa.NullPool, execution_options={UNGUARDED: "test"})
        if engine.dialect.name == "sqlite":
            tune_sqlite(engine)
        return engine

    def their_rows(self, connection: sa.Connection) -> dict[str, list[str]]:
        """Every row of the other unit, as text, read on the connection of an attempt."""
        connection.execution_options(**{UNGUARDED: "test"})
        criteria = {
            "unit": f"id = {self.theirs.unit}",
            "person": f"id = {self.theirs.person}",
            "registration": f"id = {self.theirs.submission}",
        } | dict.fromkeys(
            ("submission", "submission_version", "decision", "audit_entry"), f"unit_id = {self.theirs.unit}"
        )
        return {
            table: [str(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {table} WHERE {which}")]
            for table, which in criteria.items()
        }


@pytest.fixture(scope="module")
def world(engine: Any, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    name = f"tenancy_{tmp_path_factory.mktemp('world').name}"
    engine.copy(migrated, name)
    app = build(engine, name, tmp_path_factory.mktemp("data"))
    make = Make(app, PASSWORD)
    yield World(rows_of(make, 1), rows_of(make, 2, region="350103"), app, make)
    release(app)
    engine.drop(name)


def rows_of(make: Make, n: int, **unit: Any) -> Rows:
    """The n-th unit with a registration that was submitted and returned."""
    unit_id = make.unit(n, **unit)
    submission = make.registration(n, unit_code(n))
    make.taken(decision_line(n, f"R{n}", opinion=f"意见{n}"))
    ((person,),) = make.read(sa.select(Submission.person_id).where(Submission.id == submission))
    ((version,),) = make.read(sa.select(Version.id).where(Version.submission_id == submission))
    ((decision,),) = make.read(sa.select(sa.func.min(Decision.id)).where(Decision.submission_id == submission))
    return Rows(unit_id, submission, person, version, decision)


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """A session with the scope of the first unit."""
    with world.app.app_context(), Session(db) as session:
        enter(session, Scope.unit(world.mine.unit))
        yield session


@pytest.fixture
def plain_session(world: World) -> Iterator[PlainSession]:
    """SQLAlchemy's own session: shows what an attempt reaches where nothing guards."""
    with world.app.app_context(), PlainSession(world.unguarded()) as session:
        yield session
