"""The random histories that other tests stand on could have been: `flask check` finds nothing wrong with them."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings

from app.operations.check import inconsistencies
from app.review.models import STEPS
from app.tenancy import everything
from tests.home.histories import CHINA, histories, play, read, replay

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=CHINA)
# What a history leaves out: no page of numbers asks for it.
LEFT_OUT = ("the marks are not", "the title is not", "the unit's pass froze no")


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories=histories(most=8))
def test_check_finds_nothing_wrong_with_what_was_replayed(app, make, units, stories):
    replay(make, stories, units, NOW)
    with app.app_context(), everything("tests") as session:
        found = [line for line in inconsistencies(session) if not line.startswith(LEFT_OUT)]
    assert found == []


@settings(max_examples=1, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories=histories())
def test_what_is_read_is_what_was_replayed(make, units, stories):
    records = replay(make, stories, units, NOW)
    assert [[entry.step for entry in one.ledger] for one in read(make)] == [
        [entry["step"] for entry in record.ledger] for record in records
    ]


def test_every_step_is_taken_sooner_or_later():
    taken: set[str] = set()

    @settings(max_examples=1000, deadline=None, derandomize=True, database=None)
    @given(stories=histories())
    def walk(stories):
        taken.update(entry["step"] for record in play(stories, NOW) for entry in record.ledger)

    walk()
    assert taken == set(STEPS)


@pytest.fixture
def units(make):
    return [(make.unit(1), "350102"), (make.unit(2, region="350103"), "350103")]
