"""Folding the ledger: nothing is lost and nothing counted twice, whoever folds, decides, or moves a unit meanwhile."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import clock
from app.extensions import begin_write
from app.home.overview import folding
from app.intake.take import take_line
from app.operations.check import inconsistencies
from app.review.workflow import Actor
from app.tenancy import everything
from app.units import information
from tests.factories import registration_line, take, unit_code
from tests.home import counted
from tests.home.histories import histories, replay
from tests.home.jurisdiction import NOW, PLACES, RANDOM, differences, fold, opened, stage
from tests.operations.conftest import behind

__all__ = ["behind", "stage"]
OPS = Actor("运维")


def waits(page):
    """How many registrations the page says wait."""
    return counted.gauges(page)["人员注册"][0]


@settings(max_examples=5, **RANDOM)
@given(stories=histories(most=14, units=len(PLACES)), chunk=st.integers(1, 9))
def test_folding_in_pieces_gives_the_same_as_all_at_once(app, make, stage, stories, chunk):
    replay(make, stories, stage.units, NOW)
    with app.app_context(), clock.frozen(NOW):
        folding.fold(chunk)
    assert differences(app) == []


def test_two_who_fold_at_once_lose_and_double_nothing(app, make, stage):
    for n in range(1, 41):
        make.registration(n, unit_code(1 + n % 4))

    def fold_in_pieces(_n):
        with app.app_context():
            return folding.fold(3)

    with ThreadPoolExecutor(4) as folders:
        numbers = [*folders.map(fold_in_pieces, range(4))]
    fold(app)
    assert (sum(numbers) <= 40, differences(app)) == (True, [])
    assert waits(opened(stage.readers["province"])) == "40件待审核"


def test_what_commits_after_a_later_row_was_folded_is_not_lost(app, make, stage, engine):
    if engine.name != "postgresql":
        pytest.skip("SQLite has one writer at a time: ids come in the order of commits")
    with app.app_context(), everything("tests") as slow:
        begin_write(slow)
        result = take_line(slow, json.dumps(registration_line(1, unit_code(1))).encode())
        assert result.errors == {}
        take(app, registration_line(2, unit_code(2)))
        fold(app)
        assert waits(opened(stage.readers["province"])) == "1件待审核"
        slow.commit()
    assert waits(opened(stage.readers["province"])) == "2件待审核"
    fold(app)
    fold(app)
    assert differences(app) == []
    assert waits(opened(stage.readers["province"])) == "2件待审核"


# ---- a unit that comes to lie elsewhere ------------------------------------------------------------------------------


def move(session, pk, **columns):
    unit = information.lock(session, pk)
    assert information.change(session, unit, columns, OPS, reason="区划调整")


@settings(max_examples=6, **RANDOM)
@given(stories=histories(most=14, units=len(PLACES)), rows=st.one_of(st.none(), st.integers(0, 60)), back=st.booleans())
def test_its_numbers_move_with_a_unit(app, make, stage, stories, rows, back):
    replay(make, stories, stage.units, NOW)
    fold(app, rows)
    for region in ("350203", "350102") if back else ("350203",):
        with app.app_context(), everything("tests") as session:
            begin_write(session)
            move(session, stage.units[0][0], region=region, department_id=None if back else stage.department)
            session.commit()
        assert differences(app) == []
    with app.app_context(), everything("tests") as session:  # so that the next history begins as this one did
        begin_write(session)
        move(session, stage.units[0][0], region="350100", department_id=None)
        move(session, stage.units[0][0], region="350102", department_id=stage.department)
        session.commit()


def test_a_county_loses_the_numbers_of_a_unit_that_moves_away(app, make, stage):
    for n in range(1, 4):
        make.registration(n, unit_code(1))
    fold(app, 2)
    with app.app_context(), everything("tests") as session:
        begin_write(session)
        move(session, stage.units[0][0], region="350203")
        session.commit()
    assert [waits(opened(stage.readers[who])) for who in ("county", "city", "province", "department")] == [
        *("0件待审核", "0件待审核", "3件待审核", "3件待审核")
    ]
    fold(app)
    assert differences(app) == []


def test_folding_waits_for_a_unit_that_is_being_moved(app, make, stage):
    for n in range(1, 4):
        make.registration(n, unit_code(1))
    fold(app, 2)
    with ThreadPoolExecutor(1) as other, app.app_context(), everything("tests") as session:
        begin_write(session)
        move(session, stage.units[0][0], region="350203")
        folded = other.submit(fold, app)
        session.commit()
        folded.result()
    assert differences(app) == []


# ---- flask check -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (
            "UPDATE overview_flow SET net = net + 1 WHERE owner_id = 350102 AND day = '0001-01-01'",
            "the overview is not the ledger's: region 350102 all days registration unit",
        ),
        (
            "DELETE FROM overview_flow WHERE owner_id = 350100 AND day <> '0001-01-01'",
            "the overview is not the ledger's: region 350100 2026-11-01 registration unit",
        ),
        ("UPDATE overview_standing SET waiting = 7", "how a unit stands is not what its records say: unit {unit}"),
    ],
)
def test_check_tells_of_a_number_that_is_not_the_ledgers(app, make, stage, behind, damage, told):
    make.registration(1, unit_code(1))
    fold(app)
    behind(damage)
    with app.app_context(), everything("tests") as session:
        assert [*inconsistencies(session)] == [told.format(unit=stage.units[0][0])]
