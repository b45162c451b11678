"""What the templates of a desk are given: plain data, made of a declaration and rows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import g
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from app.extensions import db
from app.review.counts import Counts, counts, waiting
from app.review.labels import KIND, status_label, words_of
from app.review.listing import NARROWERS, PAGE_SIZE, REF, SEALED, Asked, total_of
from app.review.models import NODES
from app.review.phrases import phrases_of, texts_by_verdict
from app.review.rules import VERDICTS, verdict_rule
from app.review.workflow import Chosen


@dataclass(frozen=True)
class Selection:
    """The rows that a form chose, and where it came from."""

    chosen: Chosen
    asked: Asked
    rowids: tuple[str, ...]
    every: bool
    single: bool
    seen_at: str


@dataclass(frozen=True)
class Question:
    """What a verdict's dialog asks besides the opinion."""

    name: str
    label: Any
    hint: Any = ""
    long: bool = False  # several lines
    required: bool = False
    expected: str = ""  # what has to be typed, for the script; the server asks for itself
    wrong: Any = ""  # what is told of anything else
    fold: Any = ""  # shown folded under these words
    idle: bool = False  # out of sight as things stand: the script shows it once it is asked


def asked_with(dialog: dict[str, Any], questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The questions as the dialog shows them, with what was typed and what is wrong with it when it comes back."""
    said, problems = dialog.get("answers") or {}, dialog.get("problems") or {}
    return [
        {
            "name": question.name,
            "label": str(question.label),
            "hint": str(question.hint),
            "long": question.long,
            "required": question.required,
            "expected": question.expected,
            "wrong": str(question.wrong),
            "fold": str(question.fold),
            "idle": question.idle,
            "value": said.get(question.name, ""),
            "error": problems.get(question.name),
        }
        for question in questions
    ]


def counts_of_request(kinds: Collection[str]) -> Counts:
    """The counts of some kinds, asked once for a request: the tabs, the total and the menu share them."""
    known: Counts | None = g.get("counts")
    if known is None or not known.kinds.issuperset(kinds):
        known = g.counts = counts(db.session(), {*kinds, *(known.kinds if known else ())}, g.actor.node)
    return known


def waiting_of_request(kinds: Sequence[str]) -> dict[str, int]:
    """How many of some kinds wait: by the counts, where the page asked for them, else by a statement of its own."""
    if "counts" in g:
        return {kind: g.counts.waiting(kind) for kind in kinds}
    return waiting(db.session(), kinds, g.actor.node)


def back_label(desk: Any, asked: Asked) -> str:
    """How the link reads that leads back."""
    labels = (str(f.back_label) for f in NARROWERS if f.back and f.name in asked.filters)
    return next(labels, str(desk.home(asked.list).back_label))


def page_count(total: int) -> int:
    return -(-total // PAGE_SIZE)


def arguments(query: str) -> list[tuple[str, str]]:
    """The pairs of a query string that a form carried along."""
    return parse_qsl(query, keep_blank_values=False)


def moment(text: str) -> datetime | None:
    """When a page was made, as its form says; None when it does not."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def refuse_past_end(rows: Sequence[Any], page: int, total: int, address: Callable[[int], str]) -> None:
    """Raises NotFound, with the `address` of the last page, for a page on which nothing is any more."""
    if not rows and page > 1:
        last = max(1, page_count(total))
        raise no_such_page(address(last), last)


def no_such_page(last_url: str, last: int) -> NotFound:
    error = NotFound(_("The list ends at page %(last)d.", last=last))
    error.next_url = last_url  # type: ignore[attr-defined]
    return error


def verdict(kind: str, key: str, opinion: str | None = None, problem: str | None = None) -> dict[str, Any]:
    """A verdict's dialog; with what was typed and what is wrong with it, when it comes back."""
    words = words_of(kind, key)
    return {
        "key": key,
        "id": key,  # of its dialog on the page
        "label": str(words.label),
        "field_label": str(words.field_label),
        "value": str(words.prefilled) if opinion is None else opinion,
        "placeholder": str(words.placeholder),
        "error": problem,
        "tone": words.tone,
        "confirm": "",
    }


def verdicts_of(kind: str) -> list[str]:
    """The verdicts that the reader's node knows for a pending record of a kind, in the order of their buttons."""
    return [key for key in VERDICTS if verdict_rule(kind, key, g.actor.node)]


# ---- the list --------------------------------------------------------------------------------------------------------


def list_page(desk: Any, asked: Asked, rows: Sequence[Any], total: int, problems: dict[str, str]) -> dict[str, Any]:
    listing = desk.listing
    query = asked.query_string()
    return {
        "title": str(listing.title),
        "intro": None,
        "tabs": _tabs(desk, asked),
        "search": search_box(desk, asked, query),
        "query": query,
        "filters": _filters(desk, asked, problems),
        "columns": _heads(desk, asked),
        "rows": [_row(desk, row, query, asked.status) for row in rows],
        "pager": pager(desk, asked, total, len(rows)),
        "export_url": desk.url("export", asked.query_string(page=1)) if desk.may("export") and not problems else None,
        "exports": _exports(desk, asked) if desk.may("export") and not problems else [],
        "postponed": _postponed(desk, asked),
        "batch": _batch(desk, asked, total, rows),
        "empty": _empty(desk, asked, problems),
    }


def _tabs(desk: Any, asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "label": str(desk.tab_labels[key]),
            "count": desk.number(key),
            "url": desk.url("list", asked.query_string(status=key, page=1, sort="")),
            "active": key == asked.status,
        }
        for key in desk.listing.tabs
    ]


def search_box(desk: Any, asked: Any, query: str) -> dict[str, Any]:
    sealed = asked.q.startswith(SEALED)
    return {
        "q": "" if sealed else asked.q.removeprefix(REF),
        "sealed": sealed,
        "sealed_label": _("A whole number (not shown)"),
        "placeholder": _("Name, ID, mobile or reference"),
        "action": desk.url("search"),
        "clear_url": desk.url("list", asked.query_string(q="", page=1)),
        "error": None,
    }


def _filters(desk: Any, asked: Asked, problems: dict[str, str]) -> dict[str, Any]:
    offered = [f for f in desk.listing.filters if f.offered]
    active = sum(f.name in asked.filters for f in offered)
    return {
        "form": [
            {
                "name": f.name,
                "label": str(f.label),
                "kind": f.kind,
                "value": asked.filters.get(f.name, ""),
                "choices": _choices(f, asked.filters.get(f.name, ""), problems) if f.kind == "select" else [],
                "error": problems.get(f.name),
            }
            for f in offered
            if g.screen == "wide" or not f.wide
        ],
        "active": active,
        "action": desk.url("list"),
        "hidden": [
            (name, value)
            for name, value in (
                *(("status", asked.status), ("q", asked.q), ("sort", asked.sort)),
                *((f.name, asked.filters.get(f.name, "")) for f in desk.listing.narrowers if not f.offered),
            )
            if value and (name, value) != ("status", "pending")
        ],
        "clear_url": desk.url("list", asked.query_string(filters={}, page=1)),
        "open": bool(problems or active),
    }


def _choices(f: Any, value: str, problems: dict[str, str]) -> list[tuple[str, str]]:
    """The choices of a select, with none chosen first; a value that is none of them stays as it was sent."""
    unknown = [(value, value)] if f.name in problems else []
    return [("", _("All")), *f.choices(), *unknown]


def _heads(desk: Any, asked: Asked) -> list[dict[str, Any]]:
    sorts = desk.listing.sorts()
    ordered_by, down = asked.order_column(desk.listing)
    heads = []
    for column in desk.listing.shown(g.screen, asked.status):
        orders = column.sort is ordered_by
        direction = ("desc" if down != column.falls else "asc") if orders else None
        target = f"-{column.name}" if orders and not down else column.name
        heads.append(
            {
                "name": column.name,
                "label": str(column.label),
                "kind": column.kind,
                "sort": direction,
                "sort_url": desk.url("list", asked.query_string(sort=target, page=1)) if column.name in sorts else None,
            }
        )
    return heads


def _row(desk: Any, row: Any, query: str, status: str) -> dict[str, Any]:
    decidable = row.status == "pending" and row.node == g.actor.node and desk.may_decide(row.kind)
    return {
        "pk": row.id,
        "token": f"{row.id}:{row.steps}",
        "url": desk.opens(row, query),
        "name": row.c_name,
        "selectable": decidable and row.person_id != g.actor.person_id,
        "decidable": decidable,
        "form": f"pick-{row.kind}" if desk.of_several else None,
        "postponed": row.status == "pending" and row.c_postponed,
        "cells": [
            {
                "text": cell_text(desk, c, row),
                "kind": c.kind,
                "lead": c.name == "name",
                "status": row.status if c.kind == "status" else None,
                "tone": c.tone(getattr(row, f"c_{c.name}")) if c.tone else "",
            }
            for c in desk.listing.shown(g.screen, status)
        ],
    }


def cell_text(desk: Any, column: Any, row: Any) -> str:
    """What stands in a cell; the state as its kind calls it."""
    if column.kind == "status":
        return status_label(row.kind, row.status)
    return column.read(getattr(row, f"c_{column.name}")) or "—"


def tabs_of(view: Any, wanted: Any, labels: Mapping[str, Any], numbers: Mapping[str, int]) -> list[dict[str, Any]]:
    """The tabs of a list that is no desk's: key → label and number, each leading to its first page."""
    return [
        {
            "key": key,
            "label": str(label),
            "count": numbers[key],
            "url": view.url("list", wanted.query_string(status=key, page=1)),
            "active": key == wanted.status,
        }
        for key, label in labels.items()
    ]


def pager(desk: Any, asked: Any, total: int, shown: int) -> dict[str, Any]:
    last_page = max(1, page_count(total))
    first = (asked.page - 1) * PAGE_SIZE

    def at(page: int) -> str | None:
        return desk.url("list", asked.query_string(page=page)) if 1 <= page <= last_page else None

    return {
        "first": first + 1 if shown else 0,
        "last": first + shown,
        "total": total,
        "page": asked.page,
        "pages": last_page,
        "prev_url": at(asked.page - 1),
        "next_url": at(asked.page + 1),
    }


def _batch(desk: Any, asked: Asked, total: int, rows: Sequence[Any]) -> dict[str, Any] | None:
    if not rows or not desk.decides(asked) or desk.of_several:
        return None
    phrases = texts_by_verdict(phrases_of(db.session(), g.unit_id))
    return {
        "action": desk.url("decide"),
        "preview_url": desk.url("preview"),
        "total": total,
        "seen_at": rows[0].c_newest.isoformat(),  # what came to wait later was not on the list
        "verdicts": batch_dialogs(desk, phrases),
        "actions": desk.batch_actions(),
    }


def batch_dialogs(desk: Any, phrases: dict[str, list[str]], before: str = "") -> list[dict[str, Any]]:
    """The verdicts' dialogs for a batch; `before` begins their ids, where a page has those of several desks."""
    return [
        verdict(desk.kind, key)
        | {"id": f"{before}{key}", "phrases": phrases.get(key, [])}
        | {"questions": asked_with({}, desk.questions(key)), "confirm": desk.explanation(key)}
        for key in verdicts_of(desk.kind)
    ]


def pick(desk: Any, phrases: dict[str, list[str]], query: str, **more: Any) -> dict[str, Any]:
    """What decides the ticked records of one kind among others: they are posted to its own desk."""
    return {
        "kind": desk.kind,
        "label": str(KIND[desk.kind]),
        "action": desk.url("decide"),
        "preview_url": desk.url("preview"),
        "query": query,
        "verdicts": batch_dialogs(desk, phrases, f"{desk.kind}-"),
        "actions": desk.batch_actions(),
        **more,
    }


def _exports(desk: Any, asked: Asked) -> list[dict[str, str]]:
    """The other formats of the export; whole numbers for those who may see them, and who then stand in the audit."""
    query = asked.query_string(page=1)
    formats = [{"label": _("Excel (XLSX)"), "url": desk.url("export_xlsx", query)}]
    if desk.may("reveal") and desk.listing.has_numbers:
        whole = f"{query}&numbers=whole" if query else "numbers=whole"
        formats.append({"label": _("Excel with whole numbers"), "url": desk.url("export_xlsx", whole)})
        formats.append({"label": _("CSV with whole numbers"), "url": desk.url("export", whole)})
    if desk.has_files:
        formats.append({"label": _("Attachments (ZIP)"), "url": desk.url("attachments", query)})
    return formats


def put_off_of(asked: Asked) -> Asked:
    """What the reader has put off himself, of all that waits."""
    return Asked(postponed=g.actor.user_id, at=asked.at)


def _postponed(desk: Any, asked: Asked) -> dict[str, Any] | None:
    """The filter of what the reader has put off himself (暂缓), once there is something."""
    if not desk.decides(asked):
        return None
    count = g.put_off if "put_off" in g else db.session.scalar(total_of(desk.listing, put_off_of(asked))) or 0
    if not count and not asked.postponed:
        return None
    other = None if asked.postponed else g.actor.user_id
    url = desk.url("list", asked.query_string(postponed=other, page=1))
    return {"active": bool(asked.postponed), "count": count, "url": url}


def _empty(desk: Any, asked: Asked, problems: dict[str, str]) -> dict[str, Any]:
    if problems:
        return {"title": _("Correct the filter first"), "text": _("What is wrong with it stands beside its field.")}
    if asked.narrowed:
        return {
            "title": _("Nothing matches"),
            "text": _("Change the search or the filter, or look under another tab."),
            "url": desk.url("list", asked.query_string(q="", filters={}, page=1)),
            "label": _("Show all of this tab"),
        }
    if asked.status == "pending":
        further = {"url": desk.url("list", asked.query_string(status="all", page=1)), "label": _("Show all records")}
        return {
            "title": _("Nothing waits here"),
            "text": _arrives(desk),
            **(further if "all" in desk.listing.tabs else {}),
        }
    if asked.status == "all":
        return {
            "title": _("No records yet"),
            "text": _arrives(desk),
        }
    return {
        "title": _("No records in this state"),
        "text": _("Records move here once they are decided."),
        "url": desk.url("list"),
        "label": _("Show what is pending"),
    }


def _arrives(desk: Any) -> str:
    """How something comes into the reader's list."""
    if desk.at not in (None, NODES[0]):
        return _("What the nodes before pass on appears here at once.")
    if g.screen == "wide":
        return _("What the staff of these units submit in the applicants' portal appears here as soon as it comes in.")
    return _("What your staff submit in the applicants' portal appears here as soon as it comes in.")


# ---- what is asked before and told after -----------------------------------------------------------------------------


def decide_page(
    desk: Any,
    selection: Selection,
    count: int,
    names: list[str],
    dialog: dict[str, Any],
) -> dict[str, Any]:
    query = selection.asked.query_string()
    return {
        "title": _("Batch review"),
        "back_url": desk.back_url(selection.asked),
        "verdict": dialog
        | {"questions": asked_with(dialog, desk.questions(dialog["key"])), "confirm": desk.explanation(dialog["key"])},
        "action": desk.url("decide"),
        "items": names,
        "more": max(0, count - len(names)),
        "selection": {
            "rowids": selection.rowids,
            "all": selection.every,
            "count": count,
            "query": query,
            "seen_at": selection.seen_at,
        },
    }
