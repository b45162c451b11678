"""What a unit tells of itself (catalogue.md, 单位信息): the table of its facts, and how they are kept.

Registration asks for all of them; later the unit revises some (完善单位信息), HR operations any of them, for a reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, aliased

from app import audit
from app.forms import (
    Field,
    Problems,
    Texts,
    Wrong,
    count,
    email,
    line,
    mobile,
    one_of,
    postal_code,
    resident_id,
    unit_code,
)
from app.review.labels import code_choices, code_reader
from app.review.models import PENDING, Submission
from app.review.workflow import Actor
from app.sealing import Number, digest
from app.tenancy import reaching
from app.units.models import Unit
from app.units.regions import REGIONS, full_name, path

NUMBERS = ("legal_representative_id", "mobile")


def region(text: str) -> str:
    """A division in force inside the served province (GB/T 2260)."""
    if text not in REGIONS:
        raise Wrong(_("must be the province, one of its cities, or one of their counties, as the list has them"))
    return text


@dataclass(frozen=True)
class Fact(Field):
    """A field of a unit. `part` is where the page shows it; `revisable` what the unit itself changes later (R30)."""

    part: Literal["basic", "detailed"] = "detailed"
    revisable: bool = False


def _basic(name: str, label: Any, read: Callable[[str], Any], kind: str = "text", **more: Any) -> Fact:
    return Fact(name, label, read, kind, part="basic", **more)


_OF_DEPARTMENT = _l("Optional: if it reviews here, the unit's applications go there first.")
FACTS = {
    fact.name: fact
    for fact in (
        _basic("name", _l("Unit name"), line()),
        _basic("nature", _l("Nature of the unit"), one_of(lambda: dict(code_choices("unit_nature")())), "select"),
        _basic(
            "region",
            _l("Region"),
            region,
            "region",
            hint=_l("Where the unit belongs: the province, a city or a county."),
        ),
        _basic("competent_department", _l("Competent department"), line()),
        _basic(
            "department",
            _l("Unit code of the competent department"),
            unit_code,
            limit=18,
            required=False,
            hint=_OF_DEPARTMENT,
        ),
        _basic("industry", _l("Industry"), line(), revisable=True),
        Fact("legal_representative", _l("Legal representative's name"), line()),
        Fact("legal_representative_id", _l("Legal representative's ID number"), resident_id, limit=18),
        Fact("contact", _l("Contact's name"), line(), revisable=True),
        Fact("mobile", _l("Contact's mobile number"), mobile, limit=11, revisable=True),
        Fact("address", _l("Address"), line(), revisable=True),
        Fact("postal_code", _l("Postal code"), postal_code, limit=6, revisable=True),
        Fact("telephone", _l("Telephone"), line(40), limit=40, revisable=True),
        Fact("email", _l("E-mail"), email, limit=254, revisable=True),
        Fact("staff_count", _l("Number of staff"), count, "number", limit=10, revisable=True),
        Fact("professional_count", _l("Number of professional staff"), count, "number", limit=10, revisable=True),
    )
}


REVISABLE = tuple(fact for fact in FACTS.values() if fact.revisable)
COLUMNS = tuple(name for name in FACTS if name not in (*NUMBERS, "department"))


def asked(facts: Sequence[Field], unit: Unit | None) -> list[Field]:
    """The fields of a form about a unit: a number that is stored already need not be typed again."""
    stored = masked(unit)
    hints = {
        name: _("Entered already: %(masked)s. Left empty it stays.", masked=number) for name, number in stored.items()
    }
    return [replace(one, required=False, hint=hints[one.name]) if one.name in hints else one for one in facts]


def masked(unit: Unit | None) -> dict[str, str]:
    """The numbers that are stored already."""
    return {name: getattr(unit, name).masked for name in NUMBERS if unit is not None}


def known(session: Session, unit: Unit) -> Texts:
    """What is known of a unit, as texts of a form; numbers stay where they are."""
    values = {name: getattr(unit, name) for name in COLUMNS}
    texts = {name: str(value if unit.is_complete else value or "") for name, value in values.items()}
    return texts | {"department": _code_of(session, unit.department_id) or ""}


def seen_of(unit: Unit) -> str:
    """What a form carries along of the information that its page showed."""
    numbers = [getattr(unit, name).index for name in NUMBERS]
    shown = [*(getattr(unit, name) for name in COLUMNS), unit.department_id, *numbers]
    return digest(repr(shown).encode())


def code_label(code: str) -> str:
    """What a unit's code is called: a built-in unit has none of its own."""
    return _("Unit code") if code.startswith("NZ") else _("Unified social credit code")


def said(name: str, value: Any) -> str:
    """A value of a fact as people read it."""
    if name == "region" and value in REGIONS:
        return full_name(value)
    return code_reader("unit_nature")(value) if name == "nature" and value else str("" if value is None else value)


def _code_of(session: Session, unit_id: int | None) -> str | None:
    if unit_id is None:
        return None
    query = sa.select(Unit.code).where(Unit.id == unit_id)
    code: str | None = session.scalar(reaching(query, "a unit's department, by its code"))
    return code


def department_of(session: Session, code: str | None, own_code: str, problems: Problems) -> int | None:
    """The competent department's own unit, wherever it lies; what is wrong with its code goes to the problems."""
    if not code:
        return None
    above = aliased(Unit)
    query = sa.select(Unit.id, above.code).outerjoin(above, above.id == Unit.department_id).where(Unit.code == code)
    row = session.execute(reaching(query, "a unit names its department, which it does not see")).first()
    if code == own_code:
        problems["department"] = _("This is the unit's own code.")
    elif row is None:
        problems["department"] = _("No unit with this code is here. Leave it empty if it does not review here.")
    elif row.code == own_code:
        problems["department"] = _("That unit names this one as its competent department.")
    return row.id if row else None


def judge_counts(values: Mapping[str, Any], problems: Problems) -> None:
    """Of the staff some are professionals; what is wrong with their number goes to the problems."""
    staff, professionals = values.get("staff_count"), values.get("professional_count")
    if staff is not None and professionals is not None and professionals > staff:
        problems["professional_count"] = _("must not be more than the number of staff")


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `unit` for values as they were read; numbers are sealed, those that are None stay as they are."""
    row = {name: value for name, value in values.items() if name not in (*NUMBERS, "department")}
    for name in NUMBERS:
        if values.get(name):
            row |= Number.of(values[name]).columns(name)
    return row


# ---- a change --------------------------------------------------------------------------------------------------------

Lies = tuple[str, int | None]  # where a unit lies: its region, its competent department
# What rooms above keep by where a unit lies, they move with it: called in its transaction, with where it lay and lies.
MOVES: list[Callable[[Session, int, Lies, Lies], None]] = []


def lock(session: Session, unit_id: int) -> Unit | None:
    """A unit of the reader's scope: of two who change it at once the second waits, and sees what the first did."""
    query = sa.select(Unit).where(Unit.id == unit_id).with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def changed(session: Session, unit: Unit, columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What new columns change, as the audit log keeps it: {field: [before, after]}. Numbers are masked there, and
    compared by their blind index, for masked ones may look alike."""
    found = {name: [getattr(unit, name), columns[name]] for name in COLUMNS if name in columns}
    found = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
    for name in NUMBERS:
        stored = getattr(unit, name)
        if columns.get(f"{name}_index", stored.index) != stored.index:
            found[name] = [stored.masked, columns[f"{name}_masked"]]
    if columns.get("department_id", unit.department_id) != unit.department_id:
        found["department"] = [_code_of(session, pk) for pk in (unit.department_id, columns["department_id"])]
    return found


def way_problems(session: Session, unit: Unit, columns: Mapping[str, Any]) -> Problems:
    """What would take an application off its way: it keeps that on which it was submitted, by the level of the region
    and by whether a department reviews here, for a plan of that city; and what waits at a county waits at this one."""
    region, others = columns["region"], unit.region != columns["region"]
    far = REGIONS[unit.region].level != REGIONS[region].level or unit.region[:4] != region[:4]
    told = {"region": others, "department": bool(unit.department_id) and columns["department_id"] is None}
    under_way = Submission.status.in_(("pending", "returned"))
    stops = {"region": under_way if far else PENDING & (Submission.node == "county"), "department": under_way}
    why = {
        "region": _(
            "Applications of the unit are under way to the HR bureaus of its region: wait until they are decided."
        ),
        "department": _("Applications of the unit are under way to this department: wait until they are decided."),
    }
    theirs = sa.select(Submission.id).where(Submission.unit_id == unit.id, Submission.kind == "application").limit(1)
    return {
        name: why[name]
        for name, wrong in told.items()
        if wrong and session.scalar(theirs.where(stops[name])) is not None
    }


def change(session: Session, unit: Unit, columns: Mapping[str, Any], actor: Actor, **why: Any) -> bool:
    """Change a locked unit, after everything was checked; False where nothing differs. What is under review goes with
    its region. `why` goes into the audit log with each value before and after. The caller commits."""
    pairs = changed(session, unit, columns)
    if not pairs:
        return False
    code, lay = unit.code, lies(unit)
    update = sa.update(Unit).where(Unit.id == unit.id).values(**columns)
    session.execute(update, execution_options={"synchronize_session": False})
    if "region" in pairs:
        _move(session, unit.id, columns["region"])
    moved(session, unit.id, lay, columns)
    audit.record(session, "change_unit", actor, f"unit {code}", unit.id, changed=pairs, **why)
    return True


def lies(unit: Unit) -> Lies:
    return unit.region, unit.department_id


def moved(session: Session, unit_id: int, lay: Lies, columns: Mapping[str, Any]) -> None:
    """Tell the rooms above of a unit that new columns let lie elsewhere than it lay."""
    now = (columns.get("region", lay[0]), columns.get("department_id", lay[1]))
    if now != lay:
        for move in MOVES:
            move(session, unit_id, lay, now)


def _move(session: Session, unit_id: int, region: str) -> None:
    """Let all submissions of a unit lie in its new region."""
    theirs = Submission.unit_id == unit_id
    # Locked in the order of their ids, as verdicts lock them.
    session.execute(sa.select(Submission.id).where(theirs).order_by(Submission.id).with_for_update(of=Submission)).all()
    update = sa.update(Submission).where(theirs).values(region=region)
    session.execute(update, execution_options={"synchronize_session": False})


# ---- 属地 ------------------------------------------------------------------------------------------------------------


def cities() -> list[tuple[str, str]]:
    """The first choice of 属地: the province itself, and its cities."""
    return [(code, one.name) for code, one in REGIONS.items() if one.level != "county"]


def counties() -> list[tuple[str, list[tuple[str, str]]]]:
    """The second: by city, the city itself, and its counties."""
    below: dict[str, list[tuple[str, str]]] = {code: [] for code, one in REGIONS.items() if one.level == "city"}
    for code, one in REGIONS.items():
        if one.level == "county":
            below[path(code)[1].code].append((code, one.name))
    return [(city, [(city, REGIONS[city].name), *inside]) for city, inside in below.items()]
