"""Accounts (on the framework's user table) and grants, the only source of who may what."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import UTCDateTime
from app.sealing import Number, number_columns


class Account(User):
    """Somebody who signs in. `first_name` is the holder's whole name; the framework's user-role table stays empty."""

    id_number: Mapped[Number | None] = number_columns("id_number", nullable=True)


class Grant(Model):
    """A role over a unit or a region, until a day. Several may be held; one is worn at a time."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.Index("ix_role_grant_user_id", "user_id"),
        sa.Index("ix_role_grant_unit_id", "unit_id"),
        sa.CheckConstraint("(unit_id IS NULL) <> (region IS NULL)", name="over_one"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    role: Mapped[str] = mapped_column(String(30), nullable=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    region: Mapped[str | None] = mapped_column(String(6))  # GB/T 2260
    expires_on: Mapped[date | None]  # the last day it holds
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
