"""The employers, and the posts that public institutions are approved."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ColumnElement, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import UTCDateTime
from app.sealing import Number, number_columns
from app.tenancy import Scope, Tenant, UnitOwned


class Unit(Tenant, Model):
    """An employer (用人单位). `code` is its unified social credit code (GB 32100), or `NZ` + 8 digits."""

    __tablename__ = "unit"
    __table_args__ = (
        sa.Index("ix_unit_region", "region"),
        sa.Index("ix_unit_department_id", "department_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(18), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    nature: Mapped[str] = mapped_column(String(20), nullable=False)
    region: Mapped[str] = mapped_column(String(6), nullable=False)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # the competent department's own unit
    competent_department: Mapped[str] = mapped_column(String(200), nullable=False)
    industry: Mapped[str] = mapped_column(String(200), nullable=False)
    legal_representative: Mapped[str] = mapped_column(String(200), nullable=False)
    legal_representative_id: Mapped[Number] = number_columns("legal_representative_id")
    contact: Mapped[str] = mapped_column(String(200), nullable=False)
    mobile: Mapped[Number] = number_columns("mobile")
    address: Mapped[str] = mapped_column(String(200), nullable=False)
    postal_code: Mapped[str] = mapped_column(String(6), nullable=False)
    telephone: Mapped[str] = mapped_column(String(40), nullable=False)
    email: Mapped[str] = mapped_column(String(254), nullable=False)
    staff_count: Mapped[int] = mapped_column(nullable=False)
    professional_count: Mapped[int] = mapped_column(nullable=False)
    # A built-in unit has been entered by the HR bureau; the rest it tells itself, at its first sign-in.
    is_complete: Mapped[bool] = mapped_column(nullable=False, default=True, server_default=sa.true())
    ref: Mapped[str | None] = mapped_column(String(64), unique=True)  # the portal's identifier
    digest: Mapped[str | None] = mapped_column(String(43))  # of the line as it was received

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        """A unit sees itself; a department itself and its units; a region its units."""
        match scope.kind:
            case "unit":
                return cls.id == scope.unit_id
            case "department":
                return sa.or_(cls.department_id == scope.unit_id, cls.id == scope.unit_id)
            case "region":
                return cls.region.between(scope.low, scope.high)
            case "everything":
                return sa.true()
            case _:
                return sa.false()


class PostApproval(UnitOwned, Model):
    """岗位核准信息 of a public institution: submitted once, and never changed by anybody (a trigger refuses it).

    A newer document supersedes it, and both stay. `posts`: [{"category", "level", "approved", "filled"}]. `form` is the
    attachment's id; its SHA-256 stands beside it, so that the stamped form is known to be the one submitted.
    """

    __tablename__ = "post_approval"
    __table_args__ = (
        sa.UniqueConstraint("unit_id", "document_number"),
        sa.Index("ix_post_approval_unit_id", "unit_id", "approved_on", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    document_number: Mapped[str] = mapped_column(String(200), nullable=False)
    authority: Mapped[str] = mapped_column(String(200), nullable=False)
    approved_on: Mapped[date] = mapped_column(nullable=False)
    total: Mapped[int] = mapped_column(nullable=False)
    posts: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, nullable=False)
    form: Mapped[str] = mapped_column(ForeignKey("attachment.id"), nullable=False)
    form_sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    submitted_by: Mapped[str] = mapped_column(String(200), nullable=False)
    ref: Mapped[str | None] = mapped_column(String(64), unique=True)  # the feed's identifier
    digest: Mapped[str | None] = mapped_column(String(43))  # of the line as it was received
