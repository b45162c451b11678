"""A kind's list as a declaration, what a reader asked of it, and the queries that answer."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app import clock
from app.review.models import STATUSES, Submission, said
from app.review.tabs import come_to, on_tab
from app.review.together import postponed_by
from app.sealing import blind, tail_index
from app.typed import day

PAGE_SIZE = 25
SEALED = "~"  # begins a search text that stands for a whole number: its blind index follows
REF = "#"  # begins a search text that is a record's reference


USUAL_ORDERS: dict[str, Any] = {"submitted_at": Submission.submitted_at, "decided_at": Submission.decided_at}
USUAL_SORTS = {"pending": "submitted_at", "all": "-submitted_at"}  # of the other tabs `-decided_at`


class BadAsk(ValueError):
    """A list was asked for what it does not have; the message is for the reader."""


@dataclass(frozen=True)
class Column:
    """A column on screen and in exports: an SQL expression, and how its value reads."""

    name: str
    label: Any
    expression: Any
    read: Callable[[Any], str] = lambda value: "" if value is None else str(value)
    sort: Any = None  # the column of Submission that orders by it
    falls: bool = False  # what it shows falls while that column rises
    sealed: Any = None  # of a personal number: the column of its sealed form, for exports with whole numbers
    kind: str = "text"  # text, number, code, time, due, node, status: how it is set
    on: frozenset[str] = frozenset({"screen", "wide", "export"})  # wide: the screen of a reader of several units
    decided: bool = False  # only on the tabs of what is decided
    undecided: bool = False  # only on the tab of what is pending
    tone: Callable[[Any], str] | None = None  # wait, back or none: how urgent a value is


@dataclass(frozen=True)
class Filter:
    """A filter under 筛选: what its value means as a criterion on Submission. Choices are (value, label)."""

    name: str
    label: Any
    kind: str  # select, text, date, key (an id)
    criterion: Callable[[str], ColumnElement[bool]]
    choices: Callable[[], Sequence[tuple[str, str]]] = lambda: ()
    wide: bool = False  # only for readers of several units
    offered: bool = True  # by the form; what a page leads to, or a button of its own, is not
    since: str = ""  # of the last day of a period: the filter with its first
    back: Callable[[str], str] | None = None  # where a list that it narrows leads back to
    back_label: Any = ""  # and how that link reads

    def problem(self, value: str, others: Mapping[str, str]) -> str | None:
        if self.kind == "select" and value not in {key for key, _label in self.choices()}:
            return _("is not one of the choices")
        if self.kind == "date" and day(value) is None:
            return _("must be a date such as 2026-11-20")
        if self.kind == "key" and not re.fullmatch("[0-9]{1,9}", value):
            return _("is not one of the choices")
        first, last = day(others.get(self.since, "")), day(value)
        if first and last and last < first:
            return _("must not be before the first day")
        return None


# Filters of every list that are not offered: a page above the desks that leads into their lists adds its own.
NARROWERS: list[Filter] = []


@dataclass(frozen=True)
class Listing:
    """The list of one kind: everything that its screen, its counts and its export are made of."""

    name: str  # in addresses and of the export, e.g. `registrations`
    kind: str
    title: Any
    model: type[Submission]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    by_number: Callable[[str], ColumnElement[bool]]  # the records with this blind index of a whole number
    by_tail: Callable[[str], ColumnElement[bool]]  # the records with this blind index of the last four
    # Of archive items; the index on a unit's lists has it before the status. None is every type there is.
    types: tuple[str, ...] | None = ("",)
    texts: tuple[Any, ...] = (Submission.person_name,)  # what a search text may stand in
    by_mark: Callable[[str], ColumnElement[bool]] | None = None  # the records that carry this number, no person's
    tabs: tuple[str, ...] = ("pending", "passed", "returned", "all")
    kinds: tuple[str, ...] = ()  # of a list of several, which has no `kind`
    usual: Mapping[str, str] = field(default_factory=lambda: USUAL_SORTS)  # tab → what it is sorted by at first
    loads: tuple[Any, ...] = ()  # what a row is loaded with for its page
    packs: tuple[Any, ...] = ()  # what rows are loaded with where their files are packed

    @property
    def narrowers(self) -> tuple[Filter, ...]:
        """All that its address may filter by."""
        return (*self.filters, *NARROWERS)

    def belonging(self, at: str | None = None) -> list[ColumnElement[bool]]:
        """The criteria on Submission of what this list is of, in any state, on a desk at a node."""
        parts = [self.of_kind(), *come_to(at)]
        if self.types is None:
            return parts
        of_types = Submission.type == self.types[0] if len(self.types) == 1 else Submission.type.in_(self.types)
        return [*parts, of_types]

    def of_kind(self) -> ColumnElement[bool]:
        """The criterion on Submission of its kind, or kinds."""
        kinds = (self.kind,) if self.kind else self.kinds
        return said(Submission.kind, kinds[0]) if len(kinds) == 1 else Submission.kind.in_(kinds)

    @property
    def has_numbers(self) -> bool:
        """Whether its export can hold personal numbers."""
        return any(column.sealed is not None for column in self.shown("export"))

    def shown(self, where: str, status: str = "") -> list[Column]:
        """The columns on the `screen`, the `wide` screen, or in the `export`; on the tab of a status."""
        hidden = {"pending": ("decided",), "all": ("decided", "undecided"), "": ()}.get(status, ("undecided",))
        return [c for c in self.columns if where in c.on and not any(getattr(c, name) for name in hidden)]

    def sorts(self, status: str = "") -> dict[str, Any]:
        """What the tab of a status can be sorted by."""
        return {column.name: column.sort for column in self.shown("wide", status) if column.sort is not None}


@dataclass(frozen=True)
class Asked:
    """What the query string of a list asks for, checked."""

    status: str = "pending"
    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""  # a column's name, with `-` before it for the other way round; empty: the list's own order
    page: int = 1
    postponed: int | None = None  # the account of which only what it has put off is asked for (暂缓)
    unit_id: int | None = None  # of the shell's export; on screen the scope says which units
    at: str | None = None  # the node that the desk is at, see app/review/tabs.py
    list: str = ""  # the name of another desk's list from which a page was opened: then all this is asked of that list

    @classmethod
    def parse(
        cls, listing: Listing, args: Mapping[str, str], user_id: int | None = None, at: str | None = None
    ) -> tuple["Asked", dict[str, str]]:
        """The question, and the problems of its filters by name. Raises BadAsk for what no form of ours sends."""
        if any("\x00" in value for value in args.values()):
            raise BadAsk(_("Control characters cannot be kept: remove them."))
        asked = cls(
            status=args.get("status") or "pending",
            q=sealed_search(args.get("q", "")),
            filters={f.name: args[f.name].strip() for f in listing.narrowers if args.get(f.name, "").strip()},
            sort=args.get("sort", ""),
            page=page_number(args.get("page") or "1"),
            postponed=user_id if args.get("postponed") == "1" else None,
            at=at,
        )
        if asked.status not in {*STATUSES, *listing.tabs, "all"}:
            raise BadAsk(_("There is no such state: choose one of the tabs."))
        if asked.sort and asked.sort.removeprefix("-") not in listing.sorts(asked.status):
            raise BadAsk(_("The list cannot be sorted by that: choose one of its columns."))
        problems = {
            f.name: f.problem(asked.filters[f.name], asked.filters)
            for f in listing.narrowers
            if f.name in asked.filters
        }
        return asked, {name: problem for name, problem in problems.items() if problem}

    def without(self, problems: Mapping[str, str]) -> "Asked":
        """The question without the filters that cannot be read."""
        return replace(self, filters={name: text for name, text in self.filters.items() if name not in problems})

    def query_string(self, **changes: Any) -> str:
        """The question as a query string, with changes; what is as usual is left out."""
        asked = replace(self, **changes)
        pairs = {
            "list": asked.list,
            "status": asked.status,
            "q": asked.q,
            **asked.filters,
            "sort": asked.sort,
            "page": str(asked.page),
        }
        pairs["postponed"] = "1" if asked.postponed else ""
        usual = {"status": "pending", "page": "1"}
        return urlencode({name: value for name, value in pairs.items() if value and value != usual.get(name)})

    @property
    def narrowed(self) -> bool:
        """Whether it asks for less than a whole tab."""
        return bool(self.q or self.filters or self.postponed)

    def matching(self, listing: Listing) -> ColumnElement[bool]:
        """The criterion on Submission of all that match."""
        parts = [*listing.belonging(self.at), *on_tab(self.status, self.at)]
        if self.unit_id is not None:
            parts.append(Submission.unit_id == self.unit_id)
        if self.postponed:
            parts.append(postponed_by(self.postponed))
        if self.q:
            parts.append(found(listing, self.q))
        parts += [f.criterion(self.filters[f.name]) for f in listing.narrowers if f.name in self.filters]
        return sa.and_(*parts)

    @property
    def back(self) -> str | None:
        """The page that led into the list, where it leads back to; None for a list of its own."""
        found = (f.back(self.filters[f.name]) for f in NARROWERS if f.back and f.name in self.filters)
        return next(found, None)

    def order_column(self, listing: Listing) -> tuple[Any, bool]:
        """The column of its order and whether it goes down: what waits longest first, what was decided last first,
        of all the newest first, unless asked otherwise."""
        sort = self.sort or listing.usual.get(self.status, "-decided_at")
        return (USUAL_ORDERS | listing.sorts())[sort.removeprefix("-")], sort.startswith("-")

    def order(self, listing: Listing) -> tuple[Any, ...]:
        """Its order, never ambiguous."""
        column, down = self.order_column(listing)
        return (column.desc(), Submission.id.desc()) if down else (column, Submission.id)


def page_of(listing: Listing, asked: Asked, where: str, user_id: int | None, deciding: bool = False) -> Select[Any]:
    """One page: ids first, on the one table with the index, then the 25 rows with the columns shown there, and
    whether the reader has put them off; for one who decides also since when the newest of all that match waits: what
    comes later was not on his list."""
    ids = (
        sa.select(Submission.id)
        .where(asked.matching(listing))
        .order_by(*asked.order(listing))
        .limit(PAGE_SIZE)
        .offset((asked.page - 1) * PAGE_SIZE)
    )
    rows = _columns(listing, where).add_columns(postponed_by(user_id).label("c_postponed"))
    if deciding:
        newest = sa.select(sa.func.max(Submission.pending_since)).where(asked.matching(listing)).correlate(None)
        rows = rows.add_columns(newest.scalar_subquery().label("c_newest"))
    return rows.where(Submission.id.in_(ids)).order_by(*asked.order(listing))


def all_of(listing: Listing, asked: Asked, whole: bool = False) -> Select[Any]:
    """Everything that matches, in the order of the list, with the columns of the export; `whole`: numbers sealed."""
    return _columns(listing, "export", whole).where(asked.matching(listing)).order_by(*asked.order(listing))


def total_of(listing: Listing, asked: Asked) -> Select[Any]:
    return sa.select(sa.func.count()).select_from(Submission).where(asked.matching(listing))


def _columns(listing: Listing, where: str, whole: bool = False) -> Select[Any]:
    facts = (Submission.id, Submission.kind, Submission.steps, Submission.status, Submission.node, Submission.person_id)
    named = (
        (column.sealed if whole and column.sealed is not None else column.expression).label(f"c_{column.name}")
        for column in listing.shown(where)
    )
    query = sa.select(*facts, *named).select_from(listing.model)
    return query.join(listing.model.unit) if any(c.name == "unit" for c in listing.shown(where)) else query


# ---- searching -------------------------------------------------------------------------------------------------------


def clean_search(text: str) -> str:
    """A search text as it is used: full-width characters and blanks around it do not matter. At most 100 characters."""
    return unicodedata.normalize("NFKC", text).strip()[:100]


def sealed_search(text: str) -> str:
    """The search text that may stand in an address: one with an ID number or mobile in it, however it is set, is
    replaced by that number's blind index. Whether it is a reference, `is_ref` says."""
    text = clean_search(text).lstrip(REF)
    if INDEX.fullmatch(text) and not re.search(f"{RESIDENT}|{MOBILE}", text):
        return text  # it is one already
    number = number_in(text)
    return text if number is None else SEALED + blind(number)


INDEX = re.compile(SEALED + "[0-9A-Za-z_-]{22}")
RESIDENT, MOBILE = "[0-9]{17}[0-9Xx]", "1[0-9]{10}"
DOCUMENT = "(?=.*[0-9])[0-9A-Za-z]{5,20}"
LONG_CODE = "(?=(?:[A-Za-z]*[0-9]){5})[0-9A-Za-z]{6,20}"  # inside a text, where a name may stand before it


def number_in(text: str) -> str | None:
    """The personal number that a search text is, or holds: signs between its digits and +86 before it do not matter."""
    plain = "".join(str(unicodedata.digit(char, char)) for char in text)
    for word in re.split("[^0-9A-Za-z]+", plain):
        if re.fullmatch(f"{RESIDENT}|{MOBILE}", word):
            return word
    compact = "".join(char for char in plain if char.isalnum())
    if found := re.fullmatch(f"(?:00)?86({MOBILE})", compact) or re.search(f"({RESIDENT})", compact):
        return found[1]
    for pattern in (f"^{DOCUMENT}$", MOBILE, LONG_CODE):
        if found := re.search(pattern, compact):
            return found[0]
    return None


def is_ref(session: Session, listing: Listing, text: str) -> bool:
    """Whether a record of this kind that the reader may see has this reference, or carries this number."""
    query = sa.select(Submission.id).where(listing.of_kind(), _referred(listing, text)).limit(1)
    return bool(text) and session.scalar(query) is not None


def _referred(listing: Listing, text: str) -> ColumnElement[bool]:
    by_ref = Submission.ref == text
    return by_ref if listing.by_mark is None else sa.or_(by_ref, listing.by_mark(text))


def found(listing: Listing, q: str) -> ColumnElement[bool]:
    """The criterion of what a search text, as it may stand in an address, finds."""
    if q.startswith(REF):
        return _referred(listing, q.removeprefix(REF))
    if q.startswith(SEALED):
        return listing.by_number(q.removeprefix(SEALED))
    texts = [column.icontains(q, autoescape=True) for column in listing.texts]
    tails = [listing.by_tail(tail_index(q))] if re.fullmatch(r"(?=.*\d)[0-9A-Za-z]{4}", q) else []
    return sa.or_(*tails, *texts)


def page_number(text: str) -> int:
    """The number of a page in an address. Raises BadAsk."""
    if not re.fullmatch(r"[0-9]{1,12}", text) or int(text) == 0:
        raise BadAsk(_("Page numbers are whole numbers from 1."))
    return int(text)


_FIRST, _LAST = date(1900, 1, 1), date(2999, 12, 31)  # what lies beyond is before and after every record


def day_begins(text: str, days: int = 0) -> datetime:
    """The first moment of a day in the province (`days` later), as it is stored."""
    on = min(max(date.fromisoformat(text), _FIRST), _LAST)
    return datetime.combine(on, time.min, clock.ZONE) + timedelta(days=days)
