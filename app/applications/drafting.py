"""Writing a 单位推荐意见: what its form says, what is wrong with it, and how the draft is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.applications.calendar import judge, kept_days
from app.applications.models import Application, Notice, Recommendation
from app.attachments import Attachment, Looked, keep_found, look_ahead
from app.codes import CODES
from app.review.models import Submission
from app.review.workflow import Actor
from app.typed import day_problem, text_problem
from app.units.posts import LEVELS

LENGTH = 5000  # characters of its texts
TEXTS = ("text", "explanation")
DAYS = ("begins_on", "ends_on")
POSITION = ("occupies", "category", "level", "explanation")  # what only a public institution states
FILES = {"proof": 10, "material": 10, "stamped": 5}  # how many of each
OCCUPIES = {"": None, "1": True, "0": False}


@dataclass
class Draft:
    """The draft of an application and its notice, either None while there is none."""

    recommendation: Recommendation | None
    notice: Notice | None

    @property
    def steps(self) -> int:
        """Changes of both: what a page had seen."""
        return sum(row.steps for row in (self.recommendation, self.notice) if row is not None)

    @property
    def shared(self) -> bool:
        """Its notice is one for several, and changes on its own page."""
        return self.notice is not None and self.notice.shared

    def files(self, name: str) -> list[str]:
        owner = self.recommendation if name == "stamped" else self.notice
        return list(getattr(owner, name)) if owner is not None else []


@dataclass
class Form:
    """The form as it was sent: its values, and what is wrong with them by field."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)


def draft_of(session: Session, application_id: int) -> Draft:
    """What the unit has written so far. One statement."""
    query = (
        sa.select(Recommendation, Notice)
        .outerjoin(Notice, Notice.id == Recommendation.notice_id)
        .where(Recommendation.application_id == application_id, Recommendation.entry_id.is_(None))
    )
    found = session.execute(query).first()
    return Draft(*found) if found else Draft(None, None)


def held(session: Session, pk: int, node: str | None) -> Application | None:
    """The application, locked until the transaction ends, when it is pending at the unit and the actor's node is that:
    only then its draft changes."""
    query = sa.select(Application).where(
        Application.id == pk, Submission.status == "pending", Submission.node == "unit", sa.literal(node == "unit")
    )
    return session.scalar(query.with_for_update(of=Submission).execution_options(populate_existing=True))


def values_of(draft: Draft) -> dict[str, str]:
    """The draft as its form shows it."""
    said, notice = draft.recommendation, draft.notice
    values = {name: getattr(said, name) if said else "" for name in (*TEXTS, "category", "level")}
    values["occupies"] = {True: "1", False: "0"}.get(said.occupies, "") if said else ""  # type: ignore[arg-type]
    for name in DAYS:
        on = getattr(notice, name) if notice else None
        values[name] = on.isoformat() if on else ""
    return values


def read(sent: Mapping[str, str], draft: Draft, institution: bool) -> Form:
    """The form as it was sent, checked; what it leaves out, and what this unit is not asked, stays as it is."""
    asked = {name: value for name, value in values_of(draft).items() if institution or name not in POSITION}
    form = Form(values_of(draft) | {name: sent.get(name, value).strip() for name, value in asked.items()})
    values = form.values
    problems = {
        **{name: text_problem(values[name], LENGTH) for name in TEXTS},
        **day_problems(values),
        "occupies": None if values["occupies"] in OCCUPIES else _("Choose one."),
        "category": None if values["category"] in ("", *LEVELS) else _("Choose one."),
        "level": _level_problem(values["category"], values["level"]),
    }
    form.errors = {name: problem for name, problem in problems.items() if problem}
    return form


def day_problems(values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the days of a notice, as they were typed."""
    problems = {name: problem for name in DAYS if values[name] and (problem := day_problem(values[name]))}
    days = [date.fromisoformat(values[name]) for name in DAYS if values[name] and name not in problems]
    if len(days) == len(DAYS) and days[0] > days[1]:
        problems["ends_on"] = _("must not be before the first day")
    return problems


def _level_problem(category: str, level: str) -> str | None:
    if not level:
        return None
    if level not in CODES["post_level"]:
        return _("Choose one.")
    fits = category not in LEVELS or level in LEVELS[category]
    return None if fits else _("is no level of this category")


def save(session: Session, application: Application, draft: Draft, form: Form, actor: Actor) -> Draft:
    """Keep what the form says, which was checked, as the draft of the (locked) application. The caller commits."""
    said = _recommendation(session, application, draft)
    for name, value in said_in(form.values).items():
        setattr(said, name, value)
    said.steps += 1
    begins, ends = days_of(form.values)
    if not draft.shared and (draft.notice is not None or begins or ends):
        set_days(session, own_notice(session, draft, actor), begins, ends)
    session.flush()
    return draft


def said_in(values: Mapping[str, str]) -> dict[str, Any]:
    """What a form without errors says of the recommendation itself, by its columns."""
    occupies = OCCUPIES[values["occupies"]]
    post = {name: values[name] if occupies else "" for name in ("category", "level")}
    return {name: values[name] for name in TEXTS} | {"occupies": occupies} | post


def days_of(values: Mapping[str, str]) -> tuple[date | None, date | None]:
    """The days of a form without errors."""
    begins, ends = (date.fromisoformat(values[name]) if values[name] else None for name in DAYS)
    return begins, ends


def set_days(session: Session, notice: Notice, begins: date | None, ends: date | None) -> None:
    """Write the days of a notice, and how many of them are working days by the calendar."""
    judged = judge(begins, ends, kept_days(session)) if begins and ends else None
    notice.begins_on, notice.ends_on = begins, ends
    notice.working_days, notice.basis = (judged.days, judged.basis) if judged else (0, "")


def _recommendation(session: Session, application: Application, draft: Draft) -> Recommendation:
    if draft.recommendation is None:
        of = {"application_id": application.id, "unit_id": application.unit_id, "version": application.version}
        draft.recommendation = Recommendation(**of, stamped=[], steps=0)
        session.add(draft.recommendation)
        session.flush()
    return draft.recommendation


def own_notice(session: Session, draft: Draft, actor: Actor) -> Notice:
    """The notice of this form alone, made when it is first needed. One that a frozen recommendation points at stays
    as it is: a copy takes its place."""
    said, notice = draft.recommendation, draft.notice
    assert said is not None, "a draft comes before its notice"
    if notice is None or is_frozen(session, notice):
        kept = ("begins_on", "ends_on", "working_days", "basis", "proof", "material", "objections")
        copied = {name: getattr(notice, name) for name in kept} if notice is not None else {}
        empty: dict[str, Any] = {"proof": [], "material": [], "objections": []}
        notice = Notice(unit_id=said.unit_id, shared=False, steps=0, by_name=actor.name, at=clock.now())
        for name, value in (empty | copied).items():
            setattr(notice, name, value)
        session.add(notice)
        session.flush()
        said.notice_id, draft.notice = notice.id, notice
    return notice


def is_frozen(session: Session, notice: Notice) -> bool:
    """Whether a recommendation that was passed points at it."""
    query = sa.select(Recommendation.id).where(
        Recommendation.notice_id == notice.id, Recommendation.entry_id.is_not(None)
    )
    return session.scalar(query.limit(1)) is not None


def add_files(
    session: Session, application: Application, draft: Draft, name: str, files: Sequence[Looked], actor: Actor
) -> str | None:
    """Keep uploaded files as proof, material or stamped recommendation; what is wrong with them is the answer, and then
    none is kept."""
    if draft.shared and name != "stamped":
        return _("The notice is one for several applications: its files are kept on its own page.")
    present = draft.files(name)
    kept, problem = keep_files(session, application.unit_id, name, len(present), files)
    if problem:
        return problem
    said = _recommendation(session, application, draft)
    owner: Any = said if name == "stamped" else own_notice(session, draft, actor)
    setattr(owner, name, [*present, *kept])
    owner.steps += 1
    session.flush()
    return None


def sent_files(session: Session, files: Sequence[Any], name: str) -> list[Looked]:
    """The files of a form, looked at; with too many of them none is. What was read before is to be read again."""
    chosen = [file for file in files if file.filename]
    if len(chosen) > FILES[name]:
        return [Looked(file.stream, file.filename, None) for file in chosen]
    return look_ahead(session, chosen) if chosen else []


def keep_files(
    session: Session, unit_id: int, name: str, present: int, files: Sequence[Looked]
) -> tuple[list[str], str | None]:
    """The ids of files that were looked at, kept besides those `present`; or none, and what is wrong with them."""
    if present + len(files) > FILES[name]:
        return [], _("At most %(limit)d files.", limit=FILES[name])
    if bad := next((file for file in files if file.found is None), None):
        return [], _("%(file)s %(problem)s", file=bad.name, problem=bad.problem)
    kept = [keep_found(session, file.file, file.found, file.name, unit_id) for file in files if file.found]
    session.flush()
    return [row.id for row in kept], None


def remove_file(session: Session, draft: Draft, name: str, pk: str, actor: Actor) -> bool:
    """Take a file off the draft; it is removed unless something else of the unit names it too."""
    if pk not in draft.files(name) or (draft.shared and name != "stamped"):
        return False
    assert draft.recommendation is not None, "files belong to a draft"
    owner: Any = draft.recommendation if name == "stamped" else own_notice(session, draft, actor)
    setattr(owner, name, [one for one in getattr(owner, name) if one != pk])
    owner.steps += 1
    session.flush()
    drop_files(session, draft.recommendation.unit_id, [pk])
    return True


def drop_files(session: Session, unit_id: int, ids: Sequence[str]) -> None:
    """Remove files that no recommendation and no notice of the unit names any more: copies of what was frozen have the
    same files."""
    named: set[str] = set()
    for column in (Recommendation.stamped, Notice.proof, Notice.material):
        text = sa.cast(column, sa.Text)
        query = sa.select(column).where(column.class_.unit_id == unit_id, sa.or_(*(text.contains(pk) for pk in ids)))
        named.update(pk for files in session.scalars(query) for pk in files)
    for file in session.scalars(sa.select(Attachment).where(Attachment.id.in_(set(ids) - named))):
        session.delete(file)
    session.flush()
