"""What is aimed at a region is for the units of it and of all below it: whom that concerns."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.tenancy import Scope
from app.units.models import Unit
from app.units.regions import path


def reaches(region: Any, scope: Scope) -> ColumnElement[bool]:
    """The criterion on a column of regions (GB/T 2260) of what concerns a reader. A unit is concerned by what is aimed
    at its region and those above; who reads a region or a department also by what is aimed below."""
    if scope.kind == "everything":
        return sa.true()
    if scope.kind == "nothing":
        return sa.false()
    if scope.kind == "region":
        above = [each.code for each in path(scope.low)]
        return sa.or_(region.in_(above), region.between(scope.low, scope.high))
    taken = [region.in_((Unit.region, _city() + "00", _province() + "0000"))]
    below = [region.between(Unit.region, _last_below())] if scope.kind == "department" else []
    own = sa.select(Unit.id).where(Unit.id == scope.unit_id, sa.or_(*taken, *below))
    return own.correlate_except(Unit).exists()


def _city() -> Any:
    return sa.func.substr(Unit.region, 1, 4, type_=sa.String)


def _province() -> Any:
    return sa.func.substr(Unit.region, 1, 2, type_=sa.String)


def _last_below() -> Any:
    """The highest code of the unit's region and all below it (GB/T 2260), as `region_bounds` has it."""
    is_province, is_city = Unit.region == _province() + "0000", Unit.region == _city() + "00"
    return sa.case((is_province, _province() + "9999"), (is_city, _city() + "99"), else_=Unit.region)
