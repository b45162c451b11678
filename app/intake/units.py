"""The kind `unit`: employers, entered once; later they change on screen."""

import sqlalchemy as sa

from app.codes import CODES
from app.intake.fields import Errors, Field
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import code
from app.intake.wording import gettext
from app.sealing import Number
from app.units.models import Unit

FIELDS = (
    Field("code", "unit_code"),
    Field("name", "text"),
    Field("nature", code(CODES["unit_nature"])),
    Field("region", "region"),
    Field("legal_representative", "text"),
    Field("legal_representative_id", "resident_id"),
    Field("contact", "text"),
    Field("mobile", "mobile"),
    Field("address", "text"),
    Field("postal_code", "postal_code"),
    Field("telephone", "telephone"),
    Field("email", "email"),
    Field("industry", "text"),
    Field("competent_department", "text"),
    Field("competent_department_code", "unit_code", required=False),
    Field("staff_count", "whole"),
    Field("professional_count", "whole"),
)


def known(line: Line) -> Known | None:
    row = line.session.execute(sa.select(Unit.id, Unit.digest).where(Unit.ref == line.ref)).first()
    return row and Known(row.id, row.digest == line.digest)


def judge(line: Line) -> Errors:
    errors: Errors = {}
    if line.known:
        errors["ref"] = [gettext("this unit is here already; it changes on screen only")]
    elif unit_of(line, line.data["code"]):
        errors["code"] = [gettext("a unit with this code is here already")]
    if department_code := line.data.get("competent_department_code"):
        line.found["department"] = department = unit_of(line, department_code)
        if department is None:
            errors["competent_department_code"] = [gettext("no unit with this code is here")]
    return errors


def store(line: Line) -> tuple[str, int]:
    data = line.data | {
        "legal_representative_id": Number.of(line.data["legal_representative_id"]),
        "mobile": Number.of(line.data["mobile"]),
    }
    department = line.found.get("department")
    own = {name: value for name, value in data.items() if name not in ("kind", "ref", "competent_department_code")}
    unit = Unit(**own, ref=line.ref, digest=line.digest, department_id=department.id if department else None)
    line.session.add(unit)
    line.session.flush()
    return "created", unit.id


def unit_of(line: Line, unit_code: str) -> Unit | None:
    """The unit with a code. Its facts stay as they are until this line is done: a record lies in its unit's region."""
    query = sa.select(Unit).where(Unit.code == unit_code).with_for_update(read=True)
    return line.session.scalar(query.execution_options(populate_existing=True))


UNIT = Kind("unit", FIELDS, known, judge, store)
