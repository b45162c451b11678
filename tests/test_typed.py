"""What people type: which texts and days can be kept."""

import pytest

from app.typed import can_be_kept, day, is_blank


@pytest.mark.parametrize("text", ["", " \t\r\n", "\u3000", "\u200b\u2060\ufeff", "\u202e\u2066", "\u3164\uffa0\u2800"])
def test_what_nobody_would_see_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["。", "\u200b同意", "𠮷", "👍"])
def test_what_somebody_would_see_is_not(text):
    assert not is_blank(text)


@pytest.mark.parametrize(
    "text", ["20261120", "2026-W47-5", "2026-11-31", "26-11-20", "２０２６-11-20", " 2026-11-20", "2026-11-20\n"]
)
def test_no_other_way_to_write_a_day(text):
    assert day(text) is None


def test_a_day():
    assert day("2026-11-20").isoformat() == "2026-11-20"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\udfff"])
def test_what_no_database_takes(text):
    assert not can_be_kept(text)
