"""A local directory as storage: `ab/abcdef…`, every file and folder its owner's alone."""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from app.attachments.storage import CHUNK, DIGEST, Changed, Kept, StorageError, begun, pieces, place

DRAFT = ".draft-"


class Directory:
    """See Storage. A file takes its name when all of it is on the disk, so what has a name is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, digest: str, source: BinaryIO) -> None:
        target = self.folder / place(digest)
        with self._told():
            _make(self.folder)
            _make(target.parent)
            if not target.exists():
                self._write(target, digest, source)
            _sync(target.parent)  # though it was there: its writer may not have come so far yet

    def read(self, digest: str, start: int, length: int) -> Iterator[bytes]:
        with self._told():
            file = (self.folder / place(digest)).open("rb")
            if os.fstat(file.fileno()).st_size < start + length:
                file.close()
                raise OSError(f"{digest} is shorter than it was")
            file.seek(start)
        return begun(self._pieces(file, length))

    def has(self, digest: str) -> bool:
        with self._told():
            return (self.folder / place(digest)).exists()

    def remove(self, digests: Sequence[str]) -> None:
        with self._told():
            for digest in digests:
                (self.folder / place(digest)).unlink(missing_ok=True)

    def kept(self) -> Iterator[Kept]:
        with self._told():
            for folder in self._folders():
                for path in sorted(folder.iterdir()):
                    if DIGEST.fullmatch(path.name) and (found := _seen(path)):
                        yield Kept(path.name, found.st_size, _moment(found))

    def tidy(self, before: datetime) -> int:
        with self._told():
            drafts = ((path, _seen(path)) for path in self.folder.glob(f"{DRAFT}*"))
            old = [path for path, found in drafts if found and _moment(found) < before]
            for path in old:
                path.unlink(missing_ok=True)
        return len(old)

    def check(self) -> None:
        folder = self.folder if self.folder.exists() else self.folder.parent  # it is made with its first file
        with self._told(), tempfile.NamedTemporaryFile(dir=folder, prefix=DRAFT):
            pass

    def _write(self, target: Path, digest: str, source: BinaryIO) -> None:
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=DRAFT, delete=False) as draft:
            try:
                sha256 = hashlib.sha256()
                while piece := source.read(CHUNK):
                    sha256.update(piece)
                    draft.write(piece)
                if sha256.hexdigest() != digest:
                    raise Changed("other bytes came than were looked at")
                draft.flush()
                os.fsync(draft.fileno())
                os.replace(draft.name, target)
            except BaseException:
                Path(draft.name).unlink(missing_ok=True)
                raise

    def _folders(self) -> list[Path]:
        if not self.folder.exists():
            return []  # nothing was ever put
        return sorted(path for path in self.folder.iterdir() if len(path.name) == 2 and path.is_dir())

    def _pieces(self, file: Any, length: int) -> Iterator[bytes]:
        with self._told():
            yield from pieces(file, length)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(f"STORAGE_URL {self.folder}: {error}") from error


def _make(folder: Path) -> None:
    """Make a folder, its owner's alone, and make it last. What is above it is there: else a disk is not mounted."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Make names last: they are the folder's own content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _seen(path: Path) -> os.stat_result | None:
    """What the disk says of a file; None when it went meanwhile."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _moment(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime, UTC)
