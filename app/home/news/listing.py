"""职称信息 as a list: what was asked for, and the queries that answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app.home.models import News
from app.home.news import STATES, is_own
from app.review.listing import PAGE_SIZE, SEALED, BadAsk, clean_search, page_number, sealed_search
from app.tenancy import Scope, scope_of
from app.units.aimed import reaches

# Newest first; drafts by their last change.
ORDERS = {"published": News.published_at, "draft": News.changed_at, "withdrawn": News.withdrawn_at}
COLUMNS = (News.id, News.title, News.region, News.author_name, News.changed_at, News.published_at, News.withdrawn_at)


@dataclass(frozen=True)
class Wanted:
    """What the address asks of the list, checked. `writes_in` is the region in which the reader writes news, None for
    who only reads: he has the published."""

    writes_in: str | None = None
    status: str = "published"  # a key of STATES
    q: str = ""
    page: int = 1

    @classmethod
    def parse(cls, args: Mapping[str, str], writes_in: str | None) -> "Wanted":
        """Raises BadAsk for what no form of ours sends."""
        wanted = cls(writes_in, args.get("status") or "published", clean(args.get("q", "")))
        if wanted.status not in wanted.tabs:
            raise BadAsk(_("There is no such state: choose one of the tabs."))
        return replace(wanted, page=page_number(args.get("page") or "1"))

    @property
    def tabs(self) -> list[str]:
        return list(STATES) if self.writes_in else ["published"]

    def query_string(self, **changes: Any) -> str:
        """The question as a query string, with changes; what is as usual is left out."""
        usual, asked = Wanted(), replace(self, **changes)
        names = [name for name in ("status", "q", "page") if getattr(asked, name) != getattr(usual, name)]
        return urlencode({name: getattr(asked, name) for name in names})

    def on_tab(self, tab: str, scope: Scope) -> ColumnElement[bool]:
        """The criterion of a tab: published is what reaches the reader, the rest where he writes."""
        mine = reaches(News.region, scope) if tab == "published" else is_own(self.writes_in or "")
        return STATES[tab].rows & mine


def _titled(q: str) -> ColumnElement[bool]:
    if not q:
        return sa.true()
    if q.startswith(SEALED):  # somebody's number, which no title has
        return sa.false()
    return sa.or_(*(News.title.icontains(text, autoescape=True) for text in dict.fromkeys((q, clean_search(q)))))


def clean(text: str) -> str:
    """A search text as it is used: blanks around it do not matter. At most 100 characters."""
    return text.strip()[:100]


def search_text(session: Session, text: str, wanted: Wanted) -> str:
    """A text of the search box as it may stand in an address. Numbers of documents look like those of persons: one that
    a title of this tab has is none."""
    text, sealed = clean(text), sealed_search(text)
    if not sealed.startswith(SEALED) or sealed == text:
        return text
    found = sa.select(News.id).where(wanted.on_tab(wanted.status, scope_of(session)), _titled(text)).limit(1)
    return sealed if session.scalar(found) is None else text


def page_of(session: Session, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """One page of the news that matches, without its text."""
    rows = sa.select(*COLUMNS).where(wanted.on_tab(wanted.status, scope_of(session)), _titled(wanted.q))
    rows = rows.order_by(ORDERS[wanted.status].desc(), News.id.desc())
    return rows.limit(PAGE_SIZE).offset((wanted.page - 1) * PAGE_SIZE)


def counts(session: Session, wanted: Wanted) -> dict[str, int]:
    """How much news each tab has, and `found`: how much matches. One statement."""
    scope = scope_of(session)
    tabs = {tab: wanted.on_tab(tab, scope) for tab in wanted.tabs}
    asked = (*tabs.values(), tabs[wanted.status] & _titled(wanted.q))
    row = session.execute(sa.select(*(sa.func.count().filter(one) for one in asked)).select_from(News)).one()
    return dict(zip((*tabs, "found"), row, strict=True))
