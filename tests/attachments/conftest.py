"""What the tests of attachments stand on: both storages, a unit with a person in it, lines that name files."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import Result as Ran
from flask import Flask
from moto.server import ThreadedMotoServer

from app.attachments.storage import Storage, storage_of
from config import settings
from tests.attachments import files
from tests.conftest import KEYS, build, release
from tests.factories import Make, decision_line, id_number, registration_line, unit_code, unit_line
from tests.operations.conftest import flask


@pytest.fixture(scope="session")
def s3() -> Iterator[ThreadedMotoServer]:
    """A server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bucket(s3: ThreadedMotoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The address of an empty bucket, for a process that has the AWS variables."""
    host, port = s3.get_host_and_port()
    for name, value in aws(f"http://{host}:{port}").items():
        monkeypatch.setenv(name, value)
    name = f"b{abs(hash(tmp_path)):x}"
    boto3.client("s3").create_bucket(Bucket=name)
    return f"s3://{name}/proofs"


def aws(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(params=["directory", "bucket"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """STORAGE_URL of an empty storage of each sort."""
    if request.param == "bucket":
        return str(request.getfixturevalue("bucket"))
    return str(tmp_path / "stored")


@pytest.fixture
def store(url: str) -> Storage:
    return storage_of(settings({**KEYS, "DATA_DIR": "/tmp", "STORAGE_URL": url})["STORAGE_URL"])


@pytest.fixture
def stored_app(engine: Any, migrated: str, database: Callable[[str], str], tmp_path: Path, url: str) -> Iterator[Flask]:
    """The app on an empty database and an empty storage of each sort."""
    app = build(engine, database(migrated), tmp_path, STORAGE_URL=url)
    yield app
    release(app)


def item_line(n: int = 1, *names: str, **changes: Any) -> dict[str, Any]:
    """The n-th record of the first person, with these files beside the feed as its proof."""
    data = {"course": f"课程{n}", "year": 2025, "category": "public", "hours": n, "organiser": "进修学院"}
    line = {
        "kind": "archive_item",
        "ref": f"A{n}",
        "unit": unit_code(1),
        "id_number": id_number(1),
        "type": "continuing_education",
        "data": data | {"proof": [{"file": name} for name in names]},
        "submitted_at": "2026-11-03T09:00:00+08:00",
    }
    return line | changes


MEMBER = (unit_line(1), registration_line(1), decision_line(1, "R1", "pass"))


@dataclass
class Feed:
    """A feed in a folder of its own, with a PDF, a PNG and a JPEG beside it."""

    folder: Path

    def write(self, *lines: dict[str, Any]) -> Path:
        path = self.folder / "feed.ndjson"
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        return path

    def load(self, app: Flask, *lines: dict[str, Any], options: tuple[str, ...] = ()) -> Ran:
        """`flask intake load` of these lines."""
        return flask(app, "intake", "load", str(self.write(*lines)), "--locale", "en", *options)


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    folder = tmp_path / "feed"
    (folder / "proofs").mkdir(parents=True)
    for name, content in {"a.pdf": files.PDF, "b.png": files.PNG, "c.jpg": files.JPEG}.items():
        (folder / "proofs" / name).write_bytes(content)
    return Feed(folder)


@pytest.fixture
def loaded(app: Flask, make: Make, feed: Feed) -> int:
    """One record with three files; the id of its unit."""
    names = ("proofs/a.pdf", "proofs/b.png", "proofs/c.jpg")
    ran = feed.load(app, *MEMBER, item_line(1, *names))
    assert ran.exit_code == 0, ran.output
    return make.unit_id(unit_code(1))
