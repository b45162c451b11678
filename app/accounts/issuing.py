"""内置单位 and 内置账号 (R5): a unit is entered, an account is issued with an initial password, reset, disabled.

The initial password is answered once, to be shown, and is stored nowhere in clear. Who calls commits.
"""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import audit
from app.accounts import bounds, granting, passwords, second, sittings
from app.accounts.bounds import Place, Refused
from app.accounts.granting import By
from app.accounts.models import Account
from app.sealing import Number, digest
from app.tenancy import reaching
from app.units.models import Unit

BUILT_IN = "NZ"  # begins the code of a built-in unit; eight digits follow
NUMBERS = ("legal_representative_id", "mobile")
# What the unit tells of itself when it completes its information; until then nobody has told it.
NOT_TOLD = {
    **dict.fromkeys(("industry", "address", "postal_code", "telephone", "email"), ""),
    **dict.fromkeys(("staff_count", "professional_count"), 0),
}


class Taken(Exception):
    """There is an account of this user name already."""


def enter_unit(session: Session, by: By, facts: Mapping[str, Any], code: str | None = None) -> tuple[int, str]:
    """Enter a built-in unit; its id, and its code: the next free one, where none is given. `facts` are the columns that
    the HR bureau knows, numbers in clear. Raises Refused for a region outside of the jurisdiction."""
    if facts["region"] not in by.granter.regions():
        raise Refused("place")
    row = NOT_TOLD | {name: value for name, value in facts.items() if name not in NUMBERS} | {"is_complete": False}
    for name in NUMBERS:
        row |= Number.of(facts[name]).columns(name)
    while True:
        chosen = code or _next_code(session)
        insert = sa.insert(Unit).values(code=chosen, **row).returning(Unit.id)
        try:
            with session.begin_nested():
                pk = session.scalar(reaching(insert, "its region was found within the jurisdiction"))
        except IntegrityError:
            if code:
                raise
            continue  # somebody else was given this one at the same moment
        assert pk is not None
        audit.record(session, "enter_unit", by.actor, f"unit {chosen}", pk, region=facts["region"])
        return pk, chosen


def _next_code(session: Session) -> str:
    """The first code that no unit has, wherever it lies."""
    query = sa.select(Unit.code).where(Unit.code.startswith(BUILT_IN))
    taken = set(session.scalars(reaching(query, "codes are one row of numbers for all units")))
    return next(code for code in (f"{BUILT_IN}{n:08d}" for n in count(1)) if code not in taken)


def issue(
    session: Session,
    by: By,
    holder: Mapping[str, str],
    role: str,
    place: Place,
    expires_on: date | None = None,
    asked_at: datetime | None = None,
) -> tuple[Account, str]:
    """Make an account with its first role; the account and its initial password. `holder` has `username`, `name` and
    `id_number`. Raises Taken and Refused."""
    username = holder["username"]
    if find(session, username) is not None:
        raise Taken
    account = account_of(username, holder["name"], holder["id_number"])
    if reason := bounds.refusal(by.granter, role, place, account):
        raise Refused(reason)
    try:
        with session.begin_nested():
            session.add(account)
            session.flush()
    except IntegrityError:
        raise Taken from None
    password = passwords.give(session, account)
    account.former_passwords = None
    audit.record(session, "issue_account", by.actor, f"account {username}", place.unit_id)
    granting.grant(session, by, account, role, place, expires_on, asked_at)
    return account, password


def account_of(username: str, name: str, id_number: str | None, **more: str) -> Account:
    """A new account, with which nobody signs in by a password yet."""
    return Account(
        username=username,
        first_name=name,
        last_name="",
        email=f"{username}@account.invalid",  # the framework wants one of each; nothing is ever sent there
        password="",
        active=True,
        id_number=Number.of(id_number) if id_number else None,
        **more,
    )


def find(session: Session, username: str) -> Account | None:
    """The account of a user name, however it is written."""
    return session.scalar(sa.select(Account).where(sa.func.lower(Account.username) == username.strip().lower()))


# ---- what is done to an account later --------------------------------------------------------------------------------


def refusal(session: Session, by: By, account: Account) -> str | None:
    """Why somebody may not reset, disable or enable an account: a key of REFUSED; None when he may."""
    every = granting.held_over(session, account.id)
    pairs = [(one.holds, (one.role, place)) for one, _name, place in every]
    now, before = ([pair for holds, pair in pairs if holds is then] for then in (True, False))
    return bounds.refusal_of_account(by.granter, account, now, before)


def seen_of(account: Account) -> str:
    """What a form carries along of an account as its page shows it: it changes with its password and its state."""
    return digest(
        f"{account.id} {account.password} {account.active} {account.second_since} {account.id_number_index}".encode()
    )


def reset(session: Session, by: By, account: Account) -> str:
    """Give a locked account a new initial password, which is the answer; its sessions end. Raises Refused."""
    _judge(session, by, account, by_password=True)
    password = passwords.give(session, account)
    audit.record(session, "reset_password", by.actor, f"account {account.username}")
    return password


def change_number(session: Session, by: By, account: Account, id_number: str, reason: str) -> None:
    """Change whose a locked account is (回避): from now on his own records are those of the other number. Raises
    Refused, also for the number of who changes it."""
    _judge(session, by, account)
    number, was = Number.of(id_number), account.id_number
    if by.granter.number_index == number.index:
        raise Refused("self")
    account.id_number, account.number_told = number, False
    before = was.masked if was else ""
    subject = f"account {account.username}"
    audit.record(session, "change_number", by.actor, subject, was=before, now=number.masked, reason=reason)


def turn_off(session: Session, by: By, account: Account, reason: str) -> None:
    """Take the second factor off a locked account whose holder lost his telephone; its sessions end. Raises Refused."""
    _judge(session, by, account, by_password=True)
    second.turn_off(account)
    sittings.end(session, account.id)
    audit.record(session, "turn_off_second_factor", by.actor, f"account {account.username}", reason=reason)


def disable(session: Session, by: By, account: Account, reason: str) -> None:
    """Let nobody sign in with a locked account any more; its sessions end. Its roles wait until it is enabled again: a
    unit may be without an administrator meanwhile, and is listed so. Raises Refused."""
    _judge(session, by, account)
    holds = [one for one, _name, _place in granting.held_over(session, account.id) if one.holds]
    bounds.keep_administrators(session, [one for one in holds if one.role == "system_administrator"])
    for one in holds:
        if one.role == "unit_administrator":
            granting.end_stand_ins(session, by, account.id, one.unit_id, reason)
    account.active = False
    sittings.end(session, account.id)
    audit.record(session, "disable_account", by.actor, f"account {account.username}", reason=reason)


def enable(session: Session, by: By, account: Account) -> None:
    """Let it be signed in with a locked account again. Raises Refused."""
    _judge(session, by, account)
    account.active = True
    audit.record(session, "enable_account", by.actor, f"account {account.username}")


def _judge(session: Session, by: By, account: Account, by_password: bool = False) -> None:
    if reason := refusal(session, by, account):
        raise Refused(reason)
    if by_password and account.subject is not None:
        raise Refused("sign_on")
