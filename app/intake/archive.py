"""The kinds `archive_item` and `withdrawal`: what their fields are, the catalogue says."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.archive.catalogue import PAIRS, ItemType, catalogue
from app.archive.catalogue import Field as Entry
from app.archive.items import marks_of, title_of
from app.archive.models import ArchiveItem, Mark, Withdrawal
from app.intake.fields import Errors, Field, Group, Item, List, Table, ordered
from app.intake.files import file_reader, kept_files, same_bytes
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import Reader, code, whole
from app.intake.submissions import (
    begun,
    content_of,
    judge_again,
    judge_belonging,
    known_as,
    last_step_at,
    locked,
    person_of,
)
from app.intake.wording import gettext
from app.review.models import Submission
from app.review.workflow import resubmit, submit

NUMBERS = ("id_number",)


# ---- archive_item ----------------------------------------------------------------------------------------------------


def fields(line: Line) -> Table:
    item_type = _type_of(line)
    data: Item = Group("data", data_table(line, item_type)) if item_type else Field("data", _anything)
    return (
        Field("unit", "unit_code"),
        Field("id_number", "other_document"),  # of any kind: it was checked when its person registered
        Field("type", code(catalogue().types)),
        data,
        Field("submitted_at", "time"),
    )


def data_table(line: Line, item_type: ItemType) -> Table:
    """The fields of an item type, with the order of its pairs."""
    keys = {entry.key for entry in item_type.fields}
    pairs = (ordered(*pair) for pair in PAIRS if keys.issuperset(pair))
    return (*(_item(line, entry) for entry in item_type.fields), *pairs)


def _item(line: Line, entry: Entry) -> Item:
    if entry.kind == "files":
        return List(entry.key, file_reader(line), required=entry.required, maximum=10, keyed=False)
    return Field(entry.key, _reader(line, entry), required=entry.required)


def _reader(line: Line, entry: Entry) -> str | Reader:
    if entry.kind == "file":
        return file_reader(line)
    if entry.kind == "code":
        return code(catalogue().codes[entry.codes])
    return whole() if entry.whole else entry.kind


def _anything(value: Any, _now: Any) -> Any:
    return value


def _type_of(line: Line) -> ItemType | None:
    key = line.raw.get("type")
    return catalogue().types.get(key.strip()) if isinstance(key, str) else None


def content(line: Line) -> Mapping[str, Any]:
    """The line, its files by their bytes: the same file under another name or id is the same again."""
    item_type, data = _type_of(line), line.raw.get("data")
    if item_type is None or not isinstance(data, Mapping):
        return line.raw
    files = {entry.key for entry in item_type.files}
    return {
        **line.raw,
        "data": {name: same_bytes(line, value) if name in files else value for name, value in data.items()},
    }


def known(line: Line) -> Known | None:
    return known_as("archive_item", line)


def judge(line: Line) -> Errors:
    row, errors = begun(line, "archive_item")
    person = line.found["person"] = person_of(line)
    if row is None:
        return errors | judge_belonging(line)
    kept = {"id_number": person is not None and person.id == row.person_id, "type": line.data["type"] == row.type}
    return errors | judge_again(line, row, kept)


def store(line: Line) -> tuple[str, int]:
    row, unit = line.found["row"], line.found["unit"]
    new = row is None
    line.data["data"] = kept_files(line, line.data["data"], unit.id)
    if new:
        row = ArchiveItem(kind="archive_item", ref=line.ref, unit_id=unit.id, region=unit.region)
        row.type, row.person_id = line.data["type"], line.found["person"].id
        row.person_name = line.found["registration"].person_name
    version, sealed = content_of(line, NUMBERS)
    item_type = catalogue().types[row.type]
    row.data, row.title = version["data"], title_of(item_type, version["data"])
    row.submitted_at = line.data["submitted_at"]
    (submit if new else resubmit)(line.session, row, version, sealed, digest=line.digest)
    _mark(line, row, item_type)
    return ("created" if new else "resubmitted"), row.id


def _mark(line: Line, row: ArchiveItem, item_type: ItemType) -> None:
    """Keep the numbers by which the newest version is known again."""
    line.session.execute(sa.delete(Mark).where(Mark.submission_id == row.id))
    for field, value in marks_of(item_type, row.data):
        line.session.add(Mark(submission_id=row.id, unit_id=row.unit_id, type=row.type, field=field, value=value))
    line.session.flush()


# ---- withdrawal ------------------------------------------------------------------------------------------------------


def known_request(line: Line) -> Known | None:
    return known_as("withdrawal", line)


def judge_request(line: Line) -> Errors:
    if line.known:
        return {"ref": [gettext("this request has other content; a new one has a ref of its own")]}
    item = line.found["item"] = locked(line, "archive_item", line.data["item"])
    if item is None or item.status != "passed":
        return {"item": [gettext("no passed archive item with this ref is here")]}
    errors: Errors = {}
    is_open = sa.select(Withdrawal.id).where(Withdrawal.item_id == item.id, Submission.status == "pending").limit(1)
    if line.session.scalar(is_open) is not None:
        errors["item"] = [gettext("a request to withdraw it is open already")]
    if line.data["submitted_at"] < last_step_at(line, item):
        errors["submitted_at"] = [gettext("lies before the decision that it follows")]
    return errors


def store_request(line: Line) -> tuple[str, int]:
    item = line.found["item"]
    row = Withdrawal(kind="withdrawal", ref=line.ref, unit_id=item.unit_id, region=item.region)
    row.type, row.title, row.person_id, row.person_name = "", item.title, item.person_id, item.person_name
    row.item_id, row.reason, row.submitted_at = item.id, line.data["reason"], line.data["submitted_at"]
    submit(line.session, row, *content_of(line, ()), digest=line.digest)
    return "created", row.id


ARCHIVE_ITEM = Kind("archive_item", fields, known, judge, store, content)
WITHDRAWAL = Kind(
    "withdrawal",
    (Field("item", "ref"), Field("reason", "long"), Field("submitted_at", "time")),
    known_request,
    judge_request,
    store_request,
)
