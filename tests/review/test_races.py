"""Two units act on the same people at the same moment, on both engines: afterwards everything still agrees."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, get_ident
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.extensions import db
from app.operations.check import inconsistencies
from app.review.models import Submission
from app.tenancy import everything
from tests.browsing import Browser
from tests.factories import Make, ledger, unit_code
from tests.intake.answers import belongs_to
from tests.review.forms import DECIDE, TAKE_BACK, several

PEOPLE = range(1, 9)
Step = Callable[[], int]


@pytest.fixture
def units(make: Make, sign_in) -> tuple[Browser, Browser]:
    """The administrators of two units, signed in; each has a registration of each of the people."""
    for n, name in ((1, "zhang"), (2, "wang")):
        make.account(name, "unit_administrator", make.unit(n))
    for n in PEOPLE:
        make.registration(n, ref=f"A{n}")
        make.registration(n, unit_code(2), ref=f"B{n}")
    return sign_in("zhang"), sign_in("wang")


def ids(make: Make, letter: str) -> list[int]:
    query = sa.select(Submission.id).where(Submission.ref.startswith(letter)).order_by(Submission.id)
    return [pk for (pk,) in make.read(query)]


def passing(browser: Browser, rows: list[int]) -> Step:
    return lambda: browser.post(DECIDE, several(*rows)).status_code


def batch_of(browser: Browser, rows: list[int]) -> str:
    """Pass them all; the number of the batch."""
    return browser.post(DECIDE, several(*rows)).location.split("/batch/")[1].split("?")[0]


def taking_back(browser: Browser, batch: str) -> Step:
    form = {"batch": batch, "status": "passed", "opinion": "误操作"}
    return lambda: browser.post(TAKE_BACK, form).status_code


def at_once(*steps: Step) -> list[int]:
    """The answers of steps taken at the same moment."""
    start = Barrier(len(steps), timeout=30)

    def take(step: Step) -> int:
        start.wait()
        return step()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(take, steps))


@contextmanager
def side_by_side(app: Flask) -> Iterator[None]:
    """Both have come as far as the people before either locks them. On SQLite one waits for the other anyway."""
    met, came = Barrier(2, timeout=30), set[int]()

    def meet(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM person" in statement and "FOR UPDATE" in statement and get_ident() not in came:
            came.add(get_ident())
            met.wait()

    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        yield
        return
    sa.event.listen(engine, "before_cursor_execute", meet)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", meet)


def wrong(app: Flask) -> list[str]:
    """What `flask check` would tell."""
    with app.app_context(), everything("tests") as session:
        return list(inconsistencies(session))


def last_steps(make: Make, rows: list[int]) -> set[str]:
    return {ledger(make, pk)[-1].step for pk in rows}


def test_two_units_pass_the_same_people(app, make, units):
    first, second = ids(make, "A"), ids(make, "B")
    with side_by_side(app):
        answers = at_once(passing(units[0], first), passing(units[1], second[::-1]))
    assert (answers, wrong(app)) == ([303, 303], [])
    assert {belongs_to(make, n) for n in PEOPLE} <= {unit_code(1), unit_code(2)}


def test_two_units_take_back_the_same_people(app, make, units):
    first, second = ids(make, "A"), ids(make, "B")
    batches = batch_of(units[0], first), batch_of(units[1], second)
    with side_by_side(app):
        answers = at_once(*(taking_back(browser, batch) for browser, batch in zip(units, batches, strict=True)))
    assert (answers, wrong(app)) == ([303, 303], [])
    assert (last_steps(make, first + second), {belongs_to(make, n) for n in PEOPLE}) == ({"take_back"}, {None})


@pytest.mark.parametrize("earlier", [0, 1], ids=["first unit takes back", "second unit takes back"])
def test_one_unit_takes_back_while_the_other_passes(app, make, units, earlier):
    rows = ids(make, "A"), ids(make, "B")
    batch = batch_of(units[earlier], rows[earlier])
    later = 1 - earlier
    with side_by_side(app):
        answers = at_once(taking_back(units[earlier], batch), passing(units[later], rows[later][::-1]))
    assert (answers, wrong(app)) == ([303, 303], [])
    assert last_steps(make, rows[earlier]) == {"take_back"}
    assert {belongs_to(make, n) for n in PEOPLE} == {unit_code(later + 1)}


def test_two_administrators_take_the_same_batch_back_once(app, make, units, sign_in):
    make.account("li", "unit_administrator", make.unit_id(unit_code(1)))
    first = ids(make, "A")
    batch = batch_of(units[0], first)
    answers = at_once(taking_back(units[0], batch), taking_back(sign_in("li"), batch))
    assert (answers, wrong(app)) == ([303, 303], [])
    assert [entry.step for entry in ledger(make, *first)].count("take_back") == len(PEOPLE)
