"""Who else has a record open: told by the pages themselves, forgotten when they fall silent."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.review.models import Submission
from app.review.together import Presence
from tests.browsing import Browser
from tests.factories import change
from tests.review.forms import show

START = datetime(2026, 11, 20, 1, tzinfo=UTC)
ZHANG, LI = ["zhang 的持有人"], ["li 的持有人"]


@pytest.fixture
def pk(make, unit) -> int:
    return make.registration()


@pytest.fixture
def colleague(make, unit, sign_in) -> Browser:
    make.account("li", "unit_administrator", unit)
    return sign_in("li")


def beat(browser: Browser, pk: int, after: float = 0) -> list[str]:
    """A page says that it is open, some seconds after the start; who else has the record open."""
    with clock.frozen(START + timedelta(seconds=after)):
        return browser.post(f"/registrations/present/{pk}").get_json()["others"]


def present(make) -> list[str]:
    return [name for (name,) in make.read(sa.select(Presence.name))]


def test_two_accounts_see_each_other(desk, colleague, pk):
    assert [beat(desk, pk), beat(colleague, pk), beat(desk, pk)] == [[], ZHANG, LI]


def test_a_clerk_is_seen_too(make, unit, desk, sign_in, pk):
    make.account("clerk", "unit_clerk", unit)
    beat(sign_in("clerk"), pk)
    assert beat(desk, pk) == ["clerk 的持有人"]


def test_two_pages_of_one_account_are_one_and_do_not_see_each_other(make, desk, sign_in, pk):
    assert [beat(desk, pk), beat(sign_in("zhang"), pk), present(make)] == [[], [], ZHANG]


@pytest.mark.parametrize(("seconds", "seen"), [(44, ZHANG), (46, [])])
def test_who_was_not_heard_of_for_45_seconds_is_forgotten(desk, colleague, pk, seconds, seen):
    beat(desk, pk)
    assert beat(colleague, pk, seconds) == seen


def test_each_beat_counts_anew(desk, colleague, pk):
    beat(desk, pk)
    beat(desk, pk, 30)
    assert beat(colleague, pk, 60) == ZHANG


def test_one_is_present_only_where_the_page_is_open(make, desk, colleague, pk):
    beat(desk, make.registration(2))
    assert beat(colleague, pk) == []


@pytest.mark.parametrize("role", ["hr_reviewer", "hr_operations", "auditor", "system_administrator"])
def test_a_reader_of_another_node_leaves_no_presence(make, desk, sign_in, pk, role):
    make.account("reader", role, "350102")
    browser = sign_in("reader")
    page = browser.get(show(pk))
    assert (page.status_code, "data-presence" in page.text) == (200, False)
    assert browser.post(f"/registrations/present/{pk}").status_code == 403
    assert (present(make), beat(desk, pk)) == ([], [])


def test_on_a_record_that_waits_at_another_node_the_unit_leaves_no_presence(make, desk, pk):
    change(make, sa.update(Submission).values(node="county"))
    page = desk.get(show(pk))
    assert (page.status_code, "data-presence" in page.text) == (200, False)
    assert (beat(desk, pk), present(make)) == ([], [])


def test_the_review_page_says_where_it_reports(desk, pk):
    assert f'data-presence="/registrations/present/{pk}"' in desk.get(show(pk)).text
