"""The audit log. The database refuses UPDATE and DELETE."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ColumnElement, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import UTCDateTime
from app.tenancy import Scope, Tenant


class AuditEntry(Tenant, Model):
    """One thing that somebody did or saw. `unit_id` is the unit concerned, where there is one."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("ix_audit_entry_unit_id", "unit_id", "at"),
        sa.Index("ix_audit_entry_at", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    action: Mapped[str] = mapped_column(String(40), nullable=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    by_name: Mapped[str] = mapped_column(String(200), nullable=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    subject: Mapped[str] = mapped_column(String(120), nullable=False, default="")  # e.g. `registration R000003`
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON, nullable=False, default=dict)
    request_id: Mapped[str | None] = mapped_column(String(32))

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        return scope.holds(cls.unit_id)

    def owner(self) -> int | None:
        return self.unit_id
