"""The kind `post_approval` (岗位核准信息): a document of a public institution, submitted once and never changed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from app.clock import ZONE
from app.codes import CODES
from app.intake.fields import Errors, Field, List, Table
from app.intake.files import file_reader, same_bytes
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import Invalid, code, day
from app.intake.units import unit_of
from app.intake.wording import gettext
from app.review.workflow import Actor
from app.units.models import PostApproval
from app.units.posts import LEVELS, add, has_document, problems

OPERATOR = Actor("")  # a feed does not say who entered it


def fields(line: Line) -> Table:
    return (
        Field("unit", "unit_code"),
        Field("document_number", "text"),
        Field("authority", "text"),
        Field("approved_on", _past_day),
        Field("total", "whole"),
        List(
            "posts",
            (
                Field("category", code(LEVELS)),
                Field("level", code(CODES["post_level"])),
                Field("approved", "whole"),
                Field("filled", "whole"),
            ),
        ),
        # What is known already is refused by its ref: the file that it names is bound by then.
        Field("form", file_reader(line) if line.known is None else _anything),
    )


def _past_day(value: Any, now: datetime) -> date:
    found = day(value, now)
    if found > now.astimezone(ZONE).date():
        raise Invalid(gettext("must not be a day to come"))
    return found


def _anything(value: Any, _now: datetime) -> Any:
    return value


def content(line: Line) -> Mapping[str, Any]:
    """The line, its form by its bytes."""
    return {**line.raw, "form": same_bytes(line, line.raw["form"])} if "form" in line.raw else line.raw


def known(line: Line) -> Known | None:
    query = sa.select(PostApproval.id, PostApproval.digest).where(PostApproval.ref == line.ref)
    row = line.session.execute(query).first()
    return row and Known(row.id, row.digest == line.digest)


def judge(line: Line) -> Errors:
    errors: Errors = dict(problems(line.data))
    unit = line.found["unit"] = unit_of(line, line.data["unit"])
    if unit is None:
        errors["unit"] = [gettext("no unit with this code is here")]
    elif unit.nature != "public_institution":
        errors["unit"] = [gettext("is no public institution, and only those have approved posts")]
    if line.known:
        errors["ref"] = [gettext("this approval is here already, and is never changed")]
    elif unit is not None and has_document(line.session, unit.id, line.data["document_number"]):
        errors["document_number"] = [gettext("was submitted already, and is never changed")]
    return errors


def store(line: Line) -> tuple[str, int]:
    unit, form = line.found["unit"], line.data["form"]
    received = {"ref": line.ref, "digest": line.digest}
    kept = form.kept(line, unit.id)
    return "created", add(line.session, unit.id, line.data, (kept, form.sha256), OPERATOR, **received).id


POST_APPROVAL = Kind("post_approval", fields, known, judge, store, content, operator=True)
