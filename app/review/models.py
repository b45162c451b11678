"""The tables that all kinds share: what was submitted, each version of it, and the ledger of decisions."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ColumnElement, ForeignKey, Index, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.columns import UTCDateTime, mostly
from app.tenancy import Scope, UnitOwned

if TYPE_CHECKING:
    from app.units.models import Unit

NODES = ("unit", "department", "county", "city", "province", "committee")  # in the order of the route
STATUSES = ("pending", "passed", "returned", "terminated", "withdrawn")
# Ordered by code point on both engines; what a server's locale says would differ from machine to machine.
SORTED_TEXT = String(200).with_variant(String(200, collation="C"), "postgresql")
STEPS = ("submit", "resubmit", "pass", "return", "send_back", "terminate", "withdraw", "lift", "take_back")
_APPLICATIONS = sa.text("kind = 'application'")
_WAITING_APPLICATIONS = sa.text("kind = 'application' AND status = 'pending'")


class Submission(UnitOwned, Model):
    """One thing that one person submitted in one unit. Its kind and its unit never change (a trigger refuses it).

    `status` and `node` say together where it is; both are the outcome of the last row of its ledger.
    """

    __tablename__ = "submission"
    __table_args__: Any = (
        sa.UniqueConstraint("kind", "ref"),
        sa.UniqueConstraint("id", "unit_id"),
        sa.CheckConstraint(f"status IN {STATUSES}", name="status"),
        sa.CheckConstraint(f"node IN {NODES}", name="node"),
        sa.CheckConstraint("version > 0", name="version"),
        # A unit's lists and counts, and the HR bureau's (region before kind: one jurisdiction, then its kinds).
        Index("ix_submission_unit_list", "unit_id", "kind", "type", "status", "node", "submitted_at", "id"),
        Index("ix_submission_region_list", "node", "region", "kind", "status", "submitted_at", "id"),
        # The counts of whoever reads a region.
        Index("ix_submission_region_counts", "region", "kind", "type", "status", "node", "reached"),
        # What was decided last, of a unit.
        Index("ix_submission_unit_decided", "unit_id", "kind", "type", "status", "decided_at", "id"),
        Index("ix_submission_person_id", "person_id", "kind"),
        # Who has most waiting: in a unit, and which units in a region. A row is in it only while it waits; `status`
        # is there for SQLite, which would look each row up to see it.
        Index(
            "ix_submission_waiting",
            *("kind", "unit_id", "person_id", "person_name", "submitted_at", "region", "status"),
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        ),
        # What waits of a unit, whatever its kind, in the order in which it came, and how long each kind waits.
        Index(
            "ix_submission_unit_waiting",
            *("unit_id", "submitted_at", "id", "kind", "node", "decided_at", "due_on", "status"),
            sqlite_where=sa.text("status = 'pending'"),
            postgresql_where=sa.text("status = 'pending'"),
        ),
        # What was decided when, in a region. A row is in it once it is decided.
        Index(
            "ix_submission_region_decided",
            *("kind", "region", "status", "decided_at"),
            sqlite_where=sa.text("decided_at IS NOT NULL"),
            postgresql_where=sa.text("decided_at IS NOT NULL"),
        ),
        # The applications that a whole province lists: what waits at a node, and all, by the applicant's time and by
        # the verdict's. Each holds what its list asks, so that no row is looked up but those shown.
        Index(
            "ix_submission_application_waiting",
            *("kind", "type", "status", "node", "submitted_at", "id", "region", "reached", "pending_since"),
            sqlite_where=_WAITING_APPLICATIONS,
            postgresql_where=_WAITING_APPLICATIONS,
        ),
        Index(
            "ix_submission_application_list",
            *("kind", "type", "submitted_at", "id", "region", "reached"),
            sqlite_where=_APPLICATIONS,
            postgresql_where=_APPLICATIONS,
        ),
        Index(
            "ix_submission_application_decided",
            *("kind", "type", "decided_at", "id", "region", "reached", "status", "node"),
            sqlite_where=_APPLICATIONS,
            postgresql_where=_APPLICATIONS,
        ),
        # One registration of a person waits or is returned in a unit at a time.
        Index(
            "uq_submission_open_registration",
            "unit_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("kind = 'registration' AND status IN ('pending', 'returned')"),
            postgresql_where=sa.text("kind = 'registration' AND status IN ('pending', 'returned')"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    type: Mapped[str] = mapped_column(String(40), nullable=False, default="")  # of an archive item, else empty
    ref: Mapped[str] = mapped_column(String(64), nullable=False)  # the portal's identifier
    region: Mapped[str] = mapped_column(String(6), nullable=False)  # of the unit, GB/T 2260
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), nullable=False)
    person_name: Mapped[str] = mapped_column(SORTED_TEXT, nullable=False)
    title: Mapped[str] = mapped_column(SORTED_TEXT, nullable=False, default="")
    status: Mapped[str] = mapped_column(String(12), nullable=False, default="pending")
    node: Mapped[str] = mapped_column(String(12), nullable=False, default="unit")
    # The nodes that it has ever been at, as bits in the order of NODES: a desk lists only what has reached it.
    reached: Mapped[int] = mapped_column(sa.SmallInteger, nullable=False, default=1, server_default="1")
    version: Mapped[int] = mapped_column(nullable=False, default=1)
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)  # of this version, as the portal says
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)  # of this version, by our clock
    pending_since: Mapped[datetime | None] = mapped_column(UTCDateTime)  # at its node, by our clock
    # Rows of its ledger: what a page had seen of it.
    steps: Mapped[int] = mapped_column(nullable=False, default=0, server_default="0")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    due_on: Mapped[date | None]

    unit: Mapped[Unit] = relationship("Unit", lazy="raise", viewonly=True)

    __mapper_args__ = {"polymorphic_on": "kind"}

    @hybrid_property
    def waits_since(self) -> datetime:
        """Since when what is pending waits at its node, by the times of the submission and the verdict themselves."""
        return self.decided_at or self.submitted_at

    @waits_since.inplace.expression
    @classmethod
    def _waits_since(cls) -> ColumnElement[datetime]:
        return sa.func.coalesce(cls.decided_at, cls.submitted_at)

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        if scope.kind == "region":  # its own column, so that the bureau's index serves
            inside: list[Any] = [cls.region >= scope.low, cls.region <= scope.high]
            return sa.and_(*(map(mostly, inside) if scope.is_whole else inside))
        return super().within(scope)


class Version(UnitOwned, Model):
    """What was submitted, one row for each submission and resubmission. Personal numbers are masked in `data`."""

    __tablename__ = "submission_version"
    __table_args__ = (
        sa.UniqueConstraint("submission_id", "number"),
        sa.ForeignKeyConstraint(["submission_id", "unit_id"], ["submission.id", "submission.unit_id"]),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(nullable=False)
    number: Mapped[int] = mapped_column(nullable=False)  # 1 is the first
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, nullable=False)
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)  # {dotted path: whole number}
    digest: Mapped[str] = mapped_column(String(43), nullable=False)  # of the line as it was received


class Decision(UnitOwned, Model):
    """The ledger: one row for each step of each submission. The database refuses UPDATE and DELETE."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.ForeignKeyConstraint(["submission_id", "unit_id"], ["submission.id", "submission.unit_id"]),
        sa.CheckConstraint(f"step IN {STEPS}", name="step"),
        Index("ix_decision_submission_id", "submission_id", "id"),
        Index("ix_decision_unit_id", "unit_id", "id"),
        # What was done at a node of a unit lately.
        Index("ix_decision_unit_node_at", "unit_id", "node", "at", "step", "submission_id", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(nullable=False)
    step: Mapped[str] = mapped_column(String(12), nullable=False)
    version: Mapped[int] = mapped_column(nullable=False)
    node: Mapped[str] = mapped_column(String(12), nullable=False)  # where it was taken
    from_status: Mapped[str | None] = mapped_column(String(12))
    to_status: Mapped[str] = mapped_column(String(12), nullable=False)
    to_node: Mapped[str] = mapped_column(String(12), nullable=False)
    opinion: Mapped[str] = mapped_column(sa.Text, nullable=False, default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    by_name: Mapped[str] = mapped_column(String(200), nullable=False)
    for_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))  # whom a stand-in decided for
    for_name: Mapped[str | None] = mapped_column(String(200))
    # Of a return by items: [{"path", "remark"}], what is wrong with which field.
    remarks: Mapped[list[dict[str, str]] | None] = mapped_column(sa.JSON(none_as_null=True))
    # Of a batch. Not a constraint: adding one to a ledger rebuilds its table on SQLite and loses its triggers.
    batch_id: Mapped[int | None] = mapped_column(index=True)
    ref: Mapped[str | None] = mapped_column(String(64), unique=True)  # of a decision that came through the feed
    digest: Mapped[str | None] = mapped_column(String(43))


def said(column: Any, value: str) -> ColumnElement[bool]:
    """That a column has a value of ours, as text: so both engines see at once that an index of such rows alone serves;
    for a parameter they would not."""
    found: ColumnElement[bool] = column == sa.literal(value, literal_execute=True)
    return found


PENDING = said(Submission.status, "pending")
