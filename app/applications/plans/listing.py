"""The plans that concern a reader as a list: what was asked for, and the queries that answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app import clock
from app.applications.models import Plan
from app.applications.plans import concerns
from app.review.listing import PAGE_SIZE, SEALED, BadAsk, clean_search, sealed_search
from app.tenancy import Scope, scope_of

TABS = {"open": _l("Taking applications"), "upcoming": _l("Not open yet"), "closed": _l("Closed"), "all": _l("All")}
# The order of a tab: what closes next, what opens next, what closed last, all the newest first.
ORDERS: dict[str, tuple[Any, ...]] = {
    "open": (Plan.closes_on, Plan.code),
    "upcoming": (Plan.opens_on, Plan.code),
    "closed": (Plan.closes_on.desc(), Plan.code),
    "all": (Plan.year.desc(), Plan.closes_on.desc(), Plan.code),
}


@dataclass(frozen=True)
class Wanted:
    """What the address asks of the list, checked."""

    status: str = "open"  # a key of TABS
    q: str = ""
    page: int = 1

    @classmethod
    def parse(cls, args: Mapping[str, str]) -> "Wanted":
        """Raises BadAsk for what no form of ours sends."""
        page = args.get("page") or "1"
        wanted = cls(args.get("status") or "open", clean(args.get("q", "")))
        if wanted.status not in TABS:
            raise BadAsk(_("There is no such state: choose one of the tabs."))
        if not re.fullmatch("[0-9]{1,9}", page) or int(page) == 0:
            raise BadAsk(_("Page numbers are whole numbers from 1."))
        return replace(wanted, page=int(page))

    def query_string(self, **changes: Any) -> str:
        """The question as a query string, with changes; what is as usual is left out."""
        usual = vars(Wanted())
        asked = vars(replace(self, **changes))
        return urlencode({name: value for name, value in asked.items() if value and value != usual[name]})

    def matching(self, scope: Scope) -> list[ColumnElement[bool]]:
        """The criteria of the plans that match."""
        return [concerns(scope), _on_tab(self.status), *([_named(self.q)] if self.q else [])]


def _on_tab(tab: str) -> ColumnElement[bool]:
    today = clock.today()
    return {
        "open": sa.and_(Plan.opens_on <= today, Plan.closes_on >= today),
        "upcoming": Plan.opens_on > today,
        "closed": Plan.closes_on < today,
        "all": sa.true(),
    }[tab]


def _named(q: str) -> ColumnElement[bool]:
    if q.startswith(SEALED):  # somebody's number, which no plan has
        return sa.false()
    texts = dict.fromkeys((q, clean_search(q)))  # names have full-width brackets, codes may be typed full-width
    return sa.or_(*(column.icontains(text, autoescape=True) for column in (Plan.name, Plan.code) for text in texts))


def clean(text: str) -> str:
    """A search text as it is used: blanks around it do not matter. At most 100 characters."""
    return text.strip()[:100]


def search_text(session: Session, text: str) -> str:
    """A text of the search box as it may stand in an address. Codes look like numbers of persons: one that is found
    among the reader's plans is none."""
    text, sealed = clean(text), sealed_search(text)
    if not sealed.startswith(SEALED) or sealed == text:
        return text
    found = sa.select(Plan.id).where(*Wanted("all", text).matching(scope_of(session))).limit(1)
    return sealed if session.scalar(found) is None else text


def page_of(session: Session, wanted: Wanted) -> Select[Any]:
    """One page of the plans that match."""
    rows = sa.select(Plan).where(*wanted.matching(scope_of(session))).order_by(*ORDERS[wanted.status])
    return rows.limit(PAGE_SIZE).offset((wanted.page - 1) * PAGE_SIZE)


def next_of(session: Session, number: int) -> list[Plan]:
    """The first few plans that concern a reader and are not closed: what closes next, then what opens next. One
    statement."""
    near = sa.case((_on_tab("open"), 0), else_=1)
    soon = sa.case((_on_tab("open"), Plan.closes_on), else_=Plan.opens_on)
    rows = sa.select(Plan).where(concerns(scope_of(session)), sa.not_(_on_tab("closed")))
    return list(session.scalars(rows.order_by(near, soon, Plan.code).limit(number)))


def counts(session: Session, wanted: Wanted) -> dict[str, int]:
    """How many plans each tab has, and `found`: how many match. One statement."""
    found = sa.func.count().filter(sa.and_(_on_tab(wanted.status), _named(wanted.q) if wanted.q else sa.true()))
    tabs = (sa.func.count().filter(_on_tab(tab)) for tab in TABS)
    row = session.execute(sa.select(*tabs, found).select_from(Plan).where(concerns(scope_of(session)))).one()
    return dict(zip((*TABS, "found"), row, strict=True))
