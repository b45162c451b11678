"""The part of `flask check` that asks about stored files: bytes and rows belong together."""

import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.applications.models import Notice, Recommendation
from app.attachments import Attachment, StorageError, storage
from app.attachments.storage import Kept
from app.intake.files import texts_in
from app.review.models import Version
from app.units.models import PostApproval

PIECES = 1000  # rows fetched at a time
# The columns that name attachments, and whether they are lists of ids, which no key of the database holds to what is
# there; the others are a content with ids anywhere in it, and a foreign key.
NAMING = (
    (Version.data, False),
    (PostApproval.form, False),
    (Notice.proof, True),
    (Notice.material, True),
    (Recommendation.stamped, True),
)


def faults(session: Session, whole: bool = False) -> Iterator[str]:
    """A line for each file that is not as its row says, `whole`: all bytes are read and compared. Then one for each
    attachment that is named and not there, and for each of a unit that no record names."""
    files = sa.select(Attachment.sha256, Attachment.size).distinct().order_by(Attachment.sha256)
    try:
        with session.execute(files.execution_options(yield_per=PIECES)) as rows:
            yield from _unlike(rows, storage().kept(), whole)
    except StorageError as error:
        yield str(error)
    yield from _misnamed(session)


def _unlike(rows: Any, kept: Iterator[Kept], whole: bool) -> Iterator[str]:
    """Both come in the order of their digests, so that one walk along both is enough, whatever their number."""
    there = next(kept, None)
    for digest, size in rows:
        while there is not None and there.digest < digest:
            there = next(kept, None)
        if there is None or there.digest != digest:
            yield f"the bytes are missing: attachment {digest}"
        elif there.size != size:
            yield f"the bytes are {there.size}, not {size}: attachment {digest}"
        elif whole and _digest(digest, size) != digest:
            yield f"the bytes are others: attachment {digest}"


def _digest(digest: str, size: int) -> str:
    sha256 = hashlib.sha256()
    for piece in storage().read(digest, 0, size):
        sha256.update(piece)
    return sha256.hexdigest()


def _misnamed(session: Session) -> Iterator[str]:
    bound = set(session.scalars(sa.select(Attachment.id).where(Attachment.unit_id.is_not(None))))
    unnamed = set(bound)
    for column, is_list in NAMING:
        for value in session.scalars(sa.select(column).execution_options(yield_per=PIECES)):
            named = set(texts_in(value))
            if is_list:
                for pk in sorted(named - bound):
                    yield f"it is not there, and a {column.class_.__tablename__} names it: attachment {pk}"
            unnamed -= named
    for pk in sorted(unnamed):
        yield f"no record names it: attachment {pk}"
