"""A public institution (the first unit), and who works there."""

from pathlib import Path

import pytest

from tests.browsing import Browser
from tests.factories import Make
from tests.units.approvals import beside


@pytest.fixture
def school(make: Make) -> int:
    """The id of the first unit, a public institution."""
    return make.unit(1, nature="public_institution")


@pytest.fixture
def zhang(make: Make, school: int, sign_in) -> Browser:
    """Its administrator, signed in."""
    make.account("zhang", "unit_administrator", school)
    return sign_in("zhang")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A feed's folder with files beside it."""
    (tmp_path / "feed").mkdir()
    return beside(tmp_path / "feed")
