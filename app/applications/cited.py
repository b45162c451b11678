"""What an application cites, as it was: the items' content, their verdicts, their files as attachments of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.applications.models import Citation
from app.archive.material import material_of
from app.archive.models import ArchiveItem
from app.attachments import Attachment
from app.review.facts import file_ids
from app.review.ledger import stands
from app.review.models import Decision, Submission
from app.tenancy import reaching
from app.units.models import Unit

# What is kept of an item and of the verdict that passed it.
ITEM = ("ref", "type", "title", "version")
VERDICT = ("opinion", "by_name", "for_name", "node")


def locked_items(session: Session, refs: Sequence[str]) -> Sequence[ArchiveItem]:
    """The items under these refs, of whichever unit, held until the transaction ends."""
    query = sa.select(ArchiveItem).where(ArchiveItem.ref.in_(refs), ArchiveItem.kind == "archive_item")
    query = query.order_by(Submission.id).with_for_update(of=Submission).execution_options(populate_existing=True)
    return session.scalars(reaching(query, "an item may have been passed in a former unit")).all()


def passes_of(session: Session, items: Sequence[ArchiveItem]) -> dict[int, Decision]:
    """The newest pass that stands of each item."""
    query = sa.select(Decision).where(Decision.submission_id.in_([item.id for item in items]), Decision.step == "pass")
    query = query.where(stands(Decision)).order_by(Decision.id)
    found = session.scalars(reaching(query, "an item may have been passed in a former unit"))
    return {entry.submission_id: entry for entry in found}


def frozen(
    session: Session, items: Sequence[ArchiveItem], passes: Mapping[int, Decision], unit_id: int
) -> dict[str, dict[str, Any]]:
    """The items as a version of an application of the unit keeps them, by their ids. Three statements."""
    named = sa.select(Unit.id, Unit.name).where(Unit.id.in_({item.unit_id for item in items}))
    units = {row.id: row.name for row in session.execute(named)}
    own = _copied(session, [pk for item in items for pk in _files(item)], unit_id)
    return {
        str(item.id): {
            "unit": units[item.unit_id],
            "submitted_at": item.submitted_at.isoformat(),
            **{name: getattr(item, name) for name in ITEM},
            "data": _renamed(item.data, own),
            "verdict": {
                "entry": passes[item.id].id,
                "at": passes[item.id].at.isoformat(),
                **{name: getattr(passes[item.id], name) for name in VERDICT},
            },
        }
        for item in items
    }


def cite(session: Session, application: Submission, items: Sequence[ArchiveItem]) -> None:
    """Remember who cites the items."""
    of = {"application_id": application.id, "unit_id": application.unit_id, "version": application.version}
    session.add_all(Citation(item_id=item.id, **of) for item in items)
    session.flush()


def _files(item: ArchiveItem) -> list[str]:
    return file_ids(material_of(item.type, item.data), {"data": item.data})


def _copied(session: Session, ids: Sequence[str], unit_id: int) -> dict[str, str]:
    """The ids of new attachments of the unit with the same bytes, by those of the items'."""
    query = sa.select(Attachment).where(Attachment.id.in_(ids))
    copies = {}
    for row in session.scalars(reaching(query, "an item may have been passed in a former unit")):
        facts = {name: getattr(row, name) for name in ("sha256", "size", "media_type", "name", "received_at")}
        copies[row.id] = Attachment(unit_id=unit_id, **facts)
    session.add_all(copies.values())
    session.flush()
    return {pk: copy.id for pk, copy in copies.items()}


def _renamed(value: Any, own: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _renamed(one, own) for name, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, own) for one in value]
    return own.get(value, value) if isinstance(value, str) else value
