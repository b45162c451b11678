"""One person's page (人员): facts, belonging, and all records of every kind, those that wait to be decided there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, undefer

from app import clock
from app.review import facts
from app.review.desk import Desk
from app.review.desks import desks
from app.review.labels import KIND, status_label
from app.review.ledger import stands
from app.review.listing import NARROWERS, Filter
from app.review.models import Decision, Submission, Version
from app.review.pages import pick
from app.review.phrases import phrases_of, texts_by_verdict
from app.review.record import own_record
from app.review.tabs import node_of, readable
from app.sealing import unseal_numbers
from app.staff.departures import HOW, REMARK_LENGTH, Belonging, belonging, departures_of
from app.staff.models import Departure, Person
from app.staff.views import MATERIAL
from app.tenancy import beyond
from app.units.models import Unit

# What the desks' lists are narrowed by when this page leads into them: the queue is then this person's.
NARROWERS.append(
    Filter(
        "person",
        _l("Person"),
        "key",
        lambda value: Submission.person_id == int(value),
        offered=False,
        back=lambda value: url_for("PeopleView.show", pk=int(value)),
        back_label=_l("Back to the person"),
    )
)


@dataclass(frozen=True)
class Loaded:
    """Everything of one person that the page needs."""

    pk: int
    records: Sequence[Any]  # of the reader's scope
    version: Version | None  # of the registration: the newest that passed, else the newest
    registration: Any
    unit: Unit | None  # where he belongs, if that is in the scope
    departures: Sequence[Departure]
    settled: bool  # he belongs to some unit, whichever
    phrases: dict[str, list[str]]
    belonging: Belonging | None  # for who may end it

    @property
    def own(self) -> bool:
        """Whether the person is the reader himself (回避)."""
        return self.pk == g.actor.person_id


def registration_of(session: Session, pk: int) -> Any:
    """The newest version of a person's registration that passed, else the newest, with its record; None without one
    in the reader's scope. One statement."""
    return session.execute(_facts(pk)).first()


def load(session: Session, view: Any, pk: int) -> Loaded | None:
    """The person, or None when there is nothing of him for this reader. Five statements, one more for who may end his
    belonging."""
    records = session.execute(_records(pk).where(*readable([*desks()], g.actor.node))).all()
    if not records:
        return None
    version, registration = registration_of(session, pk) or (None, None)
    people = beyond(Person, "people")
    here = sa.select(people.c.unit_id).where(people.c.id == pk).scalar_subquery()
    unit = session.scalar(sa.select(Unit).where(Unit.id == here))
    ends = unit is not None and unit.id == g.unit_id and view.may("end")
    by = belonging(session, pk, unit.id) if ends and unit is not None else None
    left = departures_of(session, pk)
    return Loaded(
        pk=pk,
        records=records,
        version=version,
        registration=registration,
        unit=unit,
        departures=[departure for departure, _settled in left],
        settled=any(settled for _departure, settled in left),
        phrases=texts_by_verdict(phrases_of(session, g.unit_id)),
        belonging=by,
    )


def _records(pk: int) -> Any:
    row = Submission
    columns = (row.id, row.kind, row.type, row.ref, row.title, row.status, row.node, row.steps)
    times = (row.submitted_at, row.decided_at)
    query = sa.select(*columns, *times, row.person_name, row.unit_id, Unit.name.label("unit"))
    return query.join(Unit, Unit.id == row.unit_id).where(row.person_id == pk).order_by(row.id)


def _facts(pk: int) -> Any:
    """The newest version of a registration that passed, else the newest, with its record."""
    passed = (
        sa.exists()
        .where(
            Decision.submission_id == Version.submission_id,
            Decision.version == Version.number,
            Decision.step == "pass",
            stands(Decision),
        )
        .correlate(Version)
    )
    query = sa.select(Version, Submission).join(Submission, Submission.id == Version.submission_id)
    query = query.where(Submission.person_id == pk, Submission.kind == "registration")
    return query.options(undefer(Version.sealed)).order_by(passed.desc(), Version.id.desc()).limit(1)


def page(view: Any, person: Loaded, query: str, whole: bool, **state: Any) -> dict[str, Any]:
    """The context of people/show.html. `state`: the dialog that comes back, what is told of a conflict."""
    name = person.registration.person_name if person.registration else person.records[-1].person_name
    sections = [_section(desk, kind, person) for kind, desk in desks().items()]
    sections = [section for section in sections if section["rows"]]
    return {
        "title": _("People"),
        "name": name,
        "back_url": view.url("list", query),
        "query": query,
        "facts": _sections_of(person, whole),
        "reveal": {"action": view.url("reveal", pk=person.pk)} if view.may("reveal") and not whole else None,
        "own": own_record() if person.own and any(section["waiting"] for section in sections) else None,
        "sections": sections,
        "picks": [pick(one["desk"], person.phrases, f"person={person.pk}") for one in sections if one["selectable"]],
        "belongs": person.unit.name if person.unit else None,
        "departures": [_departure(view, person, one) for one in person.departures],
        "end": _end(view, person, sections, state.get("end")),
        "conflict": state.get("conflict"),
    }


def _sections_of(person: Loaded, whole: bool) -> list[facts.Section]:
    version = person.version
    if version is None:
        return []
    numbers = unseal_numbers(version.sealed) if whole and version.sealed else {}
    return facts.sections(MATERIAL, version.data, facts.Reading(numbers))


# ---- the records -----------------------------------------------------------------------------------------------------


def _section(desk: Desk, kind: str, person: Loaded) -> dict[str, Any]:
    """The records of a kind in reading order, as a table like a desk's list."""
    records = sorted((row for row in person.records if row.kind == kind), key=desk.reading_order)
    decides = g.actor.node is not None and g.actor.may_decide and desk.may("decide")
    typed = any(row.type for row in records)
    heading, texts = (records and desk.set_apart([row.id for row in records])) or (None, {})
    columns = [
        *([("unit", _("Unit"), "text")] if g.screen == "wide" else []),
        *([("type", _("Item type"), "text")] if typed else []),
        ("title", _("Title") if any(row.title for row in records) else _("Reference"), "text"),
        *([("apart", heading, "text")] if heading else []),
        ("submitted", _("Submission time"), "time"),
        ("decided", _("Decision time"), "time"),
        ("status", _("Review state"), "status"),
    ]
    rows = [_row(desk, row, columns, decides, person, texts.get(row.id, "")) for row in records]
    return {
        "kind": kind,
        "label": str(KIND[kind]),
        "desk": desk,
        "columns": [{"label": label, "kind": shape, "sort": None, "sort_url": None} for _name, label, shape in columns],
        "rows": rows,
        "waiting": sum(
            row.status == "pending" and row.node == (node_of(kind, g.actor.node) or row.node) for row in records
        ),
        "selectable": any(row["selectable"] for row in rows),
    }


def _row(desk: Desk, row: Any, columns: Any, decides: bool, person: Loaded, apart: str) -> dict[str, Any]:
    decidable = decides and row.status == "pending" and row.node == g.actor.node
    title = row.title or row.ref
    texts = {
        "unit": row.unit,
        "type": desk.type_label(row),
        "title": title,
        "apart": apart,
        "submitted": clock.shown(row.submitted_at),
        "decided": clock.shown(row.decided_at),
        "status": status_label(row.kind, row.status),
    }
    # What waits for the reader opens in the queue of what waits of this person, the rest among all of his.
    queue = f"person={person.pk}" if decidable else f"status=all&person={person.pk}"
    return {
        "pk": row.id,
        "token": f"{row.id}:{row.steps}",
        "url": desk.url("show", queue, pk=row.id),
        "name": title,
        "selectable": decidable and not person.own,
        "decidable": decidable,
        "postponed": False,
        "cells": [
            {
                "text": texts[name],
                "kind": shape,
                "lead": name == "title",
                "status": row.status if name == "status" else None,
            }
            for name, _label, shape in columns
        ],
    }


# ---- belonging -------------------------------------------------------------------------------------------------------


def _departure(view: Any, person: Loaded, one: Departure) -> dict[str, Any]:
    """A departure as it reads; the newest can be undone while the person belongs nowhere here."""
    newest = one is next((other for other in person.departures if other.undone_at is None), None)
    undo = newest and not person.settled and one.unit_id == g.unit_id and view.may("end") and not person.own
    return {
        "label": str(HOW[one.how]),
        "on": one.left_on.isoformat(),
        "remark": one.remark or None,
        "by": one.by_name,
        "at": clock.shown(one.at),
        "undone": clock.shown(one.undone_at) if one.undone_at else None,
        "undo_url": view.url("undo", pk=one.id) if undo else None,
    }


def _end(
    view: Any, person: Loaded, sections: list[dict[str, Any]], sent: dict[str, Any] | None
) -> dict[str, Any] | None:
    """The dialog that ends the belonging, with what still waits; None when it is not the reader's to end."""
    if person.belonging is None or person.own:
        return None
    fields = {"how": "", "left_on": clock.today().isoformat(), "remark": ""}
    return {
        "action": view.url("end", pk=person.pk),
        "seen": person.belonging.pass_id,
        "choices": [(key, str(label)) for key, label in HOW.items()],
        "since": person.belonging.since.astimezone(clock.ZONE).date().isoformat(),
        "today": clock.today().isoformat(),
        "limit": REMARK_LENGTH,
        "waiting": [(section["label"], section["waiting"]) for section in sections if section["waiting"]],
        "fields": fields,
        "errors": {},
        "open": sent is not None,
        **(sent or {}),
    }
