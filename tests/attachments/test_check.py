"""`flask check` and `/readyz` know the storage."""

import hashlib
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import clock
from app.attachments import Attachment
from app.review.models import Version
from tests.attachments import files
from tests.factories import change
from tests.operations.conftest import flask

DIGEST = hashlib.sha256(files.PDF).hexdigest()


@pytest.fixture
def file(loaded, tmp_path) -> Path:
    """Where the bytes of the PDF are."""
    return tmp_path / "attachments" / DIGEST[:2] / DIGEST


def check(app, *options: str) -> list[str]:
    *lines, _summary = flask(app, "check", *options).stdout.splitlines()
    return lines


def test_what_a_feed_left_is_consistent(app, loaded):
    assert check(app, "--read") == []


def test_bytes_that_are_missing_are_told(app, file):
    file.unlink()
    assert check(app) == [f"the bytes are missing: attachment {DIGEST}"]


def test_all_are_told_when_the_storage_is_empty(app, loaded, tmp_path):
    shutil.rmtree(tmp_path / "attachments")
    assert [line.split(":")[0] for line in check(app)] == ["the bytes are missing"] * 3


def test_bytes_of_another_size_are_told(app, file):
    file.write_bytes(files.PDF + b"x")
    assert check(app) == [f"the bytes are {len(files.PDF) + 1}, not {len(files.PDF)}: attachment {DIGEST}"]


@pytest.mark.parametrize(
    ("options", "told"), [((), []), (("--read",), [f"the bytes are others: attachment {DIGEST}"])], ids=["sizes", "all"]
)
def test_other_bytes_of_the_same_size_are_told_when_all_are_read(app, file, options, told):
    file.write_bytes(b"x" * len(files.PDF))
    assert check(app, *options) == told


def test_what_nobody_names_yet_is_no_fault(app, make, loaded):
    row = {"id": "waiting", "sha256": DIGEST, "size": len(files.PDF), "media_type": "application/pdf", "name": "a"}
    change(make, sa.insert(Attachment.__table__).values(row | {"received_at": clock.now()}))
    assert check(app) == []


def test_an_attachment_of_a_unit_that_no_record_names_is_told(app, make, loaded):
    change(make, sa.update(Version).where(Version.number == 1).values(data={}))
    assert len([line for line in check(app) if line.startswith("no record names it: attachment ")]) == 3


def test_a_storage_that_does_not_answer_is_told(app, loaded, tmp_path):
    shutil.rmtree(tmp_path / "attachments")
    (tmp_path / "attachments").write_text("no folder")
    (line,) = check(app)
    assert line.startswith("STORAGE_URL")


def test_it_is_ready_before_the_first_file(app):
    assert app.test_client().get("/readyz").status_code == 200


def test_it_is_not_ready_without_its_storage_and_names_the_variable(app, tmp_path):
    (tmp_path / "attachments").write_text("no folder")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["problems"]) == (503, ["the storage at STORAGE_URL takes no files"])


def test_it_lives_without_its_storage(app, tmp_path):
    (tmp_path / "attachments").write_text("no folder")
    assert app.test_client().get("/healthz").status_code == 200
