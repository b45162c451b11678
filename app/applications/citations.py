"""What rests on an item of the archive that an application cites, and on the verdict on an application."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app import clock
from app.applications.bars import applied_anew
from app.applications.models import Application, Citation, Plan, Recommendation
from app.archive.models import Withdrawal
from app.review.labels import REASON
from app.review.ledger import listed
from app.review.models import Submission
from app.review.rules import LOCKS, RESTS, Rest, Said, condition
from app.staff.people import locked_people
from app.tenancy import beyond, reaching

REASON["cited"] = _l("an application that is under review cites the record; it can only be refused")


@condition("no pending application cites the item")
def cited(session: Session, ids: Sequence[int], _entry: dict[str, Any], _said: Said, hold: bool) -> dict[int, str]:
    """The requests of which a pending application cites the item. The items are locked first, as an application locks
    what it cites. Who cites may be another unit: an item can have been passed in a former one."""
    requests = sa.select(Withdrawal.id, Withdrawal.item_id).where(Withdrawal.id.in_(listed(session, ids)))
    items = {row.id: row.item_id for row in session.execute(requests)}
    chosen = listed(session, sorted(set(items.values())))
    if hold:
        held = sa.select(Submission.id).where(Submission.id.in_(chosen)).order_by(Submission.id)
        session.execute(held.with_for_update(of=Submission)).all()
    citation, application = Citation.__table__.c, Submission.__table__.c
    asked = sa.select(citation.item_id).where(
        citation.item_id.in_(chosen), application.id == citation.application_id, application.status == "pending"
    )
    found = set(session.scalars(reaching(asked, "whether any application cites an item, of whichever unit")))
    return {pk: "cited" for pk, item in items.items() if item in found}


def _is_cited() -> ColumnElement[bool]:
    """An application cites the item, whichever version and state."""
    citation = beyond(Citation, "citation").c
    return sa.exists().where(citation.item_id == Submission.id).correlate(Submission)


def _plan_has_closed() -> ColumnElement[bool]:
    """The plan of a terminated application has closed: then only the system administrator lifts the bar."""
    application = beyond(Application, "closed").c
    closed = sa.exists().where(
        application.id == Submission.id, Plan.id == application.plan_id, Plan.closes_on < clock.today()
    )
    return sa.and_(Submission.status == "terminated", closed.correlate(Submission))


def _cites_what_is_gone() -> ColumnElement[bool]:
    """An item that the newest version cites does not stand as passed any more."""
    citation, item = beyond(Citation, "gone").c, beyond(Submission, "item").c
    gone = sa.exists().where(
        citation.application_id == Submission.id,
        citation.version == Submission.version,
        item.id == citation.item_id,
        item.status != "passed",
    )
    return sa.and_(Submission.status != "pending", gone.correlate(Submission))


def _written_anew() -> ColumnElement[bool]:
    """The unit has changed the draft that came back to it, or its notice: taking that back would drop what it wrote."""
    draft, frozen = beyond(Recommendation, "draft").c, beyond(Recommendation, "frozen").c
    newest = sa.select(frozen.notice_id).where(
        frozen.application_id == draft.application_id, frozen.entry_id.is_not(None)
    )
    newest = newest.order_by(frozen.id.desc()).limit(1).correlate(draft.id.table)
    changed = sa.or_(draft.steps > 0, draft.notice_id.is_distinct_from(newest.scalar_subquery()))
    written = sa.exists().where(draft.application_id == Submission.id, draft.entry_id.is_(None), changed)
    return sa.and_(Submission.status == "pending", written.correlate(Submission))


def _lock(session: Session, moved: Select[Any]) -> None:
    """The people of applications, who may apply anew at this moment, and the items that they cite, which may go."""
    locked_people(session, moved)
    cited = sa.select(Citation.item_id).where(Citation.application_id.in_(moved))
    items = sa.select(Submission.id).where(Submission.id.in_(cited)).order_by(Submission.id)
    session.execute(reaching(items.with_for_update(of=Submission), "an item may be of a former unit")).all()


RESTS.setdefault("archive_item", []).append(
    Rest(_is_cited, _l("The verdict cannot be taken back: an application cites the record."))
)
RESTS["application"] = [
    Rest(
        _plan_has_closed,
        _l("The verdict cannot be taken back: the plan has closed. The system administrator lifts the bar."),
    ),
    Rest(_written_anew, _l("The verdict cannot be taken back: the unit has written its recommendation anew since.")),
    Rest(applied_anew, _l("The verdict cannot be taken back: this person has applied anew in the year.")),
    Rest(_cites_what_is_gone, _l("The verdict cannot be taken back: the applicant has a cited record back.")),
]
LOCKS["application"] = _lock
