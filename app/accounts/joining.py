"""Who comes from a unit by 单位登录 and holds no role there asks for one; an administrator of the unit, or HR
operations, answers (R3, R36). Who calls commits.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import audit, clock
from app.accounts import bounds, granting
from app.accounts.bounds import Place, Refused
from app.accounts.granting import By, Settled
from app.accounts.models import Account, Grant, Joining
from app.review.listing import PAGE_SIZE
from app.review.workflow import Actor
from app.tenancy import reaching
from app.units.models import Unit

ASKED = ("unit_administrator", "unit_clerk")  # the roles that somebody may ask for


@dataclass(frozen=True)
class Standing:
    """How a request stands: it waits while `joining.settled_at` is None; then `joining.granted` says how it ended."""

    joining: Joining
    unit_name: str
    settled_by: str | None  # the name


class Answered(Exception):
    """Somebody was faster; `standing` is how the request stands now."""

    def __init__(self, standing: Standing) -> None:
        super().__init__()
        self.standing = standing


# ---- asking ----------------------------------------------------------------------------------------------------------


def ask(session: Session, account: Account, unit_id: int, role: str) -> Joining:
    """Ask for a role in the unit that the account comes from. One request waits for each account: whoever asks again
    gets the one that waits already. Raises Refused."""
    granting.lock(session, account.id)
    code = reaching(
        sa.select(Unit.code).where(Unit.id == unit_id), "who asks for a role has no scope before he has one"
    )
    if role not in ASKED:
        raise Refused("role", _("Choose one."))
    if account.subject is None or account.sign_on_unit != session.scalar(code):
        raise Refused("other_unit")
    held = sa.select(Grant.id).where(Grant.user_id == account.id, Grant.unit_id == unit_id, Grant.in_force())
    if session.scalar(held.limit(1)) is not None:
        raise Refused("held", _("You hold a role in this unit already."))
    waits = sa.select(Joining).where(Joining.user_id == account.id, Joining.settled_at.is_(None))
    if found := session.scalar(waits):
        return found
    made = Joining(user_id=account.id, unit_id=unit_id, role=role, asked_at=clock.now())
    session.add(made)
    session.flush()
    by = Actor(account.first_name, account.id)
    # Without the unit's id, for the same reason: its row is out of the session's scope.
    audit.record(session, "ask_role", by, f"account {account.username}", role=role, unit=account.sign_on_unit)
    return made


def newest(session: Session, user_id: int) -> Standing | None:
    """The newest request of an account, whatever the reader's scope: he has none while he waits."""
    return _standing(session, Joining.user_id == user_id)


def _standing(session: Session, of: sa.ColumnElement[bool]) -> Standing | None:
    query = sa.select(Joining, Unit.name, Account.first_name).join(Unit, Unit.id == Joining.unit_id)
    query = query.outerjoin(Account, Account.id == Joining.settled_by_id).where(of).order_by(Joining.id.desc()).limit(1)
    query = query.execution_options(populate_existing=True)
    row = session.execute(reaching(query, "tells of one request to who asked, or to who answers it")).first()
    return Standing(*row) if row else None


# ---- answering -------------------------------------------------------------------------------------------------------

WAITS = sa.and_(Joining.settled_at.is_(None), Account.active)


def waiting(session: Session, unit_id: int | None = None, page: int = 1) -> Sequence[Any]:
    """One page of the requests that wait in the reader's scope, or in one unit, the oldest first: (request, account,
    the unit's name, its code)."""
    rows = _waiting(Joining, Account, Unit.name, Unit.code)
    if unit_id is not None:
        rows = rows.where(Joining.unit_id == unit_id)
    rows = rows.order_by(Joining.id).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    return session.execute(rows).all()


def number_waiting(session: Session) -> int:
    return session.scalar(_waiting(sa.func.count())) or 0


def _waiting(*columns: Any) -> Any:
    query = sa.select(*columns).select_from(Joining).join(Account, Account.id == Joining.user_id)
    return query.join(Unit, Unit.id == Joining.unit_id).where(WAITS)


def find(session: Session, pk: int) -> tuple[Joining, Account, Place, str] | None:
    """A request of the reader's scope, its account locked, with its unit's place and code."""
    user_id = session.scalar(sa.select(Joining.user_id).where(Joining.id == pk))
    account = granting.lock(session, user_id) if user_id is not None else None
    query = sa.select(Joining, Unit.region, Unit.code).join(Unit, Unit.id == Joining.unit_id).where(Joining.id == pk)
    row = session.execute(query.execution_options(populate_existing=True)).first()
    return (row[0], account, Place(row[0].unit_id, row.region), row.code) if row and account else None


def answer(session: Session, by: By, pk: int, granted: bool, role: str = "", reason: str = "") -> Joining | None:
    """Grant a role to who asks for one, which may be another than he asked for, or refuse it with a reason; None for a
    request that is not in the reader's scope. Raises Answered where somebody was faster, and Refused."""
    found = find(session, pk)
    if found is None:
        return None
    joining, account, place, code = found
    if joining.settled_at is not None:
        standing = _standing(session, Joining.id == pk)
        assert standing is not None
        raise Answered(standing)
    if refused := bounds.refusal(by.granter, role if granted else joining.role, place, account, step="answers"):
        raise Refused(refused)
    if granted:
        if reason_against := _against(account, code, role):
            raise Refused(reason_against)
        with suppress(Settled):  # it was granted on another page meanwhile: the request is as good as granted
            granting.grant(session, by, account, role, place, step="answers")
    else:
        said = {"role": joining.role, "reason": reason}
        audit.record(session, "refuse_role", by.actor, f"account {account.username}", joining.unit_id, **said)
    _settle(joining, by, granted, reason)
    return joining


def _against(account: Account, code: str, role: str) -> str | None:
    if role not in ASKED:
        return "role"
    if not account.active:
        return "disabled"
    return "other_unit" if account.sign_on_unit != code else None


def _settle(joining: Joining, by: By, granted: bool, reason: str = "") -> None:
    joining.settled_at, joining.settled_by_id = clock.now(), by.actor.user_id
    joining.granted, joining.reason = granted, reason or None


def settle(session: Session, by: By, account: Account, unit_id: int | None) -> None:
    """A role in a unit was granted to a locked account: what it asked for there is answered."""
    waits = sa.select(Joining).where(Joining.user_id == account.id, Joining.settled_at.is_(None))
    if (found := session.scalar(waits.where(Joining.unit_id == unit_id))) is not None:
        _settle(found, by, granted=True)
