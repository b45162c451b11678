"""What the templates of accounts and roles are given: plain data, made of accounts, grants and what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.accounts import bounds, granting, issuing, second
from app.accounts.granting import By
from app.accounts.holders import TABS, Wanted
from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from app.review import pages
from app.review.labels import signed
from app.units.regions import full_name

Page = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A form of the account's page that comes back: which one, what was typed, what is wrong, and what has changed."""

    form: str = ""  # disable, turn_off, revoke-7, expire-7
    texts: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    told: str | None = None  # refused, or settled meanwhile


def pill_of(grant: Grant, active: bool = True) -> tuple[str, str]:
    """The state of a grant: its tone and its word."""
    if grant.revoked_at is not None:
        return "end", _("Revoked")
    if not grant.holds:
        return "end", _("Expired")
    return ("ok", _("In force")) if active else ("back", _("Account disabled"))


def over_of(grant: Grant, unit_name: str | None) -> str:
    return unit_name or full_name(grant.region or "")


# ---- one account -----------------------------------------------------------------------------------------------------


def account_page(session: Session, manages: bool, by: By, account: Account, sent: Sent) -> Page | None:
    """The page of an account; None where nothing of it lies in the reader's jurisdiction."""
    every = granting.held_over(session, account.id)
    seen = [(one, name, place) for one, name, place in every if by.granter.reaches(place)]
    if not seen and not by.granter.is_whole:
        return None
    refused = issuing.refusal(session, by, account) if manages else "role"
    names = _names(session, [one for one, _name, _place in seen])
    return {
        "title": account.first_name,
        "username": account.username,
        "facts": _facts(account),
        "state": ("ok", _("Enabled")) if account.active else ("back", _("Disabled")),
        "grants": [_grant(by, account, one, name, place, names, sent) for one, name, place in seen],
        "elsewhere": any(one.holds and not by.granter.reaches(place) for one, _name, place in every),
        "refused": str(bounds.REFUSED[refused]) if refused else None,
        "manages": manages,
        "seen": issuing.seen_of(account),
        "active": account.active,
        "reset_url": url_for("AccountsView.reset", pk=account.id) if account.subject is None else None,
        "disable_url": url_for("AccountsView.disable", pk=account.id),
        "second_url": url_for("AccountsView.turn_off", pk=account.id) if _has_second(account) else None,
        "number_url": url_for("AccountsView.number", pk=account.id),
        "enable_url": url_for("AccountsView.enable", pk=account.id),
        "grantable": account.active and not by.granter.is_himself(account),
        "grant_url": url_for("RolesView.grant", account=account.username),
        "back_url": url_for("RolesView.list"),
        "sent": sent,
        "first": clock.today(),
    }


def _facts(account: Account) -> list[tuple[str, str]]:
    until = account.initial_until
    return [
        (_("Username"), account.username),
        (_("ID number"), number_of(account)),
        (_("Signs in by"), way_of(account)),
        (_("Last sign-in"), last_of(account) or _("never")),
        *([(_("Initial password valid until"), clock.shown(until))] if until else []),
        *([(_("Second factor"), clock.shown(account.second_since))] if _has_second(account) else []),
    ]


def _has_second(account: Account) -> bool:
    """Who comes by 单位登录 shows his second factor at the provider, if anywhere."""
    return account.subject is None and second.has(account)


def number_of(account: Account) -> str:
    return account.id_number.masked if account.id_number else "—"


def way_of(account: Account) -> str:
    """How somebody signs in."""
    return _("Built-in account sign-in") if account.subject is None else _("Unit sign-in")


def last_of(account: Account) -> str:
    """When somebody signed in last; empty for never."""
    return clock.shown(account.last_login.replace(tzinfo=UTC)) if account.last_login else ""


def _grant(by: By, account: Account, one: Grant, name: str | None, place: Any, names: Any, sent: Sent) -> Page:
    refused = bounds.refusal(by.granter, one.role, place, account, "revokes")
    granted_by = names.get(one.granted_by_id, _("system"))
    mine = {form: sent if sent.form == f"{form}-{one.id}" else Sent() for form in ("revoke", "expire")}
    return {
        "id": one.id,
        "label": signed(str(ROLES[one.role].label), names.get(one.stands_for_id)),
        "over": over_of(one, name),
        "stands": one.stands_for_id is not None,
        "pill": pill_of(one, bool(account.active)),
        "granted": _("granted %(at)s, by %(by)s", at=clock.shown(one.granted_at), by=granted_by),
        "until": one.expires_on,
        "revoked": _told(one, names) if one.revoked_at else None,
        "may": one.holds and refused is None,
        "revoke_url": url_for("RolesView.revoke", pk=one.id),
        "expire_url": url_for("RolesView.expire", pk=one.id),
        "seen": str(one.expires_on or ""),
        "sent": mine,
    }


def _names(session: Session, grants: Sequence[Grant]) -> dict[int | None, str]:
    ids = {pk for one in grants for pk in (one.granted_by_id, one.revoked_by_id, one.stands_for_id) if pk}
    if not ids:
        return {}
    rows = session.execute(sa.select(Account.id, Account.first_name).where(Account.id.in_(ids)))
    return {row.id: row.first_name for row in rows}


def _told(one: Grant, names: Mapping[int | None, str]) -> str:
    return _("revoked %(at)s, by %(by)s", at=clock.shown(one.revoked_at), by=names.get(one.revoked_by_id, _("system")))


def settled(session: Session, one: Grant) -> str:
    """What to say to the one who came second."""
    if one.revoked_at is not None:
        return _("Nothing was changed: the role was %(told)s.", told=_told(one, _names(session, [one])))
    if one.expires_on is not None:
        return _("Nothing was changed: the role now has the last day %(day)s.", day=one.expires_on)
    return _("Nothing was changed: the role now holds until it is revoked.")


# ---- the lists -------------------------------------------------------------------------------------------------------


def roles_page(
    view: Any, by: By, wanted: Wanted, rows: Sequence[Any], numbers: Mapping[str, int], waiting: int
) -> Page:
    query = wanted.query_string()
    search = pages.search_box(view, wanted, query) | {"placeholder": _("Name, username, unit or ID number")}
    return {
        "title": _("Accounts and roles"),
        "links": _links(view, by, waiting),
        "tabs": pages.tabs_of(view, wanted, TABS, numbers),
        "tabs_label": _("State of the role"),
        "search": search,
        "query": query,
        "filters": _filters(view, by, wanted),
        "columns": [{"label": label, "kind": kind} for label, kind in _heads()],
        "rows": [_line(*row) for row in rows],
        "pager": pages.pager(view, wanted, numbers["found"], len(rows)),
        "empty": _empty(view, wanted),
    }


def _links(view: Any, by: By, waiting: int) -> list[Page]:
    if not view.may("edit"):
        return []
    links: list[Page] = []
    if waiting:
        label = _("Requests for a role (%(number)s)", number=waiting)
        links.append({"label": label, "url": url_for("RequestsView.list"), "icon": "person-check"})
    links += [{"label": _("Grant a role"), "url": view.url("grant")}]
    if by.granter.bound.names:
        links.append({"label": _("Name a stand-in"), "url": view.url("stand_in")})
    if by.granter.regions():
        links.append({"label": _("Issue an account"), "url": url_for("AccountsView.issue"), "primary": True})
    return links


def _heads() -> list[tuple[str, str]]:
    return [
        (_("Holder"), "text"),
        (_("Username"), "code"),
        (_("Role"), "text"),
        (_("Unit or region"), "text"),
        (_("Valid until"), "time"),
        (_("Last sign-in"), "time"),
        (_("State"), "status"),
    ]


def _line(one: Grant, account: Account, unit_name: str | None, for_name: str | None) -> Page:
    tone, word = pill_of(one, bool(account.active))
    return {
        "pk": one.id,
        "url": url_for("AccountsView.show", pk=account.id),
        "name": account.first_name,
        "cells": [
            {"text": account.first_name, "kind": "text", "lead": True},
            {"text": account.username, "kind": "code"},
            {"text": signed(str(ROLES[one.role].label), for_name), "kind": "text"},
            {"text": over_of(one, unit_name), "kind": "text"},
            {"text": one.expires_on or "", "kind": "time"},
            {"text": last_of(account), "kind": "time"},
            {"text": word, "kind": "status", "status": tone},
        ],
    }


def _filters(view: Any, by: By, wanted: Wanted) -> Page:
    every = [("", _("All"))]
    form = [
        {
            "name": "role",
            "label": _("Role"),
            "kind": "select",
            "value": wanted.role,
            "choices": every + [(name, str(role.label)) for name, role in ROLES.items()],
        }
    ]
    if by.granter.regions():
        choices = every + [(code, full_name(code)) for code in by.granter.regions()]
        form.append(
            {"name": "region", "label": _("Region"), "kind": "select", "value": wanted.region, "choices": choices}
        )
    hidden = {"status": wanted.status, "q": wanted.q}
    return {
        "form": form,
        "active": wanted.filtered,
        "open": bool(wanted.filtered),
        "action": view.url("list"),
        "hidden": [(name, value) for name, value in hidden.items() if value],
        "clear_url": view.url("list", wanted.query_string(role="", region="", page=1)),
    }


def _empty(view: Any, wanted: Wanted) -> Page:
    granted = _("What is granted in your jurisdiction appears here.")
    if wanted.q or wanted.filtered:
        return nothing_matches(view.url("list", wanted.query_string(q="", role="", region="", page=1)))
    return {"title": _("None here yet"), "text": granted}


def nothing_matches(url: str) -> Page:
    """What an empty list says that was narrowed; `url` is where it is whole."""
    text = _("Change the search or the filter, or look under another tab.")
    return {"title": _("Nothing matches"), "text": text, "url": url, "label": _("Show all")}
