"""Applications as rows: what the tests of plans stand on. No rule is asked; a person is made for each."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask

from app.applications.models import Application, Plan
from app.extensions import begin_write
from app.review.models import NODES, Decision, Submission, Version
from app.sealing import blind, digest
from app.staff.models import Person
from app.tenancy import bulk_insert, everything, reserve_ids
from app.units.models import Unit
from tests.factories import id_number

NINE = "2026-11-10T09:00:00+08:00"


def apply(
    app: Flask,
    plan: str,
    n: int = 1,
    unit: str = "",
    status: str = "pending",
    node: str = "unit",
    at: str = NINE,
    reached: tuple[str, ...] = ("unit",),
) -> int:
    """The n-th person's application under the plan with a code, by the unit with a code (else the first); its id."""
    with app.app_context(), everything("tests") as session:
        begin_write(session)
        whose = sa.select(Unit).where(Unit.code == unit) if unit else sa.select(Unit).order_by(Unit.id).limit(1)
        of, employer = session.scalars(sa.select(Plan).where(Plan.code == plan)).one(), session.scalars(whose).one()
        pk, person = reserve_ids(session, Submission, 1)[0], _person(session, n, employer.id)
        bulk_insert(session, Submission, [_submission(pk, of, employer, person, n, status, node, at, reached)])
        bulk_insert(session, Application, [_application(pk, of, employer)])
        bulk_insert(session, Version, [_version(pk, employer, at)])
        bulk_insert(session, Decision, [_submitted(pk, employer, at)])
        session.commit()
        return pk


def _person(session: Any, n: int, unit_id: int) -> int:
    known = session.scalar(sa.select(Person.id).where(Person.number_index == blind(id_number(n))))
    if known is not None:
        return int(known)
    (pk,) = reserve_ids(session, Person, 1)
    bulk_insert(session, Person, [{"id": pk, "number_index": blind(id_number(n)), "unit_id": unit_id}])
    return pk


def _submission(
    pk: int, plan: Plan, unit: Unit, person: int, n: int, status: str, node: str, at: str, reached: tuple[str, ...]
) -> dict[str, Any]:
    moment = datetime.fromisoformat(at)
    return {
        **{"id": pk, "kind": "application", "type": "", "ref": f"Q{pk}", "unit_id": unit.id, "region": unit.region},
        **{"person_id": person, "person_name": f"人员{n}", "title": "高级工程师", "status": status, "node": node},
        **{"reached": sum(1 << NODES.index(name) for name in reached), "version": 1, "steps": 1},
        **{"submitted_at": moment, "received_at": moment, "due_on": plan.closes_on},
        "pending_since": moment if status == "pending" else None,
    }


def _application(pk: int, plan: Plan, unit: Unit) -> dict[str, Any]:
    own = {"id": pk, "unit_id": unit.id, "plan_id": plan.id, "year": plan.year}
    return own | {"specialty": "软件", "route": "province,committee", "data": {}}


def _version(pk: int, unit: Unit, at: str) -> dict[str, Any]:
    own = {"submission_id": pk, "unit_id": unit.id, "number": 1, "submitted_at": datetime.fromisoformat(at)}
    return own | {"data": {}, "digest": digest(b"%d" % pk)}


def _submitted(pk: int, unit: Unit, at: str) -> dict[str, Any]:
    return {
        **{"submission_id": pk, "unit_id": unit.id, "version": 1, "step": "submit", "from_status": None},
        **{"to_status": "pending", "node": "unit", "to_node": "unit", "opinion": ""},
        **{"at": datetime.fromisoformat(at), "by_name": "人员"},
    }
