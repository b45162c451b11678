"""What the tests of operations stand on: a record in each state, and the database past its guards."""

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result as Ran
from flask import Flask
from flask.cli import FlaskGroup

from app.operations.log import JsonLines
from app.tenancy import UNGUARDED
from tests.factories import Make, decision_line, registration_line, take, unit_line


@pytest.fixture
def history(app: Flask, make: Make) -> None:
    """R1 is pending, R2 passed, R3 was returned and came again."""
    take(
        app,
        unit_line(1),
        *(registration_line(n) for n in (1, 2, 3)),
        decision_line(2, "R2", "pass"),
        decision_line(3, "R3", "return"),
        registration_line(3, person={"email": "new@example.cn"}, submitted_at="2026-11-03T09:00:00+08:00"),
    )


@pytest.fixture
def behind(app: Flask) -> Callable[[str], None]:
    """Runs a statement behind the product's back: as the database's owner, without guard, keys and triggers."""

    def run(statement: str) -> None:
        engine = sa.create_engine(
            app.config["MIGRATION_DATABASE_URL"], execution_options={UNGUARDED: "damages a test database"}
        )
        with engine.begin() as connection:
            for trigger in _triggers(connection):
                connection.exec_driver_sql(trigger)
            assert connection.exec_driver_sql(statement).rowcount, "nothing was damaged"
        engine.dispose()

    return run


def _triggers(connection: sa.Connection) -> list[str]:
    """The statements that drop every trigger."""
    if connection.dialect.name == "sqlite":
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return [f"DROP TRIGGER {name}" for (name,) in names]
    names = connection.exec_driver_sql(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname <> ''"
    )
    return [f"DROP TRIGGER {name} ON {table}" for name, table in names]


class Log:
    """What the app has logged since the test began."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        (handler,) = (each for each in logging.getLogger().handlers if isinstance(each.formatter, JsonLines))
        handler.setStream(self.stream)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, **having: Any) -> list[dict[str, Any]]:
        """The lines, each one JSON object, that have these values."""
        found = [json.loads(line) for line in self.text.removesuffix("\n").split("\n") if self.text]
        return [line for line in found if having.items() <= line.items()]


@pytest.fixture
def log(app: Flask) -> Log:
    """The log of `app`: what it would write to standard error."""
    return Log()


def flask(app: Flask, *args: str) -> Ran:
    """`flask ARGS`, as the shell finds the command."""
    group = FlaskGroup(create_app=lambda: app, load_dotenv=False)
    return app.test_cli_runner().invoke(group, list(args))
