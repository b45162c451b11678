"""Two units, each with its rows, and a session that may see only one of them."""

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
from tests.factories import Make, decision_line, unit_code


@dataclass(frozen=True)
class Rows:
    """The ids of one unit and of its registration, the version and the first ledger row of that."""

    unit: int
    submission: int
    version: int
    decision: int


@dataclass(frozen=True)
class World:
    mine: Rows
    theirs: Rows
    app: Flask

    def unguarded(self, role: str = "SQLALCHEMY_DATABASE_URI") -> sa.Engine:
        """An engine on the same database without any guard of ours."""
        engine = sa.create_engine(self.app.config[role], poolclass=sa.NullPool, execution_options={UNGUARDED: "test"})
        if engine.dialect.name == "sqlite":
            tune_sqlite(engine)
        return engine

    def contents(self) -> dict[str, list[Any]]:
        """Every row of every tenant table, as text."""
        tables = ("unit", "person", "submission", "registration", "submission_version", "decision", "audit_entry")
        with self.unguarded().connect() as connection:
            return {
                name: [str(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY id")]
                for name in tables
            }


@pytest.fixture
def world(app: Flask, make: Make) -> World:
    return World(_rows(make, 1), _rows(make, 2), app)


def _rows(make: Make, n: int) -> Rows:
    unit = make.unit(n)
    submission = make.registration(n, unit_code(n))
    make.taken(decision_line(n, f"R{n}", opinion=f"意见{n}"))
    ((version,),) = make.read(sa.select(Version.id).where(Version.submission_id == submission))
    ((decision,),) = make.read(sa.select(sa.func.min(Decision.id)).where(Decision.submission_id == submission))
    return Rows(unit, submission, version, decision)


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """A session with the scope of the first unit."""
    with world.app.app_context(), Session(db) as session:
        enter(session, Scope.unit(world.mine.unit))
        yield session


@pytest.fixture
def unguarded_session(world: World) -> Iterator[PlainSession]:
    """SQLAlchemy's own session: shows what an attempt reaches where nothing guards."""
    with world.app.app_context(), PlainSession(world.unguarded()) as session:
        yield session


@pytest.fixture
def foreign_row(world: World) -> Any:
    """A registration of the other unit, loaded elsewhere and detached."""
    with world.app.app_context(), PlainSession(world.unguarded()) as session:
        row = session.get(Submission, world.theirs.submission)
        session.expunge(row)
        return row
