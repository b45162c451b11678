"""Two units decide on one person, the second while the first is not done: he belongs where a pass stands."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic

import pytest
import sqlalchemy as sa
from flask import Flask

from app.operations.check import inconsistencies
from app.tenancy import UNGUARDED, everything
from tests.browsing import Browser
from tests.factories import Make, unit_code
from tests.intake.answers import belongs_to
from tests.review.forms import DECIDE, TAKE_BACK, one, several

Step = Callable[[], int]
HELD = "SELECT id FROM person ORDER BY id OFFSET (SELECT count(*) / 2 FROM person) LIMIT 1 FOR UPDATE"
WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


@contextmanager
def person_held(app: Flask) -> Iterator[Callable[[int], None]]:
    """Somebody holds the person in the middle. What this gives waits until so many steps are held up: on SQLite, where
    they wait before they begin, nobody can see that."""
    engine = sa.create_engine(app.config["MIGRATION_DATABASE_URL"], execution_options={UNGUARDED: "holds a person"})
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else HELD)

        def held_up(steps: int) -> None:
            latest = monotonic() + 4
            while not sqlite and connection.exec_driver_sql(WAITING).scalar() < steps:
                assert monotonic() < latest, "a step is not held up"

        yield held_up
        connection.rollback()
    engine.dispose()


def behind_each_other(app: Flask, *steps: Step) -> list[int]:
    """The answers to steps that come in this order, are held up at the same person, and then go on."""
    with ThreadPoolExecutor(len(steps)) as hands:
        answers = []
        with person_held(app) as held_up:
            for number, step in enumerate(steps, 1):
                answers.append(hands.submit(step))
                held_up(number)
        return [answer.result() for answer in answers]


class Unit:
    """The administrator of a unit, and its record of the person."""

    def __init__(self, browser: Browser, pk: int) -> None:
        self.browser, self.pk = browser, pk

    def passes(self) -> int:
        return self.browser.post(DECIDE, one(self.pk)).status_code

    def takes_back(self) -> int:
        form = {"rowid": f"{self.pk}:2", "single": "1", "status": "passed", "opinion": "误操作"}
        return self.browser.post(TAKE_BACK, form).status_code


@pytest.fixture
def units(make: Make, sign_in) -> list[Unit]:
    """Two units in which the first person is registered."""
    found = []
    for n, name in ((1, "zhang"), (2, "wang")):
        make.account(name, "unit_administrator", make.unit(n))
        pk = make.registration(1, unit_code(n), ref=f"R{n}")
        found.append(Unit(sign_in(name), pk))
    return found


def broken(app: Flask) -> list[str]:
    """What `flask check` would say."""
    with app.app_context(), everything("tests") as session:
        return list(inconsistencies(session))


@pytest.fixture(params=[(0, 1), (1, 0)], ids=["first unit before", "second unit before"])
def order(request, units) -> tuple[Unit, Unit]:
    """The two units, in both orders."""
    before, after = request.param
    return units[before], units[after]


def test_both_take_their_passes_back(app, make, units, order):
    for unit in units:
        assert unit.passes() == 303
    assert behind_each_other(app, *(unit.takes_back for unit in order)) == [303, 303]
    assert (belongs_to(make), broken(app)) == (None, [])


def test_one_passes_and_the_other_takes_back(app, make, units, order):
    passing, taking = order
    assert taking.passes() == 303
    assert behind_each_other(app, passing.passes, taking.takes_back) == [303, 303]
    assert (belongs_to(make), broken(app)) == (unit_code(units.index(passing) + 1), [])


def test_one_takes_back_and_the_other_passes(app, make, units, order):
    taking, passing = order
    assert taking.passes() == 303
    assert behind_each_other(app, taking.takes_back, passing.passes) == [303, 303]
    assert (belongs_to(make), broken(app)) == (unit_code(units.index(passing) + 1), [])


def test_both_pass(app, make, order):
    assert behind_each_other(app, *(unit.passes for unit in order)) == [303, 303]
    assert belongs_to(make) in {unit_code(1), unit_code(2)}
    assert broken(app) == []


def test_batches_whose_records_lie_in_the_opposite_order_do_not_stop_each_other(app, make, units):
    """Their people are held in one order."""
    people = range(2, 32)
    ids = [[make.registration(n, ref=f"A{n}") for n in people]]
    ids.append([make.registration(n, unit_code(2), ref=f"B{n}") for n in reversed(people)])

    def batch(unit: Unit, rows: list[int]) -> Step:
        return lambda: unit.browser.post(DECIDE, several(*rows)).status_code

    passes = [batch(unit, rows) for unit, rows in zip(units, ids, strict=True)]
    assert behind_each_other(app, *passes) == [303, 303]
    assert broken(app) == []
