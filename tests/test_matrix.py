"""Every role, every route, by GET and by POST: how it answers, from one table (tests/matrix.txt).

The routes and how they are called are those of tests/routes.py. A role is asked all of them in the order of the table,
first by GET; what a POST changes is seen by the next.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import Grant
from app.accounts.roles import ROLES
from app.units.models import Unit
from tests.browsing import Browser
from tests.conftest import PASSWORD, build, release
from tests.factories import Make, change, unit_code
from tests.routes import ROUTES, Keys
from tests.test_routes import call, stage

__all__ = ["stage"]
TABLE = Path(__file__).with_name("matrix.txt")
STRANGER = "stranger"
NOT_TAKEN = "405"
LAST = {"DoorView.logout"}  # nobody is signed in after it
Answers = dict[tuple[str, str], str]


def read() -> dict[str, Answers]:
    """{role: {(endpoint, method): status}} of the table."""
    head, *lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {role: {(line[0], line[1]): line[place] for line in lines} for place, role in enumerate(head[2:], start=2)}


MATRIX = read()


@pytest.fixture
def app(engine, stage, database) -> Iterator[Flask]:
    """The app on a copy of a database that has a key of everything in one unit, which a department looks after."""
    app = build(engine, database(stage[0]), stage[1])
    make = Make(app, PASSWORD)
    department = make.unit(3, nature="government")
    change(make, sa.update(Unit).where(Unit.code == unit_code(1)).values(department_id=department))
    yield app
    release(app)


def reader(app: Flask, role: str) -> Browser:
    """Somebody with a role over the unit of the keys, its department or its region, signed in; or a stranger."""
    browser = Browser(app)
    if role == STRANGER:
        browser.get("/login/built-in")
        return browser
    make = Make(app, PASSWORD)
    over = {"unit": make.unit_id(unit_code(1)), "department": make.unit_id(unit_code(3)), "region": "350000"}
    account = make.account("reader", role, over[ROLES[role].over])
    if role == "stand_in":
        change(make, sa.update(Grant).where(Grant.user_id == account).values(stands_for_id=_administrator(make)))
    return browser.sign_in("reader", PASSWORD)


def _administrator(make: Make) -> int:
    query = sa.select(Grant.user_id).where(Grant.role == "unit_administrator").order_by(Grant.id)
    return int(make.read(query)[0][0])


def asked(browser: Browser, keys: Keys) -> Answers:
    """How each address answers to GET and POST."""
    found: Answers = {}
    for method in ("GET", "POST"):
        every = sorted(ROUTES, key=lambda route: route[0] in LAST)
        for endpoint, listed in every:
            if listed != method and ((endpoint, method) in ROUTES or _shared(endpoint, listed, method)):
                continue
            answer: Any = call(browser, method, ROUTES[endpoint, listed], keys)
            found[endpoint, method] = str(answer.status_code)
    return found


def _shared(endpoint: str, listed: str, method: str) -> bool:
    """Whether another view answers at the same address."""
    address = ROUTES[endpoint, listed].address
    return any(route[1] == method and one.address == address for route, one in ROUTES.items())


def test_every_role_is_in_the_matrix():
    assert set(MATRIX) == {STRANGER, *ROLES}


@pytest.mark.parametrize("role", MATRIX)
def test_a_role_is_answered_as_the_matrix_says(app, stage, role):
    found = asked(reader(app, role), stage[2][0])
    assert {route: status for route, status in found.items() if status != MATRIX[role].get(route, NOT_TAKEN)} == {}
    assert set(MATRIX[role]) <= set(found)
