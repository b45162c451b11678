"""`/healthz` and `/readyz`, without login."""

import itertools
import os
import secrets

import pytest

from app import create_app
from config import settings
from tests.conftest import KEYS, build, release

NOWHERE = ["sqlite:////no/such/folder/x.sqlite", "postgresql+psycopg://nobody@127.0.0.1:1/nothing"]
_numbers = itertools.count()


@pytest.fixture
def unmigrated(engine, tmp_path):
    """The app on a database that no migration has seen."""
    name = f"bare{os.getpid()}_{next(_numbers)}"
    engine.create(name)
    app = build(engine, name, tmp_path)
    yield app
    release(app)
    engine.drop(name)


def unreachable(url, tmp_path):
    return create_app(settings({**KEYS, "DATABASE_URL": url, "DATA_DIR": str(tmp_path)}))


def test_it_lives(app):
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


@pytest.mark.parametrize("url", NOWHERE, ids=["sqlite", "postgresql"])
def test_it_lives_without_its_database(url, tmp_path):
    assert unreachable(url, tmp_path).test_client().get("/healthz").status_code == 200


def test_it_is_ready(app):
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "problems": []})


def test_it_is_not_ready_before_the_migrations(unmigrated):
    answer = unmigrated.test_client().get("/readyz")
    assert (answer.status_code, answer.json["problems"]) == (
        503,
        ["the database is not migrated: run flask db upgrade"],
    )


def test_it_is_not_ready_on_another_revision(app, behind):
    behind("UPDATE alembic_version SET version_num = 'another'")
    assert app.test_client().get("/readyz").status_code == 503


@pytest.mark.parametrize("url", NOWHERE, ids=["sqlite", "postgresql"])
def test_it_is_not_ready_without_its_database(url, tmp_path):
    answer = unreachable(url, tmp_path).test_client().get("/readyz")
    assert (answer.status_code, answer.json["problems"]) == (503, ["the database does not answer"])


def test_the_problem_tells_no_password(tmp_path):
    password = secrets.token_hex(8)
    app = unreachable(f"postgresql+psycopg://nobody:{password}@127.0.0.1:1/nothing", tmp_path)
    assert password not in app.test_client().get("/readyz").text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(app, path):
    assert app.test_client().delete(path).status_code in (400, 405)


def test_it_is_not_ready_with_a_key_that_does_not_open_what_is_stored(engine, migrated, database, tmp_path):
    other = build(engine, database(migrated), tmp_path, DATA_KEY=secrets.token_hex(32))
    answer = other.test_client().get("/readyz")
    assert (answer.status_code, answer.json["problems"]) == (503, ["DATA_KEY does not open what is stored"])
    assert other.test_client().get("/healthz").status_code == 200
    release(other)


def test_the_problem_tells_no_key(engine, migrated, database, tmp_path):
    key = secrets.token_hex(32)
    other = build(engine, database(migrated), tmp_path, DATA_KEY=key)
    assert key not in other.test_client().get("/readyz").text
    release(other)


def test_it_is_not_ready_when_its_folder_is_gone(app, tmp_path):
    tmp_path.rename(tmp_path.with_name(f"{tmp_path.name}-away"))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["problems"]) == (
        503,
        ["DATA_DIR cannot be written", "the storage at STORAGE_URL takes no files"],
    )
