"""The kind `decision`: the history of the system in use before. It goes through the workflow like any other."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app import clock
from app.applications.calendar import judge as judge_days
from app.applications.calendar import kept_days
from app.applications.models import Notice, Recommendation
from app.applications.recommendations import IMPORTED, INSTITUTION, NOTICE_DAYS
from app.intake.fields import Errors, Field, Group, List, Table, ordered
from app.intake.files import file_reader, kept_files, same_bytes
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import code
from app.intake.submissions import last_step_at, locked
from app.intake.wording import gettext
from app.review.labels import REASON
from app.review.models import NODES, Decision
from app.review.rules import RULES, verdict_rule
from app.review.workflow import Actor, Chosen, decide, foresee
from app.units.models import Unit
from app.units.posts import LEVELS

VERDICTS = ("pass", "return", "terminate")  # what the system before knew
KINDS = tuple(dict.fromkeys(kind for kind, _status, step in RULES if step in VERDICTS))
FILES = 10  # of one list
UNIT = NODES[0]


def fields(line: Line) -> Table:
    files: dict[str, Any] = {"of": file_reader(line), "maximum": FILES, "keyed": False}
    return (
        Group("of", (Field("kind", code(KINDS)), Field("ref", "ref"))),
        Field("verdict", code(VERDICTS)),
        Field("opinion", "long"),
        Field("decided_at", "time"),
        Field("by", "text"),
        Field("node", code(NODES), required=False),
        Group(
            "recommendation",
            (
                Field("text", "long"),
                Field("notice_from", "date"),
                Field("notice_to", "date"),
                ordered("notice_from", "notice_to"),
                List("notice", **files),
                List("material", **files),
            ),
            required=False,
        ),
        Group(
            "position",
            (
                Field("occupies", "bool"),
                Field("category", code(LEVELS), required=False),
                Field("level", "text", required=False),
                Field("explanation", "long"),
            ),
            required=False,
        ),
    )


def content(line: Line) -> Mapping[str, Any]:
    """The line, its files by their bytes."""
    said = line.raw.get("recommendation")
    if not isinstance(said, Mapping):
        return line.raw
    files = ("notice", "material")
    return {
        **line.raw,
        "recommendation": {name: same_bytes(line, one) if name in files else one for name, one in said.items()},
    }


def known(line: Line) -> Known | None:
    row = line.session.execute(sa.select(Decision.id, Decision.digest).where(Decision.ref == line.ref)).first()
    return row and Known(row.id, row.digest == line.digest)


def judge(line: Line) -> Errors:
    if line.known:
        return {"ref": [gettext("this decision is in the ledger already, with other content")]}
    of, data = line.data["of"], line.data
    row = line.found["row"] = locked(line, of["kind"], of["ref"])
    if row is None:
        return {"of.ref": [gettext("no such record is here")]}
    errors: Errors = {}
    if row.status != "pending":
        errors["of.ref"] = [gettext("this record is not pending")]
    if verdict_rule(row.kind, data["verdict"], row.node) is None:
        errors["verdict"] = [gettext("this kind knows no such verdict")]
    if data.get("node", row.node) != row.node:
        errors["node"] = [gettext("the record is at another node")]
    if data["decided_at"] < last_step_at(line, row):
        errors["decided_at"] = [gettext("lies before the newest step of its record")]
    errors |= _judge_recommendation(line, row)
    return errors or _judge_conditions(line, row)


def _judge_recommendation(line: Line, row: Any) -> Errors:
    """The unit's pass of an application brings its recommendation, in a public institution the position too, and
    nothing else does."""
    unit_passes = (row.kind, line.data["verdict"], row.node) == ("application", "pass", UNIT)
    unit = line.found["unit"] = line.session.get_one(Unit, row.unit_id)
    wanted = {"recommendation": unit_passes, "position": unit_passes and unit.nature == INSTITUTION}
    errors: Errors = {}
    for name, is_wanted in wanted.items():
        if is_wanted and name not in line.data:
            errors[name] = [gettext("is required")]
        if not is_wanted and name in line.data:
            errors[name] = [gettext("does not belong to this decision")]
    if errors or not unit_passes:
        return errors
    return _judge_notice(line) | (_judge_position(line.data["position"]) if wanted["position"] else {})


def _judge_notice(line: Line) -> Errors:
    said = line.data["recommendation"]
    begins, ends = said["notice_from"], said["notice_to"]
    judged = line.found["days"] = judge_days(begins, ends, kept_days(line.session))
    if judged.days < NOTICE_DAYS:
        return {"recommendation.notice_to": [gettext("must leave at least 5 working days of public notice")]}
    if ends >= line.data["decided_at"].astimezone(clock.ZONE).date():
        return {"recommendation.notice_to": [gettext("the public notice was not over when this was decided")]}
    return {}


def _judge_position(said: Mapping[str, Any]) -> Errors:
    named = {f"position.{name}": name in said for name in ("category", "level")}
    if said["occupies"]:
        errors: Errors = {path: [gettext("is required")] for path, is_there in named.items() if not is_there}
        if not errors and said["level"] not in LEVELS[said["category"]]:
            errors = {"position.level": [gettext("is no level of this category")]}
        return errors
    return {path: [gettext("goes only with an occupied position")] for path, is_there in named.items() if is_there}


def _judge_conditions(line: Line, row: Any) -> Errors:
    """What blocks the verdict besides; a recommendation that comes with it was judged field by field."""
    if "recommendation" in line.data:
        return {}
    chosen = Chosen(row.kind, seen=((row.id, row.steps),))
    actor = Actor(name=line.data["by"], node=row.node, may_decide=True)
    _number, left = foresee(line.session, chosen, line.data["verdict"], actor, {IMPORTED: "1"})
    return {"verdict": [str(REASON[one.reason.partition(":")[0]]) for one in left]} if left else {}


def store(line: Line) -> tuple[str, int]:
    row, data = line.found["row"], line.data
    if "recommendation" in data:
        _recommend(line, row)
    actor = Actor(name=data["by"], node=row.node, may_decide=True)
    chosen = Chosen(row.kind, seen=((row.id, row.steps),))
    received, said = {"ref": line.ref, "digest": line.digest}, {IMPORTED: "1"}
    decide(line.session, chosen, data["verdict"], data["opinion"], actor, data["decided_at"], received, said)
    entry = line.session.scalar(sa.select(Decision.id).where(Decision.ref == line.ref))
    assert entry is not None, "judge has seen the record pending, and it is locked"
    return "created", entry


def _recommend(line: Line, row: Any) -> None:
    """What the unit said becomes the draft that its pass freezes, with a notice of its own."""
    said, position, days = line.data["recommendation"], line.data.get("position", {}), line.found["days"]
    files = {name: kept_files(line, said[name], row.unit_id) for name in ("notice", "material")}
    notice = Notice(
        unit_id=row.unit_id,
        shared=False,
        begins_on=said["notice_from"],
        ends_on=said["notice_to"],
        working_days=days.days,
        basis=days.basis,
        proof=files["notice"],
        material=files["material"],
        by_name=line.data["by"],
        at=line.data["decided_at"],
    )
    line.session.add(notice)
    line.session.flush()
    draft = line.session.scalar(
        sa.select(Recommendation).where(Recommendation.application_id == row.id, Recommendation.entry_id.is_(None))
    ) or Recommendation(application_id=row.id, unit_id=row.unit_id)
    draft.version, draft.text, draft.notice_id = row.version, said["text"], notice.id
    draft.occupies, draft.explanation = position.get("occupies"), position.get("explanation", "")
    draft.category, draft.level = position.get("category", ""), position.get("level", "")
    line.session.add(draft)
    line.session.flush()


DECISION = Kind("decision", fields, known, judge, store, content, operator=True)
