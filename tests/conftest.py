"""Both engines, each test on a database of its own: a copy of one that the real migrations made."""

import gc
import itertools
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache

from app import create_app
from app.operations import demo
from app.sealing import check_key
from app.tenancy import everything
from config import settings
from tests.browsing import Browser
from tests.engines import ENGINES
from tests.factories import Make

PASSWORD = "a password for tests"
KEYS = {"SECRET_KEY": secrets.token_hex(32), "DATA_KEY": secrets.token_hex(32)}
_numbers = itertools.count()


class Compiled(BytecodeCache):
    """Templates as they were compiled for an earlier app: each test has an app of its own, and all the same ones."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()


@pytest.fixture(scope="session", params=ENGINES, ids=lambda kind: kind.name)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The engine that the test runs on: each test runs on both."""
    return request.param(tmp_path_factory.mktemp(request.param.name))


def build(engine: Any, database: str, data_dir: Path, catalogue: Path | None = None, **environment: str) -> Flask:
    """The app on a database of the engine, with another catalogue than its own where one is given.

    Without garbage collection meanwhile: CPython before 3.11.9 counts the depth of its syntax trees wrongly when one
    is being made (werkzeug does so for each route) and what is collected makes another.
    """
    gc.disable()
    try:
        config = settings({**KEYS, **engine.environment(database), "DATA_DIR": str(data_dir), **environment})
        app = create_app(config | ({"CATALOGUE": catalogue} if catalogue else {}))
        app.jinja_env.bytecode_cache = COMPILED
        return app
    finally:
        gc.enable()


def release(app: Flask) -> None:
    """Close the app's connections, so that its database can be copied or dropped."""
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture(scope="session")
def migrated(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an empty, migrated database."""
    engine.create("migrated")
    app = build(engine, "migrated", tmp_path_factory.mktemp("data"))
    with app.app_context():
        upgrade()
        with everything("tests") as session:
            check_key(session)
    release(app)
    return "migrated"


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DATA_DIR in which the demo was loaded: it holds the attachments."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def with_demo(engine: Any, migrated: str, demo_data: Path) -> str:
    """The name of a database with the demo in it."""
    engine.copy(migrated, "with_demo")
    app = build(engine, "with_demo", demo_data, DEMO="1", DEMO_PASSWORD=PASSWORD)
    with app.app_context():
        demo.load()
    release(app)
    return "with_demo"


@pytest.fixture
def database(engine: Any) -> Iterator[Callable[[str], str]]:
    """Copies a database for this test; the copies are dropped after it."""
    made = []

    def copy(template: str) -> str:
        made.append(f"t{os.getpid()}_{next(_numbers)}")
        engine.copy(template, made[-1])
        return made[-1]

    yield copy
    for name in made:
        engine.drop(name)


@pytest.fixture
def app(engine: Any, migrated: str, database: Callable[[str], str], tmp_path: Path) -> Iterator[Flask]:
    """The app on an empty database. No context is pushed: a client's request brings its own."""
    app = build(engine, database(migrated), tmp_path)
    yield app
    release(app)


@pytest.fixture
def demo_app(
    engine: Any, with_demo: str, demo_data: Path, database: Callable[[str], str], tmp_path: Path
) -> Iterator[Flask]:
    """The app with the demo's records and accounts."""
    data = shutil.copytree(demo_data, tmp_path / "data")
    app = build(engine, database(with_demo), data, DEMO="1", DEMO_PASSWORD=PASSWORD)
    yield app
    release(app)


@pytest.fixture
def make(app: Flask) -> Make:
    """Makes units, registrations and accounts in `app`."""
    return Make(app, PASSWORD)


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], Browser]:
    """Signs an account of `app` in: `sign_in("clerk")` answers its browser."""
    return lambda username: Browser(app).sign_in(username, PASSWORD)


@pytest.fixture
def demo_sign_in(demo_app: Flask) -> Callable[[str], Browser]:
    """Signs a demo account in."""
    return lambda username: Browser(demo_app).sign_in(username, PASSWORD)
