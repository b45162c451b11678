"""The attachments of all that a list matches, as one ZIP that is streamed (B19)."""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from app import clock
from app.attachments import Attachment, StorageError, storage
from app.review.listing import Asked, Listing
from app.review.models import Submission

BATCH = 100  # records looked up at a time
LENGTH = 60  # characters of one part of a name: what Windows takes as a path has room for the four parts there are
# What Windows refuses in a name, and what a reader cannot see; `#` is ours, see `_folder`.
UNFIT = re.compile(r'[<>:"/\\|?*#\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # devices, with any ending


# A record → the folders it lies in, outermost first, and the ids of its files in the order of its page.
Placing = Callable[[Any], tuple[Sequence[str], Sequence[str]]]


class File(NamedTuple):
    """What is needed of an attachment once its transaction is over."""

    sha256: str
    size: int
    name: str
    received_at: datetime


class _Sink:
    """What the archive is written to, and its bytes are taken from."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None: ...

    def taken(self) -> bytes:
        data = b"".join(self.pieces)
        self.pieces.clear()
        return data


def zip_of(session: Session, listing: Listing, asked: Asked, placing: Placing) -> Iterator[bytes]:
    """The ZIP in pieces: each record a folder, each file numbered in it, so that no two have one name.

    Files are stored as they are, for PDFs and pictures are compressed already. No transaction is open while bytes
    leave. What the storage cannot give is listed in a text at the end; the rest still comes.
    """
    sink, missing = _Sink(), list[str]()
    with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload]  # all that it needs of a file is there
        for name, file in _named(session, listing, asked, placing):
            try:
                yield from _stored(archive, sink, name, file)
            except StorageError:
                missing.append(name)
        if missing:
            archive.writestr(_("Files that could not be read") + ".txt", "\ufeff" + "\r\n".join(missing))
    yield sink.taken()


def _stored(archive: zipfile.ZipFile, sink: _Sink, name: str, file: File) -> Iterator[bytes]:
    pieces = storage().read(file.sha256, 0, file.size)  # what is not there is told before its name is written
    entry = zipfile.ZipInfo(name, file.received_at.astimezone(clock.ZONE).timetuple()[:6])
    with archive.open(entry, "w") as target:
        for piece in pieces:
            target.write(piece)
            yield sink.taken()
    yield sink.taken()


def _named(session: Session, listing: Listing, asked: Asked, placing: Placing) -> Iterator[tuple[str, File]]:
    """Each file with its name in the archive, a batch of records at a time; two statements for each batch, and those
    of what its kind packs."""
    last = 0
    query = (
        sa.select(listing.model).where(asked.matching(listing)).options(joinedload(listing.model.unit), *listing.packs)
    )
    while records := session.scalars(query.where(Submission.id > last).order_by(Submission.id).limit(BATCH)).all():
        last = records[-1].id
        placed = [(_folder(record, folders), ids) for record in records for folders, ids in [placing(record)]]
        wanted = Attachment.id.in_({pk for _folder_name, ids in placed for pk in ids})
        rows = session.scalars(sa.select(Attachment).where(wanted))
        files = {row.id: File(row.sha256, row.size, row.file_name, row.received_at) for row in rows}
        session.rollback()
        for folder, ids in placed:
            yield from _in_folder(folder, ids, files)


def _in_folder(folder: str, ids: Sequence[str], files: Mapping[str, File]) -> Iterator[tuple[str, File]]:
    for number, file in enumerate((files[pk] for pk in ids if pk in files), 1):
        yield f"{folder}/{number:02} {_fit(file.name, PurePath(file.name).suffix)}", file


def _folder(record: Any, folders: Sequence[str]) -> str:
    """The record's folder ends with its ref. Where a ref differs from others only by what file systems do not tell
    apart, or had to be changed to be a name, the record's id follows behind a `#`, which no ref then holds."""
    ref = _fit(record.ref)
    own = ref if ref == record.ref.upper() else f"{ref}#{record.id}"
    return "/".join([*map(_fit, folders[:-1]), f"{_fit(folders[-1])} {own}"])


def _fit(name: str, ending: str = "") -> str:
    """A part of a name as every system takes it, shortened in front of its ending."""
    ending = UNFIT.sub("_", ending)[:10]
    stem = UNFIT.sub("_", name.removesuffix(ending)).strip(" .")[: LENGTH - len(ending)].rstrip(" .") or "_"
    return f"_{stem}{ending}" if RESERVED.fullmatch(stem) else f"{stem}{ending}"
