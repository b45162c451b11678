"""公示 of several applications (B20): what state it is in, what of it can still change, and how it changes.

Whoever changes one holds the applications concerned first, in the order of their ids, then the notice, as a pass does.
The caller commits.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import audit, clock
from app.applications.calendar import NOTICE_DAYS, Kept, first_end, works
from app.applications.drafting import DAYS, Form, day_problems, days_of, drop_files, keep_files, set_days
from app.applications.models import Notice, Recommendation
from app.attachments import Attachment, Looked
from app.review.drafts import unsent
from app.review.listing import PAGE_SIZE
from app.review.workflow import Actor
from app.typed import text_problem

WORDS = {"place": 200, "contact": 200}  # how long
PROOFS = ("proof", "material")
# state → (word, tone)
STATES: dict[str, tuple[Any, str]] = {
    "ahead": (_l("Not begun"), "end"),
    "running": (_l("Running"), "wait"),
    "short": (_l("Too few working days"), "back"),
    "unproved": (_l("Over, proof to be uploaded"), "wait"),
    "done": (_l("Complete"), "ok"),
}
# Why its days, its place and its people stay as they are.
FIXED = {
    "frozen": _l(
        "An application was passed on with this notice, so its days, people and files stay as they are. What is said "
        "of those who wait can be written, objections can be entered, and who came back can be taken out."
    ),
    "proved": _l("Its proof is uploaded, so its days and people stay as they are. Remove the proof to change them."),
}


def state_of(notice: Any, on: date) -> str:
    """A key of STATES; a notice counts once it is `done`."""
    if on <= notice.ends_on:
        return "ahead" if on < notice.begins_on else "running"
    if notice.working_days < NOTICE_DAYS:
        return "short"
    return "done" if notice.proof and notice.material else "unproved"


def fixed_by(notice: Notice, frozen: bool) -> str | None:
    """A key of FIXED; None while it can change."""
    return "frozen" if frozen else "proved" if notice.proof else None


# ---- finding ---------------------------------------------------------------------------------------------------------


def page_of(page: int) -> sa.Select[Any]:
    """One page of the shared notices of the scope, the newest first, each with how many people it has."""
    people = sa.select(sa.func.count(sa.distinct(Recommendation.application_id)))
    people = people.where(Recommendation.notice_id == Notice.id).correlate(Notice)
    query = sa.select(Notice, people.scalar_subquery().label("people")).where(Notice.shared)
    return query.order_by(Notice.id.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)


def total() -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(Notice).where(Notice.shared)


def found(session: Session, pk: int) -> Notice | None:
    """A shared notice of the scope."""
    return session.scalar(sa.select(Notice).where(Notice.id == pk, Notice.shared))


def held(session: Session, pk: int) -> Notice | None:
    """The notice, locked until the transaction ends."""
    query = sa.select(Notice).where(Notice.id == pk, Notice.shared).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


# ---- days, place, contact --------------------------------------------------------------------------------------------


def proposed(today: date, kept: Kept) -> dict[str, str]:
    """The shortest notice that can begin now."""
    begins = today
    while not works(begins, kept):
        begins += timedelta(days=1)
    return {"begins_on": begins.isoformat(), "ends_on": first_end(begins, kept).isoformat(), "place": "", "contact": ""}


def values_of(notice: Notice) -> dict[str, str]:
    """The notice as its form shows it."""
    days = {name: on.isoformat() if (on := getattr(notice, name)) else "" for name in DAYS}
    return days | {name: getattr(notice, name) for name in WORDS}


def read(sent: Mapping[str, str]) -> Form:
    """The form as it was sent, checked."""
    values = {name: sent.get(name, "").strip() for name in (*DAYS, *WORDS)}
    problems = {name: None if values[name] else _("Enter the day.") for name in DAYS} | day_problems(values)
    problems |= {name: text_problem(values[name], limit) for name, limit in WORDS.items()}
    if again := unsent():
        problems["begins_on"] = again
    return Form(values, {name: problem for name, problem in problems.items() if problem})


def create(session: Session, unit_id: int, form: Form, actor: Actor) -> Notice:
    """A notice with nobody in it yet, of a form without errors."""
    notice = Notice(unit_id=unit_id, shared=True, steps=0, proof=[], material=[], objections=[])
    notice.by_name, notice.at = actor.name, clock.now()
    _write(session, notice, form)
    session.add(notice)
    session.flush()
    return notice


def change(session: Session, notice: Notice, form: Form, actor: Actor) -> None:
    """Change a held notice that can change."""
    was = values_of(notice)
    _write(session, notice, form)
    touched(session, notice, actor, was=was)


def touched(session: Session, notice: Notice, actor: Actor, **detail: Any) -> None:
    """Count a change of the notice, and enter it in the audit log: what is printed and posted says how it was."""
    notice.steps += 1
    audit.record(session, "change_notice", actor, f"notice {notice.id}", notice.unit_id, **detail)
    session.flush()


def _write(session: Session, notice: Notice, form: Form) -> None:
    set_days(session, notice, *days_of(form.values))
    for name in WORDS:
        setattr(notice, name, form.values[name])


# ---- proof and material ----------------------------------------------------------------------------------------------


def add_files(session: Session, notice: Notice, name: str, files: Sequence[Looked]) -> str | None:
    """Keep uploaded files as proof or material of a held notice; what is wrong with them is the answer."""
    kept, problem = keep_files(session, notice.unit_id, name, len(getattr(notice, name)), files)
    if problem is None:
        setattr(notice, name, [*getattr(notice, name), *kept])
        notice.steps += 1
        session.flush()
    return problem


def remove_file(session: Session, notice: Notice, name: str, pk: str, actor: Actor) -> bool:
    """Take a file off a held notice, and remove it unless something else names it."""
    if name not in PROOFS or pk not in getattr(notice, name):
        return False
    setattr(notice, name, [one for one in getattr(notice, name) if one != pk])
    touched(session, notice, actor, removed=session.get_one(Attachment, pk).name)
    drop_files(session, notice.unit_id, [pk])
    return True


def files_of(session: Session, notice: Notice) -> dict[str, list[Attachment]]:
    """Its files by the fields that name them. One statement."""
    ids = [*notice.proof, *notice.material]
    rows = {row.id: row for row in session.scalars(sa.select(Attachment).where(Attachment.id.in_(ids)))} if ids else {}
    return {name: [rows[pk] for pk in getattr(notice, name) if pk in rows] for name in PROOFS}
