"""Most tests of the desk: one unit, its administrator at the list."""

import pytest

from tests.browsing import Browser
from tests.factories import Make


@pytest.fixture
def unit(make: Make) -> int:
    """A unit's id; its code is `unit_code(1)`."""
    return make.unit()


@pytest.fixture
def administrator(make: Make, unit: int) -> int:
    """The id of the unit's administrator, whose name is “zhang 的持有人”."""
    return make.account("zhang", "unit_administrator", unit)


@pytest.fixture
def desk(administrator, sign_in) -> Browser:
    """The administrator, signed in, with the list seen last."""
    return sign_in("zhang")
