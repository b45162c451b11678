"""Who is in: a sign-in as the server knows it, so that it ends when it should, on every worker at once."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import request
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import Sitting
from app.extensions import begin_write
from app.tenancy import everything
from config import LOOPBACK, SITTING_IDLE, SITTING_LONGEST

KEY = "sitting"  # of the cookie
NOTED = timedelta(minutes=1)  # what is seen again within this is not written again
KEPT = timedelta(days=90)  # how long ended ones are remembered


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def begin(session: Session, user_id: int, cookie: Any, address: str, browser: str) -> None:
    """A new sitting, whose key the cookie has from now on. The caller commits."""
    cookie[KEY] = secrets.token_urlsafe(32)
    now = clock.now()
    facts = {"address": address[:45], "browser": browser[:200], "began_at": now, "seen_at": now}
    session.add(Sitting(user_id=user_id, key=digest(cookie[KEY]), **facts))


def of_cookie(cookie: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    """The criterion that a sitting is the one of a cookie, and has not ended."""
    return sa.and_(Sitting.key == digest(str(cookie.get(KEY, ""))), Sitting.ended_at.is_(None))


def until(sitting: Sitting, seen_at: datetime | None = None) -> datetime:
    """When it ends by itself, if nothing is done after `seen_at`."""
    return min((seen_at or sitting.seen_at) + SITTING_IDLE, sitting.began_at + SITTING_LONGEST)


def is_over(sitting: Sitting) -> bool:
    return clock.now() >= until(sitting)


def note(sitting: Sitting, writing: Session | None) -> None:
    """Remember that its holder was here, at most once a minute: in the request's own transaction when it is `writing`,
    else apart, and where others write for too long, next time."""
    if clock.now() - sitting.seen_at < NOTED:
        return
    seen = sa.update(Sitting).where(Sitting.id == sitting.id).values(seen_at=clock.now())
    if writing is not None:
        writing.execute(seen, execution_options={"synchronize_session": False})
        return
    with suppress(OperationalError), everything("that somebody was seen") as session:
        begin_write(session)
        session.execute(seen)
        session.commit()


def end(session: Session, user_id: int, *criteria: sa.ColumnElement[bool]) -> int:
    """End the sittings of an account that meet the criteria; how many did. The caller commits."""
    query = sa.update(Sitting).where(Sitting.user_id == user_id, Sitting.ended_at.is_(None), *criteria)
    return int(session.execute(query.values(ended_at=clock.now())).rowcount)  # type: ignore[attr-defined]


def of_account(session: Session, user_id: int) -> Sequence[Sitting]:
    """The account's sittings that go on, the one seen last first."""
    now = clock.now()
    query = sa.select(Sitting).where(Sitting.user_id == user_id, Sitting.ended_at.is_(None))
    query = query.where(Sitting.seen_at > now - SITTING_IDLE, Sitting.began_at > now - SITTING_LONGEST)
    return session.scalars(query.order_by(Sitting.seen_at.desc(), Sitting.id.desc())).all()


def forget(session: Session) -> int:
    """Remove the sittings that nobody was seen in for long; how many."""
    gone = sa.delete(Sitting).where(Sitting.seen_at < clock.now() - KEPT)
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]


class Cookies(SecureCookieSessionInterface):
    """The cookie goes over TLS alone, but for who works at the very machine (contract: 127.0.0.1)."""

    def get_cookie_secure(self, app: Any) -> bool:
        return urlsplit(f"//{request.host}").hostname not in LOOPBACK
