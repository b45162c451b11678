"""The people of the units, and their registrations (人员注册)."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ColumnElement, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import UTCDateTime
from app.review.models import Submission
from app.sealing import Number, number_columns
from app.tenancy import Scope, Tenant, UnitOwned

HOWS = ("transferred", "left")  # 调出, 离职


class Person(Tenant, Model):
    """A number's blind index and the unit the person belongs to now. Personal facts are on the registrations."""

    __tablename__ = "person"
    __table_args__ = (sa.Index("ix_person_unit_id", "unit_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    number_index: Mapped[str] = mapped_column(String(22), unique=True, nullable=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        """Everybody is found by named background work; a scope of units finds nobody: people are joined to nothing."""
        return sa.true() if scope.kind == "everything" else sa.false()


class Registration(Submission):
    """A person's registration in a unit, as it was last submitted."""

    __tablename__ = "registration"
    __table_args__: Any = ()
    __mapper_args__ = {"polymorphic_identity": "registration"}

    id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    gender: Mapped[str] = mapped_column(String(1), nullable=False)  # GB/T 2261.1
    id_type: Mapped[str] = mapped_column(String(20), nullable=False)
    id_number: Mapped[Number] = number_columns("id_number", index=True)
    mobile: Mapped[Number] = number_columns("mobile", index=True)
    political_status: Mapped[str] = mapped_column(String(2), nullable=False)  # GB/T 4762
    email: Mapped[str] = mapped_column(String(254), nullable=False)


class Departure(UnitOwned, Model):
    """The end of a person's belonging to a unit. What passed until then, anywhere, no longer makes him belong.

    `after_id` is the newest pass of the person in the ledger at that time. One that was a mistake is undone.
    """

    __tablename__ = "departure"
    __table_args__ = (
        sa.CheckConstraint(f"how IN {HOWS}", name="how"),
        sa.Index("ix_departure_person_id", "person_id", "id"),
        # Nobody leaves twice by one belonging.
        sa.Index(
            "uq_departure_in_force",
            "person_id",
            "after_id",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), nullable=False)
    how: Mapped[str] = mapped_column(String(12), nullable=False)
    left_on: Mapped[date] = mapped_column(nullable=False)
    remark: Mapped[str] = mapped_column(String(500), nullable=False, default="")
    after_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    by_name: Mapped[str] = mapped_column(String(200), nullable=False)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
