"""How long something waits and how soon its plan closes (B10): in words, and a tone for the eye. Colour is never alone:
a word goes with each tone."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.applications.calendar import Kept, last_begin

LONG, TOO_LONG = 5, 10  # days that a record waits
SOON, AT_ONCE = 14, 3  # days that a plan is still open


def days_since(at: datetime) -> int:
    return (clock.today() - at.astimezone(clock.ZONE).date()).days


def waiting_text(since: datetime | None) -> str:
    """For how long a record waits at its node; nothing for one that does not."""
    if since is None:
        return ""
    days = days_since(since)
    text = ngettext("%(num)d day", "%(num)d days", days) if days else _("today")
    word = {"wait": _("rather long"), "back": _("too long")}.get(waiting_tone(since))
    return f"{text}\n{word}" if word else text


def waiting_tone(since: datetime | None) -> str:
    days = days_since(since) if since else 0
    return "back" if days >= TOO_LONG else "wait" if days >= LONG else ""


def due_text(on: date | None) -> str:
    """The last day of a plan and the days that are left: two lines in a list, elsewhere one."""
    if on is None:
        return ""
    return f"{on.isoformat()}\n{_days_left((on - clock.today()).days)}"


def _days_left(left: int) -> str:
    """Every tone has words of its own."""
    if left <= 0:
        return _("the last day") if left == 0 else _("closed")
    if left <= AT_ONCE:
        return ngettext("urgent, %(num)d day left", "urgent, %(num)d days left", left)
    if left <= SOON:
        return ngettext("only %(num)d day left", "only %(num)d days left", left)
    return ngettext("%(num)d day left", "%(num)d days left", left)


@dataclass(frozen=True)
class Begin:
    """The last day on which a public notice can begin to have lasted long enough when a plan closes."""

    last: date

    @property
    def passed(self) -> bool:
        return self.last < clock.today()

    @property
    def text(self) -> str:
        day = self.last.isoformat()
        if self.passed:
            return _("%(day)s, the last day to begin a public notice, has passed.", day=day)
        return _("A public notice has to begin by %(day)s.", day=day)

    @property
    def tone(self) -> str:
        return due_tone(self.last)


def begin_by(closes_on: date, kept: Kept) -> Begin:
    return Begin(last_begin(closes_on, kept))


def due_tone(on: date | None) -> str:
    left = (on - clock.today()).days if on else SOON + 1
    return "back" if left <= AT_ONCE else "wait" if left <= SOON else ""
