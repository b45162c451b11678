"""What a file is, by its content: its type, its size, its digest, and whether it may be kept."""

import atexit
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from flask_babel import lazy_gettext as _l

from config import LOOK_MEMORY, LOOK_SECONDS, MAX_FILE, MAX_PIXELS

INSPECTOR = Path(__file__).with_name("inspector.py")
BLANK = b"\xef\xbb\xbf \t\r\n"  # what may stand before a PDF's first line
Starts = Callable[[bytes], bool]
# One type for each beginning: a file that is two things at once is the one that it begins as.
TYPES: tuple[tuple[str, Starts], ...] = (
    ("application/pdf", lambda head: head.lstrip(BLANK).startswith(b"%PDF-")),
    ("image/png", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", lambda head: head.startswith(b"\xff\xd8\xff")),
)
# What the inspector says of a file that is not kept → how people are told.
REFUSED = {
    "unreadable": _l("is damaged, or not what it begins as"),
    "encrypted": _l("is encrypted"),
    "without pages": _l("has no pages"),
    "active": _l("holds scripts, actions or other files"),
    "too many pixels": _l("has more than %(limit)d million pixels", limit=MAX_PIXELS // 1_000_000),
    "costly": _l("takes more memory or time to read than a document does"),
}


class BadFile(ValueError):
    """A file that is not kept; the message says why, in the caller's language."""


@dataclass(frozen=True)
class Found:
    """What a file is: `sha256` in hexadecimal, `size` in bytes."""

    media_type: str
    sha256: str
    size: int


def look(file: BinaryIO) -> Found:
    """Look at the rest of a file; raises BadFile. It is read once, so that what is measured is what is inspected."""
    content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise BadFile(_l("is larger than %(limit)d MB", limit=MAX_FILE // 1024 // 1024))
    if not content:
        raise BadFile(_l("is empty"))
    media_type = next((name for name, starts in TYPES if starts(content[:1024])), None)
    if media_type is None:
        raise BadFile(_l("is neither PDF, PNG nor JPEG"))
    verdict = _inspector.ask(media_type, content)
    if verdict != "fine":
        raise BadFile(REFUSED[verdict])
    return Found(media_type, hashlib.sha256(content).hexdigest(), len(content))


class Inspector:
    """The process that reads (inspector.py), started when it is first needed, again when it is gone or a fork's."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        atexit.register(self.close)

    def ask(self, media_type: str, content: bytes) -> str:
        """A word of VERDICTS. One file at a time: so a worker never pays for more than one at once."""
        with self._lock:
            for _attempt in range(2):
                try:
                    if word := self._asked(media_type, content):
                        return word
                except OSError:
                    pass  # somebody ended it
                self._end()
        raise RuntimeError("the inspector of files does not live")

    def close(self) -> None:
        """End the process; the next file starts another."""
        with self._lock:
            self._end()

    def _asked(self, media_type: str, content: bytes) -> str:
        if self._process is None or self._owner != os.getpid():
            command = [sys.executable, "-I", str(INSPECTOR), str(LOOK_MEMORY), str(LOOK_SECONDS), str(MAX_PIXELS)]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            self._owner = os.getpid()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(b"%s %d\n" % (media_type.encode(), len(content)))
        self._process.stdin.write(content)
        self._process.stdin.flush()
        return self._process.stdout.readline().decode().rstrip("\n")

    def _end(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.communicate()
        self._process = None


_inspector = Inspector()
