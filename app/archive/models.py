"""业绩档案: the items of all types, and the requests to have a passed one back (撤回申请)."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.review.models import Submission
from app.tenancy import UnitOwned


class ArchiveItem(Submission):
    """One record of a person's archive. `type` is a key of the catalogue, `data` what its fields say."""

    __tablename__ = "archive_item"
    __table_args__: Any = ()
    __mapper_args__ = {"polymorphic_identity": "archive_item"}

    id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, nullable=False)


class Withdrawal(Submission):
    """A request to have a passed item back for revision."""

    __tablename__ = "withdrawal"
    __table_args__: Any = (sa.Index("ix_withdrawal_item_id", "item_id"),)
    __mapper_args__ = {"polymorphic_identity": "withdrawal"}

    id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("archive_item.id"), nullable=False)
    reason: Mapped[str] = mapped_column(sa.Text, nullable=False)


class Mark(UnitOwned, Model):
    """A number by which an item is known again anywhere in the province (B9): the normalised value of a field that
    the catalogue calls unique, of the item's newest version."""

    __tablename__ = "archive_mark"
    __table_args__ = (
        sa.ForeignKeyConstraint(["submission_id", "unit_id"], ["submission.id", "submission.unit_id"]),
        sa.Index("ix_archive_mark_value", "value", "type", "field"),
    )
    submission_id: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    type: Mapped[str] = mapped_column(String(40), nullable=False)
    value: Mapped[str] = mapped_column(String(200), nullable=False)
