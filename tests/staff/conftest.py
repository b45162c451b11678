"""One unit with an administrator; its people come as each test needs them."""

from pathlib import Path

import pytest

from tests.browsing import Browser
from tests.factories import Make
from tests.staff.records import Records


@pytest.fixture
def unit(make: Make) -> int:
    """The id of the first unit."""
    return make.unit()


@pytest.fixture
def records(make: Make, unit: int, tmp_path: Path) -> Records:
    return Records(make, tmp_path)


@pytest.fixture
def desk(make: Make, unit: int, sign_in) -> Browser:
    """The unit's administrator, signed in."""
    make.account("zhang", "unit_administrator", unit)
    return sign_in("zhang")
