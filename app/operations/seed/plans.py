"""Synthetic review plans: one of each region, open this year."""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import clock
from app.applications.models import Plan
from app.tenancy import bulk_insert
from app.units.regions import REGIONS, Region

OPENS = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)  # before that nobody applies
SERIES = "school_teacher"
# The level of a region → that of the titles which its committee reviews.
LEVELS = {"province": "associate_senior", "city": "intermediate", "county": "assistant"}
COMMITTEES = {"province": "高级", "city": "中级", "county": "初级"}


class Planned(NamedTuple):
    """What an application says of its plan."""

    id: int
    code: str
    region: str
    year: int
    closes_on: date


def make_plans(session: Session) -> dict[str, Planned]:
    """The plan of each region by its code; those that are there already are taken as they are."""
    closes_on = date(max(clock.today().year, OPENS.year), 12, 31)
    rows = {region.code: _row(region, closes_on) for region in REGIONS.values()}
    query = sa.select(Plan.id, Plan.code, Plan.region, Plan.year, Plan.closes_on)
    query = query.where(Plan.code.in_([row["code"] for row in rows.values()]))
    known = {row.region for row in session.execute(query)}
    bulk_insert(session, Plan, [row for code, row in rows.items() if code not in known])
    return {row.region: Planned(*row) for row in session.execute(query)}


def _row(region: Region, closes_on: date) -> dict[str, Any]:
    where = region.name
    return {
        "code": f"S{closes_on.year}-{region.code}",
        "name": f"{closes_on.year}年度{where}中小学教师系列{COMMITTEES[region.level]}职称评审",
        "year": closes_on.year,
        "series": SERIES,
        "level": LEVELS[region.level],
        "region": region.code,
        "committee": f"{where}中小学教师{COMMITTEES[region.level]}职务评审委员会",
        "opens_on": OPENS.astimezone(clock.ZONE).date(),
        "closes_on": closes_on,
    }
