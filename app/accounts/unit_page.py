"""What the templates of units, their administrators and of requests for a role are given: plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app import clock
from app.accounts.account_page import Page, Sent, last_of, nothing_matches, number_of, pill_of, way_of
from app.accounts.bounds import REFUSED
from app.accounts.granting import STAND_IN, By
from app.accounts.handing import seen_of
from app.accounts.issuing import BUILT_IN
from app.accounts.joining import ASKED, Standing
from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from app.accounts.unit_lists import TABS, Administrators, Units
from app.review import pages
from app.review.labels import code_reader
from app.units.models import Unit
from app.units.regions import full_name

# ---- the list --------------------------------------------------------------------------------------------------------


def units_page(
    view: Any, asked: Units, rows: Sequence[Any], numbers: Mapping[str, int], found: Mapping[int, Administrators]
) -> Page:
    query = asked.query_string()
    heads = [
        (_("Unit name"), "text"),
        (_("Unit code"), "code"),
        (_("Nature of the unit"), "text"),
        (_("Region"), "text"),
        (_("Administrators"), "text"),
        (_("Information"), "status"),
    ]
    here = {"title": _("None here yet"), "text": _("The units of your jurisdiction appear here.")}
    return {
        "title": _("Units and administrators"),
        "intro": _(
            "A unit comes with its first single sign-on. One without a unified social credit code of its own is "
            "entered here, and HR operations issues its account."
        ),
        "links": [{"label": _("Enter a unit"), "url": view.url("add"), "primary": True}],
        "tabs": pages.tabs_of(view, asked, TABS, numbers),
        "tabs_label": _("Units"),
        "search": pages.search_box(view, asked, query) | {"placeholder": _("Unit name or code")},
        "query": query,
        "columns": [{"label": label, "kind": kind} for label, kind in heads],
        "rows": [_unit(view, row, found[row.id]) for row in rows],
        "pager": pages.pager(view, asked, numbers["found"], len(rows)),
        "empty": nothing_matches(view.url("list", asked.query_string(q="", page=1))) if asked.q else here,
    }


def _unit(view: Any, row: Any, found: Administrators) -> Page:
    return {
        "pk": row.id,
        "url": view.url("show", pk=row.id),
        "name": row.name,
        "cells": [
            {"text": row.name, "kind": "text", "lead": True},
            {"text": row.code, "kind": "code"},
            {"text": code_reader("unit_nature")(row.nature), "kind": "text"},
            {"text": full_name(row.region), "kind": "text"},
            _administrators(row.code, found),
            _information(row.is_complete),
        ],
    }


def _administrators(code: str, found: Administrators) -> Page:
    if found.names:
        return {"text": _(", ").join(found.names), "kind": "text"}
    issued = found.ever or not code.startswith(BUILT_IN)
    return {"text": _("No administrator") if issued else _("No account issued"), "kind": "text", "status": "wait"}


def _information(complete: bool) -> Page:
    tone, word = ("ok", _("Completed")) if complete else ("wait", _("Not completed"))
    return {"text": word, "kind": "status", "status": tone}


# ---- one unit --------------------------------------------------------------------------------------------------------


def unit_page(
    view: Any,
    by: By,
    unit: Unit,
    office: Sequence[tuple[Grant, Account]],
    waiting: Sequence[Any],
    may: Mapping[str, bool],
    facts: Mapping[str, Sequence[Page]],
) -> Page:
    """`may`: whether the reader issues accounts (`issue`), hands over (`hand_over`), changes the
    unit's information (`change`), answers requests (`answer`). `facts`: what the unit has told of itself, by part."""
    administrators, stand_ins = _office(office, may["issue"])
    issue_url, hand_over_url = url_for("AccountsView.issue", unit=unit.code), view.url("hand_over", pk=unit.id)
    return {
        "title": unit.name,
        "code": unit.code,
        "state": _information(unit.is_complete),
        "facts": [*facts["basic"], *facts["detailed"]],
        "administrators": administrators,
        "stand_ins": stand_ins,
        "asking": [_request(by, row, Sent(), may["answer"]) for row in waiting],
        "issue_url": issue_url if may["issue"] else None,
        "hand_over_url": hand_over_url if may["hand_over"] else None,
        "edit_url": view.url("edit", pk=unit.id) if may["change"] else None,
        "back_url": view.url("list"),
    }


def _office(office: Sequence[tuple[Grant, Account]], leads_on: bool) -> tuple[list[Page], list[Page]]:
    """The administrators, and their stand-ins; `leads_on` to their accounts."""
    names = {account.id: account.first_name for _one, account in office}
    lines: dict[bool, list[Page]] = {False: [], True: []}
    for one, account in office:
        lines[one.role == STAND_IN].append(
            {
                "name": account.first_name,
                "username": account.username,
                "url": url_for("AccountsView.show", pk=account.id) if leads_on else None,
                "pill": pill_of(one, bool(account.active)),
                "way": way_of(account),
                "since": clock.shown(one.granted_at),
                "last": last_of(account) or _("never"),
                "until": one.expires_on,
                "stands_for": names.get(one.stands_for_id) if one.stands_for_id else None,
            }
        )
    return lines[False], lines[True]


# ---- requests for a role ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paged:
    """What the address asks of the list of requests."""

    page: int = 1

    def query_string(self, **changes: Any) -> str:
        page = replace(self, **changes).page
        return f"page={page}" if page > 1 else ""


def requests_page(view: Any, by: By, asked: Paged, rows: Sequence[Any], total: int, sent: Sent) -> Page:
    return {
        "title": _("Requests for a role"),
        "asking": [_request(by, row, sent, answers=True) for row in rows],
        "pager": pages.pager(view, asked, total, len(rows)),
        "back_url": url_for("RolesView.list"),
        "sent": sent,
    }


def _request(by: By, row: Any, sent: Sent, answers: bool) -> Page:
    """`row`: as joining.waiting gives it."""
    one, account, unit_name, code = row
    mine = {form: sent if sent.form == f"{form}-{one.id}" else Sent() for form in ("admit", "refuse")}
    himself = by.granter.is_himself(account)
    return {
        "id": one.id,
        "name": account.first_name,
        "number": number_of(account),
        "username": account.username,
        "unit": unit_name,
        "code": code,
        "label": str(ROLES[one.role].label),
        "role": mine["admit"].texts.get("role") or one.role,
        "since": clock.shown(one.asked_at),
        "may": answers and not himself,
        "refused": str(REFUSED["self"]) if answers and himself else None,
        "choices": [(role, str(ROLES[role].label)) for role in ASKED],
        "admit_url": url_for("RequestsView.admit", pk=one.id),
        "refuse_url": url_for("RequestsView.refuse", pk=one.id),
        "sent": mine,
    }


def answered(standing: Standing) -> str:
    """What to say to the one who came second."""
    at, by = clock.shown(standing.joining.settled_at), standing.settled_by or _("system")
    if standing.joining.granted:
        return _("Nothing was changed: the request was granted %(at)s, by %(by)s.", at=at, by=by)
    return _("Nothing was changed: the request was refused %(at)s, by %(by)s.", at=at, by=by)


# ---- 移交 ------------------------------------------------------------------------------------------------------------


def handing_page(
    view: Any,
    unit: Unit,
    office: Sequence[tuple[Grant, Account]],
    fields: Mapping[str, Any],
    sent: Sent,
    successor: Account | None,
) -> Page:
    """The form that hands a unit over: `fields` of each of its two ways, and whose roles end with it. `successor`: who
    takes over, when it asks whether it is he."""
    administrators, stand_ins = _office(office, leads_on=False)
    return {
        "title": _("Hand over the unit"),
        "unit": unit.name,
        "code": unit.code,
        "administrators": administrators,
        "stand_ins": stand_ins,
        "seen": seen_of([(one, account) for one, account in office if one.role != STAND_IN]),
        "fields": fields,
        "told": sent.told,
        "successor": successor
        and {
            "username": successor.username,
            "text": f"{successor.first_name} · {number_of(successor)} · {way_of(successor)}",
        },
        "action": view.url("hand_over", pk=unit.id),
        "back_url": view.url("show", pk=unit.id),
    }
