"""What the templates of 职称信息 are given."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app import clock, forms
from app.forms import REASON_LENGTH, Problems, Texts
from app.home.models import News
from app.home.news import STATES, state
from app.home.news.form import FIELDS, choices
from app.home.news.listing import ORDERS, Wanted
from app.review import pages
from app.units.regions import full_name

Page = dict[str, Any]
WHEN = {"published": _l("Published at"), "draft": _l("Last changed"), "withdrawn": _l("Withdrawn at")}


def list_page(view: Any, wanted: Wanted, rows: Sequence[Any], counts: Mapping[str, int]) -> Page:
    query, writes = wanted.query_string(), wanted.writes_in is not None
    return {
        "title": _("Title news"),
        "add_url": view.url("add") if writes else None,
        "tabs": pages.tabs_of(view, wanted, {tab: STATES[tab].label for tab in wanted.tabs}, counts) if writes else [],
        "tabs_label": _("State of the news"),
        "search": pages.search_box(view, wanted, query) | {"placeholder": _("Words of the headline")},
        "query": query,
        "columns": [_("Headline"), _("Aimed at"), *([_("Written by")] if writes else []), str(WHEN[wanted.status])],
        "rows": [_row(view, row, wanted, query) for row in rows],
        "pager": pages.pager(view, wanted, counts["found"], len(rows)),
        "empty": _empty(view, wanted),
    }


def _row(view: Any, row: Any, wanted: Wanted, query: str) -> Page:
    return {
        "pk": row.id,
        "title": row.title,
        "url": view.url("show", query, pk=row.id),
        "region": full_name(row.region),
        "by": row.author_name if wanted.writes_in else None,
        "at": clock.shown(getattr(row, ORDERS[wanted.status].key)),
    }


def _empty(view: Any, wanted: Wanted) -> Page:
    if wanted.q:
        back = {"url": view.url("list", wanted.query_string(q="", page=1)), "label": _("Show all of this tab")}
        return {"title": _("Nothing matches"), "text": _("Search for other words of the headline."), **back}
    text = _("News appears here once an HR bureau publishes it for your region.")
    return {"title": _("No news here yet"), "text": text if wanted.status == "published" else ""}


def article(columns: Mapping[str, Any], published: str) -> Page:
    """The news itself, as every reader sees it: of what is stored, or of what was typed."""
    return {
        "name": columns["title"],
        "html": Markup(columns["html"]),  # harmless: see app/home/news/writing.py
        "region": full_name(columns["region"]),
        "published": published,
    }


def show_page(view: Any, row: News, query: str, writes: bool, asked: Mapping[str, Any]) -> Page:
    """The page of stored news; `asked` is the state of its dialog and its messages."""
    key = state(row)
    page = article(vars(row), clock.shown(row.published_at) if row.published_at else _("not published yet"))
    page |= {"title": _("Title news"), "back_url": view.url("list", query), "query": query, "own": None, **asked}
    if writes:
        page["own"] = {
            "key": key,
            "label": str(STATES[key].label),
            "tone": STATES[key].tone,
            "by": row.author_name,
            "withdrawn": clock.shown(row.withdrawn_at) if row.withdrawn_at else None,
            "reason": row.withdrawn_reason,
            "seen": row.steps,
            "limit": REASON_LENGTH,
            "edit_url": view.url("edit", pk=row.id),
            "publish_url": view.url("publish", pk=row.id),
            "withdraw_url": view.url("withdraw", pk=row.id),
            "again_url": view.url("add", like=row.id),
        }
    return page


def form_page(
    view: Any, row: News | None, within: str, texts: Texts, problems: Problems, seen: str, error: str | None = None
) -> Page:
    return {
        "title": _("Change the draft") if row else _("New news"),
        "back_url": view.url("show", pk=row.id) if row else view.url("list"),
        "back": _("Back to the draft") if row else _("Back to the list"),
        "action": view.url("edit", pk=row.id) if row else view.url("add"),
        "fields": forms.shown(FIELDS, texts, problems, {"region": lambda: choices(within)}),
        "seen": seen,
        "error": error,
    }


def preview_page(view: Any, row: News | None, columns: Mapping[str, str], seen: str) -> Page:
    page = form_page(view, row, columns["region"], {}, {}, seen)
    return page | article(columns, _("not published yet")) | {"typed": {f.name: columns[f.name] for f in FIELDS}}
