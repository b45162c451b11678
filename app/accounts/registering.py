"""用人单位注册 (R3, R4): a unit tells of itself at its first sign-in. What is written is kept as a draft until then."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import audit, clock
from app.accounts.models import Account, Grant, UnitDraft
from app.forms import Problems, Texts, read
from app.review.models import Submission
from app.review.workflow import Actor
from app.sealing import seal_numbers, unseal_numbers
from app.tenancy import reaching
from app.units import information
from app.units.information import FACTS
from app.units.models import Unit
from app.units.regions import full_name

KEPT = timedelta(days=90)  # how long a draft waits that nobody goes on with


class Registered(Exception):
    """Somebody was faster: the unit's information is complete by now."""


def unit_of(session: Session, code: str) -> Unit | None:
    """The unit with a code, wherever it lies."""
    query = sa.select(Unit).where(Unit.code == code)
    return session.scalar(reaching(query, "asked by somebody who comes from it"))


# ---- the draft -------------------------------------------------------------------------------------------------------


def begin(session: Session, account: Account, name: str) -> None:
    """Begin the draft of somebody who comes for the first time, with the name that the sign-on has of his unit."""
    if name and account.login_count is None and session.get(UnitDraft, account.id) is None:
        keep_draft(session, account.id, {"name": name})


def draft_of(session: Session, user_id: int) -> Texts:
    row = session.get(UnitDraft, user_id)
    return unseal_numbers(row.sealed) if row else {}


def keep_draft(session: Session, user_id: int, texts: Mapping[str, str]) -> None:
    """Keep what is written so far, in the place of what was. The caller commits."""
    session.merge(UnitDraft(user_id=user_id, sealed=seal_numbers(texts), saved_at=clock.now()))
    session.flush()


def forget(session: Session) -> int:
    """Remove drafts that nobody goes on with; how many."""
    gone = sa.delete(UnitDraft).where(UnitDraft.saved_at < clock.now() - KEPT)
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]


# ---- 提交 ------------------------------------------------------------------------------------------------------------


def judge(session: Session, code: str, unit: Unit | None, texts: Texts) -> tuple[dict[str, Any], Problems]:
    """The columns of `unit` for what was typed, and what is wrong with it, by field. Numbers that are stored already
    may be left empty."""
    values, problems = read(information.asked(tuple(FACTS.values()), unit), texts)
    department = information.department_of(session, values.get("department"), code, problems)
    if problem := _region_problem(session, unit, texts["city"], values.get("region")):
        problems.setdefault("region", problem)
    information.judge_counts(values, problems)
    return information.columns(values) | {"department_id": department}, problems


def _region_problem(session: Session, unit: Unit | None, city: str, region: str | None) -> str | None:
    """What is wrong with 属地 beyond the code itself: its two steps agree, and what is under review goes by it."""
    if region is None:
        return None
    if city and city[:4] != region[:4]:
        return _("This does not lie in the city that is chosen before it: choose again.")
    if unit is None or region == unit.region:
        return None
    if session.scalar(sa.select(Submission.id).where(Submission.unit_id == unit.id).limit(1)) is None:
        return None
    where = full_name(unit.region)
    return _("Records of the unit are under review in %(where)s: ask HR operations to change it.", where=where)


def register(session: Session, account: Account, code: str, columns: Mapping[str, Any]) -> None:
    """Enter the unit that somebody comes from by its sign-on, with him as its administrator. The caller commits.
    Raises Registered."""
    insert = sa.insert(Unit).values(code=code, is_complete=True, **columns).returning(Unit.id)
    try:
        with session.begin_nested():
            pk = session.scalar(reaching(insert, "the sign-on says that he comes from it"))
    except IntegrityError:
        raise Registered from None
    session.add(Grant(user_id=account.id, role="unit_administrator", unit_id=pk, granted_at=clock.now()))
    by = Actor(account.first_name, account.id)
    audit.record(session, "grant_role", by, f"account {account.username}", role="unit_administrator", unit=code)
    _done(session, account, code, pk)


def complete(session: Session, account: Account, unit: Unit, columns: Mapping[str, Any]) -> None:
    """Complete what the HR bureau has entered of a (locked) unit. The caller commits. Raises Registered."""
    changed, lay = information.changed(session, unit, columns), information.lies(unit)
    update = sa.update(Unit).where(Unit.id == unit.id, Unit.is_complete.is_(False)).values(is_complete=True, **columns)
    done: Any = session.execute(reaching(update, "its administrator completes it"))
    if not done.rowcount:
        raise Registered
    information.moved(session, unit.id, lay, columns)
    _done(session, account, unit.code, unit.id, changed=changed)


def _done(session: Session, account: Account, code: str, unit_id: int | None, **detail: Any) -> None:
    session.execute(sa.delete(UnitDraft).where(UnitDraft.user_id == account.id))
    actor = Actor(account.first_name, account.id)
    audit.record(session, "register_unit", actor, f"unit {code}", unit_id, **detail)
