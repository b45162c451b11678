"""Working days by the Chinese calendar: a public notice lasts at least five of them, both its days counted (B8).

The State Council arranges each year's days off and make-up working days and publishes them towards the end of the year
before; `chinese_calendar` carries them. Days that HR operations keeps win over it, for years it does not know yet and
for a late change. Whatever neither names goes by the week.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import chinese_calendar
import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.applications.models import Holiday, Notice, Recommendation
from app.tenancy import reaching

NOTICE_DAYS = 5  # working days that a notice lasts at least
# What a count goes by, the surest first: what holds for several years is the least sure of theirs.
BASIS: dict[str, Any] = {
    "published": _l("by the arrangement of days off that the State Council published"),
    "kept": _l("by the arrangement of days off that the HR bureau entered"),
    "weekdays": _l("by Monday to Friday; the arrangement of days off is not published yet"),
}
# Day → whether it works, of the days that do not go by the week.
PUBLISHED: dict[date, bool] = dict.fromkeys(chinese_calendar.holidays, False) | dict.fromkeys(
    chinese_calendar.workdays, True
)
PUBLISHED_YEARS = range(min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year + 1)


@dataclass(frozen=True)
class Kept:
    """The days that HR operations keeps, and whether each works."""

    days: Mapping[date, bool]

    @cached_property
    def exceptions(self) -> dict[date, bool]:
        """All days that are known not to go by the week."""
        return {**PUBLISHED, **self.days}

    @cached_property
    def years(self) -> frozenset[int]:
        return frozenset(day.year for day in self.days)


@dataclass(frozen=True)
class Judged:
    """How many working days a notice lasts, and what they were counted by (BASIS)."""

    days: int
    basis: str


def kept_days(session: Session) -> Kept:
    """What is kept now: a few days of a few years, in one statement."""
    return Kept({row.day: row.works for row in session.execute(sa.select(Holiday.day, Holiday.works))})


def works(day: date, kept: Kept) -> bool:
    return kept.exceptions.get(day, _works_by_week(day))


def working_days(begins_on: date, ends_on: date, kept: Kept) -> int:
    """The working days from one day to another, both counted; 0 when they are reversed. Its work does not grow with
    the distance."""
    if ends_on < begins_on:
        return 0
    weeks, rest = divmod((ends_on - begins_on).days + 1, 7)
    by_week = weeks * 5 + sum((begins_on.weekday() + n) % 7 < 5 for n in range(rest))
    within = (item for item in kept.exceptions.items() if begins_on <= item[0] <= ends_on)
    return by_week + sum(working - _works_by_week(day) for day, working in within)


def basis_of(begins_on: date, ends_on: date, kept: Kept) -> str:
    first, last = sorted((begins_on.year, ends_on.year))
    found = {_basis_of_year(year, kept) for year in range(first, last + 1)}
    return next(basis for basis in reversed(BASIS) if basis in found)


def judge(begins_on: date, ends_on: date, kept: Kept) -> Judged:
    return Judged(working_days(begins_on, ends_on, kept), basis_of(begins_on, ends_on, kept))


def last_begin(closes_on: date, kept: Kept) -> date:
    """The last day on which a notice can begin that has lasted long enough when `closes_on` ends."""
    return _end_of_notice(closes_on, timedelta(days=-1), kept)


def first_end(begins_on: date, kept: Kept) -> date:
    """The first day on which a notice that begins on `begins_on` has lasted long enough."""
    return _end_of_notice(begins_on, timedelta(days=1), kept)


def judge_anew(session: Session, days: Collection[date]) -> int:
    """Judge the notices of the session's scope anew that touch a year of `days`, save where a passed recommendation
    says what the notice was then. Answers how many came out otherwise. The caller commits."""
    if not days:
        return 0
    frozen = sa.exists().where(Recommendation.notice_id == Notice.id, Recommendation.entry_id.is_not(None))
    query = (
        sa.select(Notice.id, Notice.begins_on, Notice.ends_on, Notice.working_days, Notice.basis)
        .where(Notice.begins_on <= date(max(days).year, 12, 31), Notice.ends_on >= date(min(days).year, 1, 1))
        .where(~frozen.correlate(Notice))
        .order_by(Notice.id)
        .with_for_update()  # a notice whose days are being written is judged by those
    )
    found = session.execute(query).all()
    kept = kept_days(session)
    verdicts = {days: judge(*days, kept) for days in {(row.begins_on, row.ends_on) for row in found}}
    judged = ((row, verdicts[row.begins_on, row.ends_on]) for row in found)
    changed = [
        {"pk": row.id, "days": now.days, "counted_by": now.basis}
        for row, now in judged
        if (now.days, now.basis) != (row.working_days, row.basis)
    ]
    if changed:
        table = Notice.__table__
        update = sa.update(table).where(table.c.id == sa.bindparam("pk"))
        update = update.values(working_days=sa.bindparam("days"), basis=sa.bindparam("counted_by"))
        session.execute(reaching(update, "their ids were read in scope"), changed)
    return len(changed)


def _works_by_week(day: date) -> bool:
    return day.weekday() < 5


def _basis_of_year(year: int, kept: Kept) -> str:
    if year in kept.years:
        return "kept"
    return "published" if year in PUBLISHED_YEARS else "weekdays"


def _end_of_notice(day: date, step: timedelta, kept: Kept) -> date:
    """Where a notice ends whose working days are counted from `day`, forwards or backwards."""
    left = NOTICE_DAYS - works(day, kept)
    while left and date.min < day < date.max:
        day += step
        left -= works(day, kept)
    return day
