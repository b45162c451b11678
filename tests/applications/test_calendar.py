"""Working days by the Chinese calendar: what is published, what is kept, and the week."""

import random
from datetime import date, timedelta

import chinese_calendar
import pytest
from flask_babel import force_locale

from app.applications import calendar
from app.applications.calendar import BASIS, PUBLISHED_YEARS, Kept, basis_of, first_end, judge, last_begin, works

NOTHING = Kept({})
DAY = timedelta(days=1)
# The year before the library's first: unlike the one after its last it stays unknown to every later version.
UNKNOWN, KNOWN = 2003, 2004


def day(text: str) -> date:
    return date.fromisoformat(text)


def kept(**days: bool) -> Kept:
    """`kept(d20030101=False)`: that day is off."""
    return Kept({day(name[1:]): working for name, working in days.items()})


def working_days(begins_on: str, ends_on: str, kept: Kept = NOTHING) -> int:
    return calendar.working_days(day(begins_on), day(ends_on), kept)


def counted(begins_on: date, ends_on: date, kept: Kept) -> int:
    """The same, day by day."""
    return sum(works(begins_on + n * DAY, kept) for n in range((ends_on - begins_on).days + 1))


# ---- how many --------------------------------------------------------------------------------------------------------

PUBLISHED = {
    "Monday to Thursday": ("2026-11-02", "2026-11-05", 4),
    "Monday to Friday": ("2026-11-02", "2026-11-06", 5),
    "with the weekend after it": ("2026-11-02", "2026-11-08", 5),
    "Friday to Thursday": ("2026-11-06", "2026-11-12", 5),
    "one day": ("2026-11-02", "2026-11-02", 1),
    "one Saturday": ("2026-11-07", "2026-11-07", 0),
    "reversed": ("2026-11-06", "2026-11-02", 0),
    "the National Day holiday": ("2026-10-01", "2026-10-07", 0),
    "across it, 4": ("2026-09-28", "2026-10-08", 4),
    "across it, 5": ("2026-09-28", "2026-10-09", 5),
    "a make-up Saturday": ("2026-10-10", "2026-10-10", 1),
    "over it, 4": ("2026-10-08", "2026-10-12", 4),
    "over it, 5": ("2026-10-08", "2026-10-13", 5),
    "a make-up Sunday": ("2026-09-20", "2026-09-20", 1),
}


@pytest.mark.parametrize(("begins_on", "ends_on", "days"), PUBLISHED.values(), ids=PUBLISHED)
def test_a_published_year_is_counted_as_it_was_published(begins_on, ends_on, days):
    assert judge(day(begins_on), day(ends_on), NOTHING) == calendar.Judged(days, "published")


def test_every_day_of_the_published_years_is_as_the_library_says():
    first, last = date(PUBLISHED_YEARS.start, 1, 1), date(PUBLISHED_YEARS.stop - 1, 12, 31)
    days = [first + n * DAY for n in range((last - first).days + 1)]
    assert [one for one in days if works(one, NOTHING) != chinese_calendar.is_workday(one)] == []


@pytest.mark.parametrize("outside", [PUBLISHED_YEARS.start - 1, PUBLISHED_YEARS.stop])
def test_the_published_years_are_those_that_the_library_answers_for(outside):
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(outside, 6, 1))


NEW_YEAR = {
    "by the week": (NOTHING, 5, "weekdays"),
    "the eve kept off": (kept(d20031231=False), 4, "kept"),
    "the Saturday kept at work": (kept(d20040103=True, d20031231=True), 6, "kept"),
}


@pytest.mark.parametrize(("kept", "days", "basis"), NEW_YEAR.values(), ids=NEW_YEAR)
def test_a_new_year_between_an_unknown_and_a_published_year(kept, days, basis):
    # Monday to Monday; the first of January is a Thursday, and off as published
    assert judge(date(UNKNOWN, 12, 29), date(KNOWN, 1, 5), kept) == calendar.Judged(days, basis)


def test_a_kept_day_wins_over_a_published_one_and_leaves_the_others():
    changed = kept(d20261008=False, d20261007=True)
    assert [working_days("2026-10-01", one, changed) for one in ("2026-10-06", "2026-10-07", "2026-10-10")] == [0, 1, 3]


def test_any_distance_is_counted_as_day_by_day():
    chance = random.Random(7)
    some = Kept({date(2026, 1, 1) + chance.randrange(900) * DAY: chance.random() < 0.5 for _ in range(60)})
    for _ in range(300):
        begins_on = date(2025, 6, 1) + chance.randrange(1000) * DAY
        ends_on = begins_on + chance.randrange(120) * DAY
        assert calendar.working_days(begins_on, ends_on, some) == counted(begins_on, ends_on, some), begins_on


@pytest.mark.parametrize("ends", [("1900-01-01", "2100-12-31"), ("2100-01-01", "2100-12-31")])
def test_an_absurd_distance_is_counted_too(ends):
    begins_on, ends_on = map(day, ends)
    assert judge(begins_on, ends_on, NOTHING) == calendar.Judged(counted(begins_on, ends_on, NOTHING), "weekdays")


def test_all_days_that_there_are_break_nothing():
    by_week = 521_723 * 5  # the first day is a Monday, the last a Friday
    otherwise = sum(working - (day.weekday() < 5) for day, working in NOTHING.exceptions.items())
    assert judge(date.min, date.max, NOTHING) == calendar.Judged(by_week + otherwise, "weekdays")


# ---- what it goes by -------------------------------------------------------------------------------------------------

BASES = {
    "a published year": (2026, 2026, [], "published"),
    "published years": (2025, 2026, [], "published"),
    "a published year of which a day is kept": (2026, 2026, [2026], "kept"),
    "a published year, while another's are kept": (2026, 2026, [2098], "published"),
    "an unknown year": (2098, 2098, [], "weekdays"),
    "an unknown year of which a day is kept": (2098, 2098, [2098], "kept"),
    "unknown years, all kept": (2098, 2099, [2098, 2099], "kept"),
    "unknown years, one kept": (2098, 2099, [2098], "weekdays"),
    "a published and an unknown year": (KNOWN, UNKNOWN, [], "weekdays"),
    "a published and a kept year": (UNKNOWN, KNOWN, [UNKNOWN], "kept"),
    "a kept published and an unknown year": (UNKNOWN, KNOWN, [KNOWN], "weekdays"),
    "reversed": (KNOWN, UNKNOWN, [UNKNOWN], "kept"),
    "two hundred years": (1900, 2100, [2026], "weekdays"),
}


@pytest.mark.parametrize(("first", "last", "years", "basis"), BASES.values(), ids=BASES)
def test_what_a_count_goes_by(first, last, years, basis):
    days = Kept({date(year, 5, 4): False for year in years})
    assert basis_of(date(first, 6, 30), date(last, 7, 1), days) == basis


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh", ["按国务院办公厅公布的放假安排", "按人社部门录入的放假安排", "按周一至周五，节假日安排尚未公布"]),
        ("en", ["by the arrangement of days off that the State Council published"]),
    ],
)
def test_a_basis_has_words_in_both_languages(app, locale, words):
    with app.test_request_context(), force_locale(locale):
        assert [str(BASIS[basis]) for basis in ("published", "kept", "weekdays")][: len(words)] == words


# ---- when it can begin and end ---------------------------------------------------------------------------------------

SEVERAL = kept(d20261008=False, d20261017=True, d20261018=True, d20261231=False)


@pytest.mark.parametrize("kept", [NOTHING, SEVERAL], ids=["published", "kept"])
def test_the_last_day_to_begin_is_the_last_that_leaves_five_working_days(kept):
    for n in range(365):
        closes_on = date(2026, 1, 10) + n * DAY
        latest = next(closes_on - k * DAY for k in range(30) if counted(closes_on - k * DAY, closes_on, kept) >= 5)
        assert last_begin(closes_on, kept) == latest, closes_on


@pytest.mark.parametrize("kept", [NOTHING, SEVERAL], ids=["published", "kept"])
def test_the_first_day_to_end_is_the_fifth_working_day(kept):
    for n in range(365):
        begins_on = date(2026, 1, 1) + n * DAY
        soonest = next(begins_on + k * DAY for k in range(30) if counted(begins_on, begins_on + k * DAY, kept) >= 5)
        assert first_end(begins_on, kept) == soonest, begins_on


def test_a_plan_that_closes_after_the_national_day_needs_a_notice_from_september():
    assert last_begin(day("2026-10-09"), NOTHING) == day("2026-09-28")
    assert last_begin(day("2026-10-10"), NOTHING) == day("2026-09-29")


def test_at_either_end_of_all_days_there_is_no_further_one():
    assert (last_begin(date.min, NOTHING), first_end(date.max, NOTHING)) == (date.min, date.max)
