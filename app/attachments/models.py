"""The rows that name stored files: each of one unit and of the record that names it, never shared."""

import secrets
from datetime import datetime
from typing import BinaryIO

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ColumnElement, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from app.attachments.looking import look
from app.attachments.storage import storage
from app.columns import UTCDateTime
from app.tenancy import Scope, Tenant


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
    name: Mapped[str] = mapped_column(String(200), nullable=False)  # as it was handed in, without its folders
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        return scope.holds(cls.unit_id)

    def owner(self) -> int | None:
        return self.unit_id


def keep(session: Session, file: BinaryIO, name: str, unit_id: int | None = None) -> Attachment:
    """Look at a file, keep its bytes, then add the row that names them. Raises BadFile, StorageError."""
    found = look(file)
    storage().put(found.sha256, file)
    row = Attachment(name=name, unit_id=unit_id, received_at=clock.now(), **vars(found))
    session.add(row)
    return row
