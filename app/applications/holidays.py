"""节假日安排: the days that HR operations of the province keeps for the calendar (app/applications/calendar.py)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import audit, clock, typed
from app.applications.calendar import Kept, basis_of, judge_anew, works
from app.applications.models import Holiday
from app.extensions import begin_write, db
from app.review import drafts
from app.review.desk_base import Screen
from app.review.workflow import Actor
from config import PROVINCE

MOST = 15  # days of one form: the longest days off in a row are nine
YEARS = range(1900, 2101)
HOW: dict[str, Any] = {"off": _l("Day off"), "works": _l("Make-up day")}
# basis of a year → the tone and the words above its days
SAID: dict[str, tuple[str, Any]] = {
    "published": (
        "info",
        _l("%(year)s is counted by the arrangement that the State Council published. Enter a day only if it changed."),
    ),
    "kept": (
        "info",
        _l(
            "%(year)s is counted by the days entered here; what they do not name, by what was published, else the week."
        ),
    ),
    "weekdays": (
        "wait",
        _l("%(year)s is counted by Monday to Friday. Enter its days off and make-up days once they are published."),
    ),
}
Fields = dict[str, str]
Problems = dict[str, str | None]


def keep(session: Session, days: Sequence[date], working: bool, actor: Actor) -> int:
    """Keep days that are not kept yet; how many notices this judged otherwise. The caller commits. Raises
    IntegrityError when somebody else kept one of them at the same moment."""
    by = {"by_id": actor.user_id, "by_name": actor.name, "at": clock.now()}
    session.add_all(Holiday(day=day, works=working, **by) for day in days)
    session.flush()
    anew = judge_anew(session, days)
    to = days[-1].isoformat()
    audit.record(session, "add_holiday", actor, f"holiday {days[0]}", to=to, works=working, judged_anew=anew)
    return anew


def drop(session: Session, day: date, actor: Actor) -> int | None:
    """Keep a day no longer; how many notices this judged otherwise, None when it was not kept. The caller commits."""
    worked = session.scalar(sa.delete(Holiday).where(Holiday.day == day).returning(Holiday.works))
    if worked is None:
        return None
    anew = judge_anew(session, [day])
    audit.record(session, "delete_holiday", actor, f"holiday {day}", works=worked, judged_anew=anew)
    return anew


class HolidaysView(Screen):
    route_base = "/holidays"
    class_permission_name = "holidays"
    default_view = "list"
    method_permission_name = {"list": "edit", "add": "edit", "delete": "edit"}

    @expose("/list/")
    @has_access
    def list(self) -> str:
        year = request.args.get("year", clock.today().year, type=int)
        if year not in YEARS:
            abort(404)
        return self._page(year)

    @expose("/add", methods=["POST"])
    @has_access
    @drafts.comes_back
    def add(self) -> Response | tuple[str, int]:
        self._keeps_or_403()
        session, fields = db.session(), {name: request.form.get(name, "").strip() for name in _EMPTY}
        if any((problems := _problems(fields, _rows(session))).values()):
            return self._page(_year_of(fields), fields, problems), 400
        days = _days(fields)
        try:
            anew = keep(session, days, fields["how"] == "works", g.actor)
        except IntegrityError:
            session.rollback()
            begin_write(session)
            return self._page(_year_of(fields), fields, _problems(fields, _rows(session))), 400
        session.commit()
        _tell(_("Entered: %(days)s", days=_span(days)), anew)
        return redirect(self.url("list", year=days[0].year), 303)

    @expose("/delete/<day>", methods=["POST"])
    @has_access
    def delete(self, day: str) -> Response:
        self._keeps_or_403()
        when = typed.day(day)
        if when is None or typed.day_problem(day):
            abort(404)
        anew = drop(db.session(), when, g.actor)
        db.session.commit()
        if anew is None:
            flash(_("%(day)s is not kept any more: somebody deleted it before.", day=when), "warning")
        else:
            _tell(_("Deleted: %(day)s", day=when), anew)
        return redirect(self.url("list", year=when.year), 303)

    def _keeps_or_403(self) -> None:
        if not _keeps():
            abort(403)

    def _page(self, year: int, fields: Fields | None = None, problems: Problems | None = None) -> str:
        rows, this = _rows(db.session()), clock.today().year
        counts = dict.fromkeys((this, this + 1, year), 0)
        for row in rows:
            counts[row.day.year] = counts.get(row.day.year, 0) + 1
        new_year = date(year, 1, 1)
        tone, said = SAID[basis_of(new_year, new_year, Kept({row.day: row.works for row in rows}))]
        g.here = self.url("list", year=year)  # where the language switch of a posted page leads
        page = {
            "title": _("Holidays"),
            "year": year,
            "tabs": [
                {"label": shown, "count": counts[shown], "url": self.url("list", year=shown), "active": shown == year}
                for shown in sorted(counts)
            ],
            "note": {"tone": tone, "text": str(said) % {"year": year}},
            "rows": [self._row(row) for row in rows if row.day.year == year],
            "add": self._form(fields or _EMPTY, problems or {}) if _keeps() else None,
        }
        return render_template("holidays.html", page=page)

    def _row(self, row: Holiday) -> dict[str, Any]:
        return {
            "day": row.day,
            "weekday": format_date(row.day, "EEEE"),
            "how": HOW["works" if row.works else "off"],
            "works": row.works,
            "by": row.by_name,
            "at": clock.shown(row.at),
            "delete_url": self.url("delete", day=row.day),
        }

    def _form(self, fields: Fields, problems: Problems) -> dict[str, Any]:
        return {
            "action": self.url("add"),
            "choices": HOW.items(),
            "fields": fields,
            "problems": problems,
            "first": clock.today(),
            "last": _last_day(),
            "most": MOST,
        }


_EMPTY: Fields = {"how": "off", "begins_on": "", "ends_on": ""}


def _keeps() -> bool:
    """The days hold for the whole province: who serves a part of it reads them."""
    return g.held is not None and g.held.region == PROVINCE


def _tell(done: str, anew: int) -> None:
    flash(done, "success")
    if anew:
        flash(_("Public notices whose working days are others now: %(count)s", count=anew), "info")


def _rows(session: Session) -> Sequence[Holiday]:
    return session.scalars(sa.select(Holiday).order_by(Holiday.day)).all()


def _last_day() -> date:
    """A year is published towards the end of the one before: none is known further ahead."""
    return date(clock.today().year + 1, 12, 31)


def _days(fields: Fields) -> list[date]:
    """The days of a form that has no problem."""
    first = date.fromisoformat(fields["begins_on"])
    last = typed.day(fields["ends_on"]) or first
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _span(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} – {days[-1]}"


def _year_of(fields: Fields) -> int:
    """The year that a refused form is shown with."""
    day = typed.day(fields["begins_on"])
    return day.year if day is not None and day.year in YEARS else clock.today().year


def _problems(fields: Fields, rows: Sequence[Holiday]) -> Problems:
    """What is wrong with the form, by field; of its days together only when each alone is right."""
    problems: Problems = {
        "how": None if fields["how"] in HOW else _("Choose one."),
        "begins_on": _day_problem(fields["begins_on"]),
        "ends_on": _day_problem(fields["ends_on"]) if fields["ends_on"] else None,
    }
    if not any(problems.values()):
        problems["ends_on"] = _length_problem(fields)
    if not any(problems.values()):
        problems["begins_on"] = _kept_problem(fields, rows)
    if not any(problems.values()):
        problems["ends_on"] = drafts.unsent()
    return problems


def _day_problem(text: str) -> str | None:
    day = typed.day(text)
    if day is None:
        return _("must be a date such as 2026-11-20")
    if day < clock.today():
        return _("must not be a past day")
    if day > _last_day():
        return _("must not be after %(date)s: days further ahead are not published yet", date=_last_day())
    return None


def _length_problem(fields: Fields) -> str | None:
    first, last = date.fromisoformat(fields["begins_on"]), typed.day(fields["ends_on"])
    if last is None:
        return None
    if last < first:
        return _("must not be before the first day")
    length = (last - first).days + 1
    if length > MOST:
        return _("At most %(limit)d days at once; these are %(length)d.", limit=MOST, length=length)
    return None


def _kept_problem(fields: Fields, rows: Sequence[Holiday]) -> str | None:
    days, by = _days(fields), {row.day: row.by_name for row in rows}
    for day in days:
        if day in by:
            return _("%(day)s is kept already, entered by %(by)s. Delete it first to change it.", day=day, by=by[day])
    kept = Kept({row.day: row.works for row in rows})
    at_work = next((day for day in days if works(day, kept)), None)
    if fields["how"] == "works" and at_work is not None:
        return _("%(day)s is a working day already: a make-up day is one that else is off.", day=at_work)
    return None
