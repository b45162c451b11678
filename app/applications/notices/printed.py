"""公示名单: who is in a public notice, as the list to be printed, stamped and posted (B20). Numbers are masked.

It is kept with the notice (`Notice.posted`) as it was when its days or its people were last changed: printed again it
is what was posted, whatever became of an application since.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.applications.models import Notice
from app.applications.notices.members import is_out, people_of
from app.applications.paper.posting import Candidate, Posting, notice_list
from app.applications.paper.press import Foot, Pair

BLANK = "________________"  # to be filled in by hand


def listed(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The lines of the list of those who are in a notice now (People.rows), without whoever was ended for the year."""
    there = [row for row in rows if row.status != "terminated" and not is_out(row)]
    return [{"id": row.id} | asdict(_candidate(row)) for row in there]


def list_anew(session: Session, notice: Notice) -> None:
    """Keep the list of a held notice as its people are now. One statement."""
    notice.posted = listed(people_of(session, notice.id).rows)
    session.flush()


def lines_of(notice: Notice, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The lines that are printed; a notice that was begun before lists were kept is printed as it is now."""
    return listed(rows) if notice.posted is None else notice.posted


def differing(notice: Notice, rows: Sequence[Any]) -> list[str]:
    """Who stands otherwise in the list that is printed than in the notice now, each with what differs."""
    then, now = ({line["id"]: line for line in lines} for lines in (lines_of(notice, rows), listed(rows)))
    ended = {row.id for row in rows if row.status == "terminated"}

    def told(pk: int) -> str:
        if pk not in then:
            return _("%(name)s: not on it", name=now[pk]["name"])
        name = then[pk]["name"]
        if pk in now:
            return _("%(name)s: the application changed", name=name)
        return _("%(name)s: ended", name=name) if pk in ended else _("%(name)s: taken out", name=name)

    return [told(pk) for pk in then | now if then.get(pk) != now.get(pk)]


def list_pdf(notice: Notice, rows: Sequence[Any], unit: str) -> bytes:
    """The list of a notice (People.rows) with its days."""
    assert notice.begins_on and notice.ends_on, "a shared notice is saved with its days"
    lines = [{name: one for name, one in line.items() if name != "id"} for line in lines_of(notice, rows)]
    people = tuple(Candidate(**line) for line in lines)
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
                Pair(_("Place: "), notice.place or BLANK),
                Pair(_("Objections are taken by: "), notice.contact or BLANK),
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
