"""职称信息: whom a piece of news reaches, and what HR operations does with it.

What is published is never changed: it is withdrawn, with a reason, and what is right is published anew.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app import audit, clock
from app.home.models import News
from app.review.workflow import Actor
from app.tenancy import Scope
from app.units.aimed import reaches
from app.units.regions import region_bounds
from config import PROVINCE

NEWEST = 5  # titles on the public page


@dataclass(frozen=True)
class State:
    """How a state reads, the colour of its word, and the criterion of the news in it."""

    label: Any
    tone: str
    rows: ColumnElement[bool]


STATES = {
    "published": State(_l("Published"), "ok", News.published_at.is_not(None) & News.withdrawn_at.is_(None)),
    "draft": State(_l("Draft"), "wait", News.published_at.is_(None)),
    "withdrawn": State(_l("Withdrawn"), "end", News.withdrawn_at.is_not(None)),
}


def state(row: Any) -> str:
    """A key of STATES."""
    if row.published_at is None:
        return "draft"
    return "published" if row.withdrawn_at is None else "withdrawn"


# ---- whom it reaches -------------------------------------------------------------------------------------------------


def is_public() -> ColumnElement[bool]:
    """The criterion of what everybody reads, signed in or not: it is for the whole province."""
    return STATES["published"].rows & (News.region == PROVINCE)


def is_read(scope: Scope, writes_in: str | None) -> ColumnElement[bool]:
    """The criterion of what a reader opens: what is published for his region, and where he writes himself
    (`writes_in`, a region) all there is of it."""
    published = STATES["published"].rows & reaches(News.region, scope)
    return published if writes_in is None else published | is_own(writes_in)


def is_own(writes_in: str) -> ColumnElement[bool]:
    """The criterion of the news for a region and all below it, which its HR operations writes."""
    return News.region.between(*region_bounds(writes_in))


def titles(session: Session, whose: ColumnElement[bool] | None = None) -> list[dict[str, Any]]:
    """The newest that everybody reads, or `whose` criterion says who: title, day and address. One statement."""
    query = sa.select(News.id, News.title, News.published_at).where(is_public() if whose is None else whose)
    rows = session.execute(query.order_by(News.published_at.desc(), News.id.desc()).limit(NEWEST))
    return [{"title": row.title, "day": day(row.published_at), "url": _address(row.id)} for row in rows]


def _address(pk: int) -> str:
    return url_for("NewsView.show", pk=pk)


def day(at: datetime) -> str:
    """The day of a moment in the province."""
    return at.astimezone(clock.ZONE).date().isoformat()


# ---- what is done with it, in the caller's transaction ---------------------------------------------------------------


def written(title: str, body: str, region: str) -> dict[str, str]:
    """The columns of what somebody wrote."""
    from app.home.news.writing import harmless  # inline: its libraries are loaded when somebody writes

    return {"title": title, "body": body, "html": harmless(body), "region": region}


def add(session: Session, columns: dict[str, str], actor: Actor) -> News:
    """A new draft."""
    now = clock.now()
    by = {"author_id": actor.user_id, "author_name": actor.name}
    row = News(**columns, **by, created_at=now, changed_at=now)
    session.add(row)
    session.flush()
    audit.record(session, "add_news", actor, f"news {row.id}", **_told(row))
    return row


def change(session: Session, row: News, columns: dict[str, str], actor: Actor) -> None:
    """Change a (locked) draft."""
    before = _told(row)
    for name, value in columns.items():
        setattr(row, name, value)
    _stepped(session, row)
    audit.record(session, "change_news", actor, f"news {row.id}", before=before, after=_told(row))


def publish(session: Session, row: News, actor: Actor) -> None:
    """Publish a (locked) draft."""
    row.published_at = clock.now()
    _stepped(session, row)
    audit.record(session, "publish_news", actor, f"news {row.id}", **_told(row))


def withdraw(session: Session, row: News, reason: str, actor: Actor) -> None:
    """Withdraw (locked) published news."""
    row.withdrawn_at, row.withdrawn_reason = clock.now(), reason
    _stepped(session, row)
    audit.record(session, "withdraw_news", actor, f"news {row.id}", **_told(row), reason=reason)


def _stepped(session: Session, row: News) -> None:
    row.steps += 1
    row.changed_at = clock.now()
    session.flush()


def _told(row: News) -> dict[str, Any]:
    """What the audit log says of it; a body, which may be long, by its SHA-256."""
    return {"title": row.title, "region": row.region, "body": hashlib.sha256(row.body.encode()).hexdigest()}
