"""Both storages, asked the same: what was put is what is read, whole or in part, or it is said that it is not."""

import hashlib
import io
import logging
import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from app.attachments.directory import Directory
from app.attachments.storage import Changed, StorageError, storage_of
from tests.attachments.conftest import aws

CONTENT = bytes(range(256)) * 1024  # four pieces
DIGEST = hashlib.sha256(CONTENT).hexdigest()
TRAVERSALS = ["", "..", "../" + "a" * 61, "a" * 63, "A" * 64, "a" * 64 + "\n", "a" * 64 + "/..", "%2e" * 21 + "a"]


def put(store, content: bytes = CONTENT) -> str:
    digest = hashlib.sha256(content).hexdigest()
    store.put(digest, io.BytesIO(content))
    return digest


def read(store, digest: str = DIGEST, start: int = 0, length: int = len(CONTENT)) -> bytes:
    return b"".join(store.read(digest, start, length))


def test_the_checksum_of_what_is_stored_is_that_of_what_was_put(store):
    put(store)
    assert hashlib.sha256(read(store)).hexdigest() == DIGEST


@pytest.mark.parametrize(("start", "length"), [(0, 1), (70_000, 90_000), (len(CONTENT) - 1, 1), (5, len(CONTENT) - 5)])
def test_a_part_is_read(store, start, length):
    put(store)
    assert read(store, start=start, length=length) == CONTENT[start : start + length]


def test_what_is_kept_is_told_in_the_order_of_the_digests(store):
    digests = sorted(put(store, b"%d" % n) for n in range(12))
    assert [(kept.digest, kept.size) for kept in store.kept()] == [
        (digest, len(b"%d" % next(n for n in range(12) if hashlib.sha256(b"%d" % n).hexdigest() == digest)))
        for digest in digests
    ]


def test_it_was_put_now(store):
    put(store)
    (kept,) = store.kept()
    assert abs(datetime.now(UTC) - kept.at) < timedelta(minutes=1)


def test_an_empty_storage_keeps_nothing(store):
    assert (list(store.kept()), store.has(DIGEST), store.tidy(datetime.now(UTC))) == ([], False, 0)


def test_what_is_stored_already_is_not_read_again(store):
    put(store)
    source = io.BytesIO(CONTENT)
    store.put(DIGEST, source)
    assert (source.tell(), len(list(store.kept()))) == (0, 1)


def test_other_bytes_than_the_digests_are_not_kept(store):
    with pytest.raises(Changed):
        store.put(DIGEST, io.BytesIO(CONTENT + b"x"))
    assert (store.has(DIGEST), list(store.kept())) == (False, [])


def test_what_is_removed_is_gone_and_the_rest_stays(store):
    put(store)
    other = put(store, b"other")
    store.remove([DIGEST, "0" * 64])
    assert (store.has(DIGEST), store.has(other)) == (False, True)


def test_what_is_not_there_is_told_before_anything_is_read(store):
    with pytest.raises(StorageError, match=r"^STORAGE_URL"):
        store.read(DIGEST, 0, 1)


def test_what_is_shorter_than_its_row_says_is_told(store):
    put(store)
    with pytest.raises(StorageError):
        read(store, length=len(CONTENT) + 1)


@pytest.mark.parametrize("ask", ["put", "read", "has", "remove"])
def test_only_a_digest_names_a_file(store, ask):
    rest = {"put": (io.BytesIO(b""),), "read": (0, 1)}.get(ask, ())
    for digest in TRAVERSALS:
        with pytest.raises(ValueError, match="64 hexadecimal"):
            getattr(store, ask)([digest] if ask == "remove" else digest, *rest)


def test_a_storage_that_answers_is_ready(store):
    assert store.check() is None


def test_many_who_put_the_same_at_once_keep_it_once(store):
    threads = [threading.Thread(target=put, args=(store,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (read(store) == CONTENT, len(list(store.kept()))) == (True, 1)


# ---- the directory ---------------------------------------------------------------------------------------------------


@pytest.fixture
def directory(tmp_path) -> Directory:
    return Directory(tmp_path / "stored")


def everything_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_files_and_folders_are_their_owners_alone(directory):
    before = os.umask(0)
    try:
        put(directory)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (directory.folder, *directory.folder.rglob("*"))}
    assert modes == {0o700, 0o600}


class Breaking(io.BytesIO):
    """A file that breaks off in the middle."""

    def read(self, size=-1):
        if self.tell():
            raise OSError("the disk that it comes from is gone")
        return super().read(size)


def test_a_put_that_breaks_off_leaves_nothing(directory):
    with pytest.raises(StorageError):
        directory.put(DIGEST, Breaking(CONTENT))
    assert everything_in(directory.folder) == []


def test_drafts_of_killed_writers_are_tidied_when_they_are_old(directory):
    put(directory)
    for name, age in {"old": 2, "new": 0}.items():
        draft = directory.folder / f".draft-{name}"
        draft.write_bytes(b"half")
        then = datetime.now(UTC).timestamp() - age * 86400
        os.utime(draft, (then, then))
    assert directory.tidy(datetime.now(UTC) - timedelta(days=1)) == 1
    assert sorted(path.name for path in everything_in(directory.folder)) == [".draft-new", DIGEST]


@pytest.mark.parametrize("ask", ["put", "check"])
def test_a_directory_that_cannot_be_written_is_told(tmp_path, ask):
    (tmp_path / "stored").write_text("a file, not a folder")
    store = Directory(tmp_path / "stored")
    with pytest.raises(StorageError, match=f"^STORAGE_URL {tmp_path}/stored: [^\n]+$"):
        put(store) if ask == "put" else store.check()


def test_folders_above_are_not_made(tmp_path):
    """They are where a disk would be mounted."""
    with pytest.raises(StorageError):
        put(Directory(tmp_path / "disk" / "stored"))
    assert list(tmp_path.iterdir()) == []


# ---- the bucket ------------------------------------------------------------------------------------------------------


def test_what_is_not_ours_in_a_bucket_is_not_told(bucket):
    name = bucket.split("/")[2]
    for key in (
        f"proofs/other/{DIGEST[:2]}/{DIGEST}",
        f"{DIGEST[:2]}/{DIGEST}",
        "proofs/readme",
        f"proofs/zz/{DIGEST}",
    ):
        boto3.client("s3").put_object(Bucket=name, Key=key, Body=b"")
    assert list(storage_of(bucket).kept()) == []


ASKED = {
    "check": lambda store: store.check(),
    "put": put,
    "read": read,
    "has": lambda store: store.has(DIGEST),
    "remove": lambda store: store.remove([DIGEST]),
    "kept": lambda store: list(store.kept()),
}


def one_line(error: pytest.ExceptionInfo) -> bool:
    return str(error.value).startswith("STORAGE_URL s3://") and "\n" not in str(error.value)


@pytest.mark.parametrize("ask", [name for name in ASKED if name != "has"])
def test_a_bucket_that_is_not_there_is_told_in_one_line(bucket, ask):
    with pytest.raises(StorageError) as error:
        ASKED[ask](storage_of("s3://no-such-bucket/proofs"))
    assert one_line(error)


@pytest.mark.parametrize("ask", ASKED)
def test_a_server_that_is_down_is_told_in_one_line(monkeypatch, ask):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    server.stop()
    for name, value in aws(f"http://{host}:{port}").items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageError) as error:
        ASKED[ask](storage_of("s3://bucket/proofs"))
    assert one_line(error)


def test_credentials_that_are_not_there_are_told_in_one_line(bucket, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(StorageError, match="credentials") as error:
        put(storage_of(bucket))
    assert one_line(error)


def test_a_profile_that_is_not_there_is_told_in_one_line(bucket, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StorageError, match="nobody") as error:
        storage_of(bucket)
    assert one_line(error)


logging.getLogger("werkzeug").setLevel(logging.ERROR)  # of moto's server
