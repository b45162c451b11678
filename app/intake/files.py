"""The files that a line names: by the id of an attachment, or by a path beside the feed that holds the line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.attachments import Attachment, BadFile, keep, look
from app.intake.kinds import Line
from app.intake.readers import Invalid, Reader
from app.intake.wording import gettext
from app.tenancy import reaching


@dataclass(frozen=True)
class Handed:
    """A file as a line hands it in: where it is, and its SHA-256."""

    sha256: str
    path: Path | None = None
    attachment: str | None = None

    def kept(self, line: Line, unit_id: int) -> str:
        """The id of the attachment that the record will name: bound to its unit, or made of the file now."""
        if self.path is not None:
            with self.path.open("rb") as file:
                row = keep(line.session, file, self.path.name, unit_id)
                line.session.flush()
                return row.id
        claim = sa.update(Attachment).where(Attachment.id == self.attachment).values(unit_id=unit_id)
        line.session.execute(reaching(claim.execution_options(synchronize_session=False), "was nobody's until now"))
        return str(self.attachment)


def file_reader(line: Line) -> Reader:
    """The type of a field that names one file."""

    def read(value: Any, _now: datetime) -> Handed:
        if isinstance(value, str):
            return _by_id(line, value.strip())
        if isinstance(value, Mapping) and set(value) == {"file"} and isinstance(value["file"], str) and line.folder:
            return _beside(line, value["file"])
        raise Invalid(gettext("must be the id of an attachment"))

    return read


def same_bytes(line: Line, value: Any) -> Any:
    """A named file as what makes a line the same: its SHA-256. What cannot be read stays as it is."""
    if isinstance(value, list):
        return [same_bytes(line, one) for one in value]
    try:
        return {"sha256": file_reader(line)(value, line.now).sha256}
    except Invalid:
        return value


def _by_id(line: Line, pk: str) -> Handed:
    row = line.session.execute(
        reaching(sa.select(Attachment.sha256, Attachment.unit_id).where(Attachment.id == pk), "asks whose a file is")
    ).first()
    if row is None or row.unit_id is not None:
        raise Invalid(gettext("no attachment with this id is waiting to be named"))
    return Handed(row.sha256, attachment=pk)


def _beside(line: Line, name: str) -> Handed:
    """The file at a path below the feed's folder, looked at once for each line."""
    looked: dict[str, Handed | Invalid] = line.found.setdefault("files", {})
    if name not in looked:
        looked[name] = _looked_at(line, name)
    found = looked[name]
    if isinstance(found, Invalid):
        raise found
    return found


def _looked_at(line: Line, name: str) -> Handed | Invalid:
    assert line.folder is not None
    try:
        path = (line.folder / name).resolve()
        if not name or not path.is_relative_to(line.folder) or "\\" in name:
            return Invalid(gettext("%(file)s lies outside the feed's folder", file=_shown(name)))
        with path.open("rb") as file:
            return Handed(look(file).sha256, path)
    except BadFile as problem:
        return Invalid(gettext("%(file)s %(problem)s", file=_shown(name), problem=str(problem)))
    except (OSError, ValueError):
        return Invalid(gettext("%(file)s is not there or cannot be read", file=_shown(name)))


def _shown(name: str) -> str:
    return (name if name.isprintable() else ascii(name))[:80]
