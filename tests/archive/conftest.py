"""What the tests of the archive stand on: a unit, a person who belongs to it, its administrator at the desk, proofs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.intake.take import Result
from tests.archive.factories import proofs, verdict_line
from tests.browsing import Browser
from tests.conftest import build, release
from tests.factories import Make, registration_line, take


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the feed's files are."""
    path = tmp_path / "feed"
    path.mkdir()
    return proofs(path)


@pytest.fixture
def unit(make: Make) -> int:
    """A unit's id; the first two persons belong to it."""
    pk = make.unit()
    for n in (1, 2):
        take(make.app, registration_line(n), verdict_line(n, of=f"R{n}", day=2))
    return pk


@pytest.fixture
def intake(app: Flask, unit: int, folder: Path) -> Callable[..., list[Result]]:
    """Takes lines in: `intake(item_line(), verdict_line(1))` answers their results."""
    return lambda *lines: take(app, *lines, folder=folder)


@pytest.fixture
def answers(intake: Callable[..., list[Result]]) -> Callable[..., list[Any]]:
    """The outcomes of lines, of what was rejected the fields that are named."""

    def taken(*lines: dict[str, Any]) -> list[Any]:
        return [sorted(one.errors) if one.outcome == "rejected" else one.outcome for one in intake(*lines)]

    return taken


@pytest.fixture
def desk(make: Make, unit: int, sign_in: Callable[[str], Browser]) -> Browser:
    """The unit's administrator, signed in."""
    make.account("zhang", "unit_administrator", unit)
    return sign_in("zhang")


@pytest.fixture
def start(engine: Any, migrated: str, database: Callable[[str], str], tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Starts the product, each time on the same database, with a catalogue given as text: `start(text)`."""
    name, apps = database(migrated), []

    def started(text: str) -> Flask:
        file = tmp_path / f"catalogue-{len(apps)}.toml"
        file.write_text(text, "utf-8")
        apps.append(build(engine, name, tmp_path, file))
        return apps[-1]

    yield started
    for app in apps:
        release(app)
