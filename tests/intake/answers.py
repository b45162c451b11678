"""What the feed answered, and what it left in the database, as short values to compare."""

import json
import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import Result as Ran
from flask import Flask
from flask_appbuilder.models.sqla import Model

from app.intake.take import Result
from app.review.models import Decision, Submission, Version
from app.sealing import blind
from app.staff.models import Person
from app.tenancy import UNGUARDED
from app.units.models import Unit
from tests.factories import Make, id_number, take

Answer = str | list[str]


def answer(result: Result) -> Answer:
    """The outcome of what was taken; of what was rejected the fields that are named, in alphabetical order."""
    return sorted(result.errors) if result.outcome == "rejected" else result.outcome


def answers(app: Flask, *lines: dict[str, Any] | bytes) -> list[Answer]:
    """The answers to lines, taken in one after the other."""
    return [answer(result) for result in take(app, *lines)]


def answered(app: Flask, line: dict[str, Any] | bytes) -> Answer:
    """The answer to one line."""
    return answers(app, line)[0]


def contents(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table."""
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine.execution_options(**{UNGUARDED: "compares whole databases"})
        with engine.connect() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
                for table in Model.metadata.sorted_tables
            }


def state(make: Make, ref: str = "R1") -> tuple[str, str, int]:
    """Status, node and version of a registration."""
    query = sa.select(Submission.status, Submission.node, Submission.version).where(Submission.ref == ref)
    return tuple(make.read(query)[0])


def ledger(make: Make, ref: str = "R1") -> list[tuple[Any, ...]]:
    """The steps of a registration: (step, version, status before, status after)."""
    query = sa.select(Decision.step, Decision.version, Decision.from_status, Decision.to_status)
    own = query.join(Submission, Submission.id == Decision.submission_id).where(Submission.ref == ref)
    return [tuple(row) for row in make.read(own.order_by(Decision.id))]


def versions(make: Make, ref: str = "R1") -> list[dict[str, Any]]:
    """What the versions of a registration say, the oldest first."""
    query = sa.select(Version.data).join(Submission, Submission.id == Version.submission_id)
    return [row[0] for row in make.read(query.where(Submission.ref == ref).order_by(Version.number))]


def belongs_to(make: Make, n: int = 1) -> str | None:
    """The code of the unit that the n-th person belongs to."""
    query = sa.select(Unit.code).join(Person, Person.unit_id == Unit.id)
    found = make.read(query.where(Person.number_index == _index(make, n)))
    return found[0][0] if found else None


def _index(make: Make, n: int) -> str:
    with make.app.app_context():
        return blind(id_number(n))


def feed(path: Path, *lines: dict[str, Any] | bytes) -> Path:
    """A feed file of these lines."""
    raw = [line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines]
    path.write_bytes(b"\n".join(raw) + b"\n")
    return path


def load(app: Flask, file: Path, *options: str) -> Ran:
    """`flask intake load FILE`."""
    return app.test_cli_runner().invoke(args=["intake", "load", str(file), *options])


def reported(ran: Ran, file: Path) -> list[tuple[int, str]]:
    """(line number, field) of each line `FILE:LINE: field: what is wrong` that the command printed."""
    found = re.findall(rf"^{re.escape(str(file))}:(\d+): (\S+): \S.*$", ran.stdout, re.MULTILINE)
    return [(int(number), field) for number, field in found]
