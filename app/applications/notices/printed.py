"""公示名单: who is in a public notice, as the list to be printed, stamped and posted (B20). Numbers are masked."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from app import clock
from app.applications.models import Notice
from app.applications.paper.posting import Candidate, Posting, notice_list
from app.applications.paper.press import Foot, Pair


def list_pdf(notice: Notice, rows: Sequence[Any], unit: str) -> bytes:
    """The list of a notice with its days and its people (People.rows); whoever was ended for the year is not posted."""
    assert notice.begins_on and notice.ends_on, "a shared notice is saved with its days"
    people = tuple(_candidate(row) for row in rows if row.status != "terminated")
    begins, ends = _day(notice.begins_on), _day(notice.ends_on)
    return notice_list(
        Posting(
            language="zh" if str(get_locale()).startswith("zh") else "en",
            title=_("Public notice of applications for professional titles"),
            text=_text(notice, len(people)),
            columns=(
                *(_("No."), _("Name"), _("ID document number"), _("Title applied for")),
                *(_("Specialty"), _("Current title"), _("Review plan")),
            ),
            people=people,
            pairs=(
                Pair(_("Days of the notice: "), _("%(begins)s to %(ends)s", begins=begins, ends=ends)),
                Pair(_("Place: "), notice.place or "—"),
                Pair(_("Objections are taken by: "), notice.contact or "—"),
            ),
            unit=unit,
            at=begins,
            foot=Foot(page=_("Page {page} of {pages}"), made=clock.now()),
        )
    )


def _text(notice: Notice, count: int) -> tuple[str, ...]:
    """What the unit tells those who read it."""
    said = {"count": count, "days": notice.working_days}
    return (
        _("The unit recommends the following %(count)d people for the review of professional titles.", **said),
        _(
            "The notice lasts %(days)d working days. Whoever objects says so within them, truthfully and under his own "
            "name, to those named below.",
            **said,
        ),
    )


def _candidate(row: Any) -> Candidate:
    return Candidate(row.person_name, row.number, row.title, row.specialty, row.current or "—", row.plan)


def _day(on: date) -> str:
    return str(format_date(on, "long"))
