"""Taking lines in: one after the other, each whole or not at all. All doors come through here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.attachments import Changed, StorageError
from app.extensions import begin_write
from app.intake.applications import APPLICATION
from app.intake.archive import ARCHIVE_ITEM, WITHDRAWAL
from app.intake.decisions import DECISION
from app.intake.fields import Errors, validate
from app.intake.files import Folder
from app.intake.kinds import Kind, Line
from app.intake.lines import LineError, parse_object, read_lines
from app.intake.news import NEWS
from app.intake.plans import PLAN
from app.intake.posts import POST_APPROVAL
from app.intake.registrations import REGISTRATION
from app.intake.units import UNIT
from app.intake.wording import gettext

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (UNIT, REGISTRATION, ARCHIVE_ITEM, WITHDRAWAL, PLAN, APPLICATION, DECISION, POST_APPROVAL, NEWS)
}


@dataclass(frozen=True)
class Result:
    """The answer to one line."""

    outcome: str  # created, resubmitted, unchanged, rejected
    ref: str | None = None
    id: int | None = None
    errors: Errors = field(default_factory=dict)


class FeedStopped(RuntimeError):
    """No line's fault, and none could be taken from this one on: those before it are kept. Its cause says why."""

    def __init__(self, number: int, why: str) -> None:
        self.number = number
        super().__init__(why)


def take_feed(
    session: Session, stream: BinaryIO, dry_run: bool = False, folder: Folder | None = None
) -> Iterator[tuple[int, int, Result]]:
    """Take a feed line by line: (line number, bytes of the line, result). A good line is kept before the next is read;
    a dry run keeps all until its end, so that lines may build on each other, and then nothing. Raises FeedStopped."""
    for number, raw in read_lines(stream):
        if folder is not None:
            folder.look_ahead(raw)
        if not session.in_transaction():
            begin_write(session)
        try:
            result = take_line(session, raw, folder)
        except StorageError as error:
            raise FeedStopped(number, str(error)) from error
        if not dry_run:
            session.commit()
        yield number, len(raw), result
    session.rollback()


def take_line(session: Session, raw: bytes, folder: Folder | None = None) -> Result:
    """Take one line in a savepoint of its own."""
    try:
        record = parse_object(raw)
    except LineError as error:
        return Result("rejected", errors=error.errors)
    for _attempt in range(2):
        with session.begin_nested() as savepoint:
            try:
                result = take(session, record, folder)
            except (IntegrityError, Changed):  # another door stored what this one looked for, or its file is another
                savepoint.rollback()
                continue
            if result.outcome == "rejected":
                savepoint.rollback()
            return result
    return Result("rejected", _text(record.get("ref")), errors={"ref": [gettext("changes while it is being stored")]})


def take(session: Session, record: dict[str, Any], folder: Folder | None = None) -> Result:
    """Take one record: the same again, its own errors, the rules between records, and only then what is stored."""
    ref = _text(record.get("ref"))
    kind = KINDS.get(record.get("kind", "")) if isinstance(record.get("kind"), str) else None
    if kind is None:
        return Result("rejected", ref, errors={"kind": [gettext("is not a kind that is taken here")]})
    line = Line(session, record, clock.now(), folder)
    line.content = kind.content(line)
    if ref is not None and (known := kind.known(line)):
        line.known = known
        if known.same:
            return Result("unchanged", ref, known.id)
    line.data, errors = validate(kind.table(line), record, line.now)
    errors = errors or kind.judge(line)
    if errors and ref is not None and kind.known(line) != line.known:
        return take(session, record, folder)  # another door stored it meanwhile: it may be the same again
    if errors:
        return Result("rejected", ref, errors=errors)
    outcome, pk = kind.store(line)
    return Result(outcome, ref, pk)


def _text(ref: Any) -> str | None:
    """The ref as far as it can be looked up: text without NUL, which no engine could hold."""
    return ref if isinstance(ref, str) and ref.strip() and "\x00" not in ref else None
