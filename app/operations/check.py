"""`flask check`: what must hold between the tables, asked of the database. Each rule is one query of what breaks it."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session, aliased

from app.applications.models import Application
from app.archive.models import ArchiveItem, Withdrawal
from app.home.overview import folding
from app.operations import check_applications, check_archive, check_posts
from app.review.ledger import newest_step, stands
from app.review.models import Decision, Submission, Version
from app.review.rules import RULES
from app.staff.models import Departure, Person, Registration
from app.staff.people import left_since
from app.tenancy import beyond
from app.units.models import Unit

FACTS: dict[str, type[Submission]] = {
    "registration": Registration,
    "archive_item": ArchiveItem,
    "withdrawal": Withdrawal,
    "application": Application,
}
PASSED_ON = ("pass", "send_back")  # may lead to the next node, where the record is pending and decided at once


def inconsistencies(session: Session) -> Iterator[str]:
    """A line for each record that breaks a rule: `rule: kind ref`. Streamed, whatever their number."""
    of_kinds = check_archive.rules() | check_applications.rules() | check_posts.rules()
    for rule, query in (rules() | of_kinds).items():
        for kind, ref in session.execute(query.execution_options(yield_per=1000)):
            yield f"{rule}: {kind} {ref}"
    yield from check_archive.compared(session)
    yield from check_applications.compared(session)
    yield from check_posts.compared(session)
    yield from _illegal_steps(session)
    yield from folding.differences(session)


def rules() -> dict[str, Select[str, str]]:
    """Rule → the (kind, ref) of the submissions that break it."""
    other = aliased(Submission)
    base = sa.select(Submission.kind, Submission.ref)
    last = base.join(Decision, sa.and_(Decision.submission_id == Submission.id, Decision.id == newest_step()))
    versions = sa.select(sa.func.count()).where(Version.submission_id == Submission.id).scalar_subquery()
    steps = sa.select(sa.func.count()).where(Decision.submission_id == Submission.id).scalar_subquery()
    highest = sa.select(sa.func.max(Version.number)).where(Version.submission_id == Submission.id).scalar_subquery()
    has = sa.exists().where(Decision.submission_id == Submission.id)
    return {
        "has no ledger": base.where(~has),
        "status or node is not the ledger's": last.where(
            sa.or_(Submission.status != Decision.to_status, Submission.node != Decision.to_node)
        ),
        "region is not the unit's": base.join(Unit, Unit.id == Submission.unit_id).where(
            Unit.region != Submission.region
        ),
        "version is not the ledger's": last.where(Submission.version != Decision.version),
        "steps are not the ledger's length": base.where(Submission.steps != steps),
        "pending_since says what status does not": base.where(
            (Submission.status == "pending") != Submission.pending_since.is_not(None)
        ),
        "versions are missing": base.where(
            sa.or_(versions != Submission.version, highest.is_distinct_from(Submission.version))
        ),
        "decided_at says what status does not": last.where(
            (Submission.status == "pending") != Submission.decided_at.is_(None),
            ~sa.and_(Decision.step.in_(PASSED_ON), Decision.to_status == "pending"),
        ),
        "the ledger skips a step": _broken_chain(),
        "a step is on no version": base.where(
            Submission.id.in_(
                sa.select(Decision.submission_id).where(
                    ~sa.exists().where(
                        Version.submission_id == Decision.submission_id, Version.number == Decision.version
                    )
                )
            )
        ),
        "the person belongs where nothing passed": base.join(Person, Person.id == Submission.person_id).where(
            Submission.kind == "registration",
            Person.unit_id.is_not(None),
            ~sa.exists().where(
                Decision.submission_id == other.id,
                other.kind == "registration",
                Decision.step == "pass",
                stands(Decision),
                ~left_since(Decision, other.person_id),
                other.person_id == Person.id,
                other.unit_id == Person.unit_id,
            ),
        ),
        "the facts are missing": base.where(
            sa.or_(*(sa.and_(Submission.kind == kind, ~_has_row(model)) for kind, model in FACTS.items()))
        ),
        "the person belongs nowhere": base.join(Person, Person.id == Submission.person_id).where(
            Submission.kind == "registration",
            Submission.status == "passed",
            Person.unit_id.is_(None),
            ~sa.exists().where(
                Departure.person_id == Person.id,
                Departure.undone_at.is_(None),
                Departure.after_id >= newest_step(),
            ),
        ),
    }


def _has_row(model: type[Submission]) -> ColumnElement[bool]:
    facts = beyond(model, f"{model.__tablename__}_facts").c
    return sa.exists().where(facts.id == Submission.id)


def _broken_chain() -> Select[str, str]:
    """Records of which a ledger row does not start from the status that the row before led to."""
    before = sa.func.lag(Decision.to_status).over(partition_by=Decision.submission_id, order_by=Decision.id)
    rows = sa.select(Decision.submission_id, Decision.from_status, before.label("before")).subquery()
    broken = sa.select(rows.c.submission_id).where(rows.c.from_status.is_distinct_from(rows.c.before))
    return sa.select(Submission.kind, Submission.ref).where(Submission.id.in_(broken))


def _illegal_steps(session: Session) -> Iterator[str]:
    """Steps that the table of rules does not know, or that led elsewhere."""
    taken = (
        sa.select(Submission.kind, Decision.from_status, Decision.step, Decision.to_status)
        .join(Decision, Decision.submission_id == Submission.id)
        .distinct()
    )
    for kind, status, step, to_status in session.execute(taken):
        rule = RULES.get((kind, status, step))
        if rule is None or to_status not in (rule.to, "passed" if rule.goes == "on" else rule.to):
            yield f"the rules know no such step: {kind} {status} {step} {to_status}"
