"""The kind `application`: a person applies for a title within a plan, and cites passed items of his archive."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app import clock
from app.applications.bars import standing_in_the_way
from app.applications.cited import cite, frozen, locked_items, passes_of
from app.applications.models import Application, Plan
from app.applications.recommendations import draft_again
from app.applications.route import route_of
from app.intake.fields import Errors, Field, List, Table
from app.intake.files import file_reader, kept_files, same_bytes
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import text
from app.intake.submissions import begun, content_of, judge_again, judge_belonging, known_as, person_of
from app.intake.wording import gettext
from app.review.workflow import resubmit, submit
from app.staff.departures import unit_of as hold_person
from app.units.regions import path

NUMBERS = ("id_number",)
ITEMS, FILES = 200, 20  # at most


def fields(line: Line) -> Table:
    return (
        Field("unit", "unit_code"),
        Field("id_number", "other_document"),  # of any kind: it was checked when its person registered
        Field("plan", text(64)),
        Field("title", "text"),
        Field("specialty", "text"),
        Field("current_title", "text", required=False),
        List("items", "ref", maximum=ITEMS, keyed=False),
        List("attachments", file_reader(line), required=False, maximum=FILES, keyed=False),
        Field("statement", "long", required=False),
        Field("submitted_at", "time"),
    )


def content(line: Line) -> Mapping[str, Any]:
    """The line, its files by their bytes."""
    files = line.raw.get("attachments")
    return {**line.raw, "attachments": same_bytes(line, files)} if isinstance(files, list) else line.raw


def known(line: Line) -> Known | None:
    return known_as("application", line)


def judge(line: Line) -> Errors:
    plan = line.found["plan"] = _plan_of(line)  # before the record, as who changes a plan locks them
    row, errors = begun(line, "application")
    person = line.found["person"] = person_of(line)
    errors |= _judge_plan(line, plan)
    if row is None:
        errors |= judge_belonging(line)
    else:
        kept = {
            "id_number": person is not None and person.id == row.person_id,
            "plan": plan is None or plan.id == row.plan_id,
        }
        errors |= judge_again(line, row, kept)
        hold_person(line.session, row.person_id)
    if person is not None and plan is not None and "id_number" not in errors:
        errors |= _judge_year(line, person, plan, row)
    return {**_judge_items(line, person), **errors}


def _plan_of(line: Line) -> Plan | None:
    """The line's plan, held as it is until the line is done: its last day is the application's too."""
    query = sa.select(Plan).where(Plan.code == line.data["plan"]).with_for_update(read=True)
    return line.session.scalar(query.execution_options(populate_existing=True))


def _judge_plan(line: Line, plan: Plan | None) -> Errors:
    """A plan takes units of its region and below, inside its window; a new version is taken until it closes."""
    unit = line.found["unit"]
    if plan is None:
        return {"plan": [gettext("no plan with this code is here")]}
    errors: Errors = {}
    if unit is not None and plan.region not in {region.code for region in path(unit.region)}:
        errors["plan"] = [gettext("this plan takes units of another region")]
    on = _judged_on(line)
    if not plan.opens_on <= on <= plan.closes_on:
        window = {"opens": plan.opens_on.isoformat(), "closes": plan.closes_on.isoformat()}
        errors["submitted_at"] = [gettext("lies outside the plan's window, %(opens)s to %(closes)s", **window)]
    return errors


def _judged_on(line: Line) -> Any:
    at = line.data["submitted_at"] if line.history else line.now
    return at.astimezone(clock.ZONE).date()


def _judge_year(line: Line, person: Any, plan: Plan, row: Any) -> Errors:
    found = standing_in_the_way(line.session, person.id, plan.year, _judged_on(line), besides=row and row.id)
    if found is None:
        return {}
    year = {"year": plan.year, "plan": found.name}
    if found.status == "terminated":
        at = clock.shown(found.at)
        message = gettext(
            "was terminated in %(year)s (%(plan)s, %(at)s) and cannot apply again that year", at=at, **year
        )
    else:
        message = gettext("has an application in %(year)s already (%(plan)s)", **year)
    return {"id_number": [message]}


def _judge_items(line: Line, person: Any) -> Errors:
    """Cited items are the person's own and passed; they are held until the line is done."""
    refs = line.data["items"]
    items = {item.ref: item for item in locked_items(line.session, refs)}
    line.found["items"] = [items[ref] for ref in refs if ref in items]
    if len(set(refs)) < len(refs):
        return {"items": [gettext("names an item twice")]}
    wrong = [ref for ref in refs if ref not in items or not _is_own_and_passed(items[ref], person)]
    if wrong:
        refs = ", ".join(wrong[:5])
        return {"items": [gettext("must be passed items of this person; these are not: %(refs)s", refs=refs)]}
    passes = line.found["passes"] = passes_of(line.session, line.found["items"])
    if any(line.data["submitted_at"] < entry.at for entry in passes.values()):
        return {"submitted_at": [gettext("lies before the pass of an item that it cites")]}
    return {}


def _is_own_and_passed(item: Any, person: Any) -> bool:
    return person is not None and item.person_id == person.id and item.status == "passed"


def store(line: Line) -> tuple[str, int]:
    row, unit, plan, items = (line.found[name] for name in ("row", "unit", "plan", "items"))
    new = row is None
    line.data["attachments"] = kept_files(line, line.data.get("attachments", []), unit.id)
    version, sealed = content_of(line, NUMBERS)
    version["cited"] = frozen(line.session, items, line.found["passes"], unit.id)
    if new:
        row = Application(kind="application", ref=line.ref, unit_id=unit.id, region=unit.region, plan_id=plan.id)
        row.type, row.person_id, row.year = "", line.found["person"].id, plan.year
        row.person_name = line.found["registration"].person_name
    row.title, row.specialty, row.due_on = line.data["title"], line.data["specialty"], plan.closes_on
    row.route, row.data, row.submitted_at = route_of(unit, plan.region), version, line.data["submitted_at"]
    (submit if new else resubmit)(line.session, row, version, sealed, digest=line.digest)
    cite(line.session, row, items)
    if not new:
        draft_again(line.session, row)
    return ("created" if new else "resubmitted"), row.id


APPLICATION = Kind("application", fields, known, judge, store, content)
