"""职称申报 → 申报情况: the applications of the reader's node, as a list and one by one."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Response, abort, flash, g, redirect, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.http import dump_options_header

from app import audit, clock
from app.applications import dialogs, due
from app.applications.material import APPLICATION, application_material, cited_heads
from app.applications.models import Application, Plan, Recommendation
from app.applications.notices.days import plans_known
from app.applications.notices.desk import Noticing
from app.applications.printing import form_pdf
from app.applications.recommend import (
    Recommending,
    files_of,
    forget,
    ready_text,
    ready_tone,
    recommended_files,
    said_before,
    said_section,
)
from app.archive.listings import of_people_ending, of_people_numbered
from app.extensions import db
from app.review import drafts, record
from app.review.desk import Desk
from app.review.desk_base import PERMISSIONS
from app.review.facts import Fact, Material, Part, Reading, Section, file_ids, sections
from app.review.labels import NODE, code_reader, signed, status_label, step_label
from app.review.listing import BadAsk, Column, Filter, Listing
from app.review.models import Submission
from app.review.pages import Question
from app.review.verdicts import Answer, Sent, opinion_problem
from app.review.workflow import Left, NotAllowed, NotFound, lift
from app.sealing import unseal_numbers
from app.staff.person import registration_of
from app.staff.views import MATERIAL as PERSON
from app.units.lists import EXPORT, SCREEN, columns_around, filters_after

PLAN = sa.select(Plan.name).where(Plan.id == Application.plan_id).correlate(Application).scalar_subquery()
# Since when what is pending waits at its node.
WAITS_SINCE = sa.case((Submission.status == "pending", Submission.waits_since), else_=None)

# The columns of how long something waits and how soon its plan closes, wherever applications are listed.
WAITING = Column(
    "waiting",
    _l("Waiting"),
    WAITS_SINCE,
    due.waiting_text,
    sort=Submission.waits_since,
    falls=True,
    tone=due.waiting_tone,
    kind="due",
    on=SCREEN,
    undecided=True,
)
DUE_ON = Column("due_on", _l("Plan closes"), Submission.due_on, due.due_text, tone=due.due_tone, kind="due", on=SCREEN)
CLOSES_ON = Column("closes_on", _l("Plan closes"), Submission.due_on, on=EXPORT)


def _of_plan(value: str) -> ColumnElement[bool]:
    return Submission.id.in_(sa.select(Application.id).where(Application.plan_id == int(value)))


def _plans() -> list[tuple[str, str]]:
    """The plans to choose from, the newest first."""
    return [(str(plan.id), plan.name) for plan in plans_known()]


APPLICATIONS = Listing(
    name="applications",
    kind="application",
    title=_l("Applications"),
    model=Application,
    texts=(Submission.person_name, Submission.title),
    by_number=of_people_numbered,
    by_tail=of_people_ending,
    columns=columns_around(
        Column("title", _l("Title applied for"), Submission.title, sort=Submission.title),
        Column("specialty", _l("Specialty"), Application.specialty),
        Column("plan", _l("Review plan"), PLAN),
        Column(
            "ready",
            _l("Recommendation"),
            Submission.id,
            ready_text,
            tone=ready_tone,
            kind="due",
            on=frozenset({"screen"}),
            undecided=True,
        ),
        WAITING,
        DUE_ON,
        CLOSES_ON,
        routed=True,
    ),
    filters=filters_after(Filter("plan", _l("Review plan"), "select", _of_plan, _plans)),
    tabs=("pending", "passed", "returned", "terminated", "all"),
    loads=(joinedload(Application.plan),),
    packs=(selectinload(Application.recommendations).joinedload(Recommendation.notice),),
)


class ApplicationDesk(Recommending, Noticing):
    kind = "application"
    listing = APPLICATIONS
    material = (APPLICATION,)
    route_base = "/applications"
    class_permission_name = "applications"
    has_files = True
    show_template = "applications/show.html"
    method_permission_name = PERMISSIONS | {
        "recommend": "decide",
        "upload": "decide",
        "remove_file": "decide",
        "lift": "lift",
        "form": "export",
    }

    def material_of(self, row: Any, content: Mapping[str, Any] | None = None) -> Material:
        return application_material(row.data if content is None else content)

    @expose("/lift/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def lift(self, pk: int) -> Answer:
        """End the bar that a termination left on the plan's year, with a reason."""
        reason = request.form.get("opinion", "")
        if problem := opinion_problem(reason) or drafts.unsent():
            return self.show_page(pk, self.asked_by_form(), lift={"value": reason, "error": problem}), 400
        selection = self.selection()
        if [seen[0] for seen in selection.chosen.seen] != [pk]:
            raise BadAsk(_("The selection cannot be read: open the list again."))
        try:
            outcome = lift(db.session(), selection.chosen, reason.strip(), g.actor)
        except NotFound:
            abort(404)
        except NotAllowed:
            abort(403)
        if not outcome.decided:
            return self._conflict(selection, outcome, Sent("take_back", reason))
        audit.record(db.session(), "lift", g.actor, f"application {self._row(pk).ref}", self._row(pk).unit_id)
        db.session.commit()
        flash(_("The bar was lifted: this person may apply again in the plan's year."), "success")
        return redirect(self.url("show", selection.asked.query_string(), pk=pk), 303)

    @expose("/form/<int(max=2147483647):pk>.pdf")
    @has_access
    def form(self, pk: int) -> Response:
        """申报评审简表 to print; numbers are masked. A row in the audit log."""
        loaded = record.load(db.session(), self, pk, self.asked()[0]) or abort(404)
        found = registration_of(db.session(), loaded.row.person_id)
        content = form_pdf(loaded, found.Version if found else None)
        audit.record_apart("export", g.actor, f"application {loaded.row.ref}", loaded.row.unit_id, format="pdf")
        name = f"{_('Review form')}-{loaded.row.person_name}-{loaded.row.ref}.pdf"
        names = {"filename": "application.pdf", "filename*": f"UTF-8''{quote(name, safe='')}"}
        headers = {"Content-Disposition": dump_options_header("inline", names)}
        return Response(content, mimetype="application/pdf", headers=headers)

    def more_files(self, row: Any) -> list[str]:
        return files_of(row)

    def ahead(self, loaded: Any, whole: bool) -> list[Section]:
        """Who applies, by the registration in force, and for which plan."""
        found = registration_of(db.session(), loaded.row.person_id)
        person: list[Section] = []
        if found is not None:
            numbers = unseal_numbers(found.Version.sealed) if whole and found.Version.sealed else {}
            facts = sections(PERSON, found.Version.data, Reading(numbers))
            person = [(_("Applicant"), lines) for _title, lines in facts]
        return [*person, *sections(THE_PLAN, _plan_content(loaded.row.plan), Reading({}))]

    def beside(self, loaded: Any) -> list[Section]:
        earlier = _earlier(self, loaded.row)
        return [*earlier, *said_section(loaded.row, loaded.files)]

    def show_context(self, loaded: Any, state: dict[str, Any]) -> dict[str, Any]:
        row = loaded.row
        return {
            "title": _("Title application"),
            "subtitle": row.title if g.unit_id else f"{row.title} · {row.unit.name}",
            "cited": cited_heads(row.data),
            "recommendation": self.recommendation_form(loaded, state.get("recommendation")),
            "said_before": [
                {
                    "node": str(NODE[entry.node]),
                    "label": step_label("application", entry.step),
                    "at": clock.shown(entry.at),
                }
                | {
                    "by": signed(entry.by_name, entry.for_name),
                    "opinion": entry.opinion,
                    "back": entry.step == "send_back",
                }
                for entry in said_before(loaded.history)
            ],
            "form_url": self.url("form", pk=loaded.row.id) if self.may("export") else None,
            "lift": self._lift_dialog(loaded, state.get("lift")),
            "due": {"text": due.due_text(row.due_on), "tone": due.due_tone(row.due_on)},
        }

    def _lift_dialog(self, loaded: Any, sent: dict[str, Any] | None) -> dict[str, Any] | None:
        """What asks for lifting the bar, for who may, while there is one."""
        row = loaded.row
        barred = row.status == "terminated" and loaded.history[0].step == "terminate"
        if not barred or not self.may("lift") or row.person_id == g.actor.person_id:
            return None
        dialog = {"action": self.url("lift", pk=row.id), "token": f"{row.id}:{row.steps}", "phrases": []}
        return dialog | {"value": "", "error": None} | (sent or {})

    def set_apart(self, ids: Sequence[int]) -> tuple[Any, Mapping[int, str]]:
        query = sa.select(Application.id, PLAN).where(Application.id.in_(ids))
        return _("Review plan"), dict(db.session.execute(query).fetchall())

    def placing(self, row: Any) -> tuple[list[str], list[str]]:
        unit = [] if g.unit_id else [row.unit.name]
        named = [*file_ids(self.material_of(row), row.data), *recommended_files(row.recommendations)]
        return [*unit, f"{row.person_name} {row.title}"], named

    def questions(self, verdict: str, row: Any = None) -> Sequence[Question]:
        asks = dialogs.QUESTIONS.get(verdict)
        return asks(row) if asks else ()

    def explanation(self, verdict: str, row: Any = None) -> str:
        explains = dialogs.EXPLANATIONS.get(verdict)
        return explains(row) if explains else ""

    def answers_problem(self, verdict: str, said: Mapping[str, str], row: Any, number: int) -> dict[str, str]:
        return dialogs.problems(verdict, said, row, number)

    def left_for_want_of(self, verdict: str, left: Left) -> dict[str, str]:
        if (verdict, left.reason) != ("pass", "posts"):
            return {}
        forget()  # others took a position since this request began
        return {dialogs.EXCEEDS: dialogs.no_room(self._row(left.pk))}

    def related(self, row: Any) -> list[dict[str, str]]:
        return [link | {"label": _("Applicant")} for link in super().related(row)]


THE_PLAN = (
    Part(
        _l("Review plan"),
        (
            Fact("name", _l("Plan"), kind="long", written=False),
            Fact("year", _l("Plan year"), written=False),
            Fact("series", _l("Series"), code_reader("series"), written=False),
            Fact("level", _l("Title level"), code_reader("title_level"), written=False),
            Fact("window", _l("Window"), written=False),
            Fact("committee", _l("Committee"), kind="long", written=False),
        ),
    ),
)


def _plan_content(plan: Plan) -> dict[str, Any]:
    named = {name: getattr(plan, name) for name in ("name", "series", "level", "committee")}
    window = _("%(opens)s to %(closes)s", opens=plan.opens_on.isoformat(), closes=plan.closes_on.isoformat())
    return named | {"year": str(plan.year), "window": window}


def _earlier(desk: Desk, row: Any) -> list[Section]:
    """The person's other applications that the reader may open, the newest first."""
    query = (
        sa.select(Application)
        .where(Application.person_id == row.person_id, Application.kind == "application", Application.id != row.id)
        .where(*desk.listing.belonging(desk.at))
        .options(joinedload(Application.plan))
        .order_by(Application.id.desc())
    )
    lines = [
        {
            "label": str(other.year),
            "value": " · ".join((other.title, other.plan.name, status_label("application", other.status))),
            "url": desk.url("show", "status=all", pk=other.id),
            "kind": "long",
        }
        for other in db.session.scalars(query)
    ]
    return [(_("Other applications of this person"), lines)] if lines else []
