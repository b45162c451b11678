"""What nobody names any more is removed after a day: rows, bytes, and what killed writers left."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import clock
from app.attachments.models import Attachment, hold_storing
from app.attachments.storage import storage
from app.extensions import begin_write
from app.tenancy import reaching

AGE = timedelta(days=1)
AT_ONCE = 500  # digests that one statement asks for


class Swept(NamedTuple):
    rows: int
    files: int
    drafts: int


def sweep(session: Session) -> Swept:
    """Sweep once. The session sees everything and has begun nothing; each step is a transaction of its own.

    Bytes are removed only while nothing can be put (`hold_storing`), and only when no row names them then.
    """
    before = clock.now() - AGE
    begin_write(session)
    nobodys = sa.delete(Attachment).where(Attachment.unit_id.is_(None), Attachment.received_at < before)
    gone = nobodys.returning(Attachment.id).execution_options(synchronize_session=False)
    rows = len(session.execute(gone).all())
    session.commit()
    old = (kept.digest for kept in storage().kept() if kept.at < before)
    files = sum(_remove_unnamed(session, digests) for digests in _batches(old))
    return Swept(rows, files, storage().tidy(before))


def _remove_unnamed(session: Session, digests: list[str]) -> int:
    """Remove those that no row names; how many. Asked without the lock first: most are named, and loads go on."""
    if not _unnamed(session, digests):
        session.rollback()
        return 0
    session.rollback()
    begin_write(session)
    hold_storing(session, alone=True)
    gone = _unnamed(session, digests)
    storage().remove(gone)
    session.commit()
    return len(gone)


def _unnamed(session: Session, digests: list[str]) -> list[str]:
    query = sa.select(Attachment.sha256).where(Attachment.sha256.in_(digests)).distinct()
    named = set(session.scalars(reaching(query, "bytes may be shared by rows of all units")))
    return [digest for digest in digests if digest not in named]


def _batches(digests: Iterable[str]) -> Iterator[list[str]]:
    source = iter(digests)
    while batch := list(islice(source, AT_ONCE)):
        yield batch
