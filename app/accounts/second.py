"""The second factor (B21): codes by time (RFC 6238) of an app on the holder's telephone, and codes for when it is lost.

A code is taken once: the step of time it is of is remembered, and neither it nor an earlier one opens again.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
import segno
import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from app import clock
from app.accounts import passwords
from app.accounts.asker import Held
from app.accounts.models import Account
from app.sealing import seal_numbers, unseal_numbers

STEP = 30  # seconds that a code is of (RFC 6238)
DRIFT = 1  # steps that a telephone's clock may be off, either way
RECOVERY = 10  # how many codes for a lost telephone
ISSUER = "职称评审台"


@dataclass(frozen=True)
class Enrolment:
    """What an app needs once: the secret, and a picture of it (SVG) that the app reads."""

    secret: str
    picture: str


def has(account: Account) -> bool:
    return account.second_since is not None


def is_required(account: Account, grants: Sequence[Held]) -> bool:
    """Whether one of the account's roles asks for it (SECOND_FACTOR); who comes by 单位登录 shows his there."""
    return account.subject is None and any(held.role_name in current_app.config["SECOND_FACTOR"] for held in grants)


def enrol(session: Session, account: Account) -> Enrolment:
    """A secret for the account's app, the same until it is confirmed. The caller commits."""
    if account.second_sealed is None:
        account.second_sealed = seal_numbers({"totp": pyotp.random_base32()})
        session.flush()
    secret = _secret(account)
    address = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=ISSUER)
    picture = segno.make(address, error="m").svg_inline(border=2, omitsize=True)
    return Enrolment(secret, picture)


def confirm(session: Session, account: Account, code: str) -> list[str] | None:
    """Turn it on after a right code; the codes for a lost telephone, which are shown once. None for a wrong one. The
    caller has locked the account, and commits."""
    if account.second_sealed is None or not _takes(session, account, code):
        return None
    account.second_since = clock.now()
    return renew(account)


def renew(account: Account) -> list[str]:
    """New codes for a lost telephone; the old ones open nothing any more. The caller commits."""
    codes = [passwords.made(groups=2) for _number in range(RECOVERY)]
    account.recovery = [generate_password_hash(code, method="pbkdf2:sha256:20000") for code in codes]
    return codes


def opens(session: Session, account: Account, code: str) -> str | None:
    """Whether a code opens for the (locked) account: `code`, or `recovery` for one for a lost telephone, which is then
    used up; None when it does not. The caller commits."""
    plain = code.replace(" ", "").casefold()
    if plain.isdecimal():
        return "code" if _takes(session, account, plain) else None
    letters = plain.replace("-", "")
    plain = "-".join(letters[at : at + 5] for at in range(0, len(letters), 5))
    kept = account.recovery or []
    used = next((one for one in kept if check_password_hash(one, plain)), None)
    if used is None:
        return None
    account.recovery = [one for one in kept if one != used]
    session.flush()
    return "recovery"


def turn_off(account: Account) -> None:
    """Without it again: by its holder, or by who gives out accounts, when the telephone is lost. The caller commits."""
    account.second_sealed = account.second_since = account.second_step = account.recovery = None


def left(account: Account) -> int:
    """How many codes for a lost telephone are not used yet."""
    return len(account.recovery or [])


def problem() -> str:
    return _("This code is wrong or was used already. Wait for the next one, and look at the clock of your telephone.")


def _takes(session: Session, account: Account, code: str) -> bool:
    now = clock.now()
    totp = pyotp.TOTP(_secret(account), interval=STEP)
    for drift in range(-DRIFT, DRIFT + 1):
        at = now + timedelta(seconds=drift * STEP)
        step = int(at.timestamp()) // STEP
        if secrets.compare_digest(totp.at(at), code.strip().encode("ascii", "replace").decode()):
            return _is_first(session, account, step)
    return False


def _is_first(session: Session, account: Account, step: int) -> bool:
    """Remember the step of a right code; False when it, or a later one, was there before."""
    later = sa.or_(Account.second_step.is_(None), Account.second_step < step)
    taken: Any = session.execute(sa.update(Account).where(Account.id == account.id, later).values(second_step=step))
    return bool(taken.rowcount)


def _secret(account: Account) -> str:
    assert account.second_sealed is not None, "enrolled before"
    return unseal_numbers(account.second_sealed)["totp"]
