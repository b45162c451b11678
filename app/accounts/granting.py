"""Granting, revoking, changing the last day: each judged by the bounds, each one row in the audit log. Who calls
commits."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import audit, clock
from app.accounts import bounds
from app.accounts.bounds import Granter, Place, Refused
from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from app.review.workflow import Actor
from app.tenancy import reaching
from app.units.models import Unit

STAND_IN = "stand_in"


class Settled(Exception):
    """A form that tells of what is no more so: somebody was faster. `grant` is how it stands now."""

    def __init__(self, grant: Grant) -> None:
        super().__init__()
        self.grant = grant


@dataclass(frozen=True)
class By:
    """Who does it, for the audit log and for the bounds."""

    actor: Actor
    granter: Granter


def held_over(session: Session, user_id: int) -> list[tuple[Grant, str | None, Place]]:
    """All grants of an account, the newest first, each with its unit's name and its place. Of a unit out of the
    reader's sight neither is known."""
    query = sa.select(Grant, Unit.name, Unit.region).outerjoin(Unit, Unit.id == Grant.unit_id)
    query = query.where(Grant.user_id == user_id).order_by(Grant.id.desc())
    rows = session.execute(query.execution_options(populate_existing=True)).all()
    return [(grant, name, Place(grant.unit_id, grant.region or region)) for grant, name, region in rows]


def lock(session: Session, user_id: int) -> Account | None:
    """An account as it stands now; what others do to it, or grant to it, waits."""
    query = sa.select(Account).where(Account.id == user_id).with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=True))


def grant(
    session: Session,
    by: By,
    to: Account,
    role: str,
    place: Place,
    expires_on: date | None = None,
    asked_at: datetime | None = None,
    step: bounds.Step = "grants",
) -> Grant:
    """Grant a role to an account that `lock` gave; as an answer, where it has asked for one (joining.py). Raises
    Refused, and Settled where the account holds it already, or it was revoked after the form was made."""
    if reason := bounds.refusal(by.granter, role, place, to, step):
        raise Refused(reason)
    if to.subject is not None and ROLES[role].over == "unit":
        code = sa.select(Unit.code).where(Unit.id == place.unit_id)
        if comes_from_elsewhere(to, session.scalar(reaching(code, "its place was found in the jurisdiction")) or ""):
            raise Refused("other_unit")
    return _enter(session, by, to, role, place, expires_on, asked_at)


def _enter(
    session: Session,
    by: By,
    to: Account,
    role: str,
    place: Place,
    expires_on: date | None,
    asked_at: datetime | None,
    stands_for: int | None = None,
) -> Grant:
    over = {"unit_id": place.unit_id} if place.unit_id else {"region": place.region}
    what = {"user_id": to.id, "role": role, "stands_for_id": stands_for, **over}
    for one in session.scalars(sa.select(Grant).filter_by(**what).order_by(Grant.id.desc())):
        if one.holds or (asked_at and one.revoked_at and one.revoked_at > asked_at):
            raise Settled(one)
    facts = {"granted_by_id": by.actor.user_id, "granted_at": clock.now(), "expires_on": expires_on}
    made = Grant(**what, **facts)
    session.add(made)
    session.flush()
    _note(session, by, "grant_role", to, made, until=str(expires_on or ""))
    return made


def revoke(session: Session, by: By, found: "Found", reason: str) -> None:
    """Take a role away; at the next request it opens nothing more. Raises Refused and Settled."""
    one = _judged(session, by, found)
    bounds.keep_administrators(session, [one])
    if not one.holds:
        raise Settled(one)
    _end(session, by, found.account, one, reason)
    if one.role == "unit_administrator":
        end_stand_ins(session, by, one.user_id, one.unit_id, reason)


def _end(session: Session, by: By, account: Account, one: Grant, reason: str) -> None:
    one.revoked_at, one.revoked_by_id = clock.now(), by.actor.user_id
    _note(session, by, "revoke_role", account, one, reason=reason)


def expire(session: Session, by: By, found: "Found", seen: str, until: date | None) -> None:
    """Change the last day of a role, from the one `seen`. Raises Refused and Settled."""
    one = _judged(session, by, found)
    bounds.keep_administrators(session, [one], until or bounds.FOREVER)
    if not one.holds or seen != str(one.expires_on or ""):
        raise Settled(one)
    if one.stands_for_id and (until is None or (one.expires_on and until > one.expires_on)):
        raise Refused("day", _("A stand-in's last day can only be brought forward: to have him longer, name him anew."))
    _move_end(session, by, found.account, one, until)
    if one.role == "unit_administrator" and until:
        for later, account in _stand_ins(session, one.user_id, one.unit_id):
            if later.expires_on and later.expires_on > until:
                _move_end(session, by, account, later, until)


def _move_end(session: Session, by: By, account: Account, one: Grant, until: date | None) -> None:
    was, one.expires_on = one.expires_on, until
    _note(session, by, "change_expiry", account, one, was=str(was or ""), until=str(until or ""))


# ---- 代审 ------------------------------------------------------------------------------------------------------------


def latest_end(own_end: date | None) -> date:
    """The last day that a stand-in may be named until: a year ahead, and not beyond the namer's own last day."""
    today = clock.today()
    year = date(today.year + 1, today.month, min(today.day, 28) if today.month == 2 else today.day)
    return min(year, own_end or year)


def nameable(session: Session, by: By) -> list[Account]:
    """Whom somebody may name: the enabled accounts of others that hold or have held a role in his unit."""
    known = sa.select(Grant.user_id).where(Grant.unit_id == by.granter.unit_id)
    query = sa.select(Account).where(Account.id.in_(known), Account.active, Account.id_number_index.is_not(None))
    found = session.scalars(query.order_by(Account.first_name, Account.id))
    return [account for account in found if not by.granter.is_himself(account)]


def name_stand_in(
    session: Session, by: By, to: Account, place: Place, until: date, asked_at: datetime | None = None
) -> Grant:
    """Let an account that `lock` gave decide for whoever names it, in his unit until the end of a day. Raises Refused,
    and Settled as `grant` does.

    His own grant is held meanwhile, and looked at after that: what ends it ends his stand-ins, this one too.
    """
    if reason := bounds.refusal(by.granter, STAND_IN, place, to, "names"):
        raise Refused(reason)
    own = sa.select(Grant).where(Grant.user_id == by.actor.user_id, Grant.role == by.granter.role)
    own = own.where(Grant.unit_id == place.unit_id)
    session.execute(own.with_for_update(key_share=True))
    holds = own.join(Account, Account.id == Grant.user_id).where(Grant.in_force(), Account.active)
    found = session.scalars(holds.execution_options(populate_existing=True)).first()
    if found is None:
        raise Refused("role")
    if until > (latest := latest_end(found.expires_on)):
        raise Refused("day", _("must not be later than %(day)s", day=latest))
    return _enter(session, by, to, STAND_IN, place, until, asked_at, by.actor.user_id)


def end_stand_ins(session: Session, by: By, user_id: int, unit_id: int | None, reason: str) -> None:
    """End the grants of those who stand for somebody in a unit: with his own, in the same transaction."""
    for one, account in _stand_ins(session, user_id, unit_id):
        _end(session, by, account, one, reason)


def _stand_ins(session: Session, user_id: int, unit_id: int | None) -> list[tuple[Grant, Account]]:
    """The grants in force of those who stand for somebody in a unit, locked, with their accounts."""
    query = sa.select(Grant, Account).join(Account, Account.id == Grant.user_id).order_by(Grant.id)
    query = query.where(Grant.stands_for_id == user_id, Grant.unit_id == unit_id, Grant.in_force())
    query = query.with_for_update(of=Grant).execution_options(populate_existing=True)
    return [(one, account) for one, account in session.execute(query)]


@dataclass(frozen=True)
class Found:
    """A grant that the reader sees, with whose it is and what over."""

    grant: Grant
    account: Account
    place: Place


def find(session: Session, by: By, grant_id: int) -> Found | None:
    """A grant by its id, with its account locked; None for one that lies outside of the reader's jurisdiction."""
    user_id = session.scalar(sa.select(Grant.user_id).where(Grant.id == grant_id))
    account = lock(session, user_id) if user_id is not None else None
    if account is None:
        return None
    held = {one.id: Found(one, account, place) for one, _name, place in held_over(session, account.id)}
    found = held[grant_id]
    return found if by.granter.reaches(found.place) else None


def comes_from_elsewhere(account: Account, code: str) -> bool:
    """Whether an account comes by 单位登录 from another unit than the one of that code."""
    return account.subject is not None and account.sign_on_unit != code


def _judged(session: Session, by: By, found: Found) -> Grant:
    if reason := bounds.refusal(by.granter, found.grant.role, found.place, found.account, "revokes"):
        raise Refused(reason)
    if not found.grant.holds:
        raise Settled(found.grant)
    return found.grant


def _note(session: Session, by: By, action: str, to: Account, one: Grant, **detail: str | None) -> None:
    said: dict[str, str | int] = {name: value for name, value in detail.items() if value}
    if one.stands_for_id:
        said["stands_for_id"] = one.stands_for_id
    subject = f"account {to.username}"
    audit.record(session, action, by.actor, subject, one.unit_id, role=one.role, region=one.region, **said)
