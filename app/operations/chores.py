"""What is done regularly. The table below says what and how often; of several workers the one that marks it does it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_appbuilder.models.sqla import Model
from sqlalchemy import String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app import attachments, clock
from app.accounts import guessing, registering, sign_on, sittings
from app.columns import UTCDateTime
from app.extensions import begin_write, db
from app.home.overview import folding
from app.tenancy import everything

log = logging.getLogger(__name__)
PAUSE = 60  # seconds between two looks at what is due
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Mark(Model):
    """When a chore began last."""

    __tablename__ = "chore"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)


@dataclass(frozen=True)
class Chore:
    name: str
    every: timedelta
    do: Callable[[], object]  # within an app's context; what it answers is logged


def sweep() -> attachments.Swept:
    with everything("sweep of attachments") as session:
        return attachments.sweep(session)


def forget() -> str:
    with everything("old sign-ins") as session:
        begin_write(session)
        told = f"{sittings.forget(session)} sittings, {guessing.forget(session)} counts of guesses, "
        told += f"{registering.forget(session)} drafts of units"
        session.commit()
    return told


def forget_ways() -> str:
    with everything("ways to the sign-on") as session:
        begin_write(session)
        told = f"{sign_on.forget(session)} ways to the sign-on"
        session.commit()
    return told


def fold_overview() -> str:
    return f"{folding.fold()} rows of the ledger"


CHORES = (
    Chore("overview", timedelta(minutes=1), fold_overview),
    Chore("ways to the sign-on", timedelta(minutes=15), forget_ways),
    Chore("attachments sweep", timedelta(hours=1), sweep),
    Chore("old sign-ins", timedelta(days=1), forget),
)


def do_due(chores: tuple[Chore, ...] = CHORES) -> None:
    """Do what is due and nobody else has begun. A chore that fails is logged, and due again after its time."""
    for chore in chores:
        try:
            if _marked(chore):
                log.info("%s: %s", chore.name, chore.do())
        except Exception as error:
            log.error("%s failed", chore.name, exc_info=error)


def _marked(chore: Chore) -> bool:
    """Mark the chore as begun now; False when it is not due, or another worker was faster."""
    now = clock.now()
    with everything("chores") as session:
        begin_write(session)
        insert = INSERT[db.engine.dialect.name](Mark).values(name=chore.name, began_at=NEVER)
        session.execute(insert.on_conflict_do_nothing())
        due = sa.update(Mark).where(Mark.name == chore.name, Mark.began_at <= now - chore.every)
        marked = session.scalars(due.values(began_at=now).returning(Mark.name)).all()
        session.commit()
    return bool(marked)


def start(app: Flask) -> Event:
    """Do what is due, now and then, in a thread of this process; setting the answer ends it. Call it in each worker
    that serves, after the fork: a thread does not survive one."""
    stop = Event()

    def work() -> None:
        while not stop.wait(PAUSE):
            with app.app_context():
                do_due()

    Thread(target=work, name="chores", daemon=True).start()
    return stop
