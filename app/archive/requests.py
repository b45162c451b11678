"""业绩管理 → 撤回申请: the requests to have a reviewed item back, each beside the record that it is about."""

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, aliased

from app.archive.listings import of_people_ending, of_people_numbered, type_label
from app.archive.material import ID_NUMBER, material_of
from app.archive.models import ArchiveItem, Withdrawal
from app.archive.tree import KINDS, beside_list
from app.attachments import Attachment
from app.extensions import db
from app.review.desk import Desk
from app.review.facts import Fact, Part, Reading, Section, file_ids, read_time, sections
from app.review.labels import STATUS, step_label
from app.review.listing import Asked, Column, Listing
from app.review.models import Decision, Submission
from app.review.record import Aside, Record
from app.units.lists import columns_around, filters_after

_item = aliased(Submission)
TYPE = sa.select(_item.type).where(_item.id == Withdrawal.item_id).correlate(Withdrawal).scalar_subquery()

WITHDRAWALS = Listing(
    name="withdrawals",
    kind="withdrawal",
    title=_l("Withdrawal requests"),
    model=Withdrawal,
    texts=(Submission.person_name, Submission.title),
    by_number=of_people_numbered,
    by_tail=of_people_ending,
    columns=columns_around(
        Column("type", _l("Item type"), TYPE, type_label),
        Column("title", _l("Record"), Submission.title, sort=Submission.title),
        Column("reason", _l("Reason"), Withdrawal.reason),
    ),
    filters=filters_after(),
)

MATERIAL = (
    Part(
        _l("Request"),
        (
            Fact("reason", _l("Reason"), kind="long", written=False),
            Fact("submitted_at", _l("Submission time"), read_time, kind="number", written=False),
        ),
    ),
)


def story_of(session: Session, item: ArchiveItem) -> list[Aside]:
    """What was asked and refused of an item, for its own history; consents stand there already, as its withdrawal."""
    query = (
        sa.select(Decision, Withdrawal)
        .join(Withdrawal, Withdrawal.id == Decision.submission_id)
        .where(Withdrawal.item_id == item.id)
        .where(sa.or_(Decision.step.in_(("submit", "return")), Decision.from_status == "returned"))
    )
    return [_aside(entry, request) for entry, request in session.execute(query)]


def _aside(entry: Decision, request: Withdrawal) -> Aside:
    asked = entry.step == "submit"
    label = _("Withdrawal request") if asked else step_label("withdrawal", entry.step)
    url = url_for("WithdrawalDesk.show", pk=request.id)
    return Aside(entry, "withdrawal", f"{label} {request.ref}", request.reason if asked else entry.opinion, url)


class WithdrawalDesk(Desk):
    kind = "withdrawal"
    listing = WITHDRAWALS
    material = MATERIAL
    route_base = "/withdrawals"
    class_permission_name = "withdrawals"
    list_template = "archive/list.html"
    counted = KINDS

    def list_context(self, asked: Asked, rows: Any) -> dict[str, Any]:
        return beside_list("withdrawals")

    def related(self, row: Any) -> list[dict[str, str]]:
        item = db.session.get_one(ArchiveItem, row.item_id)
        url = url_for("ArchiveDesk.show", where=item.type, pk=item.id)
        text = f"{item.ref} · {STATUS[item.status]}"
        return [*super().related(row), {"label": _("Record"), "text": text, "url": url}]

    def beside(self, loaded: Record) -> list[Section]:
        """The item that the request is about, as it stands now."""
        item = db.session.get_one(ArchiveItem, loaded.row.item_id)
        shown = material_of(item.type, item.data)
        material = tuple(Part(p.title, tuple(f for f in p.facts if f is not ID_NUMBER)) for p in shown)
        content = {"data": item.data, "submitted_at": item.submitted_at.isoformat()}
        named = Attachment.id.in_(file_ids(material, content))
        files = db.session.scalars(sa.select(Attachment).where(named))
        return sections(material, content, Reading({}, files={file.id: file for file in files}))
