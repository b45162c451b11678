"""What the review page says of the days of a public notice while the unit writes its recommendation (B8, B20)."""

import pytest

from tests.applications.nodes.stage import open_plan_line
from tests.applications.nodes.test_passing import draft
from tests.browsing import text_of

MISSING = "公示期满（公示尚未开始）"
RUNNING = "公示期满（目前仍在公示）"


@pytest.fixture
def page(stage, reader):
    """What the review page says of an application under a plan that closes then, with a notice of these days."""

    def said(closes_on: str, **days: str) -> str:
        stage.taken(open_plan_line("P2", closes_on=closes_on))
        (pk,) = stage.applying(1, plan="P2")
        unit = reader("unit")
        assert draft(unit, pk, **days).status_code == 303
        return text_of(unit.get(f"/applications/show/{pk}"))

    return said


def test_a_notice_that_lies_ahead_has_not_begun(page):
    said = page("2099-12-31", begins_on="2099-01-05", ends_on="2099-01-16")
    assert MISSING in said and RUNNING not in said


def test_a_notice_of_today_is_running(page):
    said = page("2099-12-31", begins_on="2026-10-26", ends_on="2099-01-16")
    assert RUNNING in said and MISSING not in said


def test_a_notice_that_is_too_short_says_when_it_can_end(page):
    assert "自 2026-10-26 起，最早公示至 2026-10-30" in page("2099-12-31", begins_on="2026-10-26", ends_on="2026-10-29")


def test_a_notice_that_begins_too_late_for_its_plan_is_told_of(page):
    said = page("2099-01-15", begins_on="2099-01-13", ends_on="2099-01-20")
    assert "开始日期晚于最迟开始公示的日期 2099-01-09" in said


def test_a_notice_that_ends_after_its_plan_is_told_of(page):
    said = page("2099-01-15", begins_on="2099-01-05", ends_on="2099-01-20")
    assert "公示在计划截止（2099-01-15）之后才结束" in said and "晚于最迟" not in said


def test_a_notice_in_good_time_has_no_warning(page):
    said = page("2099-12-31", begins_on="2026-10-26", ends_on="2026-10-30")
    assert "最早公示至" not in said and "晚于" not in said and "之后才结束" not in said


def test_the_script_hears_the_warnings_too(stage, reader):
    (pk,) = stage.applying(1)
    form = {"begins_on": "2026-10-26", "ends_on": "2026-10-29", "steps": "0"}
    answer = reader("unit").post(f"/applications/recommend/{pk}", form, headers={"Accept": "application/json"})
    (warning,) = answer.get_json()["warnings"]
    assert "2026-10-30" in warning


def test_a_last_day_that_is_past_is_said_to_be_past(page):
    said = page("2026-11-20", begins_on="", ends_on="")
    assert "最迟开始公示的日期 2026-11-16 已过" in said and "最迟须于" not in said
