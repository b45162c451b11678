"""职称申报: the plans, the applications with what they cite, and what the unit says of them (单位推荐意见, 公示)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import UTCDateTime
from app.review.models import Submission
from app.tenancy import UnitOwned


class Plan(Model):
    """评审计划: what may be applied for in a window of days, both included, by the units of its region and below."""

    __tablename__ = "plan"
    __table_args__ = (
        sa.CheckConstraint("opens_on <= closes_on", name="window"),
        Index("ix_plan_region", "region", "closes_on"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    year: Mapped[int] = mapped_column(nullable=False)
    series: Mapped[str] = mapped_column(String(40), nullable=False)  # code list `series`
    level: Mapped[str] = mapped_column(String(20), nullable=False)  # code list `title_level`
    region: Mapped[str] = mapped_column(String(6), nullable=False)  # GB/T 2260; its HR bureau is the last of the route
    committee: Mapped[str] = mapped_column(String(200), nullable=False)
    opens_on: Mapped[date] = mapped_column(nullable=False)
    closes_on: Mapped[date] = mapped_column(nullable=False)
    steps: Mapped[int] = mapped_column(nullable=False, default=0, server_default="0")  # changes of it: what a page saw
    ref: Mapped[str | None] = mapped_column(String(64), unique=True)  # the portal's identifier
    digest: Mapped[str | None] = mapped_column(String(43))  # of the line as it was received


class Application(Submission):
    """One application for a title; `Submission.title` is the title applied for, `due_on` the plan's last day.

    `route` are the nodes of its way after the unit, in their order and with commas: `department,county,committee`.
    `data` is what its newest version says, the cited items as they were then (see `cited`).
    """

    __tablename__ = "application"
    __table_args__: Any = (Index("ix_application_plan_id", "plan_id"),)
    __mapper_args__ = {"polymorphic_identity": "application"}

    id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), nullable=False)
    year: Mapped[int] = mapped_column(nullable=False)  # the plan's: one application of a person in it
    specialty: Mapped[str] = mapped_column(String(200), nullable=False)
    route: Mapped[str] = mapped_column(String(60), nullable=False)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, nullable=False)

    plan: Mapped[Plan] = relationship(Plan, lazy="raise", viewonly=True)
    recommendations: Mapped[list[Recommendation]] = relationship(
        "Recommendation",
        primaryjoin="foreign(Recommendation.application_id) == Application.id",
        order_by="Recommendation.id",
        lazy="raise",
        viewonly=True,
    )


class Citation(UnitOwned, Model):
    """That a version of an application cites an item of the archive, which may be of a former unit.

    What was cited is frozen in the version itself; this is for the rules that ask who cites an item.
    """

    __tablename__ = "citation"
    __table_args__ = (
        sa.ForeignKeyConstraint(["application_id", "unit_id"], ["submission.id", "submission.unit_id"]),
        Index("ix_citation_item_id", "item_id", "application_id"),
    )
    application_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("archive_item.id"), primary_key=True)


class Notice(UnitOwned, Model):
    """公示: one public notice of any number of applications, with its days, both included, and their proof.

    `working_days` and `basis` say how long it is by the calendar (app/applications/calendar.py), judged when its days
    were written. Files are ids of attachments. `posted` is the list that is printed
    (app/applications/notices/printed.py). Objections are only added to (app/applications/objections.py): an entry has
    {"at", "entered_by"} and {"by", "about", "text", "outcome"}, `about` the id of an application or null for all,
    or {"of", "outcome"}, what became of an earlier one.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("id", "unit_id"),
        sa.CheckConstraint("begins_on <= ends_on", name="days"),
        Index("ix_notice_unit_id", "unit_id", "id"),
        Index("ix_notice_ends_on", "ends_on", "begins_on"),  # the notices of a year whose holidays changed
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    shared: Mapped[bool] = mapped_column(nullable=False)  # made for several; else it is of one application's form
    begins_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    working_days: Mapped[int] = mapped_column(nullable=False, default=0)
    basis: Mapped[str] = mapped_column(String(12), nullable=False, default="")
    place: Mapped[str] = mapped_column(String(200), nullable=False, default="")  # where it is posted
    contact: Mapped[str] = mapped_column(String(200), nullable=False, default="")  # who takes objections, and how
    proof: Mapped[list[str]] = mapped_column(sa.JSON, nullable=False, default=list)
    material: Mapped[list[str]] = mapped_column(sa.JSON, nullable=False, default=list)
    objections: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, nullable=False, default=list)
    posted: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON(none_as_null=True))
    steps: Mapped[int] = mapped_column(nullable=False, default=0)  # changes of it: what a page had seen
    by_name: Mapped[str] = mapped_column(String(200), nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)


class Recommendation(UnitOwned, Model):
    """单位推荐意见 on one version of an application. A draft until the unit passes it: then `entry_id` names that row
    of the ledger and a trigger keeps the rest as it is. Made pending at the unit again, a copy of it is the new draft.
    """

    __tablename__ = "recommendation"
    __table_args__ = (
        sa.ForeignKeyConstraint(["application_id", "unit_id"], ["submission.id", "submission.unit_id"]),
        sa.ForeignKeyConstraint(["notice_id", "unit_id"], ["notice.id", "notice.unit_id"]),
        Index(
            "uq_recommendation_draft",
            "application_id",
            unique=True,
            sqlite_where=sa.text("entry_id IS NULL"),
            postgresql_where=sa.text("entry_id IS NULL"),
        ),
        Index("ix_recommendation_application_id", "application_id", "id"),
        Index("ix_recommendation_notice_id", "notice_id", "application_id"),
        Index("ix_recommendation_unit_id", "unit_id", "level"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(nullable=False)
    version: Mapped[int] = mapped_column(nullable=False)  # of the application
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), unique=True)  # the pass that froze it
    text: Mapped[str] = mapped_column(sa.Text, nullable=False, default="")
    notice_id: Mapped[int | None]
    stamped: Mapped[list[str]] = mapped_column(sa.JSON, nullable=False, default=list)  # the stamped recommendation
    occupies: Mapped[bool | None]  # 是否占用本单位职位数, in a public institution
    category: Mapped[str] = mapped_column(String(12), nullable=False, default="")
    level: Mapped[str] = mapped_column(String(4), nullable=False, default="")  # code list `post_level`
    explanation: Mapped[str] = mapped_column(sa.Text, nullable=False, default="")
    exceeds: Mapped[bool] = mapped_column(nullable=False, default=False)  # passed beyond what remained
    exceeds_reason: Mapped[str] = mapped_column(sa.Text, nullable=False, default="")
    steps: Mapped[int] = mapped_column(nullable=False, default=0)  # changes of the draft: what a page had seen

    notice: Mapped[Notice | None] = relationship(
        Notice, primaryjoin="foreign(Recommendation.notice_id) == Notice.id", lazy="raise", viewonly=True
    )


class Holiday(Model):
    """A day that HR operations keeps, for years that the calendar's library does not know yet."""

    __tablename__ = "holiday"
    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool] = mapped_column(nullable=False)  # a make-up working day (调休), else a day off
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    by_name: Mapped[str] = mapped_column(String(200), nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
