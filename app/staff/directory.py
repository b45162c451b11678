"""The people of the reader's units as a list (人员): who they are, what was asked for, and the queries that answer.

A line is a person in a unit: the newest passed registration there, else the newest.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session, aliased

from app.review.desks import desks
from app.review.listing import PAGE_SIZE, BadAsk, found, sealed_search
from app.review.models import Submission
from app.review.tabs import node_of
from app.staff.models import Departure, Person, Registration
from app.staff.views import REGISTRATIONS
from app.tenancy import beyond
from app.units.models import Unit

TABS = {"here": _l("Employed"), "gone": _l("No longer here"), "all": _l("All")}
SORTS = ("name", "-name", "-waiting", "waiting")


@dataclass(frozen=True)
class Wanted:
    """What the address asks of the list, checked."""

    status: str = "here"  # a key of TABS
    q: str = ""
    sort: str = "name"
    page: int = 1

    @classmethod
    def parse(cls, args: Mapping[str, str]) -> "Wanted":
        """Raises BadAsk for what no form of ours sends."""
        if any("\x00" in value for value in args.values()):
            raise BadAsk(_("Control characters cannot be kept: remove them."))
        page = args.get("page") or "1"
        wanted = cls(args.get("status") or "here", sealed_search(args.get("q", "")), args.get("sort") or "name")
        if wanted.status not in TABS:
            raise BadAsk(_("There is no such state: choose one of the tabs."))
        if wanted.sort not in SORTS:
            raise BadAsk(_("The list cannot be sorted by that: choose one of its columns."))
        if not re.fullmatch("[0-9]{1,9}", page) or int(page) == 0:
            raise BadAsk(_("Page numbers are whole numbers from 1."))
        return replace(wanted, page=int(page))

    def query_string(self, **changes: Any) -> str:
        """The question as a query string, with changes; what is as usual is left out."""
        usual = vars(Wanted())
        asked = vars(replace(self, **changes))
        return urlencode({name: value for name, value in asked.items() if value and value != usual[name]})

    def matching(self) -> list[ColumnElement[bool]]:
        """The criteria on Submission of the lines that match."""
        tab = {"here": [_belongs()], "gone": [_gone()], "all": []}[self.status]
        search = [found(REGISTRATIONS, self.q)] if self.q else []
        return [Submission.kind == "registration", _stands_for_its_person(), *tab, *search]


def _belongs() -> ColumnElement[bool]:
    """The person of a registration belongs to its unit now."""
    people = beyond(Person, "people").c
    return (
        sa.exists().where(people.id == Submission.person_id, people.unit_id == Submission.unit_id).correlate(Submission)
    )


def _gone() -> ColumnElement[bool]:
    """He did, and does no longer."""
    left = sa.exists().where(
        Departure.person_id == Submission.person_id,
        Departure.unit_id == Submission.unit_id,
        Departure.undone_at.is_(None),
    )
    return sa.and_(~_belongs(), sa.or_(Submission.status == "passed", left.correlate(Submission)))


def _stands_for_its_person() -> ColumnElement[bool]:
    """Of the registrations of a person in a unit this is the newest that passed, else the newest."""
    other = aliased(Submission)

    def rank(row: Any) -> Any:
        return sa.case((row.status == "passed", 1), else_=0)

    better = sa.or_(rank(other) > rank(Submission), sa.and_(rank(other) == rank(Submission), other.id > Submission.id))
    of_same = (
        other.person_id == Submission.person_id,
        other.kind == "registration",
        other.unit_id == Submission.unit_id,
    )
    return ~sa.exists().where(*of_same, better).correlate(Submission)


def numbers(session: Session, wanted: Wanted) -> dict[str, int]:
    """How many lines each tab has, and `found`: how many match. One statement."""
    asked = [*(Wanted(tab) for tab in TABS), *([wanted] if wanted.q else [])]
    counts = (sa.select(sa.func.count(Submission.id)).where(*one.matching()).correlate(None) for one in asked)
    found = session.execute(sa.select(*(count.scalar_subquery() for count in counts))).one()
    tabs = dict(zip(TABS, found, strict=False))
    return tabs | {"found": found[-1] if wanted.q else tabs[wanted.status]}


def page_of(wanted: Wanted) -> Any:
    """One page: ids first, on the one table, then the columns of these lines."""
    order = _order(wanted)
    ids = sa.select(Submission.id).where(*wanted.matching())
    rows = sa.select(
        Submission.id,
        Submission.person_id,
        Submission.unit_id,
        Submission.person_name,
        Submission.submitted_at,
        Registration.id_number_masked,
        Registration.mobile_masked,
        Unit.name.label("unit"),
    ).select_from(Registration)
    rows = rows.join(Unit, Unit.id == Submission.unit_id)
    if "waiting" in wanted.sort:
        waits = _waits().subquery()
        same = sa.and_(waits.c.person_id == Submission.person_id, waits.c.unit_id == Submission.unit_id)
        ids, rows = ids.outerjoin(waits, same), rows.outerjoin(waits, same)
        number = sa.func.coalesce(waits.c.number, 0)
        order = (number.desc() if wanted.sort.startswith("-") else number, *order)
    ids = ids.order_by(*order).limit(PAGE_SIZE).offset((wanted.page - 1) * PAGE_SIZE)
    return rows.where(Submission.id.in_(ids)).order_by(*order)


def _order(wanted: Wanted) -> tuple[Any, ...]:
    if wanted.sort == "-name":
        return Submission.person_name.desc(), Submission.id.desc()
    return Submission.person_name, Submission.id


def _waits() -> Any:
    """How many records wait of each person in each unit."""
    each = (Submission.person_id, Submission.unit_id)
    return sa.select(*each, sa.func.count().label("number")).where(_waits_here()).group_by(*each)


def _waits_here() -> ColumnElement[bool]:
    """Pending, and at the reader's node where its kind goes from node to node."""
    routed = [kind for kind in desks() if node_of(kind, g.actor.node)]
    here = sa.or_(Submission.kind.not_in(routed), Submission.node == g.actor.node) if routed else sa.true()
    return sa.and_(Submission.status == "pending", here)


def waiting_of(session: Session, lines: Sequence[Any]) -> dict[tuple[int, int, str], int]:
    """How many records of each kind wait of these people: (person, unit, kind) → number. One statement."""
    each = (Submission.person_id, Submission.unit_id, Submission.kind)
    people = {line.person_id for line in lines}
    query = sa.select(*each, sa.func.count()).where(Submission.person_id.in_(people), _waits_here())
    return {(person, unit, kind): number for person, unit, kind, number in session.execute(query.group_by(*each))}


def sought(session: Session, q: str) -> Sequence[int]:
    """The people that a search text finds, at most two: enough to know whether there is one."""
    query = sa.select(Submission.person_id).where(*Wanted("all", q).matching()).distinct().limit(2)
    return session.scalars(query).all()
