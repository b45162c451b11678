"""单位推荐意见 on the review page: the form while the application waits at the unit, what was frozen for the rest."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, jsonify, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app import clock
from app.applications import drafting, due, positions
from app.applications.calendar import BASIS, Judged, Kept, kept_days
from app.applications.drafting import FILES, Draft, Form
from app.applications.models import Notice, Recommendation
from app.applications.notices.days import count_text
from app.applications.objections import Objection, concerning, text_of
from app.applications.recommendations import INSTITUTION, lacking, missing
from app.attachments import Attachment
from app.extensions import begin_write, db
from app.review import drafts
from app.review.desk import Desk
from app.review.facts import Fact, Part, Reading, Section, sections
from app.review.labels import REASON_PART, code_choices, code_reader
from app.review.listing import Asked
from app.review.models import NODES
from app.units.models import PostApproval
from app.units.posts import CATEGORY, LEVELS

Answer = Response | str | tuple[str, int] | tuple[Response, int]
UNIT = NODES[0]
# field of the form → what of it may be missing (keys of REASON_PART)
ANCHORS = {
    "text": "text",
    "days": "begins_on",
    "short": "ends_on",
    "ahead": "begins_on",
    "running": "ends_on",
    "proof": "proof",
    "material": "material",
    "position": "occupies",
    "level": "level",
    "explanation": "explanation",
}


POSTS = ("approved", "filled", "recommended", "remaining")  # numbers of the ledger


def _read_position(value: dict[str, str]) -> str:
    category, level = CATEGORY[value["category"]], code_reader("post_level")(value["level"])
    return _("occupies one: %(category)s, %(level)s", category=category, level=level)


SAID = (
    Part(
        _l("Unit's recommendation"),
        (
            Fact("text", _l("Recommendation"), kind="long", written=False),
            Fact("stamped", _l("Stamped recommendation"), kind="files", written=False),
            Fact("days", _l("Public notice"), kind="long", written=False),
            Fact("proof", _l("Proof of the notice"), kind="files", written=False),
            Fact("material", _l("Material of the notice"), kind="files", written=False),
            Fact("objections", _l("Objections"), kind="long", written=False),
            Fact("position", _l("Position of the unit"), kind="long", written=False),
            Fact("explanation", _l("Explanation"), kind="long", written=False),
            Fact("exceeds", _l("Reason for exceeding the positions"), kind="long", written=False),
        ),
    ),
)


Said = tuple[Recommendation | None, Notice | None]


def _all_said_of(row: Any) -> list[Said]:
    """The unit's recommendations that the reader may see, the newest first, with their notices: elsewhere than at the
    unit those that were frozen. One statement for a request."""
    known = g.setdefault("said_of", {})
    if row.id not in known:
        query = (
            sa.select(Recommendation, Notice)
            .outerjoin(Notice, Notice.id == Recommendation.notice_id)
            .where(Recommendation.application_id == row.id)
            .order_by(Recommendation.id.desc())
        )
        if g.actor.node != UNIT:
            query = query.where(Recommendation.entry_id.is_not(None))
        known[row.id] = [(said, notice) for said, notice in db.session.execute(query)]
    found: list[Said] = known[row.id]
    return found


def said_of(row: Any) -> Said:
    """What stands of the unit's recommendation for the reader."""
    return next(iter(_all_said_of(row)), (None, None))


def open_objections(row: Any) -> list[Objection]:
    """The objections to the notice that stands of an application of which nothing has come yet."""
    _said, notice = said_of(row)
    found = concerning(notice.objections, row.id) if notice is not None else []
    return [one for one in found if not one.outcomes]


def files_of(row: Any) -> list[str]:
    """The files of what the reader may see of the unit's recommendation."""
    return _files(*said_of(row))


def recommended_files(said: Sequence[Recommendation]) -> list[str]:
    """The files of the newest that was frozen, of an application's recommendations in their order."""
    frozen = [one for one in said if one.entry_id is not None]
    return _files(frozen[-1], frozen[-1].notice) if frozen else []


def _files(said: Recommendation | None, notice: Notice | None) -> list[str]:
    lists = ([said.stamped] if said else []) + ([notice.proof, notice.material] if notice else [])
    return [pk for files in lists for pk in files]


def said_section(row: Any, files: dict[str, Any]) -> list[Section]:
    """The recommendation as the later nodes read it."""
    said, notice = said_of(row)
    if said is None or said.entry_id is None:
        return []
    content = {
        "text": said.text,
        "stamped": said.stamped,
        "days": days_text(notice),
        "proof": notice.proof if notice else [],
        "material": notice.material if notice else [],
        "objections": text_of([one.objections for _said, one in _all_said_of(row) if one], row.id),
        "position": position_text(said),
        "explanation": said.explanation,
        "exceeds": (said.exceeds_reason or _("passed before by the earlier system")) if said.exceeds else "",
    }
    found = sections(SAID, content, Reading({}, files=files))
    return [(title, [line for line in lines if line["value"] not in ("—", "0")]) for title, lines in found]


def position_text(said: Recommendation) -> str:
    if said.occupies is None:
        return ""
    return _read_position({"category": said.category, "level": said.level}) if said.occupies else _("occupies none")


def days_text(notice: Notice | None) -> str:
    if notice is None or not (notice.begins_on and notice.ends_on):
        return ""
    days = {"begins": notice.begins_on.isoformat(), "ends": notice.ends_on.isoformat()}
    how = str(BASIS[notice.basis]) if notice.basis else ""
    return _("%(begins)s to %(ends)s, %(days)d working days (%(how)s)", days=notice.working_days, how=how, **days)


def day_warnings(notice: Notice | None, closes_on: date, kept: Kept) -> list[str]:
    """What the days of a draft's notice should make its writer think of before the plan closes; nothing of it forbids
    to save them."""
    begin = due.begin_by(closes_on, kept)
    if notice is None or not (notice.begins_on and notice.ends_on):
        return [begin.text] if begin.passed else []
    short = count_text(notice.begins_on, Judged(notice.working_days, notice.basis), kept)["short"]
    warnings = [short] if short else []
    if notice.begins_on > begin.last:
        day = begin.last.isoformat()
        warnings.append(_("It begins after %(day)s, the last day to do so before the plan closes.", day=day))
    elif notice.ends_on > closes_on:
        warnings.append(_("It ends after %(day)s, when the plan closes.", day=closes_on.isoformat()))
    return warnings


def said_before(history: Sequence[Any]) -> list[Any]:
    """The verdicts that stand on the newest version, as they were given; 退回单位 stands before what follows it until
    its node decides again. `history` is newest first."""
    standing: dict[str, Any] = {}
    for entry in reversed(history):
        if entry.step in ("submit", "resubmit", "send_back"):
            standing.clear()
        if entry.step in ("pass", "send_back", "take_back"):
            standing.pop(entry.node, None)
        if entry.step in ("pass", "send_back"):
            standing[entry.node] = entry
    return list(standing.values())


def ready_text(pk: int) -> str:
    """Whether what waits at the unit can pass, for its list."""
    if pk not in g.lacking:
        return ""
    number = len(g.lacking[pk])
    return ngettext("%(num)d part missing", "%(num)d parts missing", number) if number else _("can pass")


def ready_tone(pk: int) -> str:
    return "ok" if g.lacking.get(pk) == [] else ""


class Recommending(Desk):
    """The part of the applications' desk where the unit writes what it recommends."""

    def _list_page(self, asked: Asked, rows: Any, total: int, problems: dict[str, str]) -> str:
        waiting = [row.id for row in rows if row.status == "pending" and asked.status == "pending"]
        own = waiting and g.screen == "screen"
        g.lacking = lacking(db.session(), waiting) if own else {}
        return super()._list_page(asked, rows, total, problems)

    @expose("/recommend/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def recommend(self, pk: int) -> Answer:
        """Keep the form as the draft; what is wrong with it comes back beside the fields, with all that was typed."""
        self._held(pk)  # before any file is looked at
        files = {name: drafting.sent_files(db.session(), request.files.getlist(name), name) for name in FILES}
        application, draft = self._held(pk)
        form = drafting.read(request.form, draft, self._institution())
        if again := drafts.unsent():
            form.errors.setdefault("text", again)
        stale = not _was_seen(draft)
        if stale or form.errors:
            return self._recommend_again(pk, form, draft if stale else None)
        drafting.save(db.session(), application, draft, form, g.actor)
        for name, sent in files.items():
            problem = drafting.add_files(db.session(), application, draft, name, sent, g.actor) if sent else None
            if problem:
                form.errors[name] = problem
        db.session.commit()
        if form.errors:
            return self._recommend_again(pk, form, None)
        if wants_json():
            return jsonify(self._state(application, draft))
        flash(_("The draft of the recommendation was saved."), "success")
        return redirect(self.url("show", self.asked_by_form().query_string(), pk=pk) + "#recommendation", 303)

    @expose("/upload/<int(max=2147483647):pk>/<any(proof, material, stamped):name>", methods=["POST"])
    @has_access
    def upload(self, pk: int, name: str) -> Answer:
        """A file for the draft, sent by the script while its progress is shown."""
        self._held(pk)  # before any file is looked at
        files = drafting.sent_files(db.session(), request.files.getlist("file"), name)
        application, draft = self._held(pk)
        seen = _was_seen(draft)
        problem = drafting.add_files(db.session(), application, draft, name, files, g.actor)
        if problem or not files:
            db.session.rollback()
            return jsonify(error=problem or _("Choose a file.")), 400
        db.session.commit()
        return jsonify(self._state(application, draft) | {"stale": not seen})

    @expose("/remove_file/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def remove_file(self, pk: int) -> Answer:
        """Take a file off the draft."""
        application, draft = self._held(pk)
        seen = _was_seen(draft)
        name, _colon, file = request.form.get("remove", "").partition(":")
        if name not in FILES or not drafting.remove_file(db.session(), draft, name, file, g.actor):
            abort(404)
        db.session.commit()
        if wants_json():
            return jsonify(self._state(application, draft) | {"stale": not seen})
        return redirect(self.url("show", self.asked_by_form().query_string(), pk=pk) + "#recommendation", 303)

    def _held(self, pk: int) -> tuple[Any, Draft]:
        row = self._row(pk)
        application = drafting.held(db.session(), pk, g.actor.node)
        if row.person_id == g.actor.person_id or not g.actor.may_decide:
            abort(403)
        return application or abort(409), drafting.draft_of(db.session(), pk)

    def _recommend_again(self, pk: int, form: Form, newer: Draft | None) -> Answer:
        """The page with what was typed; `newer`: somebody saved meanwhile, and what is kept now stands beside it."""
        if wants_json():
            return jsonify(errors=form.errors, stale=newer is not None), 409 if newer else 400
        db.session.rollback()
        begin_write(db.session())  # the page that answers writes an audit row
        page = self.show_page(pk, self.asked_by_form(), recommendation={"form": form, "stale": newer is not None})
        return page, 409 if newer else 400

    def _state(self, application: Any, draft: Draft) -> dict[str, Any]:
        """What the script draws anew after a change."""
        lacking = lacking_of(application, draft, self._institution())
        return {
            "steps": draft.steps,
            "saved": clock.shown(clock.now()),
            "missing": [{"text": str(REASON_PART[part]), "anchor": ANCHORS[part]} for part in lacking],
            "days": days_text(draft.notice),
            "warnings": day_warnings(draft.notice, application.due_on, kept_days(db.session())),
            "files": {name: self._files(draft.files(name)) for name in FILES},
        }

    def _files(self, ids: Sequence[str]) -> list[dict[str, str]]:
        rows = {row.id: row for row in db.session.scalars(sa.select(Attachment).where(Attachment.id.in_(ids)))}
        return [
            {
                "id": pk,
                "name": rows[pk].name,
                "url": url_for("AttachmentView.page", pk=pk),
                "icon": "document" if rows[pk].media_type == "application/pdf" else "picture",
            }
            for pk in ids
            if pk in rows
        ]

    def _institution(self) -> bool:
        held = g.get("held")
        return held is not None and held.nature == INSTITUTION

    def _entering(self) -> str | None:
        """Where the reader enters the approved posts, if he may."""
        return url_for("PostsView.submit") if self.appbuilder.sm.has_access("can_submit", "posts") else None

    def recommendation_form(self, record: Any, sent: dict[str, Any] | None) -> dict[str, Any] | None:
        """The form, for who decides at the unit while the application waits there."""
        row = record.row
        mine = row.status == "pending" and row.node == UNIT == g.actor.node and self.may("decide")
        if not mine or row.person_id == g.actor.person_id or not g.actor.may_decide:
            return None
        said, notice = said_of(row)
        draft = Draft(said, notice) if said is not None and said.entry_id is None else Draft(None, None)
        form = sent["form"] if sent else Form(drafting.values_of(draft))
        institution = self._institution()
        lacking = lacking_of(row, draft, institution)
        kept = kept_days(db.session())
        return {
            "action": self.url("recommend", pk=row.id),
            "remove": self.url("remove_file", pk=row.id),
            "uploads": {name: self.url("upload", pk=row.id, name=name) for name in FILES},
            "values": form.values,
            "errors": form.errors,
            "stale": bool(sent and sent["stale"]),
            "steps": draft.steps,
            "kept": drafting.values_of(draft) if sent and sent["stale"] else None,
            "files": {name: [record.files[pk] for pk in draft.files(name) if pk in record.files] for name in FILES},
            "shared": _shared(notice) if draft.shared else None,
            "days": days_text(draft.notice),
            "begin": due.begin_by(row.due_on, kept),
            "objections": [one.text for one in open_objections(row)] if draft.shared else [],
            "preview": self.url("preview"),
            "warnings": day_warnings(draft.notice, row.due_on, kept),
            "institution": institution,
            "categories": [(key, str(label)) for key, label in CATEGORY.items()],
            "levels": [(key, label, _category(key)) for key, label in code_choices("post_level")()],
            "missing": [{"text": str(REASON_PART[part]), "anchor": ANCHORS[part]} for part in lacking],
            "ledger": _ledger(row) | {"enter": self._entering()} if institution else None,
            "length": drafting.LENGTH,
        }


def lacking_of(row: Any, draft: Draft, institution: bool) -> list[str]:
    """What the draft lacks to be complete today."""
    return missing(_flat(draft), institution, clock.today())


def _flat(draft: Draft) -> Any:
    """A draft with its notice as one row, as `missing` reads it."""
    said, notice = draft.recommendation, draft.notice
    if said is None:
        return None
    names = ("begins_on", "ends_on", "working_days", "proof", "material")
    facts = {name: getattr(notice, name) if notice else None for name in names}
    kept = {name: getattr(said, name) for name in ("text", "occupies", "category", "level", "explanation")}
    return type("Row", (), facts | kept)


def _category(level: str) -> str:
    return next(category for category, levels in LEVELS.items() if level in levels)


def _shared(notice: Notice | None) -> dict[str, Any]:
    assert notice is not None
    return {"url": f"/notices/show/{notice.id}", "days": days_text(notice)}


def _ledger_of(row: Any) -> tuple[PostApproval | None, list[positions.Line]]:
    """The ledger of positions of an application's unit and year. One statement for a request."""
    known = g.setdefault("ledgers", {})
    place = row.unit_id, row.year
    if place not in known:
        known[place] = positions.ledger(db.session(), *place)
    found: tuple[PostApproval | None, list[positions.Line]] = known[place]
    return found


def forget() -> None:
    """What the request has read of recommendations and of the ledger is read again when it is next asked for."""
    for name in ("said_of", "ledgers"):
        g.pop(name, None)


def wanted_line(row: Any) -> positions.Line | None:
    """The line of the ledger that the draft of an application takes a position of, though nothing may be approved
    there; None while it takes none, or the unit has no approval, which it cannot exceed."""
    said, _notice = said_of(row)
    if said is None or not (said.occupies and said.level):
        return None
    approval, lines = _ledger_of(row)
    nothing = positions.Line(said.category, said.level, approved=0, filled=0, recommended=0)
    there = (line for line in lines if (line.category, line.level) == (said.category, said.level))
    return next(there, nothing) if approval is not None else None


def _ledger(row: Any) -> dict[str, Any]:
    """As the table of the unit's approval is: level by level in their categories, with sums."""
    approval, lines = _ledger_of(row)
    read, groups = code_reader("post_level"), []
    for category, levels in LEVELS.items():
        own = sorted((line for line in lines if line.category == category), key=lambda line: levels.index(line.level))
        rows = [{"label": read(line.level), "key": line.level} | _sums([line]) for line in own]
        if own:
            groups.append({"label": str(CATEGORY[category]), "rows": rows} | _sums(own))
    return {"document": approval.document_number if approval else None, "groups": groups} | _sums(lines)


def _sums(lines: Sequence[positions.Line]) -> dict[str, int]:
    return {name: sum(getattr(line, name) for line in lines) for name in POSTS}


def _was_seen(draft: Draft) -> bool:
    """Whether the page that sent this had seen the draft as it is now."""
    return request.form.get("steps") == str(draft.steps)


def wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
