"""Granting, revoking, changing the last day: each judged by the bounds, each one row in the audit log. Who calls
commits."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import audit, clock
from app.accounts import bounds
from app.accounts.bounds import Granter, Place, Refused
from app.accounts.models import Account, Grant
from app.review.workflow import Actor
from app.units.models import Unit


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
    asked: bool = False,
) -> Grant:
    """Grant a role to an account that `lock` gave; `asked`, where it has asked for one (joining.py). Raises Refused,
    and Settled where the account holds it already, or it was revoked after the form was made."""
    if reason := bounds.refusal(by.granter, role, place, to, asked):
        raise Refused(reason)
    over = {"unit_id": place.unit_id} if place.unit_id else {"region": place.region}
    same = sa.select(Grant).where(Grant.user_id == to.id, Grant.role == role).filter_by(**over)
    for one in session.scalars(same.order_by(Grant.id.desc())):
        if one.holds or (asked_at and one.revoked_at and one.revoked_at > asked_at):
            raise Settled(one)
    facts = {"granted_by_id": by.actor.user_id, "granted_at": clock.now(), "expires_on": expires_on}
    made = Grant(user_id=to.id, role=role, **over, **facts)
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
    one.revoked_at, one.revoked_by_id = clock.now(), by.actor.user_id
    _note(session, by, "revoke_role", found.account, one, reason=reason)


def expire(session: Session, by: By, found: "Found", seen: str, until: date | None) -> None:
    """Change the last day of a role, from the one `seen`. Raises Refused and Settled."""
    one = _judged(session, by, found)
    bounds.keep_administrators(session, [one], until or bounds.FOREVER)
    if not one.holds or seen != str(one.expires_on or ""):
        raise Settled(one)
    was, one.expires_on = one.expires_on, until
    _note(session, by, "change_expiry", found.account, one, was=str(was or ""), until=str(until or ""))


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


def end_stand_ins(session: Session, by: By, user_id: int, unit_id: int, reason: str) -> None:
    """Who stood in for somebody in a unit does so no more."""
    query = sa.select(Grant, Account).join(Account, Account.id == Grant.user_id)
    query = query.where(Grant.stands_for_id == user_id, Grant.unit_id == unit_id, Grant.in_force()).order_by(Grant.id)
    for one, account in session.execute(query.execution_options(populate_existing=True)).all():
        one.revoked_at, one.revoked_by_id = clock.now(), by.actor.user_id
        _note(session, by, "revoke_role", account, one, reason=reason)


def comes_from_elsewhere(account: Account, code: str) -> bool:
    """Whether an account comes by 单位登录 from another unit than the one of that code."""
    return account.subject is not None and account.sign_on_unit != code


def _judged(session: Session, by: By, found: Found) -> Grant:
    if reason := bounds.refusal(by.granter, found.grant.role, found.place, found.account):
        raise Refused(reason)
    if not found.grant.holds:
        raise Settled(found.grant)
    return found.grant


def _note(session: Session, by: By, action: str, to: Account, one: Grant, **detail: str | None) -> None:
    said = {name: value for name, value in detail.items() if value}
    subject = f"account {to.username}"
    audit.record(session, action, by.actor, subject, one.unit_id, role=one.role, region=one.region, **said)
