"""Accounts (on the framework's user table), grants, the only source of who may what, and who is in."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.columns import UTCDateTime
from app.sealing import Number, number_columns


class Account(User):
    """Somebody who signs in. `first_name` is the holder's whole name; the framework's user-role table stays empty.

    `initial_until`: the password was given to the holder, who changes it at the first sign-in, at the latest then.
    Who comes by 单位登录 has no password: the provider's `issuer` and `subject` say who he is, `sign_on_unit` the code
    of the unit he comes from. Of a person who comes from two units each is an account of its own.
    """

    id_number: Mapped[Number | None] = number_columns("id_number", nullable=True)
    number_told: Mapped[bool | None]  # the holder has entered the number himself
    initial_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    former_passwords: Mapped[list[str] | None] = mapped_column(sa.JSON)  # hashes, the newest first
    second_sealed: Mapped[bytes | None]  # the secret of the second factor (app/accounts/second.py)
    second_since: Mapped[datetime | None] = mapped_column(UTCDateTime)  # confirmed then; before, it opens nothing
    second_step: Mapped[int | None] = mapped_column(sa.BigInteger)  # of time, of the code that was taken last
    recovery: Mapped[list[str] | None] = mapped_column(sa.JSON)  # hashes of the codes for a lost telephone
    issuer: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(255))
    sign_on_unit: Mapped[str | None] = mapped_column(String(18))


sa.Index("uq_ab_user_issuer", Account.issuer, Account.subject, Account.sign_on_unit, unique=True)


class Grant(Model):
    """A role over a unit or a region, until a day or until it is revoked. Several are held, one is worn at a time."""

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
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    stands_for_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))  # 代审: whom its holder decides for

    @classmethod
    def in_force(cls) -> ColumnElement[bool]:
        """The criterion of the grants that hold today."""
        return sa.and_(cls.revoked_at.is_(None), sa.or_(cls.expires_on.is_(None), cls.expires_on >= clock.today()))

    @property
    def holds(self) -> bool:
        """The same of this one."""
        return self.revoked_at is None and (self.expires_on is None or self.expires_on >= clock.today())


class Sitting(Model):
    """One sign-in, from then until it ends: a session that the server knows. The cookie carries its key."""

    __tablename__ = "sitting"
    __table_args__ = (sa.Index("ix_sitting_user_id", "user_id", "ended_at"), sa.Index("ix_sitting_seen_at", "seen_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    key: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)  # SHA-256 of what the cookie carries
    began_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)  # to a minute
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    second_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when the second factor was shown
    address: Mapped[str] = mapped_column(String(45), nullable=False)
    browser: Mapped[str] = mapped_column(String(200), nullable=False)  # as it calls itself
    id_token_sealed: Mapped[bytes | None] = mapped_column(deferred=True)  # of 单位登录, and where to end it


class Guesses(Model):
    """How often a password was wrong lately, for one account name or from one address; all workers share it."""

    __tablename__ = "guesses"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(nullable=False)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)  # no try is looked at before


class SignOn(Model):
    """A way to the provider of 单位登录 that somebody set out on, until he comes back from there: it is taken once."""

    __tablename__ = "sign_on"
    __table_args__ = (sa.Index("ix_sign_on_expires_at", "expires_at"),)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of its state
    sealed: Mapped[bytes] = mapped_column(nullable=False)  # what the answer is checked against, and where to go on to
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)


class UnitDraft(Model):
    """What somebody has written of his unit, and has not submitted yet. One for each account."""

    __tablename__ = "unit_draft"
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(nullable=False)  # {field: text}: there are numbers of persons in it
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)


class Joining(Model):
    """Somebody who comes from a unit by 单位登录 asks for a role there. An administrator, or HR operations, answers."""

    __tablename__ = "joining"
    __table_args__ = (
        sa.Index("ix_joining_unit_id", "unit_id", "settled_at"),
        sa.Index("ix_joining_user_id", "user_id", "id"),
        sa.Index(
            "uq_joining_user_id",
            "user_id",
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), nullable=False)
    role: Mapped[str] = mapped_column(String(30), nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    granted: Mapped[bool | None]
    reason: Mapped[str | None] = mapped_column(String(500))  # of a refusal
