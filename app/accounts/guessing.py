"""Who guesses passwords is slowed, then locked out: per account name and per address, counted for all workers.

A try counts before it is looked at, so that many at once are no more than one after another. A name that nobody has is
counted like any other. After a right password the account's count begins anew and the address has one try less.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import Account, Guesses, Sitting
from app.sealing import blind


@dataclass(frozen=True)
class Bound:
    """After `free` tries each waits twice as long as the one before; from `locked` on, all wait `lock`."""

    free: int
    locked: int
    lock: timedelta
    longest: timedelta = timedelta(seconds=60)  # of the doubling waits
    forgotten: timedelta = timedelta(minutes=30)  # after so long without a try the count begins anew

    def wait(self, number: int) -> timedelta:
        """How long after the `number`-th wrong try the next one is looked at."""
        if number < self.free:
            return timedelta()
        if number >= self.locked:
            return self.lock
        return min(timedelta(seconds=2 ** (number - self.free)), self.longest)


PASSWORD, SECOND = "account", "second"  # what is guessed of an account: each is counted for itself
ACCOUNT = Bound(free=5, locked=20, lock=timedelta(minutes=30))
# Whole offices share one address, so this one is wide; it stops who tries many accounts.
ADDRESS = Bound(free=100, locked=300, lock=timedelta(minutes=30))


def keys_of(what: str, username: str, address: str) -> dict[str, Bound]:
    """What a try counts for; names are not stored in clear."""
    return {f"{what} {blind(username.casefold())}"[:80]: ACCOUNT, f"address {address}"[:80]: ADDRESS}


def admit(session: Session, username: str, address: str, what: str = PASSWORD) -> timedelta | None:
    """Count a try; None when it is to be looked at, else how long nothing of this account, or from this address, is
    looked at, and then it is not counted. The caller has begun to write, and commits."""
    now, keys = clock.now(), keys_of(what, username, address)
    rows = _held(session, list(keys), now)
    account, of_address = (rows[key] for key in keys)
    if of_address.next_at > now and _comes_from(session, username, address):
        waits = [account.next_at]  # somebody who is known there is not kept out by the others
    else:
        waits = [account.next_at, of_address.next_at]
    if max(waits) > now:
        return max(waits) - now
    for key, bound in keys.items():
        row = rows[key]
        row.number = 1 if now - row.last_at > bound.forgotten else row.number + 1
        row.last_at, row.next_at = now, max(row.next_at, now + bound.wait(row.number))
    session.flush()
    return None


def was_right(session: Session, username: str, address: str, what: str = PASSWORD) -> None:
    """The try that was counted last was right."""
    account, of_address = keys_of(what, username, address)
    session.execute(sa.delete(Guesses).where(Guesses.key == account))
    less = sa.update(Guesses).where(Guesses.key == of_address, Guesses.number > 0)
    session.execute(less.values(number=Guesses.number - 1))


def _held(session: Session, keys: list[str], now: datetime) -> dict[str, Guesses]:
    """The counts, locked; those that are not there are made first, by whoever comes first."""
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert
    new = [{"key": key, "number": 0, "last_at": now, "next_at": now} for key in sorted(keys)]
    session.execute(insert(Guesses).values(new).on_conflict_do_nothing())
    query = sa.select(Guesses).where(Guesses.key.in_(keys)).order_by(Guesses.key).with_for_update()
    return {row.key: row for row in session.scalars(query.execution_options(populate_existing=True))}


def _comes_from(session: Session, username: str, address: str) -> bool:
    """Whether the account signed in from this address before."""
    known = sa.select(Sitting.id).join(Account, Account.id == Sitting.user_id)
    return session.scalar(known.where(Account.username == username, Sitting.address == address).limit(1)) is not None


def forget(session: Session) -> int:
    """Remove counts that begin anew anyway; how many."""
    gone = sa.delete(Guesses).where(Guesses.last_at < clock.now() - timedelta(days=1))
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]
