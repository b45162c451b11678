"""Who holds what in which unit or region, as a list: what was asked for, and the queries that answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session, aliased

from app.accounts.bounds import Granter
from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from app.review.listing import PAGE_SIZE, SEALED, BadAsk, clean_search, page_number, sealed_search
from app.sealing import tail_index
from app.units.models import Unit
from app.units.regions import region_bounds

TABS = {"held": _l("In force"), "ended": _l("Ended"), "all": _l("All")}

# Of a unit: built-in, or by GB 32100, and then no resident ID number.
UNIT_CODE = re.compile("NZ[0-9]{8}|(?![0-9]{17}[0-9X]$)[0-9A-HJ-NPQRTUWXY]{18}")


def search_text(text: str) -> str:
    """A text of the search box as it may stand in an address. User names and codes of units have digits too: only what
    may hold a whole number of a person is looked at for one."""
    text = clean_search(text)
    if UNIT_CODE.fullmatch(text.upper()):
        return text.upper()
    return sealed_search(text) if text.startswith(SEALED) or sum(char.isdigit() for char in text) >= 11 else text


@dataclass(frozen=True)
class Wanted:
    """What the address asks of the list, checked."""

    status: str = "held"  # a key of TABS
    q: str = ""
    role: str = ""
    region: str = ""
    page: int = 1

    @classmethod
    def parse(cls, by: Granter, args: Mapping[str, str]) -> "Wanted":
        """Raises BadAsk for what no form of ours sends."""
        if any("\x00" in value for value in args.values()):
            raise BadAsk(_("Control characters cannot be kept: remove them."))
        given = {name: args[name] for name in ("status", "role", "region") if args.get(name)}
        wanted = cls(**given, q=search_text(args.get("q", "")), page=page_number(args.get("page") or "1"))
        if wanted.status not in TABS:
            raise BadAsk(_("There is no such state: choose one of the tabs."))
        if wanted.role not in ("", *ROLES) or wanted.region not in ("", *by.regions()):
            raise BadAsk(_("There is no such choice here: choose one of those that the filter offers."))
        return wanted

    def query_string(self, **changes: Any) -> str:
        """The question as a query string, with changes; what is as usual is left out."""
        usual = vars(Wanted())
        asked = vars(replace(self, **changes))
        return urlencode({name: value for name, value in asked.items() if value and value != usual[name]})

    @property
    def filtered(self) -> int:
        return bool(self.role) + bool(self.region)


def visible(by: Granter) -> ColumnElement[bool]:
    """The grants that the reader sees, of a query that joins Unit in his scope: over what he reaches."""
    mine = Grant.region.between(*region_bounds(by.region)) if by.regions() and by.region else sa.false()
    return sa.or_(mine, Unit.id.is_not(None))


def _on_tab(tab: str) -> ColumnElement[bool]:
    holds = sa.and_(Grant.in_force(), Account.active)
    return {"held": holds, "ended": sa.not_(holds), "all": sa.true()}[tab]


def _narrowed(wanted: Wanted) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if wanted.role:
        parts.append(Grant.role == wanted.role)
    if wanted.region:
        parts.append(sa.func.coalesce(Unit.region, Grant.region).between(*region_bounds(wanted.region)))
    if wanted.q.startswith(SEALED):
        parts.append(Account.id_number_index == wanted.q.removeprefix(SEALED))
    elif wanted.q:
        texts = [column.icontains(wanted.q, autoescape=True) for column in (Account.first_name, Account.username)]
        tail = [Account.id_number_tail == tail_index(wanted.q)] if re.fullmatch("[0-9]{3}[0-9Xx]", wanted.q) else []
        parts.append(sa.or_(*texts, *tail, Unit.name.icontains(wanted.q, autoescape=True), Unit.code == wanted.q))
    return sa.and_(sa.true(), *parts)


def _joined(*columns: Any) -> Any:
    query = sa.select(*columns).select_from(Grant).join(Account, Account.id == Grant.user_id)
    return query.outerjoin(Unit, Unit.id == Grant.unit_id)


def page_of(by: Granter, wanted: Wanted) -> Any:
    """One page, the newest first: grants with their accounts, the names of their units and of whom they stand for."""
    namer = aliased(Account)
    for_name = sa.select(namer.first_name).where(namer.id == Grant.stands_for_id).scalar_subquery()
    rows = _joined(Grant, Account, Unit.name, for_name).where(visible(by), _on_tab(wanted.status), _narrowed(wanted))
    return rows.order_by(Grant.id.desc()).limit(PAGE_SIZE).offset((wanted.page - 1) * PAGE_SIZE)


def numbers(session: Session, by: Granter, wanted: Wanted) -> dict[str, int]:
    """How many grants each tab has, and `found`: how many match. One statement."""
    found = sa.func.count().filter(sa.and_(_on_tab(wanted.status), _narrowed(wanted)))
    tabs = (sa.func.count().filter(_on_tab(tab)) for tab in TABS)
    row = session.execute(_joined(*tabs, found).where(visible(by))).one()
    return dict(zip((*TABS, "found"), row, strict=True))


# ---- built-in units --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Units:
    """What the address asks of the list of built-in units."""

    q: str = ""
    page: int = 1

    @classmethod
    def parse(cls, args: Mapping[str, str]) -> "Units":
        """Raises BadAsk for what no form of ours sends."""
        if "\x00" in args.get("q", ""):
            raise BadAsk(_("Control characters cannot be kept: remove them."))
        return cls(search_text(args.get("q", "")), page_number(args.get("page") or "1"))

    def query_string(self, **changes: Any) -> str:
        asked = vars(replace(self, **changes))
        return urlencode({name: value for name, value in asked.items() if value and (name, value) != ("page", 1)})

    def matching(self) -> list[ColumnElement[bool]]:
        parts: list[ColumnElement[bool]] = [Unit.code.startswith("NZ")]
        if self.q.startswith(SEALED):  # somebody's number, which no unit has
            parts.append(sa.false())
        elif self.q:
            parts.append(sa.or_(Unit.name.icontains(self.q, autoescape=True), Unit.code == self.q))
        return parts


def units_of(asked: Units) -> Any:
    """One page of the built-in units, the newest first, each with how many administrators it has."""
    administrators = (
        sa.select(sa.func.count())
        .select_from(Grant)
        .join(Account, Account.id == Grant.user_id)
        .where(Grant.unit_id == Unit.id, Grant.role == "unit_administrator", Grant.in_force(), Account.active)
        .correlate(Unit)
        .scalar_subquery()
    )
    rows = sa.select(Unit.id, Unit.code, Unit.name, Unit.nature, Unit.region, administrators.label("administrators"))
    rows = rows.where(*asked.matching()).order_by(Unit.id.desc())
    return rows.limit(PAGE_SIZE).offset((asked.page - 1) * PAGE_SIZE)


def number_of_units(session: Session, asked: Units) -> int:
    return session.scalar(sa.select(sa.func.count(Unit.id)).where(*asked.matching())) or 0
