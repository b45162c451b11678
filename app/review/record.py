"""What the review page is given: the record, its material with what changed, its place, what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, joinedload, undefer

from app import clock
from app.attachments import Attachment
from app.review import facts
from app.review.labels import NODE, OWN_WORDS, STEP, joined, signed, status_label, step_label
from app.review.ledger import verdict_at
from app.review.listing import Asked
from app.review.models import Decision, Version
from app.review.pages import asked_with, back_label, verdict, verdicts_of
from app.review.phrases import phrases_of, texts_by_verdict
from app.review.queue import Place, place
from app.review.rules import RESTS, RULES
from app.review.together import Note, Postponement, notes_of
from app.sealing import unseal_numbers


@dataclass(frozen=True)
class Record:
    """Everything of one record that its page needs, loaded in six statements."""

    row: Any
    postponement: Postponement | None
    mine: bool  # its newest step is a verdict of my node
    rests: int | None  # what builds on that verdict: its place among RESTS
    versions: Sequence[Version]  # newest first
    history: Sequence[Decision]  # newest first
    notes: Sequence[Note]
    place: Place
    phrases: dict[str, list[str]]
    files: dict[str, Attachment]  # of all versions, by id

    @property
    def has_numbers(self) -> bool:
        """Whether there are personal numbers to show whole."""
        return bool(self.versions and self.versions[0].sealed)

    @property
    def before(self) -> Version | None:
        """The version of the latest verdict, when a newer one was submitted since."""
        last = self.answered
        if last is None or self.row.version <= last.version:
            return None
        return next((version for version in self.versions if version.number == last.version), None)

    @property
    def answered(self) -> Decision | None:
        """The verdict that the newest version answers; what was passed on since is compared with it still."""
        last = facts.latest_verdict(self.history)
        passed_on = self.row.status == "pending" and last is not None and last.step == "pass"
        earlier = facts.latest_verdict(self.history, before=self.row.version) if passed_on else None
        return earlier or last


def load(session: Session, desk: Any, pk: int, asked: Asked) -> Record | None:
    """The record, or None when it is not there for this reader."""
    found = session.execute(_query(desk, pk)).one_or_none()
    if found is None:
        return None
    row, postponement, mine, rests = found
    versions = sa.select(Version).where(Version.submission_id == pk).options(undefer(Version.sealed))
    versions_found = session.scalars(versions.order_by(Version.number.desc())).all()
    ledger = sa.select(Decision).where(Decision.submission_id == pk).order_by(Decision.id.desc())
    return Record(
        row=row,
        postponement=postponement,
        mine=mine,
        rests=rests,
        versions=versions_found,
        files=_files(session, desk, row, versions_found),
        history=session.scalars(ledger).all(),
        notes=notes_of(session, pk, g.actor.node or ""),
        place=place(session, desk.home(asked.list).listing, asked, row, g.actor.user_id),
        phrases=texts_by_verdict(phrases_of(session, g.unit_id)),
    )


def _files(session: Session, desk: Any, row: Any, versions: Sequence[Version]) -> dict[str, Attachment]:
    """The attachments that the versions name, and what else the desk shows. One statement, none without files."""
    ids = {
        *(pk for version in versions for pk in facts.file_ids(desk.material_of(row, version.data), version.data)),
        *desk.more_files(row),
    }
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(sa.select(Attachment).where(Attachment.id.in_(ids)))}


def _query(desk: Any, pk: int) -> sa.Select[Any]:
    listing, model = desk.listing, desk.listing.model
    found = [(rest.criterion(), sa.literal(place)) for place, rest in enumerate(RESTS.get(listing.kind, ()))]
    rests = sa.case(*found, else_=None) if found else sa.null()
    mark = sa.and_(Postponement.submission_id == model.id, Postponement.account_id == g.actor.user_id)
    query = sa.select(model, Postponement, verdict_at(g.actor.node), rests).outerjoin(Postponement, mark)
    return query.where(model.id == pk, *listing.belonging(desk.at)).options(joinedload(model.unit), *listing.loads)


def page(desk: Any, record: Record, asked: Asked, whole: bool, **state: Any) -> dict[str, Any]:
    """The context of desk/show.html. `state`: the dialog that comes back, a conflict and what was typed, and so on."""
    row = record.row
    query = asked.query_string()
    blocked = _blocked(desk, record)
    sections, beside = [*desk.ahead(record, whole), *_sections(desk, record, whole)], desk.beside(record)
    return {
        "title": desk.heading(row),
        "name": row.person_name,
        "ref": row.ref,
        "subtitle": row.unit.name,
        "back_url": f"{desk.back_url(asked, page=record.place.page)}#r{row.id}",
        "back_label": back_label(desk, asked),
        "status": {"key": row.status, "label": status_label(row.kind, row.status)},
        "node": str(NODE[row.node]),
        "sections": sections,
        "beside": beside,
        "files": facts.files_of([*sections, *beside]),
        "alike": desk.alike(row),
        "related": desk.related(row),
        "compared": _compared(record),
        "versions": _older(desk, record),
        "token": f"{row.id}:{row.steps}",
        "query": query,
        "decide_url": desk.url("decide"),
        "verdicts": [] if blocked else _verdicts(desk, record, state),
        "blocked": blocked,
        "dialog": state["dialog"]["key"] if state.get("dialog") else None,
        "conflict": state.get("conflict"),
        "typed": state.get("typed"),
        "history": _history(desk, record),
        "queue": _queue(desk, record, asked),
        "reveal": None
        if whole or not record.has_numbers or not desk.may("reveal")
        else {"action": desk.url("reveal", pk=row.id)},
        "notes": _notes(desk, record, state.get("note")),
        "presence": {"url": desk.url("present", pk=row.id), "others": []} if g.actor.node == row.node else None,
        "postpone": _postpone(desk, record, state.get("postpone")),
        **_take_back(desk, record, state.get("take_back")),
        **desk.show_context(record, state),
    }


# ---- the material ----------------------------------------------------------------------------------------------------


def _sections(desk: Any, record: Record, whole: bool) -> list[facts.Section]:
    """The newest version; when it followed a return or corrects what passed, marked against the version of then."""
    if not record.versions:
        return []
    newest, before = record.versions[0], record.before
    last = record.answered
    remarks = {item["path"]: item["remark"] for item in (last.remarks or ())} if last is not None else {}
    numbers = unseal_numbers(newest.sealed) if whole and newest.sealed else {}
    were = unseal_numbers(before.sealed) if whole and before is not None and before.sealed else {}
    reading = facts.Reading(numbers, before.data if before is not None else None, were, remarks, record.files)
    return facts.sections(desk.material_of(record.row), newest.data, reading)


# What the newest version is compared with, by the status from which it came again.
COMPARED = {
    "passed": _l(
        "This corrects a registration that passed. What passed stays in force until this is decided. Changed:"
    ),
    "withdrawn": _l("Came again after it was withdrawn. Changed since it passed:"),
    "returned": _l("Changed since the last return:"),
}


def _compared(record: Record) -> str | None:
    """What the newest version is compared with, in words; None when there is nothing before it."""
    if record.before is None:
        return None
    came_from = next(entry.from_status for entry in record.history if entry.step == "resubmit")
    return str(COMPARED[str(came_from)])


def _older(desk: Any, record: Record) -> list[dict[str, Any]]:
    masked = facts.Reading({}, files=record.files)
    return [
        {
            "number": version.number,
            "at": clock.shown(version.submitted_at),
            "sections": facts.sections(desk.material_of(record.row, version.data), version.data, masked),
        }
        for version in record.versions[1:]
    ]


@dataclass(frozen=True)
class Aside:
    """A row of another record's ledger that belongs into a history: it names its own record, and where that is."""

    decision: Decision
    kind: str
    label: str
    text: str  # what stands as its opinion
    url: str


def _history(desk: Any, record: Record) -> list[dict[str, Any]]:
    """The record's ledger, newest first, with what of others belongs to it in its place."""
    names = facts.labels(desk.material_of(record.row))
    told = [(entry.at, entry.id, _entry(desk, record.row.kind, names, entry)) for entry in record.history]
    for aside in desk.story(record.row):
        entry = _entry(desk, aside.kind, {}, aside.decision)
        entry |= {"label": aside.label, "opinion": aside.text or None, "url": aside.url, "version": None}
        told.append((aside.decision.at, aside.decision.id, entry | {"batch_url": None}))
    return [entry for _at, _id, entry in sorted(told, key=lambda one: one[:2], reverse=True)]


def _entry(desk: Any, kind: str, names: Mapping[str, str], decision: Decision) -> dict[str, Any]:
    label, tone = step_label(kind, decision.step), STEP[decision.step][1]
    remarks = [
        {"label": names.get(item["path"], item["path"]), "remark": item["remark"]} for item in decision.remarks or ()
    ]
    return {
        "step": decision.step,
        "label": label,
        "tone": tone,
        "opinion": decision.opinion or None,
        "remarks": remarks,
        "by": signed(decision.by_name, decision.for_name),
        "at": clock.shown(decision.at),
        "node": None if decision.step in ("submit", "resubmit", "lift") else str(NODE[decision.node]),
        "version": decision.version,
        "batch_url": desk.url("batch", pk=decision.batch_id) if decision.batch_id and desk.may("decide") else None,
    }


# Why there is nothing to decide, by kind and newest step or status where a kind says it otherwise, else by status.
DONE = {
    ("withdrawal", "passed"): _l("Agreed to: the applicant has the record back, to revise it and submit it again."),
    ("withdrawal", "returned"): _l("Refused: the request has ended, and the record stays as it is."),
    ("application", "passed"): _l("It has passed every node and is with the committee."),
    ("application", "terminated"): _l("Terminated: this person cannot apply again in the plan's year."),
    ("application", "lift"): _l("Terminated; the bar was lifted, so this person may apply again in the plan's year."),
    "passed": _l("This record is decided."),
    "returned": _l("Returned: it comes back when the applicant has corrected it."),
    "withdrawn": _l("Withdrawn: it comes back when the applicant has revised it."),
}

# ---- what may be done ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """Why the reader cannot decide, in words; `naming` is where he can name somebody who can."""

    text: str
    naming: str | None = None


def _blocked(desk: Any, record: Record) -> Told | None:
    """Why the reader cannot decide this record; None when he can."""
    row = record.row
    if row.status != "pending":
        step = record.history[0].step if record.history else ""
        found = (DONE.get(key) for key in ((row.kind, step), (row.kind, row.status), row.status, "passed"))
        return Told(str(next(words for words in found if words)))
    if desk.may("decide") and desk.at and row.node != g.actor.node:
        return Told(_("It waits at another node now: %(node)s.", node=NODE[row.node]))
    if not desk.may("decide") or row.node != g.actor.node:
        return Told(_("Your role reads this record and decides nothing on it."))
    if not g.actor.may_decide:
        return Told(
            _("Your account does not say whose it is, so it cannot decide. Enter your ID number under My account.")
        )
    if row.person_id == g.actor.person_id:
        return own_record()
    return None


def own_record() -> Told:
    """Why nobody decides his own record (回避), and who can."""
    others = g.others()
    if others.administrators:
        names = joined(others.administrators)
        return Told(
            _("This is your own record. These administrators of the unit can decide it: %(names)s.", names=names)
        )
    if others.stand_ins:
        names = joined(others.stand_ins)
        return Told(_("This is your own record. Whoever stands in for you can decide it: %(names)s.", names=names))
    text = _("This is your own record, and the unit has no other administrator who could decide it.")
    return Told(text, others.naming)


def _verdicts(desk: Any, record: Record, state: dict[str, Any]) -> list[dict[str, Any]]:
    """The dialogs, with their phrases, and for a return the items to tick; one may come back as it was sent."""
    sent, typed = state.get("dialog"), state.get("typed")
    dialogs = []
    for key in verdicts_of(record.row.kind):
        kept = typed if typed and typed["verdict"] == key else None
        fresh = verdict(record.row.kind, key, kept and kept["opinion"])
        fresh |= {name: kept[name] if kept else {} for name in ("remarks", "answers")}
        dialog = sent if sent and sent["key"] == key else fresh
        # What a kind calls otherwise is not what the unit's phrases were written for.
        dialog["phrases"] = [] if (record.row.kind, key) in OWN_WORDS else record.phrases.get(key, [])
        by_items = RULES[record.row.kind, "pending", key].by_items
        dialog["items"] = _items(desk, record.row, dialog.get("remarks", {})) if by_items else None
        dialog["questions"] = asked_with(dialog, desk.questions(key, record.row))
        dialog["confirm"] = desk.explanation(key, record.row)
        dialogs.append(dialog)
    return dialogs


def _items(desk: Any, row: Any, remarks: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"path": path, "label": label, "checked": path in remarks, "remark": remarks.get(path, "")}
        for path, label in facts.labels(desk.material_of(row)).items()
    ]


def _take_back(desk: Any, record: Record, sent: dict[str, Any] | None) -> dict[str, Any]:
    """撤销审核: the dialog, or in words why not; neither where the verdict is not of the reader's node."""
    row = record.row
    mine = record.mine and desk.may("decide") and g.actor.may_decide and row.person_id != g.actor.person_id
    if not mine or (row.kind, row.status, "take_back") not in RULES:
        return {"take_back": None, "take_back_blocked": None}
    if record.rests is not None:
        return {"take_back": None, "take_back_blocked": str(RESTS[row.kind][record.rests].why)}
    dialog = {"action": desk.url("take_back"), "token": f"{row.id}:{row.steps}", "status": row.status, "phrases": []}
    return {"take_back": dialog | {"value": "", "error": None} | (sent or {}), "take_back_blocked": None}


def _queue(desk: Any, record: Record, asked: Asked) -> dict[str, Any] | None:
    found = record.place
    if not found.total:
        return None

    def to(pk: int | None) -> str | None:
        return desk.place_url(asked, pk) if pk else None

    return {
        "position": found.position,
        "total": found.total,
        "next_url": to(found.next),
        "prev_url": to(found.previous),
    }


def _notes(desk: Any, record: Record, sent: dict[str, Any] | None) -> dict[str, Any] | None:
    if not desk.may("note") or record.row.person_id == g.actor.person_id:
        return None
    items = [{"text": note.text, "by": note.by_name, "at": clock.shown(note.at)} for note in record.notes]
    return {"items": items, "action": desk.url("note", pk=record.row.id), "error": None, "value": ""} | (sent or {})


def _postpone(desk: Any, record: Record, sent: dict[str, Any] | None) -> dict[str, Any] | None:
    row, mark = record.row, record.postponement
    own = row.person_id == g.actor.person_id
    if row.status != "pending" or row.node != g.actor.node or own or not desk.may("decide"):
        return None
    until = mark.until.isoformat() if mark and mark.until else None
    active = mark is not None and (mark.until is None or mark.until > clock.today())
    action = {"action": desk.url("postpone", pk=row.id), "active": active, "until": until, "error": None}
    return action | ({"active": False} | sent if sent else {})
