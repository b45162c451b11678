"""Chores: each is done when it is due, by one worker of several."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.operations.chores import CHORES, Chore, do_due, forget, start
from tests.browsing import Browser

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Counted:
    """A chore that counts how often it is done."""

    def __init__(self, name: str = "counted") -> None:
        self.done = 0
        self.chore = Chore(name, HOUR, self.do)

    def do(self) -> str:
        self.done += 1
        return "done"


@pytest.fixture
def counted() -> Counted:
    return Counted()


def look(app, *chores: Chore, at: datetime = NOON) -> None:
    with app.app_context(), clock.frozen(at):
        do_due(chores)


def test_it_is_done_the_first_time(app, counted):
    look(app, counted.chore)
    assert counted.done == 1


@pytest.mark.parametrize(("after", "done"), [(timedelta(minutes=59), 1), (HOUR, 2), (timedelta(days=30), 2)])
def test_it_is_done_again_when_its_time_is_over(app, counted, after, done):
    look(app, counted.chore)
    look(app, counted.chore, at=NOON + after)
    assert counted.done == done


def test_of_several_workers_one_does_it(app, counted):
    workers = [threading.Thread(target=look, args=(app, counted.chore)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert counted.done == 1


def test_one_that_fails_is_logged_and_keeps_no_other_from_being_done(app, counted, log):
    def fail() -> None:
        raise RuntimeError("no")

    look(app, Chore("failing", HOUR, fail), counted.chore)
    assert counted.done == 1
    assert [line["message"] for line in log.lines(level="error")] == ["failing failed"]


def test_what_was_done_is_logged(app, counted, log):
    look(app, counted.chore)
    assert [line["message"] for line in log.lines(logger="app.operations.chores")] == ["counted: done"]


def test_the_products_own_are_done(app, log):
    with app.app_context():
        do_due()
    assert [line["message"].split(":")[0] for line in log.lines(level="info")] == [chore.name for chore in CHORES]


def test_the_thread_of_a_worker_ends_with_it(app):
    before = threading.active_count()
    stop = start(app)
    (thread,) = (each for each in threading.enumerate() if each.name == "chores")
    assert (threading.active_count(), thread.daemon) == (before + 1, True)
    stop.set()
    thread.join(timeout=5)
    assert not thread.is_alive()


def test_sign_ins_of_long_ago_and_their_guesses_are_forgotten(app, make, sign_in):
    make.account("zhang", "unit_administrator", make.unit())
    sign_in("zhang")
    browser = Browser(app)
    browser.get("/login/built-in")
    browser.post("/login/built-in", {"username": "zhang", "password": "wrong"})
    with app.app_context():
        assert forget() == "0 sittings, 0 counts of guesses, 0 drafts of units"
        with clock.frozen(clock.now() + timedelta(days=91)):
            assert forget() == "1 sittings, 2 counts of guesses, 0 drafts of units"
