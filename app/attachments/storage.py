"""Where the bytes are: one interface, a directory or a bucket behind it. A file is kept once, under its SHA-256."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol
from urllib.parse import urlsplit

from flask import current_app

CHUNK = 64 * 1024  # bytes read at a time
DIGEST = re.compile(r"[0-9a-f]{64}")


class StorageError(RuntimeError):
    """The storage is down, full, or lacks what a row names. One line, which names STORAGE_URL; its cause is kept."""


class Changed(ValueError):
    """The bytes that came are not those of the digest they were to be kept under."""


class Kept(NamedTuple):
    """What a storage holds of a file: when it was put, and of how many bytes."""

    digest: str
    size: int
    at: datetime


class Storage(Protocol):
    """`digest` is always the SHA-256 of the bytes in hexadecimal. Every method may raise StorageError."""

    def put(self, digest: str, source: BinaryIO) -> None:
        """Keep the rest of `source`, whole or not at all; it is on the disk when this returns. What is kept already
        is not read again. Raises Changed when the bytes are not the digest's."""

    def read(self, digest: str, start: int, length: int) -> Iterator[bytes]:
        """`length` bytes from `start` on, in pieces. The first is read before this returns: what is not there, or
        shorter, is told before anything is sent."""

    def has(self, digest: str) -> bool: ...

    def remove(self, digests: Sequence[str]) -> None:
        """Remove files, those that are not there included."""

    def kept(self) -> Iterator[Kept]:
        """Every file, in the order of the digests."""

    def tidy(self, before: datetime) -> int:
        """Remove what puts that were killed before then left behind; how many."""

    def check(self) -> None:
        """Raises StorageError when nothing can be put here."""


def storage_of(url: str) -> Storage:
    """The storage at a directory's path or `s3://bucket/prefix`, as `config.settings` has checked it."""
    # inline: the client of S3 is large, and most installations have none
    parts = urlsplit(url)
    if parts.scheme != "s3":
        from app.attachments.directory import Directory

        return Directory(Path(url))
    from app.attachments.bucket import Bucket

    prefix = parts.path.strip("/")
    return Bucket(parts.netloc, f"{prefix}/" if prefix else "")


def storage() -> Storage:
    """The storage of the running app."""
    held: Storage | None = current_app.extensions.get("storage")
    if held is None:
        held = current_app.extensions["storage"] = storage_of(current_app.config["STORAGE_URL"])
    return held


def place(digest: str) -> str:
    """Where a file is below the storage's root: `ab/abcdef…`, so that no folder grows too wide."""
    if not DIGEST.fullmatch(digest):
        raise ValueError("a digest is 64 hexadecimal digits")
    return f"{digest[:2]}/{digest}"


def pieces(file: Any, length: int) -> Iterator[bytes]:
    """`length` bytes of an open file. It is closed at the end, or when the reader goes away."""
    with file:
        while length > 0:
            piece = file.read(min(CHUNK, length))
            if not piece:
                raise StorageError("STORAGE_URL: a file is shorter than it was")
            length -= len(piece)
            yield piece


def begun(stream: Iterator[bytes]) -> Iterator[bytes]:
    """The stream, its first piece read now."""
    first = next(stream, b"")

    def whole() -> Iterator[bytes]:
        yield first
        yield from stream

    return whole()
