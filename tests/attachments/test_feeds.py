"""Files beside a feed: which are taken, that each is looked at once, and what happens when they cannot be kept."""

import hashlib
import json
import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
import sqlalchemy as sa
from flask import Flask
from moto.server import ThreadedMotoServer

from app.attachments import Attachment
from app.extensions import begin_write
from app.intake.files import Folder
from app.intake.take import take_line
from app.review.models import Submission
from app.tenancy import everything
from tests.attachments import files
from tests.attachments.conftest import MEMBER, Feed, aws, item_line
from tests.conftest import build, release
from tests.factories import Make, take
from tests.operations.conftest import flask

PROOF = "data.proof"


def rows(app: Flask) -> list[tuple[str, int]]:
    """The digests of all attachments and their sizes."""
    return [tuple(row) for row in Make(app, "").read(sa.select(Attachment.sha256, Attachment.size))]


def refs(app: Flask) -> list[str]:
    query = sa.select(Submission.ref).where(Submission.kind == "archive_item").order_by(Submission.ref)
    return [ref for (ref,) in Make(app, "").read(query)]


def test_a_record_has_its_files(stored_app, feed):
    assert feed.load(stored_app, *MEMBER, item_line(1, "proofs/a.pdf", "proofs/c.jpg")).exit_code == 0
    assert sorted(rows(stored_app)) == sorted(
        (hashlib.sha256(content).hexdigest(), len(content)) for content in (files.PDF, files.JPEG)
    )
    assert flask(stored_app, "check", "--read").stdout == "consistent\n"


def test_each_record_has_rows_of_its_own_for_the_same_bytes(app, make, feed):
    feed.load(app, *MEMBER, item_line(1, "proofs/a.pdf"), item_line(2, "proofs/a.pdf"))
    assert make.read(sa.select(sa.func.count(Attachment.id), sa.func.count(Attachment.sha256.distinct()))) == [(2, 1)]


def test_the_same_feed_again_changes_nothing(app, feed):
    lines = (*MEMBER, item_line(1, "proofs/a.pdf"))
    feed.load(app, *lines)
    before = rows(app)
    assert (feed.load(app, *lines).exit_code, rows(app)) == (0, before)


@pytest.fixture
def outside(feed: Feed) -> Feed:
    """A feed with links, a pipe, a device and a folder beside it, and a good PDF above it."""
    (feed.folder.parent / "above.pdf").write_bytes(files.PDF)
    proofs = feed.folder / "proofs"
    (proofs / "out.pdf").symlink_to(feed.folder.parent / "above.pdf")
    (proofs / "up").symlink_to(feed.folder.parent)
    (proofs / "round").symlink_to(proofs / "round")
    (proofs / "null").symlink_to("/dev/zero")
    os.mkfifo(proofs / "pipe")
    return feed


LIES_OUTSIDE, NOT_THERE = "lies outside the feed's folder", "is not there or cannot be read"
NAMES = {
    "../above.pdf": LIES_OUTSIDE,
    "proofs/../../above.pdf": LIES_OUTSIDE,
    "proofs/../proofs/a.pdf": LIES_OUTSIDE,
    "/etc/passwd": LIES_OUTSIDE,
    "//etc/passwd": LIES_OUTSIDE,
    "proofs\\..\\..\\above.pdf": LIES_OUTSIDE,
    "proofs/out.pdf": LIES_OUTSIDE,
    "proofs/up/above.pdf": LIES_OUTSIDE,
    "proofs/null": LIES_OUTSIDE,
    "": LIES_OUTSIDE,
    "..%2fabove.pdf": NOT_THERE,
    "%2e%2e/above.pdf": NOT_THERE,
    "．．/above.pdf": NOT_THERE,
    "proofs/round": NOT_THERE,
    "proofs/pipe": NOT_THERE,
    "proofs": NOT_THERE,
    "proofs/nothing.pdf": NOT_THERE,
    "proofs/a.pdf\x00.png": NOT_THERE,
    "x" * 5000: NOT_THERE,
    "feed.ndjson": "is neither PDF, PNG nor JPEG",
}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_what_is_not_a_file_below_the_folder_is_refused(app, outside, name):
    ran = outside.load(app, *MEMBER, item_line(1, name))
    found = re.search(rf"feed.ndjson:4: {PROOF}: (.*)", ran.output)
    assert (ran.exit_code, found and found[1].endswith(NAMES[name])) == (1, True), ran.output


def test_a_link_that_stays_below_the_folder_is_followed(app, feed):
    (feed.folder / "proofs/link.pdf").symlink_to("a.pdf")
    assert feed.load(app, *MEMBER, item_line(1, "proofs/link.pdf")).exit_code == 0


def test_a_bad_file_is_told_at_its_line_and_the_rest_is_taken(app, feed):
    (feed.folder / "proofs/bad.pdf").write_bytes(b"<html>")
    lines = [item_line(1, "proofs/bad.pdf"), item_line(2, "proofs/a.pdf"), item_line(3, "proofs/bad.pdf")]
    ran = feed.load(app, *MEMBER, *lines)
    assert (re.findall(rf":(\d+): {PROOF}: .* is neither", ran.output), refs(app)) == (["4", "6"], ["A2"])


def test_a_long_name_is_kept_with_its_end(app, make, feed):
    name = "x" * 240 + ".pdf"
    (feed.folder / name).write_bytes(files.PDF)
    assert feed.load(app, *MEMBER, item_line(1, name)).exit_code == 0
    assert make.read(sa.select(Attachment.name)) == [("x" * 196 + ".pdf",)]


# ---- looked at once --------------------------------------------------------------------------------------------------


def test_a_file_is_looked_at_once_by_whatever_name(feed):
    (feed.folder / "again.pdf").hardlink_to(feed.folder / "proofs/a.pdf")
    folder = Folder(feed.folder)
    assert folder.find("proofs/a.pdf") is folder.find("again.pdf")


def test_a_file_that_changed_is_looked_at_again(feed):
    folder = Folder(feed.folder)
    first = folder.find("proofs/a.pdf")
    (feed.folder / "proofs/a.pdf").write_bytes(files.PNG)
    assert (first.media_type, folder.find("proofs/a.pdf").media_type) == ("application/pdf", "image/png")


def same_size_and_time(path: Path, content: bytes) -> None:
    """Other bytes in a file, and nothing of it shows that they are others."""
    before = path.stat()
    path.write_bytes(content.ljust(before.st_size, b"\0")[: before.st_size])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_bytes_that_changed_unseen_are_not_kept(app, feed):
    """The line is refused, or taken with what the file is now: never under the digest of what it was."""
    line, path = item_line(1, "proofs/a.pdf"), feed.folder / "proofs/a.pdf"
    take(app, *MEMBER)
    folder = Folder(feed.folder)
    with app.app_context(), everything("tests") as session:
        folder.find("proofs/a.pdf")
        same_size_and_time(path, b"<script>")
        begin_write(session)
        result = take_line(session, json.dumps(line).encode(), folder)
        session.commit()
    assert (result.outcome, list(result.errors), rows(app)) == ("rejected", [PROOF], [])


# ---- a dry run -------------------------------------------------------------------------------------------------------


def test_a_dry_run_leaves_no_row_and_no_file(app, feed, tmp_path):
    ran = feed.load(app, *MEMBER, item_line(1, "proofs/a.pdf"), options=("--dry-run",))
    assert (ran.exit_code, "4 created" in ran.output) == (0, True)
    assert (rows(app), (tmp_path / "attachments").exists()) == ([], False)


# ---- by the id of an attachment --------------------------------------------------------------------------------------


def posted(app: Flask, feed: Feed, name: str = "a.pdf") -> str:
    """A file that was handed in and that no record names yet; its id."""
    with app.app_context(), everything("tests") as session, (feed.folder / "proofs" / name).open("rb") as file:
        begin_write(session)
        row = files.kept(session, file, name)
        session.commit()
        return row.id


def naming(n: int, *ids: str, **changes: object) -> dict:
    line = item_line(n, **changes)
    line["data"]["proof"] = list(ids)
    return line


def test_the_same_line_with_the_same_ids_is_the_same_again(app, feed):
    pk = posted(app, feed)
    results = take(app, *MEMBER, naming(1, pk), naming(1, pk))
    assert [result.outcome for result in results[-2:]] == ["created", "unchanged"]


def test_the_same_line_with_the_same_bytes_under_another_id_is_the_same_again(app, feed):
    results = take(app, *MEMBER, naming(1, posted(app, feed)), naming(1, posted(app, feed)))
    assert [result.outcome for result in results[-2:]] == ["created", "unchanged"]


def test_another_record_cannot_name_it_too(app, feed):
    pk = posted(app, feed)
    *_, second = take(app, *MEMBER, naming(1, pk), naming(2, pk))
    assert (second.outcome, list(second.errors)) == ("rejected", [PROOF])


def test_a_new_version_may_name_it_again(app, feed):
    pk, more = posted(app, feed), posted(app, feed, "b.png")
    back = {"kind": "decision", "ref": "D2", "of": {"kind": "archive_item", "ref": "A1"}, "verdict": "return"}
    back |= {"opinion": "补充", "decided_at": "2026-11-04T09:00:00+08:00", "by": "历史"}
    again = naming(1, pk, more, submitted_at="2026-11-05T09:00:00+08:00")
    assert take(app, *MEMBER, naming(1, pk), back, again)[-1].outcome == "resubmitted"


# ---- a storage that is down or full ----------------------------------------------------------------------------------

ITEMS = [item_line(1, "proofs/b.png"), item_line(2, "proofs/large.pdf"), item_line(3, "proofs/c.jpg")]


@pytest.fixture
def large(feed: Feed) -> Feed:
    """The feed, with a file of 8 MB beside it."""
    (feed.folder / "proofs/large.pdf").write_bytes(files.PNG + bytes(8_000_000))
    return feed


@contextmanager
def no_room() -> Iterator[None]:
    """Files of this process can grow to 4 MB only: the system says so as it says that a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_storage_stops_the_load_at_its_line_and_nothing_is_half_kept(app, large, tmp_path):
    with no_room():
        ran = large.load(app, *MEMBER, *ITEMS)
    assert (ran.exit_code, refs(app), len(rows(app))) == (1, ["A1"], 1)
    assert re.search(r"feed.ndjson:5: STORAGE_URL .*File too large.* The lines before it are kept", ran.output)
    assert len([path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]) == 1


def test_with_room_again_the_same_feed_is_taken_whole(app, large):
    with no_room():
        large.load(app, *MEMBER, *ITEMS)
    ran = large.load(app, *MEMBER, *ITEMS)
    assert (ran.exit_code, refs(app)) == (0, ["A1", "A2", "A3"])
    assert flask(app, "check", "--read").stdout == "consistent\n"


def test_a_server_that_goes_down_amid_a_load_loses_no_row_and_no_file(
    engine, migrated, database, tmp_path, monkeypatch, feed
):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in aws(f"http://{host}:{port}").items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="kept")
    app = build(engine, database(migrated), tmp_path, STORAGE_URL="s3://kept")
    assert feed.load(app, *MEMBER, ITEMS[0]).exit_code == 0
    server.stop()
    ran = feed.load(app, *MEMBER, ITEMS[0], item_line(2, "proofs/c.jpg"))
    assert (ran.exit_code, refs(app)) == (1, ["A1"])
    assert re.search(r"feed.ndjson:5: STORAGE_URL s3://kept/: Could not connect.* The lines before", ran.output)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    assert feed.load(app, *MEMBER, ITEMS[0], item_line(2, "proofs/c.jpg")).exit_code == 0
    assert flask(app, "check", "--read").stdout == "consistent\n"
    server.stop()
    release(app)
