"""What `flask check` asks of 职称申报: applications, their plans, what they cite, and what the unit says of them."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session, aliased

from app.applications.models import Application, Citation, Plan, Recommendation
from app.review.models import NODES, Decision, Submission
from app.tenancy import beyond

STANDS = ("pending", "passed")


def rules() -> dict[str, Select[str, str]]:
    """Rule → the (kind, ref) of the submissions that break it."""
    base = sa.select(Submission.kind, Submission.ref)
    applications = sa.select(Application.kind, Application.ref)
    of_plan = applications.join(Plan, Plan.id == Application.plan_id)
    away = sa.and_(Application.status.in_(STANDS), Application.node != NODES[0])
    waits_there = sa.and_(Application.status == "pending", Application.node == NODES[0])
    return {
        "it was never at its node": base.where(
            Submission.reached.bitwise_and(
                sa.case({node: 1 << n for n, node in enumerate(NODES)}, value=Submission.node)
            )
            == 0
        ),
        "its year is not the plan's": of_plan.where(Application.year != Plan.year),
        "its last day is not the plan's": of_plan.where(Application.due_on.is_distinct_from(Plan.closes_on)),
        "its node is not on its route": applications.where(
            Application.node != NODES[0], ~Application.route.contains(Application.node)
        ),
        "the person has another application in the year": applications.where(
            Application.status.in_(STANDS), _another_in_the_year()
        ),
        "the unit's pass froze no recommendation": applications.where(
            away, ~_recommends(Recommendation.entry_id.is_not(None))
        ),
        "a draft is there, and nothing waits at the unit": applications.where(
            away, _recommends(Recommendation.entry_id.is_(None))
        ),
        "what was frozen has no draft": applications.where(
            waits_there,
            _recommends(Recommendation.entry_id.is_not(None)),
            ~_recommends(Recommendation.entry_id.is_(None)),
        ),
        "the recommendation was frozen by no pass of the unit": applications.where(
            _recommends(Recommendation.entry_id.is_not(None), ~_by_a_pass())
        ),
    }


def _recommends(*criteria: ColumnElement[bool]) -> ColumnElement[bool]:
    return sa.exists().where(Recommendation.application_id == Application.id, *criteria).correlate(Application)


def _by_a_pass() -> ColumnElement[bool]:
    entry = aliased(Decision)
    return (
        sa.exists()
        .where(
            entry.id == Recommendation.entry_id,
            entry.submission_id == Recommendation.application_id,
            entry.step == "pass",
            entry.node == NODES[0],
        )
        .correlate(Recommendation)
    )


def _another_in_the_year() -> ColumnElement[bool]:
    other, record = beyond(Application, "other").c, aliased(Submission)
    return (
        sa.exists()
        .where(
            other.id == record.id,
            other.year == Application.year,
            other.id != Application.id,
            record.person_id == Application.person_id,
            record.status.in_(STANDS),
        )
        .correlate(Application)
    )


def compared(session: Session) -> Iterator[str]:
    """A line for each application of which the newest version cites other items than are remembered. One statement,
    streamed."""
    of_newest = sa.and_(Citation.application_id == Application.id, Citation.version == Application.version)
    query = (
        sa.select(Application.id, Application.ref, Application.data, Citation.item_id)
        .outerjoin(Citation, of_newest)
        .order_by(Application.id)
    )
    rows = session.execute(query.execution_options(yield_per=1000))
    for _id, found in groupby(rows, attrgetter("id")):
        of_one: list[Any] = list(found)
        if {str(row.item_id) for row in of_one if row.item_id} != set(of_one[0].data["cited"]):
            yield f"what it cites is not what is remembered: application {of_one[0].ref}"
