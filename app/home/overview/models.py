"""What the ledger is folded into. `flask check` proves that it is what the ledger says up to the watermark."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ColumnElement, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import UTCDateTime
from app.tenancy import Scope, Tenant, UnitOwned

EVER = date(1, 1, 1)  # stands for all days: what came and has not gone is what waits now


class Mark(Model):
    """How far the ledger is folded: one row, which also keeps folding and moving apart (each locks it first).

    On PostgreSQL the rows of the ledger become visible out of their order: `noted_id` is the highest that was seen when
    transactions from `noted_xid` on had not begun yet; once all before have ended, what lies below can be folded.
    """

    __tablename__ = "overview_mark"
    id: Mapped[int] = mapped_column(primary_key=True)
    folded_id: Mapped[int] = mapped_column(nullable=False, default=0)  # the last row of the ledger that is folded
    noted_id: Mapped[int] = mapped_column(nullable=False, default=0)
    noted_xid: Mapped[int] = mapped_column(sa.BigInteger, nullable=False, default=0)


class Flow(Tenant, Model):
    """What happened on one day to the records of a kind in a jurisdiction, at one node. A step is booked once for each
    jurisdiction that the unit lies in (county, city, province, department), so that a reader reads only his own."""

    __tablename__ = "overview_flow"
    over: Mapped[str] = mapped_column(String(10), primary_key=True)  # region or department, as Role.over
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # a code of GB/T 2260, or a unit's id
    day: Mapped[date] = mapped_column(primary_key=True)  # in the province, by the ledger's `at`; or EVER
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    node: Mapped[str] = mapped_column(String(12), primary_key=True)
    net: Mapped[int] = mapped_column(nullable=False)  # came to wait there, less what went
    # Verdicts given there that stand; what was sent back to the unit is among the returned.
    passed: Mapped[int] = mapped_column(nullable=False)
    returned: Mapped[int] = mapped_column(nullable=False)
    terminated: Mapped[int] = mapped_column(nullable=False)

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        match scope.kind:
            case "region":
                return sa.and_(cls.over == "region", cls.owner_id.between(int(scope.low), int(scope.high)))
            case "department":
                return sa.and_(cls.over == "department", cls.owner_id == scope.unit_id)
            case "everything":
                return sa.true()
            case _:
                return sa.false()


class UnitFlow(UnitOwned, Model):
    """How many verdicts that stand a unit gave itself on one day, for the last days only."""

    __tablename__ = "overview_unit_flow"
    __table_args__ = (sa.PrimaryKeyConstraint("unit_id", "day"), sa.Index("ix_overview_unit_flow_day", "day"))
    day: Mapped[date] = mapped_column(nullable=False)
    decided: Mapped[int] = mapped_column(nullable=False)


class Standing(UnitOwned, Model):
    """How many records wait at a unit, and since when the one that waits longest: as the records themselves said it
    when the unit's newest folded step was folded. Of a unit with newer steps it is asked anew."""

    __tablename__ = "overview_standing"
    __table_args__ = (sa.PrimaryKeyConstraint("unit_id"),)
    waiting: Mapped[int] = mapped_column(nullable=False)
    oldest: Mapped[datetime | None] = mapped_column(UTCDateTime)
