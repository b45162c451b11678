"""Passwords (R5): what may become one, how one is set, and the initial ones that HR operations gives out."""

import secrets
from datetime import timedelta
from functools import cache

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app import clock
from app.accounts import sittings
from app.accounts.models import Account

SHORTEST, LONGEST = 12, 200  # characters; hashing is slow by design, so there is a longest
FORMER = 5  # none of the last so many comes again
INITIAL_FOR = timedelta(days=7)
ROWS = (
    "qwertyuiopasdfghjklzxcvbnm",
    "1234567890123456789012345",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb",
)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # of what is given out: none is taken for another on paper


@cache
def _common() -> frozenset[str]:
    """Passwords that many people have, without the digits and signs that they put before and after."""
    words = (word for name in ("passwords", "english_wikipedia") for word in FREQUENCY_LISTS[name])
    return frozenset(words)


def problem(account: Account, password: str) -> str | None:
    """What is wrong with a new password, in words; None when it may become the account's."""
    if len(password) < SHORTEST:
        return _("At least %(length)d characters.", length=SHORTEST)
    if len(password) > LONGEST:
        return _("At most %(length)d characters.", length=LONGEST)
    if _is_common(password):
        return _("Many people have this password, or one like it. Choose words that only you would put together.")
    if any(part and part in password.casefold() for part in _own(account)):
        return _("Do not use your user name or your name in it.")
    if any(check_password_hash(old, password) for old in _last(account)):
        return _("You had this password before. Choose one that is not among your last %(number)d.", number=FORMER)
    return None


def _is_common(password: str) -> bool:
    plain = password.casefold()
    core = plain.strip("0123456789!@#$%^&*()-_=+.,?~ ")
    few = len(set(plain)) < 5
    return few or plain in _common() or core in _common() or core == "" or plain in _rows()


@cache
def _rows() -> frozenset[str]:
    """Rows of keys and of numbers, and parts of them."""
    return frozenset(row[i:j] for row in ROWS for i in range(len(row)) for j in range(i + SHORTEST, len(row) + 1))


def _own(account: Account) -> list[str]:
    return [account.username.casefold(), account.first_name.casefold()]


def _last(account: Account) -> list[str]:
    return [account.password, *(account.former_passwords or [])][:FORMER]


def made(groups: int) -> str:
    """Random letters and digits in groups of five, to be read from paper."""
    return "-".join("".join(secrets.choice(LETTERS) for _place in range(5)) for _group in range(groups))


def hashed(password: str) -> str:
    """What is stored of a password. Slow by design: nobody is kept waiting by a transaction meanwhile."""
    return generate_password_hash(password)


def change(session: Session, account: Account, new: str) -> None:
    """Give the account the hash of a password that has no problem; all its sittings end. The caller commits."""
    account.former_passwords = _last(account)
    account.password = new
    account.initial_until = None
    sittings.end(session, account.id)


def give(session: Session, account: Account) -> str:
    """A new initial password, which is shown once: it holds for a week, and all sittings end. The caller commits."""
    password = made(groups=3)
    change(session, account, hashed(password))
    account.initial_until = clock.now() + INITIAL_FOR
    return password
