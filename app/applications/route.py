"""The way of an application (R34): from the unit to its competent department, up the HR bureaus, to the committee."""

import sqlalchemy as sa

from app.applications.models import Application
from app.review.models import NODES, Submission
from app.review.rules import ROUTES
from app.tenancy import beyond
from app.units.models import Unit
from app.units.regions import REGIONS

BUREAUS = ("county", "city", "province")  # levels of regions, and the nodes of their HR bureaus


def route_of(unit: Unit, plan_region: str) -> str:
    """The nodes after the unit: its competent department, where it has one here, then the HR bureaus from the unit's
    region to the plan's, then the committee. As `Application.route` keeps them."""
    first, last = (BUREAUS.index(REGIONS[region].level) for region in (unit.region, plan_region))
    department = ["department"] if unit.department_id is not None else []
    return ",".join((*department, *BUREAUS[first : last + 1], NODES[-1]))


def following() -> sa.ColumnElement[str]:
    """The node after Submission.node on the record's own route, as SQL."""
    way = beyond(Application, "way").c
    steps = [
        (sa.and_(Submission.node == node, way.route.contains(later)), later)
        for place, node in enumerate(NODES)
        for later in NODES[place + 1 :]
    ]
    return sa.select(sa.case(*steps)).where(way.id == Submission.id).correlate(Submission).scalar_subquery()


ROUTES["application"] = following
