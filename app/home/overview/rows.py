"""How a unit's row reads, on screen and in the export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.applications.due import waiting_text, waiting_tone
from app.archive.catalogue import EVERY
from app.home.overview.folding import RECENT
from app.home.overview.listing import TABS, Details, Wanted, regions_of
from app.review import pages
from app.review.desks import desks
from app.review.labels import KIND, code_reader
from app.review.rules import is_routed
from app.tenancy import Scope
from app.units.regions import full_name, path

Cells = dict[str, str]


@dataclass(frozen=True)
class Column:
    name: str
    label: Any
    kind: str = "text"
    sort: str = ""  # what it is sorted by at once
    on: tuple[str, ...] = ("screen", "export")


def columns(where: str) -> list[Column]:
    """The columns of the list on the `screen` and in the `export`."""
    every = [
        Column("name", _l("Unit"), sort="name"),
        Column("code", _l("Unit code"), "code", on=("export",)),
        Column("region", _l("Region")),
        Column("nature", _l("Nature of the unit"), on=("export",)),
        *(Column(kind, _l("%(kind)s waiting", kind=KIND[kind]), "number") for kind in desks()),
        Column("waiting", _l("Waiting in all"), "number", "-waiting"),
        Column("since", _l("Waiting longest since"), "time", on=("export",)),
        Column("oldest", _l("Longest wait"), "due", "oldest"),
        Column("decided", _l("Its own reviews in %(days)d days", days=RECENT), "number", "-decided"),
        Column("state", _l("Registration"), "status"),
    ]
    return [column for column in every if where in column.on]


def title() -> str:
    return _("Units of the jurisdiction")


def texts(row: Any, details: Details) -> Cells:
    """What a unit's row says, by column."""
    waiting = {kind: details.waiting.get((row.id, kind), 0) for kind in desks()}
    return {
        "name": row.name,
        "code": row.code,
        "region": full_name(row.region),
        "nature": code_reader("unit_nature")(row.nature),
        **{kind: str(number) for kind, number in waiting.items()},
        "waiting": str(row.waiting),
        "since": clock.shown(row.oldest) if row.oldest else "",
        "oldest": waiting_text(row.oldest),
        "decided": str(details.decided.get(row.id, 0)),
        "state": _("Is registered") if row.is_complete else _("Not registered"),
    }


def export_head() -> list[tuple[str, str]]:
    return [(str(column.label), column.kind) for column in columns("export")]


def exported(row: Any, details: Details) -> list[str]:
    said = texts(row, details)
    return [said[column.name].replace("\n", " ") for column in columns("export")]


# ---- on screen -------------------------------------------------------------------------------------------------------


def shown(row: Any, details: Details, below: str = "") -> dict[str, Any]:
    """A row for the table of a list; its region is told from `below` on."""
    said = texts(row, details) | {"region": _below(row.region, below)}
    own: dict[str, dict[str, Any]] = {"name": {"lead": True}, "oldest": {"tone": waiting_tone(row.oldest)}}
    own |= {"state": {"status": "ok" if row.is_complete else "wait"}}
    own |= {kind: {"url": waiting_url(kind, row.code)} for kind in desks() if said[kind] != "0"}
    return {
        "pk": row.id,
        "url": waiting_url(_leads_to(row, details), row.code),
        "name": row.name,
        "cells": [{"text": said[c.name], "kind": c.kind} | own.get(c.name, {}) for c in columns("screen")],
    }


def _below(region: str, above: str) -> str:
    """The names of a region and of those above it, from the one below `above` on."""
    names = [each.name for each in path(region)]
    known = len(path(above)) if above else 0
    return "".join(names[min(known, len(names) - 1) :])


def _leads_to(row: Any, details: Details) -> str:
    """The kind of which most waits of a unit, of those that the reader sees whole."""
    kinds = [kind for kind in desks() if not is_routed(kind)]
    return max(kinds, key=lambda kind: details.waiting.get((row.id, kind), 0))


def waiting_url(kind: str, code: str) -> str | None:
    """The list of what waits of a unit, where that is what waits at the unit: one of a kind that goes from node to node
    has what has come to the reader, or all."""
    if is_routed(kind):
        return None
    desk = desks()[kind]
    where: dict[str, Any] = {"where": EVERY} if kind == "archive_item" else {}
    return url_for(f"{desk.endpoint}.list", unit=code, **where)


def head(view: Any, wanted: Wanted | None, column: Column) -> dict[str, Any]:
    """The head of a column; without a question it is not sorted by."""
    plain = {"name": column.name, "label": str(column.label), "kind": column.kind, "sort": None, "sort_url": None}
    if wanted is None or not column.sort:
        return plain
    name = column.name
    other = {name: f"-{name}", f"-{name}": name}.get(wanted.sort, column.sort)
    # What is older has waited longer: the column shows how long, so that its order is the other way round.
    up, down = ("desc", "asc") if name == "oldest" else ("asc", "desc")
    direction = {name: up, f"-{name}": down}.get(wanted.sort)
    return plain | {"sort": direction, "sort_url": view.url("list", wanted.query_string(sort=other, page=1))}


def list_page(
    view: Any, wanted: Wanted, found: Sequence[Any], numbers: Mapping[str, int], details: Details
) -> dict[str, Any]:
    query, scope = wanted.query_string(), g.held.scope()
    return {
        "title": title(),
        "tabs": pages.tabs_of(view, wanted, TABS, numbers),
        "tabs_label": _("Units"),
        "search": pages.search_box(view, wanted, query) | {"placeholder": _("Unit name or code")},
        "query": query,
        "filters": _filters(view, wanted, scope) if scope.kind == "region" else None,
        "export_url": view.url("export", wanted.query_string(page=1)) if view.may("export") else None,
        "exports": [{"label": _("Excel (XLSX)"), "url": view.url("export_xlsx", wanted.query_string(page=1))}],
        "columns": [head(view, wanted, column) for column in columns("screen")],
        "rows": [shown(row, details, scope.low) for row in found],
        "pager": pages.pager(view, wanted, numbers["found"], len(found)),
        "empty": _empty(view, wanted),
        "home_url": url_for("HomeView.index", region=wanted.region or None),
    }


def _filters(view: Any, wanted: Wanted, scope: Scope) -> dict[str, Any]:
    regions = [(code, _below(code, scope.low)) for code in regions_of(scope)]
    hidden = {"status": wanted.status, "q": wanted.q, "sort": wanted.sort}
    usual = vars(Wanted())
    return {
        "form": [
            _select("region", _("Region"), wanted.region, regions),
            _select("level", _("Level"), wanted.level, [("own", _("The region's own units, none below"))]),
        ],
        "active": sum(map(bool, (wanted.region, wanted.level))),
        "action": view.url("list"),
        "hidden": [(name, value) for name, value in hidden.items() if value != usual[name]],
        "clear_url": view.url("list", wanted.query_string(region="", level="", page=1)),
        "open": bool(wanted.region or wanted.level),
    }


def _select(name: str, label: str, value: str, choices: list[tuple[str, str]]) -> dict[str, Any]:
    every = [("", _("All")), *choices]
    return {"name": name, "label": label, "kind": "select", "value": value, "choices": every, "error": None}


def _empty(view: Any, wanted: Wanted) -> dict[str, Any]:
    if wanted.narrowed:
        return {
            "title": _("Nothing matches"),
            "text": _("Change the search or the filter, or look under another tab."),
            "url": view.url("list", wanted.query_string(q="", region="", level="", page=1)),
            "label": _("Show all of this tab"),
        }
    return {
        "backlog": {"title": _("No unit has a backlog"), "text": _("Units of which something waits appear here.")},
        "too_long": {
            "title": _("No unit waits too long"),
            "text": _("Units appear here once a record waits for long."),
        },
        "unregistered": {"title": _("All units are registered"), "text": _("Units that have not told of themselves.")},
        "all": {"title": _("None here yet"), "text": _("The units of your jurisdiction appear here.")},
    }[wanted.status]
