"""An installation of its own for a trial: a migrated database with one unit and many waiting registrations."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.operations.check import inconsistencies
from app.operations.seed import seed_registrations
from app.review.models import Decision, Submission
from app.review.workflow import Actor, Chosen, Outcome, decide
from app.sealing import check_key
from app.tenancy import everything
from config import settings

ACTOR = Actor(name="试验", node="unit", may_decide=True)


def environment(engine: Any, database: str, data_dir: Path) -> dict[str, str]:
    """What a process of the trial starts with."""
    keys = {name: os.environ.setdefault(f"TRIAL_{name}", secrets.token_hex(32)) for name in ("SECRET_KEY", "DATA_KEY")}
    return {**keys, **engine.environment(database), "DATA_DIR": str(data_dir)}


@contextmanager
def built(env: dict[str, str]) -> Iterator[Flask]:
    """The app of an environment, its connections closed afterwards."""
    app = create_app(settings(env))
    with app.app_context():
        yield app
        app.extensions["sqlalchemy"].engine.dispose()


def prepare(engine: Any, template: str, data_dir: Path, items: int, number: int) -> None:
    """Make the template: `items` registrations of one unit, all of them pending."""
    engine.create(template)
    with built(environment(engine, template, data_dir)):
        upgrade()
        with everything("trial") as session:
            check_key(session)
            session.rollback()
            seed_registrations(session, 1, items, number, lambda _count: None, outcomes=("pending",))


def pass_all(session: Any, actor: Actor = ACTOR) -> Outcome:
    """One batch on everything that waits."""
    chosen = Chosen("registration", matching=Submission.status == "pending")
    return decide(session, chosen, "pass", "同意", actor)


def verdicts(session: Any) -> dict[int, int]:
    """Submission → number of its verdicts."""
    query = sa.select(Decision.submission_id, sa.func.count()).where(Decision.step == "pass")
    return dict(session.execute(query.group_by(Decision.submission_id)).fetchall())


def passed(session: Any) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Submission).where(Submission.status == "passed")) or 0


def faults(session: Any) -> list[str]:
    """What `flask check` finds."""
    return list(inconsistencies(session))
