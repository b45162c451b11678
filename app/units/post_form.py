"""岗位核准信息 as it is entered on screen: each field is read, and the stamped form is kept meanwhile."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app import clock
from app.attachments import Attachment, BadFile, keep_found, look
from app.attachments.models import named
from app.codes import CODES
from app.extensions import begin_write, db
from app.tenancy import everything, reaching
from app.typed import day_problem
from app.units.posts import LEVELS, problems

LENGTH = 200  # characters of a text
MOST = 2_147_483_647  # what an integer column of either database holds
NOT_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # as the feed reads a text
Errors = dict[str, list[str]]
Reader = Callable[[str], Any]


class Wrong(ValueError):
    """What is wrong with a text that was typed, in the reader's language."""


def _text(typed: str) -> str:
    if len(typed) > LENGTH:
        raise Wrong(_("must have at most %(maximum)s characters", maximum=LENGTH))
    if NOT_ONE_LINE.search(typed):
        raise Wrong(_("must not hold line breaks or control characters"))
    return typed


def _past_day(typed: str) -> date:
    if problem := day_problem(typed):
        raise Wrong(problem)
    approved_on = date.fromisoformat(typed)
    if approved_on > clock.today():
        raise Wrong(_("must not be a day to come"))
    return approved_on


def _whole(typed: str) -> int:
    if not typed.isdecimal() or len(typed) > len(str(MOST)) or int(typed) > MOST:
        raise Wrong(_("must be a whole number from %(minimum)s to %(maximum)s", minimum=0, maximum=MOST))
    return int(typed)


def _one_of(keys: Collection[str]) -> Reader:
    def read(typed: str) -> str:
        if typed not in keys:
            raise Wrong(_("Choose one."))
        return typed

    return read


FIELDS: dict[str, Reader] = {"document_number": _text, "authority": _text, "approved_on": _past_day, "total": _whole}
ROW: dict[str, Reader] = {
    "category": _one_of(LEVELS),
    "level": _one_of(CODES["post_level"]),
    "approved": _whole,
    "filled": _whole,
}
ROW_FIELD = re.compile(rf"posts\.([0-9]{{1,4}})\.({'|'.join(ROW)})")


@dataclass
class Draft:
    """A form as it was sent: the texts as they were typed, the good values, and what is wrong by dotted path."""

    typed: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    rows: list[dict[str, str]] = field(default_factory=list)  # those with something in them
    data: dict[str, Any] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)


def read(form: "MultiDict[str, str]") -> Draft:
    """Read a form: each field by itself, then the rules between them (see app.units.posts)."""
    draft = Draft({name: form.get(name, "").strip() for name in FIELDS}, _rows(form))
    draft.data = _read_all(FIELDS, draft.typed, "", draft.errors)
    draft.data["posts"] = [
        _read_all(ROW, row, f"posts.{number}.", draft.errors) for number, row in enumerate(draft.rows)
    ]
    for path, messages in problems(draft.data).items():
        draft.errors.setdefault(path, messages)
    return draft


def _rows(form: "MultiDict[str, str]") -> list[dict[str, str]]:
    """The rows in the order of their numbers, of which some may be missing; empty ones are passed over."""
    rows: dict[int, dict[str, str]] = {}
    for name, typed in form.items(multi=True):
        if found := ROW_FIELD.fullmatch(name):
            rows.setdefault(int(found[1]), dict.fromkeys(ROW, ""))[found[2]] = typed.strip()
    return [row for _number, row in sorted(rows.items()) if any(row.values())]


def _read_all(readers: Mapping[str, Reader], typed: Mapping[str, str], path: str, errors: Errors) -> dict[str, Any]:
    good = {}
    for name, reader in readers.items():
        try:
            if not typed[name]:
                raise Wrong(_("is required"))
            good[name] = reader(typed[name])
        except Wrong as problem:
            errors[path + name] = [str(problem)]
    return good


# ---- the stamped form ------------------------------------------------------------------------------------------------


def keep_apart(file: BinaryIO, name: str) -> str:
    """Keep a file before anything names it: of no unit, and removed after a day. Answers its id. Raises BadFile,
    StorageError. The request's transaction ends and begins again: looking takes its time, and nobody waits for it."""
    db.session.rollback()
    try:
        file.seek(0)
        found = look(file)
        file.seek(0)
        with everything("a form that is being filled in") as session:
            begin_write(session)
            row = keep_found(session, file, found, name)
            session.flush()
            pk = row.id
            session.commit()
        return pk
    except BadFile as problem:
        raise BadFile(_("%(file)s %(problem)s", file=named(name), problem=problem)) from problem
    finally:
        begin_write(db.session())


def token_of(pk: str, user_id: int) -> str:
    """What a form carries of a file that its account has handed in: nobody else can use it."""
    return _signer().dumps([pk, user_id])


def kept_file(session: Session, token: str, user_id: int) -> Attachment | None:
    """The file that a token is of, held until the request is done; None for another account's, for one that was
    submitted since, and for one that was swept."""
    try:
        pk, owner = _signer().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    if owner != user_id:
        return None
    query = select(Attachment).where(Attachment.id == pk, Attachment.unit_id.is_(None)).with_for_update()
    return session.scalar(reaching(query, "this account handed it in, and it is of no unit yet"))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="the stamped form of a post approval")
