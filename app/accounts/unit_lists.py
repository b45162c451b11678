"""The units of a jurisdiction and who administers them: what was asked for, and the queries that answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.accounts.granting import STAND_IN
from app.accounts.holders import search_text
from app.accounts.issuing import BUILT_IN
from app.accounts.models import Account, Grant
from app.review.listing import PAGE_SIZE, SEALED, BadAsk, page_number
from app.units.models import Unit

TABS = {"without": _l("Without an administrator"), "built_in": _l("Built-in units"), "all": _l("All")}


@dataclass(frozen=True)
class Units:
    """What the address asks of the list of units. It always names its tab: which comes first depends on the reader."""

    status: str  # a key of TABS
    q: str = ""
    page: int = 1

    @classmethod
    def parse(cls, args: Mapping[str, str], first: str) -> "Units":
        """`first` is the tab of an address that names none. Raises BadAsk for what no form of ours sends."""
        if "\x00" in args.get("q", ""):
            raise BadAsk(_("Control characters cannot be kept: remove them."))
        asked = cls(args.get("status") or first, search_text(args.get("q", "")), page_number(args.get("page") or "1"))
        if asked.status not in TABS:
            raise BadAsk(_("There is no such state: choose one of the tabs."))
        return asked

    def query_string(self, **changes: Any) -> str:
        asked = vars(replace(self, **changes))
        return urlencode({name: value for name, value in asked.items() if value and (name, value) != ("page", 1)})

    def matching(self) -> ColumnElement[bool]:
        """What the search box narrows to."""
        if self.q.startswith(SEALED):  # somebody's number, which no unit has
            return sa.false()
        return sa.or_(Unit.name.icontains(self.q, autoescape=True), Unit.code == self.q) if self.q else sa.true()


def _on_tab(tab: str) -> ColumnElement[bool]:
    if tab == "built_in":
        return Unit.code.startswith(BUILT_IN)
    # Not by EXISTS: where PostgreSQL estimates badly, that goes through all accounts for each of 20,000 units.
    return Unit.id.not_in(_administered()) if tab == "without" else sa.true()


def _administered() -> Any:
    """The ids of the units that somebody administers: by a grant in force, of an account that is not disabled."""
    query = sa.select(Grant.unit_id).join(Account, Account.id == Grant.user_id).where(Grant.unit_id.is_not(None))
    return query.where(Grant.role == "unit_administrator", Grant.in_force(), Account.active)


def page_of(asked: Units) -> Any:
    """One page of the units, the newest first."""
    rows = sa.select(Unit.id, Unit.code, Unit.name, Unit.nature, Unit.region, Unit.is_complete)
    rows = rows.where(_on_tab(asked.status), asked.matching()).order_by(Unit.id.desc())
    return rows.limit(PAGE_SIZE).offset((asked.page - 1) * PAGE_SIZE)


def numbers(session: Session, asked: Units) -> dict[str, int]:
    """How many units each tab has, and `found`: how many match. One statement."""
    tabs = [sa.func.count().filter(_on_tab(tab)) for tab in TABS]
    found = sa.func.count().filter(_on_tab(asked.status), asked.matching()) if asked.q else sa.null()
    *each, matching = session.execute(sa.select(*tabs, found).select_from(Unit)).one()
    by_tab = dict(zip(TABS, each, strict=True))
    return by_tab | {"found": matching if asked.q else by_tab[asked.status]}


# ---- who administers a unit ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Administrators:
    """Of one unit: the names of those there are, and whether there ever was one."""

    names: tuple[str, ...] = ()
    ever: bool = False


def administrators_of(session: Session, unit_ids: Collection[int]) -> dict[int, Administrators]:
    holds = sa.and_(Grant.in_force(), Account.active).label("holds")
    query = sa.select(Grant.unit_id, Account.first_name, holds).join(Account, Account.id == Grant.user_id)
    query = query.where(Grant.unit_id.in_(unit_ids), Grant.role == "unit_administrator").order_by(Grant.id)
    found = dict.fromkeys(unit_ids, Administrators())
    for unit_id, name, there in session.execute(query):
        found[unit_id] = Administrators((*found[unit_id].names, name) if there else found[unit_id].names, True)
    return found


def in_office(session: Session, unit_id: int) -> Sequence[tuple[Grant, Account]]:
    """The grants in force of a unit's administrators and of their stand-ins, disabled accounts among them."""
    query = sa.select(Grant, Account).join(Account, Account.id == Grant.user_id)
    query = query.where(Grant.unit_id == unit_id, Grant.role.in_(("unit_administrator", STAND_IN)), Grant.in_force())
    rows = session.execute(query.order_by(Grant.id).execution_options(populate_existing=True)).all()
    return [(one, account) for one, account in rows]
