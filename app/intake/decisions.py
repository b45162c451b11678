"""The kind `decision`: the history of the system in use before. It goes through the workflow like any other."""

import sqlalchemy as sa

from app.intake.fields import Errors, Field, Group
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import code
from app.intake.submissions import last_step_at, locked
from app.intake.wording import gettext
from app.review.models import NODES, Decision
from app.review.workflow import RULES, VERDICTS, Actor, Chosen, decide

KINDS = tuple(dict.fromkeys(kind for kind, _status, step in RULES if step in VERDICTS))

FIELDS = (
    Group("of", (Field("kind", code(KINDS)), Field("ref", "ref"))),
    Field("verdict", code(VERDICTS)),
    Field("opinion", "long"),
    Field("decided_at", "time"),
    Field("by", "text"),
    Field("node", code(NODES), required=False),
)


def known(line: Line) -> Known | None:
    row = line.session.execute(sa.select(Decision.id, Decision.digest).where(Decision.ref == line.ref)).first()
    return row and Known(row.id, row.digest == line.digest)


def judge(line: Line) -> Errors:
    if line.known:
        return {"ref": [gettext("this decision is in the ledger already, with other content")]}
    of = line.data["of"]
    row = line.found["row"] = locked(line, of["kind"], of["ref"])
    if row is None:
        return {"of.ref": [gettext("no such record is here")]}
    errors: Errors = {}
    if row.status != "pending":
        errors["of.ref"] = [gettext("this record is not pending")]
    if (row.kind, "pending", line.data["verdict"]) not in RULES:
        errors["verdict"] = [gettext("this kind knows no such verdict")]
    if line.data.get("node", row.node) != row.node:
        errors["node"] = [gettext("the record is at another node")]
    if line.data["decided_at"] < last_step_at(line, row):
        errors["decided_at"] = [gettext("lies before the newest step of its record")]
    return errors


def store(line: Line) -> tuple[str, int]:
    row, data = line.found["row"], line.data
    actor = Actor(name=data["by"], node=row.node, may_decide=True)
    chosen = Chosen(row.kind, seen=((row.id, row.steps),))
    received = {"ref": line.ref, "digest": line.digest}
    decide(line.session, chosen, data["verdict"], data["opinion"], actor, data["decided_at"], received)
    entry = line.session.scalar(sa.select(Decision.id).where(Decision.ref == line.ref))
    assert entry is not None, "judge has seen the record pending, and it is locked"
    return "created", entry


DECISION = Kind("decision", FIELDS, known, judge, store)
