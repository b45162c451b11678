"""What the templates of 岗位核准信息 are given: plain data, made of approvals and of what was typed."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from app import clock
from app.attachments import Attachment
from app.extensions import db
from app.review import drafts
from app.review.desk_base import Screen
from app.review.labels import code_reader
from app.units.models import PostApproval
from app.units.post_form import FIELDS, LENGTH, ROW, Draft
from app.units.posts import CATEGORY, LEVELS, Post, approved_posts, ranked
from config import MAX_FILE

SPARE = 6  # empty rows of the form: where scripts do not run, none can be added at once


# ---- what was submitted ----------------------------------------------------------------------------------------------


def home(view: Screen, approvals: Sequence[PostApproval]) -> dict[str, Any]:
    files = _files(approvals)
    pages = [_approval(one, files[one.form]) for one in approvals]
    return {
        "title": _("Post approvals"),
        "current": pages[0] if pages else None,
        "earlier": pages[1:],
        "enter_url": view.url("submit") if view.may("submit") else None,
    }


def _files(approvals: Sequence[PostApproval]) -> dict[str, Attachment]:
    query = sa.select(Attachment).where(Attachment.id.in_([one.form for one in approvals]))
    return {file.id: file for file in db.session.scalars(query)} if approvals else {}


def _approval(row: PostApproval, file: Attachment) -> dict[str, Any]:
    return {
        "id": row.id,
        "document_number": row.document_number,
        "facts": _facts(row.document_number, row.authority, row.approved_on, row.total),
        "posts": _table(approved_posts(row).values(), row.total),
        "by": row.submitted_by or _("Loaded by the operator"),
        "at": clock.shown(row.submitted_at),
        "approved_on": row.approved_on,
        "file": file,
    }


def _facts(number: str, authority: str, approved_on: Any, total: int) -> list[tuple[str, Any]]:
    values = {"document_number": number, "authority": authority, "approved_on": approved_on, "total": total}
    return [(label, values[name]) for name, label in labels().items()]


def labels() -> dict[str, str]:
    return {
        "document_number": _("Approval document number"),
        "authority": _("Approving authority"),
        "approved_on": _("Approved on"),
        "total": _("Total of approved posts"),
    }


def _table(posts: Iterable[Post], total: int) -> dict[str, Any]:
    """The posts by category, with sums; `rest`: of the total, what no level has."""
    rows = list(posts)
    read = code_reader("post_level")
    groups = []
    for category, label in CATEGORY.items():
        own = [post for post in rows if post.category == category]
        lines = [{"label": read(post.level)} | _sums([post]) for post in own]
        if own:
            groups.append({"label": str(label), "rows": lines} | _sums(own))
    sums = _sums(rows)
    return {"groups": groups, "rest": total - sums["approved"]} | sums


def _sums(posts: Sequence[Post]) -> dict[str, int]:
    return {name: sum(getattr(post, name) for post in posts) for name in ("approved", "filled", "free")}


# ---- what is being entered -------------------------------------------------------------------------------------------


def form(view: Screen, draft: Draft, file: Attachment | None, token: str, more: bool) -> dict[str, Any]:
    """The form with what was typed; `more`: with more empty rows after it."""
    empty = SPARE if more else max(1, SPARE - len(draft.rows))
    errors = {path: messages[0] for path, messages in draft.errors.items()}
    rows = [
        {"typed": row, "errors": {name: errors.get(f"posts.{number}.{name}") for name in ROW}}
        for number, row in enumerate([*draft.rows, *([dict.fromkeys(ROW, "")] * empty)])
    ]
    return {
        "title": _("Enter a post approval"),
        "action": view.url("submit"),
        "back_url": view.url("home"),
        "labels": labels(),
        "typed": draft.typed,
        "errors": errors,
        "rows": rows,
        "blank": {"typed": dict.fromkeys(ROW, ""), "errors": dict.fromkeys(ROW)},
        "categories": [(key, str(label)) for key, label in CATEGORY.items()],
        "levels": _levels(),
        "sums": _typed_sums(draft),
        "today": clock.today(),
        "length": LENGTH,
        "limit": MAX_FILE,
        "file": file,
        "kept": token,
        "unsent": drafts.unsent(),
    }


def _levels() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The choices of a level: (category, its label, [(key, label)])."""
    read = code_reader("post_level")
    return [(key, str(CATEGORY[key]), [(level, read(level)) for level in levels]) for key, levels in LEVELS.items()]


def _typed_sums(draft: Draft) -> list[dict[str, Any]]:
    """A line for each category, and one for all, of what can be read already."""
    posts = draft.data.get("posts", [])
    lines = [
        (key, str(label), [post for post in posts if post.get("category") == key]) for key, label in CATEGORY.items()
    ]
    return [
        {"key": key, "label": label} | {name: sum(post.get(name, 0) for post in own) for name in ("approved", "filled")}
        for key, label, own in (*lines, ("all", _("All posts"), posts))
    ]


def confirm(view: Screen, draft: Draft, file: Attachment, token: str, current: PostApproval | None) -> dict[str, Any]:
    """All of it once more; every value goes along."""
    data = draft.data
    fields = [(name, draft.typed[name]) for name in FIELDS]
    rows = [(f"posts.{n}.{name}", row[name]) for n, row in enumerate(draft.rows) for name in ROW]
    return {
        "title": _("Check the post approval"),
        "action": view.url("submit"),
        "back_url": view.url("home"),
        "facts": _facts(data["document_number"], data["authority"], data["approved_on"], data["total"]),
        "posts": _table(ranked(data["posts"]).values(), data["total"]),
        "file": file,
        "file_url": view.url("form", token=token),
        "hidden": [*fields, *rows, ("kept", token)],
        "effect": _effect(data["approved_on"], current),
        "unsent": drafts.unsent(),
    }


def _effect(approved_on: Any, current: PostApproval | None) -> str | None:
    """What becomes of the approval in force, once this one is submitted."""
    if current is None:
        return None
    number = current.document_number
    if approved_on < current.approved_on:
        return _("Document %(number)s is newer and stays in force; this one joins the earlier ones.", number=number)
    return _("It supersedes document %(number)s, which joins the earlier ones.", number=number)
