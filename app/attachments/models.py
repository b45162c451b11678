"""The rows that name stored files: each of one unit and of the record that names it, never shared."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ColumnElement, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from app.attachments.looking import BadFile, Found, look
from app.attachments.storage import storage
from app.columns import UTCDateTime
from app.extensions import begin_write
from app.tenancy import Scope, Tenant

NAME = 200  # characters
STORING = 7_216_001  # the number of the lock between putting and sweeping, any that nobody else uses
ENDINGS = {"application/pdf": (".pdf",), "image/png": (".png",), "image/jpeg": (".jpg", ".jpeg")}


def _new_id() -> str:
    return secrets.token_urlsafe(16)


class Attachment(Tenant, Model):
    """A file as somebody handed it in. Until a record names it, it is of no unit and nobody reads it."""

    __tablename__ = "attachment"
    __table_args__ = (sa.Index("ix_attachment_sha256", "sha256"), sa.Index("ix_attachment_unit_id", "unit_id"))
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=_new_id)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    size: Mapped[int] = mapped_column(nullable=False)  # bytes
    media_type: Mapped[str] = mapped_column(String(40), nullable=False)
    name: Mapped[str] = mapped_column(String(NAME), nullable=False)  # as it was handed in: see named()
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        return scope.holds(cls.unit_id)

    def owner(self) -> int | None:
        return self.unit_id

    @property
    def file_name(self) -> str:
        """The name to save it under: it ends as what the file is, whatever it was called."""
        endings = ENDINGS[self.media_type]
        return self.name if self.name.lower().endswith(endings) else f"{self.name}{endings[0]}"


@dataclass(frozen=True)
class Looked:
    """An uploaded file that was looked at: what it is, or what is wrong with it."""

    file: BinaryIO
    name: str
    found: Found | None
    problem: str = ""


def look_ahead(session: Session, files: Iterable[Any]) -> list[Looked]:
    """Look at uploaded files (werkzeug's) between two transactions of the session: it takes its time, and nobody waits
    for it. Whatever the first one read is to be read again."""
    session.rollback()
    try:
        return [_looked(file.stream, file.filename or "") for file in files]
    finally:
        begin_write(session)


def _looked(file: BinaryIO, name: str) -> Looked:
    try:
        file.seek(0)
        found = look(file)
        file.seek(0)
    except BadFile as problem:
        return Looked(file, name, None, str(problem))
    return Looked(file, name, found)


def keep_found(
    session: Session, file: BinaryIO | None, found: Found, name: str, unit_id: int | None = None
) -> Attachment:
    """Keep the bytes of a file that was looked at, then add the row that names them. Without a file the row alone.
    The session is one that writes. Raises StorageError; Changed when the file is not what was found any more."""
    if file is not None:
        hold_storing(session)
        storage().put(found.sha256, file)
    row = Attachment(name=named(name), unit_id=unit_id, received_at=clock.now(), **vars(found))
    session.add(row)
    return row


def hold_storing(session: Session, alone: bool = False) -> None:
    """Until this transaction ends nothing is swept; `alone`: nothing is put. So bytes that are put again are not
    removed before the row that names them is there. On SQLite whoever writes is alone already."""
    if session.get_bind().dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock if alone else sa.func.pg_advisory_xact_lock_shared
        session.execute(sa.select(lock(STORING)))


def named(name: str) -> str:
    """A name as it is kept: without folders, line breaks and marks that turn the direction of writing; its end is
    kept when it is long."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(character for character in last if character.isprintable()).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > NAME and stem and len(ending) < 10:
        return stem[: NAME - len(ending) - 1] + dot + ending
    return plain[:NAME] or "file"
