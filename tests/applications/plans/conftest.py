"""What the tests of 职称申报 stand on."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app import clock
from tests.applications.factories import plan_line
from tests.applications.plans.rows import apply
from tests.browsing import Browser

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def november() -> Iterator[None]:
    """It is noon of the 20th of November 2026 in the province."""
    with clock.frozen(NOON):
        yield


@pytest.fixture
def ops(make, sign_in) -> Browser:
    """HR operations of the province; a unit in 鼓楼区 (350102) is there."""
    make.unit(1)
    make.account("ops", "hr_operations", "350000")
    return sign_in("ops")


@pytest.fixture
def plan(make, ops) -> int:
    """A plan of the province, open from June to the end of 2026."""
    return int(make.taken(plan_line(1)))


@pytest.fixture
def applied(app, make, plan) -> int:
    """The plan with two applications: submitted on the 3rd and on the 10th of November."""
    apply(app, "P2026-01", 1, at="2026-11-03T00:00:00+08:00", status="passed", node="committee")
    apply(app, "P2026-01", 2, at="2026-11-10T23:59:59+08:00", status="passed", node="committee")
    return plan


@pytest.fixture
def waiting(app, make, plan) -> int:
    """The plan with two applications that wait at their unit, one that waits further up, and one returned."""
    for n in (1, 2):
        apply(app, "P2026-01", n)
    apply(app, "P2026-01", 3, node="city", reached=("unit", "city"))
    apply(app, "P2026-01", 4, status="returned", node="unit")
    return plan
