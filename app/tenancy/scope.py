"""What a scope is, and the mixin that marks the tables of which each row belongs to one unit."""

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from config import PROVINCE

# The columns of `unit` that scopes are made of. A bare table, for the model lives above this room.
units = sa.table(
    "unit",
    sa.column("id", sa.Integer),
    sa.column("region", sa.String),
    sa.column("department_id", sa.Integer),
)


@dataclass(frozen=True)
class Scope:
    """The rows somebody may see: of one unit, of a department's units, of a region and all below it, all, or none."""

    kind: Literal["unit", "department", "region", "everything", "nothing"]
    unit_id: int | None = None
    low: str = ""  # GB/T 2260 codes, both included
    high: str = ""
    reason: str = ""  # of everything: who asks, for the log and the reader of the code

    @classmethod
    def unit(cls, unit_id: int) -> "Scope":
        return cls("unit", unit_id=unit_id)

    @classmethod
    def department(cls, unit_id: int) -> "Scope":
        return cls("department", unit_id=unit_id)

    @classmethod
    def region(cls, low: str, high: str) -> "Scope":
        return cls("region", low=low, high=high)

    @classmethod
    def nothing(cls) -> "Scope":
        return cls("nothing")

    @property
    def is_whole(self) -> bool:
        """Whether it is the region that is served, so that all there is lies inside."""
        return self.low == PROVINCE

    def unit_rows(self) -> ColumnElement[bool]:
        """The criterion on `unit` of the units inside."""
        match self.kind:
            case "unit":
                return units.c.id == self.unit_id
            case "department":
                return units.c.department_id == self.unit_id
            case "region":
                return units.c.region.between(self.low, self.high)
            case "everything":
                return sa.true()
            case _:
                return sa.false()

    def holds(self, owner: Any) -> ColumnElement[bool]:
        """The criterion on a column of unit ids."""
        match self.kind:
            case "unit":
                return owner == self.unit_id
            case "everything":
                return sa.true()
            case "nothing":
                return sa.false()
            case _:
                return owner.in_(sa.select(units.c.id).where(self.unit_rows()))


class Tenant:
    """Marks a tenant table: the guard scopes each statement on it by `within`."""

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        """The criterion that keeps the rows of `scope`."""
        raise NotImplementedError

    def owner(self) -> int | None:
        """The id of the unit whose row this is; None where only named background work may write."""
        return None


class UnitOwned(Tenant):
    """A tenant table of which each row belongs to the unit in `unit_id`, for good."""

    @declared_attr
    def unit_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("unit.id"), nullable=False)

    @classmethod
    def within(cls, scope: Scope) -> ColumnElement[bool]:
        return scope.holds(cls.unit_id)

    def owner(self) -> int | None:
        return self.unit_id
