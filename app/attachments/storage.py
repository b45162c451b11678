"""Where the bytes are: one interface, a directory or a bucket behind it. A file is kept once, under its SHA-256."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from flask import current_app

CHUNK = 64 * 1024  # bytes read at a time
DIGEST = re.compile(r"[0-9a-f]{64}")


class StorageError(RuntimeError):
    """The storage is down, full, or lacks what a row names."""


class Storage(Protocol):
    """`digest` is always the SHA-256 of the bytes in hexadecimal. Every method may raise StorageError."""

    def put(self, digest: str, source: BinaryIO) -> None:
        """Keep the rest of `source`, whole or not at all; it is on the disk when this returns."""

    def read(self, digest: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` on, in pieces. The first is read before this returns: what is not there is told."""

    def has(self, digest: str) -> bool: ...

    def remove(self, digest: str) -> None: ...

    def kept(self) -> Iterator[tuple[str, datetime]]:
        """Each digest, and when its bytes were put."""


class Directory:
    """A local directory: `ab/abcdef…`, so that none grows too wide."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, digest: str, source: BinaryIO) -> None:
        target = self._path(digest)
        with _told():
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                os.utime(target)  # named anew: it is not old any more
                return
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as draft:
                try:
                    shutil.copyfileobj(source, draft, CHUNK)
                    draft.flush()
                    os.fsync(draft.fileno())
                    os.replace(draft.name, target)
                except BaseException:
                    os.unlink(draft.name)
                    raise
            _sync(target.parent)

    def read(self, digest: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        with _told():
            file = self._path(digest).open("rb")
            file.seek(start)
        return _pieces(file, length)

    def has(self, digest: str) -> bool:
        with _told():
            return self._path(digest).exists()

    def remove(self, digest: str) -> None:
        with _told():
            self._path(digest).unlink(missing_ok=True)

    def kept(self) -> Iterator[tuple[str, datetime]]:
        with _told():
            for path in self.folder.glob("??/*"):
                if DIGEST.fullmatch(path.name):
                    yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def _path(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise ValueError("a digest is 64 hexadecimal digits")
        return self.folder / digest[:2] / digest


class Bucket:
    """An S3 bucket, `s3://bucket/prefix`; endpoint and credentials are the usual AWS variables'."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket, self.prefix = bucket, prefix
        config = Config(connect_timeout=3, read_timeout=15, retries={"max_attempts": 2})
        self.client = boto3.client("s3", config=config)

    def put(self, digest: str, source: BinaryIO) -> None:
        with _told():
            self.client.put_object(Bucket=self.bucket, Key=self._key(digest), Body=source)

    def read(self, digest: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        last = "" if length is None else str(start + length - 1)
        with _told():
            found = self.client.get_object(Bucket=self.bucket, Key=self._key(digest), Range=f"bytes={start}-{last}")
        return _pieces(found["Body"], None)

    def has(self, digest: str) -> bool:
        try:
            self.client.head_object(Bucket=self.bucket, Key=self._key(digest))
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return False
            raise StorageError(str(error)) from error
        except BotoCoreError as error:
            raise StorageError(str(error)) from error
        return True

    def remove(self, digest: str) -> None:
        with _told():
            self.client.delete_object(Bucket=self.bucket, Key=self._key(digest))

    def kept(self) -> Iterator[tuple[str, datetime]]:
        with _told():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix):
                for item in page.get("Contents", ()):
                    yield item["Key"].rsplit("/", 1)[-1], item["LastModified"]

    def _key(self, digest: str) -> str:
        return f"{self.prefix}{digest[:2]}/{digest}"


def storage_of(url: str) -> Storage:
    """The storage at a directory's path or `s3://bucket/prefix`."""
    parts = urlsplit(url)
    if parts.scheme != "s3":
        return Directory(Path(parts.path if parts.scheme == "file" else url))
    prefix = parts.path.strip("/")
    return Bucket(parts.netloc, f"{prefix}/" if prefix else "")


def storage() -> Storage:
    """The storage of the running app."""
    held: Storage | None = current_app.extensions.get("storage")
    if held is None:
        held = current_app.extensions["storage"] = storage_of(current_app.config["STORAGE_URL"])
    return held


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the disk or the service says becomes StorageError; its cause says whether there is no room."""
    try:
        yield
    except (OSError, BotoCoreError, ClientError) as error:
        raise StorageError(str(error)) from error


def _pieces(file: Any, length: int | None) -> Iterator[bytes]:
    """The file in pieces, `length` bytes of it or all; it is closed at the end, or when the reader goes away."""

    def read() -> Iterator[bytes]:
        left = length
        with file:
            while left is None or left > 0:
                with _told():
                    piece = file.read(CHUNK if left is None else min(CHUNK, left))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    return read()


def _sync(folder: Path) -> None:
    """Make a rename last: it is the folder's own content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
