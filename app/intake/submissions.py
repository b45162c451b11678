"""What all kinds of submissions share on their way in: known again by every version, and times that follow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.intake.fields import plain
from app.intake.kinds import Known, Line
from app.review.models import Decision, Submission, Version
from app.review.workflow import RULES
from app.sealing import Number, blind, seal_numbers


def known_as(kind: str, line: Line) -> Known | None:
    """The submission under the line's ref; the same when any of its versions was this line."""
    row = line.session.scalar(sa.select(Submission.id).where(Submission.kind == kind, Submission.ref == line.ref))
    if row is None:
        return None
    versions = sa.select(Version.id).where(Version.submission_id == row, Version.digest == line.digest)
    return Known(row, line.session.scalar(versions) is not None)


def locked(line: Line, kind: str, ref: str) -> Any:
    """The submission of a kind and ref, locked until this line is done; None when there is none."""
    query = sa.select(Submission).where(Submission.kind == kind, Submission.ref == ref)
    return line.session.scalar(query.with_for_update(of=Submission).execution_options(populate_existing=True))


def last_step_at(line: Line, row: Submission) -> datetime:
    """When the newest row of a record's ledger was."""
    newest = sa.select(Decision.at).where(Decision.submission_id == row.id).order_by(Decision.id.desc()).limit(1)
    at = line.session.scalar(newest)
    assert at is not None, "every submission has a ledger"
    return at


def may_resubmit(row: Submission) -> bool:
    return (row.kind, row.status, "resubmit") in RULES


def content_of(line: Line, numbers: Sequence[str]) -> tuple[dict[str, Any], bytes | None]:
    """The line's good values as a version keeps them: the personal numbers at `numbers` (dotted paths) masked,
    with their blind indexes to compare versions by, and sealed together beside them."""
    content = plain({name: value for name, value in line.data.items() if name not in ("kind", "ref")})
    whole: dict[str, str] = {}
    for path in numbers:
        *groups, name = path.split(".")
        place = content
        for group in groups:
            place = place[group]
        whole[path] = place[name]
        content.setdefault("numbers", {})[path] = blind(place[name])
        place[name] = Number.of(place[name]).masked
    return content, seal_numbers(whole) if whole else None
