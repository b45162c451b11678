"""The kind `plan`: review plans (评审计划), entered once; later they change on screen."""

import sqlalchemy as sa

from app.applications.models import Plan
from app.codes import CODES
from app.intake.fields import Errors, Field, ordered
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import code, text
from app.intake.wording import gettext

FIELDS = (
    Field("code", text(64)),
    Field("name", "text"),
    Field("year", "year"),
    Field("series", code(CODES["series"])),
    Field("level", code(CODES["title_level"])),
    Field("region", "region"),
    Field("committee", "text"),
    Field("opens_on", "date"),
    Field("closes_on", "date"),
    ordered("opens_on", "closes_on"),
)


def known(line: Line) -> Known | None:
    row = line.session.execute(sa.select(Plan.id, Plan.digest).where(Plan.ref == line.ref)).first()
    return row and Known(row.id, row.digest == line.digest)


def judge(line: Line) -> Errors:
    if line.known:
        return {"ref": [gettext("this plan is here already; it changes on screen only")]}
    if line.session.scalar(sa.select(Plan.id).where(Plan.code == line.data["code"])) is not None:
        return {"code": [gettext("a plan with this code is here already")]}
    return {}


def store(line: Line) -> tuple[str, int]:
    own = {name: value for name, value in line.data.items() if name not in ("kind", "ref")}
    plan = Plan(**own, ref=line.ref, digest=line.digest)
    line.session.add(plan)
    line.session.flush()
    return "created", plan.id


PLAN = Kind("plan", FIELDS, known, judge, store)
