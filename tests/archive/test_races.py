"""撤销审核 while something comes in that rests on the verdict: who waited for the other is refused, on both engines."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import begin_write, db
from app.intake.files import Folder
from app.intake.take import take_line
from app.operations.check import inconsistencies
from app.review.models import Submission
from app.tenancy import everything
from tests.archive.factories import item_line, request_line, verdict_line
from tests.browsing import Browser
from tests.factories import Make

AGAIN = {"submitted_at": "2026-11-20T09:00:00+08:00"}


def until_somebody_waits(app: Flask) -> None:
    """Until a statement waits for a lock. On SQLite it waits from its beginning on, for the one who writes."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return
        for _ in range(500):
            if connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
            Event().wait(0.02)
    raise AssertionError("nobody waits")


def while_coming_in(app: Flask, folder: Any, line: dict[str, Any], step: Callable[[], Any]) -> None:
    """Takes the step while a line is taken in but not committed yet."""
    with ThreadPoolExecutor(1) as other, app.app_context(), everything("tests") as session:
        begin_write(session)
        result = take_line(session, json.dumps(line).encode(), Folder(folder.resolve()))
        assert result.outcome != "rejected", result.errors
        taken = other.submit(step)
        until_somebody_waits(app)
        session.commit()
        taken.result(timeout=30)


def taking_back(desk: Browser, make: Make, address: str, ref: str) -> Callable[[], Any]:
    """Takes the newest verdict on a record back, as its page would."""
    query = sa.select(Submission.id, Submission.steps, Submission.status).where(Submission.ref == ref)
    ((pk, steps, status),) = make.read(query)
    form = {"rowid": f"{pk}:{steps}", "status": status, "single": "1", "opinion": "误操作"}
    return lambda: desk.post(f"{address}/take_back", form)


def statuses(make: Make, *refs: str) -> list[str]:
    query = sa.select(Submission.ref, Submission.status).where(Submission.ref.in_(refs))
    found = dict(make.read(query))
    return [found[ref] for ref in refs]


@pytest.fixture
def passed(intake: Any) -> None:
    """An item that passed."""
    intake(item_line(), verdict_line(11))


@pytest.fixture
def withdrawn(intake: Any, passed: None) -> None:
    """The same after a consent to give it back."""
    intake(request_line(), verdict_line(12, of="W1", day=6))


def consistent(app: Flask) -> bool:
    with app.app_context(), everything("tests") as session:
        return not list(inconsistencies(session))


def test_a_pass_stays_while_a_request_to_have_the_item_back_comes_in(app, make, folder, desk, passed):
    while_coming_in(app, folder, request_line(), taking_back(desk, make, "/archive/paper", "A1"))
    assert statuses(make, "A1", "W1") == ["passed", "pending"]
    assert consistent(app)


def test_a_consent_stays_while_the_item_comes_again(app, make, folder, desk, withdrawn):
    again = item_line(data={"title": "改过的题目"}, **AGAIN)
    while_coming_in(app, folder, again, taking_back(desk, make, "/withdrawals", "W1"))
    assert statuses(make, "A1", "W1") == ["pending", "passed"]
    assert consistent(app)


def test_a_registration_stays_passed_while_an_item_of_its_person_comes_in(app, make, folder, desk):
    while_coming_in(app, folder, item_line(), taking_back(desk, make, "/registrations", "R1"))
    assert statuses(make, "R1", "A1") == ["passed", "pending"]
    assert consistent(app)
