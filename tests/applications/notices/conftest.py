"""The stage of the applications' tests, and the unit's administrator at its notices."""

from collections.abc import Callable

import pytest

from tests.applications.nodes.conftest import reader, stage  # noqa: F401 — fixtures
from tests.applications.nodes.stage import Stage
from tests.applications.notices.board import Board
from tests.browsing import Browser


@pytest.fixture
def board(stage: Stage, reader: Callable[[str], Browser]) -> Board:  # noqa: F811 — the fixtures above
    """The administrator of the public institution."""
    return Board(reader("unit"), stage)
