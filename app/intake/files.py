"""The files that a line names: by the id of an attachment, or by a path beside the feed that holds the line."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import sqlalchemy as sa

from app.attachments import Attachment, BadFile, Changed, Found, keep_found, look
from app.intake.kinds import Line
from app.intake.lines import LineError, parse_object
from app.intake.readers import Invalid, Reader
from app.intake.wording import gettext
from app.review.models import Version
from app.tenancy import reaching

Identity = tuple[int, int, int, int]  # device, inode, size, time of the last change: the same file, unchanged


@dataclass
class Folder:
    """The files beside a feed. Each is looked at once, however many lines name it; a dry run keeps none."""

    path: Path
    dry_run: bool = False
    _looked: dict[Identity, Found | BadFile] = field(default_factory=dict)

    def find(self, name: str) -> Found:
        """What the file is that a line names so. Raises Invalid."""
        try:
            with self._opened(name) as (file, identity):
                if identity not in self._looked:
                    self._looked[identity] = _looked_at(file)
                found = self._looked[identity]
        except (OSError, ValueError, RuntimeError) as problem:  # the last is a link that leads to itself
            raise Invalid(gettext("%(file)s is not there or cannot be read", file=_shown(name))) from problem
        if isinstance(found, BadFile):
            raise Invalid(gettext("%(file)s %(problem)s", file=_shown(name), problem=str(found)))
        return found

    def keep(self, line: Line, name: str, found: Found, unit_id: int) -> str:
        """The id of a new attachment of the file that was found under this name. Raises Changed, StorageError."""
        try:
            with self._opened(name) as (file, identity):
                try:
                    row = keep_found(line.session, None if self.dry_run else file, found, name, unit_id)
                except Changed:
                    self._looked.pop(identity, None)
                    raise
        except OSError as error:
            raise Changed(f"{name} was there when it was looked at") from error
        line.session.flush()
        return row.id

    def look_ahead(self, raw: bytes) -> None:
        """Look at the files of a line before the database is held for it; what is wrong the line itself will say."""
        if b'"file"' not in raw:
            return
        try:
            names = list(_names(parse_object(raw)))
        except LineError:
            return
        for name in names:
            with suppress(Invalid):
                self.find(name)

    @contextmanager
    def _opened(self, name: str) -> Iterator[tuple[BinaryIO, Identity]]:
        """The regular file of that name, nowhere but below the folder. Nothing else is opened: a device may act when
        it is, a pipe would wait for its writer."""
        steps = PurePosixPath(name)
        path = (self.path / steps).resolve()
        outside = steps.is_absolute() or ".." in steps.parts or "\\" in name or not path.is_relative_to(self.path)
        if not name or outside:
            raise Invalid(gettext("%(file)s lies outside the feed's folder", file=_shown(name)))
        if not stat.S_ISREG(path.lstat().st_mode):
            raise OSError("is no regular file")
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise OSError("is no regular file")
            yield file, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


@dataclass(frozen=True)
class Handed:
    """A file as a line hands it in: its SHA-256, and where it is."""

    sha256: str
    beside: tuple[str, Found] | None = None  # by this name in the feed's folder
    attachment: str | None = None

    def kept(self, line: Line, unit_id: int) -> str:
        """The id of the attachment that the record will name: bound to its unit, or made of the file now."""
        if self.beside is not None:
            assert line.folder is not None
            return line.folder.keep(line, *self.beside, unit_id)
        claim = sa.update(Attachment).where(Attachment.id == self.attachment).values(unit_id=unit_id)
        line.session.execute(reaching(claim.execution_options(synchronize_session=False), "was nobody's until now"))
        return str(self.attachment)


def file_reader(line: Line) -> Reader:
    """The type of a field that names one file."""

    def read(value: Any, _now: datetime) -> Handed:
        if isinstance(value, str):
            return _by_id(line, value.strip())
        if isinstance(value, Mapping) and set(value) == {"file"} and isinstance(value["file"], str) and line.folder:
            found = line.folder.find(value["file"])
            return Handed(found.sha256, beside=(value["file"], found))
        raise Invalid(gettext("must be the id of an attachment"))

    return read


def kept_files(line: Line, value: Any, unit_id: int) -> Any:
    """A good value with the id of an attachment in the place of each file in it."""
    if isinstance(value, Handed):
        return value.kept(line, unit_id)
    if isinstance(value, list):
        return [kept_files(line, one, unit_id) for one in value]
    if isinstance(value, dict):
        return {name: kept_files(line, one, unit_id) for name, one in value.items()}
    return value


def same_bytes(line: Line, value: Any) -> Any:
    """A named file as what makes a line the same: its SHA-256. What cannot be read stays as it is."""
    if isinstance(value, list):
        return [same_bytes(line, one) for one in value]
    if isinstance(value, str):
        row = _attachment(line, value.strip())  # bound or not: what was taken once comes again with the same ids
        return {"sha256": row.sha256} if row else value
    try:
        return {"sha256": file_reader(line)(value, line.now).sha256}
    except Invalid:
        return value


def _by_id(line: Line, pk: str) -> Handed:
    row = _attachment(line, pk)
    if row is None or (row.unit_id is not None and not _named_before(line, pk)):
        raise Invalid(gettext("no attachment with this id is waiting to be named"))
    return Handed(row.sha256, attachment=pk)


def _attachment(line: Line, pk: str) -> Any:
    """The row, held until this line is done: no other line may bind it meanwhile, and no sweep remove it."""
    query = sa.select(Attachment.sha256, Attachment.unit_id).where(Attachment.id == pk).with_for_update()
    return line.session.execute(reaching(query, "asks whose a file is")).first()


def _named_before(line: Line, pk: str) -> bool:
    """Whether an earlier version of this very record names the attachment: a new version may name it again."""
    if line.known is None or line.raw.get("kind") == "decision":
        return False
    versions = line.session.scalars(sa.select(Version.data).where(Version.submission_id == line.known.id))
    return any(pk in texts_in(data) for data in versions)


def texts_in(value: Any) -> Iterator[str]:
    """Every text anywhere in a version: among them the ids of the attachments that it names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)


def _names(value: Any) -> Iterator[str]:
    """The names of files anywhere in a line."""
    if isinstance(value, dict) and set(value) == {"file"} and isinstance(value["file"], str):
        yield value["file"]
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _names(inner)


def _looked_at(file: BinaryIO) -> Found | BadFile:
    try:
        return look(file)
    except BadFile as problem:
        return problem


def _shown(name: str) -> str:
    return (name if name.isprintable() else ascii(name))[:80]
