"""How a submission moves: the table of rules, and the three functions that apply it.

Nothing here knows a request: who acts and when are arguments, and whoever calls commits.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from app import clock
from app.review.models import Decision, Submission, Version
from app.tenancy import insert_from


@dataclass(frozen=True)
class Rule:
    """What one move leads to, what it needs, and the name of what it does besides (EFFECTS)."""

    to: str
    needs: frozenset[str] = frozenset()
    effect: str | None = None
    by_items: bool = False  # ticks what is wrong, each with a remark


OPINION = frozenset({"opinion"})

# (kind, status, step) → what follows. What is not here is not allowed; None is a record that is not there yet.
RULES: dict[tuple[str, str | None, str], Rule] = {
    ("registration", None, "submit"): Rule("pending"),
    ("registration", "pending", "pass"): Rule("passed", OPINION, effect="person belongs to the unit"),
    ("registration", "pending", "return"): Rule("returned", OPINION, by_items=True),
    ("registration", "returned", "resubmit"): Rule("pending"),
    ("registration", "passed", "resubmit"): Rule("pending"),  # a correction; the passed version stays in force
    ("registration", "passed", "take_back"): Rule("pending", OPINION, effect="person belongs as before"),
    ("registration", "returned", "take_back"): Rule("pending", OPINION),
    ("archive_item", None, "submit"): Rule("pending"),
    ("archive_item", "pending", "pass"): Rule("passed", OPINION),
    ("archive_item", "pending", "return"): Rule("returned", OPINION, by_items=True),
    ("archive_item", "returned", "resubmit"): Rule("pending"),
    ("archive_item", "passed", "withdraw"): Rule("withdrawn"),  # by a withdrawal that was agreed to
    ("archive_item", "withdrawn", "resubmit"): Rule("pending"),
    ("archive_item", "withdrawn", "take_back"): Rule("passed"),  # with that withdrawal's verdict
    ("archive_item", "passed", "take_back"): Rule("pending", OPINION),
    ("archive_item", "returned", "take_back"): Rule("pending", OPINION),
    ("withdrawal", None, "submit"): Rule("pending"),
    ("withdrawal", "pending", "pass"): Rule("passed", OPINION, effect="the item is withdrawn"),
    ("withdrawal", "pending", "return"): Rule("returned", OPINION),
    ("withdrawal", "passed", "take_back"): Rule("pending", OPINION, effect="the item is passed again"),
    ("withdrawal", "returned", "take_back"): Rule("pending", OPINION),
}

VERDICTS = ("pass", "return")  # the steps that a reviewer takes, in the order of their buttons
OPINION_LENGTH = 5000

# Called with the session, the moved ids and what the ledger says of the move (step, at, by_id, by_name, opinion, …).
Effect = Callable[[Session, Select[Any], dict[str, Any]], None]
EFFECTS: dict[str, Effect] = {}
# kind → criteria on Submission that something rests on its verdict, which then cannot be taken back
RESTS: dict[str, list[Callable[[], ColumnElement[bool]]]] = {}
# kind → locks what a new record that rests on one of these would lock; called with the ids of the records
LOCKS: dict[str, Callable[[Session, Select[Any]], Any]] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register what a rule does besides moving the record."""

    def register(function: Effect) -> Effect:
        EFFECTS[name] = function
        return function

    return register


@dataclass(frozen=True)
class Actor:
    """Who acts. Without `may_decide` (an account that does not say whose it is) nothing is decided (回避)."""

    name: str
    user_id: int | None = None
    node: str | None = None
    person_id: int | None = None  # the actor's own person, whose records he leaves to others
    may_decide: bool = False


@dataclass(frozen=True)
class Chosen:
    """The records to decide: named ones as they were seen, or all that match a filter."""

    kind: str
    seen: tuple[tuple[int, int], ...] = ()  # (id, steps of its ledger)
    matching: ColumnElement[bool] | None = None
    of_batch: int | None = None  # of `matching`: only where this batch's verdict is the newest step
    until: datetime | None = None  # of `matching`: what waits only since later was not on the list that the actor saw
    within: tuple[ColumnElement[bool], ...] = ()  # of named records: what the list holds that they were named on

    def criteria(self, session: Session) -> list[ColumnElement[bool]]:
        if self.matching is not None:
            late = [] if self.until is None else [Submission.pending_since <= self.until]
            return [Submission.kind == self.kind, self.matching, *late]
        named = Submission.id.in_(listed(session, [pk for pk, _ in self.seen]))
        return [Submission.kind == self.kind, named, *self.within]

    def unchanged(self, session: Session) -> list[ColumnElement[bool]]:
        """The guard on what was seen, which only named records have: nothing was entered in the ledger since."""
        if self.matching is not None:
            return []
        return [sa.tuple_(Submission.id, Submission.steps).in_(listed(session, self.seen, 2))]


@dataclass(frozen=True)
class Left:
    """A record that was left. `reason`: own, changed, rests, or decided (then `by`, `at`, `step`, `opinion`)."""

    pk: int
    name: str
    ref: str
    reason: str
    by: str = ""
    at: datetime | None = None
    step: str = ""
    opinion: str = ""
    entry_id: int = field(default=0, compare=False)  # the row of the ledger that says so


@dataclass(frozen=True)
class Outcome:
    decided: tuple[int, ...]
    left: tuple[Left, ...] = field(default=())


class NotFound(LookupError):
    """A record was named that is not there, or not for this reader."""


class NotAllowed(ValueError):
    """The verdict is unknown for this kind and status, or the actor may not decide here at all."""


def decide(
    session: Session,
    chosen: Chosen,
    verdict: str,
    opinion: str,
    actor: Actor,
    at: datetime | None = None,
    received: dict[str, Any] | None = None,
) -> Outcome:
    """Decide the chosen records that still are as the actor saw them; a fixed number of statements, all or nothing.

    `opinion` is checked already. `received` is what else the ledger keeps: ref and digest of a decision that came
    through the feed, the remarks of a return by items, the batch.
    Raises NotFound when a named record is not visible, NotAllowed when the rules know no such move.
    """
    rule = RULES.get((chosen.kind, "pending", verdict))
    if rule is None or not actor.may_decide or actor.node is None:
        raise NotAllowed(verdict)
    at = at or clock.now()
    entry = {"step": verdict, "from_status": "pending", "opinion": opinion, "at": at, **(received or {})}
    still = [Submission.status == "pending", Submission.node == actor.node]
    values = {"status": rule.to, "decided_at": at, "decided_by_id": actor.user_id}
    return _move(session, chosen, rule, still, values, entry, actor)


def foresee(session: Session, chosen: Chosen, verdict: str, actor: Actor) -> tuple[int, tuple[Left, ...]]:
    """What `decide` would do: how many it would decide, and those it would leave, with the reasons."""
    if (chosen.kind, "pending", verdict) not in RULES or not actor.may_decide or actor.node is None:
        raise NotAllowed(verdict)
    still = (Submission.status == "pending", Submission.node == actor.node, *_not_own(actor))
    movable = sa.and_(*chosen.unchanged(session), *still)
    criteria = chosen.criteria(session)
    number = session.scalar(sa.select(sa.func.count()).select_from(Submission).where(*criteria, movable)) or 0
    entry = {"step": verdict, "from_status": "pending"}
    query = with_newest_step([*criteria, sa.not_(movable)])
    left = tuple(_reason(row, last, entry, actor, chosen) for row, last in session.execute(query))
    _all_visible(chosen, number + len(left))
    return number, left


def take_back(
    session: Session,
    chosen: Chosen,
    status: str,
    reason: str,
    actor: Actor,
    received: dict[str, Any] | None = None,
) -> Outcome:
    """撤销审核: make pending again, where they were decided, the chosen records whose verdict led to `status`.

    Nothing is erased: the ledger has one row more. What something rests on by now is left out and said so.
    Raises NotFound and NotAllowed as `decide` does.
    """
    rule = RULES.get((chosen.kind, status, "take_back"))
    if rule is None or not actor.may_decide or actor.node is None:
        raise NotAllowed("take_back")
    entry = {"step": "take_back", "from_status": status, "opinion": reason, "at": clock.now(), **(received or {})}
    _hold(session, chosen, status)
    still = _may_go_back(chosen, status, actor)
    values = {"status": rule.to, "decided_at": None, "decided_by_id": None}
    return _move(session, chosen, rule, still, values, entry, actor)


def _hold(session: Session, chosen: Chosen, status: str) -> None:
    """Lock the chosen records, and what else of theirs a new record locks, before it is asked what rests on them: a
    statement that waits for a lock judges by what was there before it waited."""
    rows = sa.select(Submission.id).where(*chosen.criteria(session), Submission.status == status)
    held = session.scalars(rows.order_by(Submission.id).with_for_update(of=Submission)).all()
    if lock := LOCKS.get(chosen.kind):
        lock(session, listed(session, held))


def takeable(session: Session, chosen: Chosen, status: str, actor: Actor) -> int:
    """How many of the chosen `take_back` would make pending again."""
    criteria = (*chosen.criteria(session), *_may_go_back(chosen, status, actor), *_not_own(actor))
    return session.scalar(sa.select(sa.func.count()).select_from(Submission).where(*criteria)) or 0


def _not_own(actor: Actor) -> list[ColumnElement[bool]]:
    """The criteria on Submission that a record is not of the actor's own person (回避)."""
    return [] if actor.person_id is None else [Submission.person_id != actor.person_id]


def _may_go_back(chosen: Chosen, status: str, actor: Actor) -> list[ColumnElement[bool]]:
    rests = (~criterion() for criterion in RESTS.get(chosen.kind, ()))
    return [Submission.status == status, verdict_at(actor.node, chosen.of_batch), *rests]


def _move(
    session: Session,
    chosen: Chosen,
    rule: Rule,
    still: list[ColumnElement[bool]],
    values: dict[str, Any],
    entry: dict[str, Any],
    actor: Actor,
) -> Outcome:
    """Move the chosen records that are `still` as they must be, and enter it in the ledger."""
    # Rows are locked in the order of their ids, so that two batches on PostgreSQL wait for, not on, each other.
    rows = (
        sa.select(Submission.id)
        .where(*chosen.criteria(session), *chosen.unchanged(session), *still, *_not_own(actor))
        .order_by(Submission.id)
        .with_for_update()
        .correlate(None)
    )
    values["pending_since"] = clock.now() if rule.to == "pending" else None
    moved = (
        sa.update(Submission)
        .where(_among(session, rows), Submission.status == entry["from_status"])
        .values(**values, steps=Submission.steps + 1)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    )
    decided = tuple(session.scalars(moved))
    entered = {**entry, "node": actor.node, "by_id": actor.user_id, "by_name": actor.name}
    _enter_in_ledger(session, decided, entered)
    if decided and rule.effect:
        EFFECTS[rule.effect](session, listed(session, decided), entered)
    left = _left(session, chosen, decided, entry, actor)
    _all_visible(chosen, len(decided) + len(left))
    return Outcome(decided, left)


def move_along(session: Session, kind: str, ids: Select[Any], entry: dict[str, Any]) -> None:
    """Move records with the verdict on others, as an effect does: those of `ids` that are at the entry's `from_status`
    take its `step`."""
    rule = RULES[kind, entry["from_status"], entry["step"]]
    rows = sa.select(Submission.id).where(
        Submission.id.in_(ids), Submission.kind == kind, Submission.status == entry["from_status"]
    )
    moved = (
        sa.update(Submission)
        .where(_among(session, rows.order_by(Submission.id).with_for_update().correlate(None)))
        .values(status=rule.to, steps=Submission.steps + 1, pending_since=None)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    )
    _enter_in_ledger(session, session.scalars(moved).all(), entry)


def _among(session: Session, rows: Select[Any]) -> ColumnElement[bool]:
    """The criterion that a submission's id is among `rows`. As an array on PostgreSQL: without fresh statistics its
    plan for IN is a nested loop, and 20,000 rows took half a minute."""
    if session.get_bind().dialect.name == "postgresql":
        return Submission.id == sa.any_(sa.func.array(rows.scalar_subquery()))
    return Submission.id.in_(rows)


def _all_visible(chosen: Chosen, found: int) -> None:
    """Raise NotFound when a named record is not there for the actor."""
    if chosen.matching is None and found != len({pk for pk, _ in chosen.seen}):
        raise NotFound(chosen.kind)


def verdict_at(node: str | None, of_batch: int | None = None) -> ColumnElement[bool]:
    """The criterion on Submission that the newest row of its ledger is a verdict of this node (and batch)."""
    entry = aliased(Decision)
    batch = [] if of_batch is None else [entry.batch_id == of_batch]
    return (
        sa.exists()
        .where(
            entry.submission_id == Submission.id,
            entry.id == newest_step(),
            entry.step.in_(VERDICTS),
            entry.node == node,
            *batch,
        )
        .correlate(Submission)
    )


def _enter_in_ledger(session: Session, decided: Sequence[int], entry: dict[str, Any]) -> None:
    """One row for each, by INSERT … SELECT: the record's new status and node are read from the record itself."""
    columns: dict[str, Any] = {
        "submission_id": Submission.id,
        "unit_id": Submission.unit_id,
        "version": Submission.version,
        "to_status": Submission.status,
        "to_node": Submission.node,
        **{name: sa.literal(value, Decision.__table__.c[name].type) for name, value in entry.items()},
    }
    rows = sa.select(*columns.values()).where(Submission.id.in_(listed(session, decided))).order_by(Submission.id)
    insert_from(session, Decision, list(columns), rows, source=Submission)


def _left(
    session: Session, chosen: Chosen, decided: Sequence[int], entry: dict[str, Any], actor: Actor
) -> tuple[Left, ...]:
    """The chosen records that were not decided, each with its reason and the newest row of its ledger."""
    query = with_newest_step([*chosen.criteria(session), Submission.id.not_in(listed(session, decided))])
    return tuple(_reason(row, last, entry, actor, chosen) for row, last in session.execute(query))


def with_newest_step(criteria: list[ColumnElement[bool]]) -> Any:
    """The records that match, each with the newest row of its ledger."""
    joined = sa.select(Submission, Decision).join(Decision, Decision.submission_id == Submission.id)
    return joined.where(*criteria, Decision.id == newest_step()).order_by(Submission.id)


def newest_step() -> sa.ScalarSelect[int]:
    """The id of the newest ledger row of the submission in the enclosing query, however deep this stands in it.

    The correlation is said: by itself it reaches only the nearest SELECT, and inside an EXISTS on the ledger this
    would be the newest row of all.
    """
    entry = aliased(Decision)
    newest = sa.select(sa.func.max(entry.id)).where(entry.submission_id == Submission.id)
    return newest.correlate(Submission).scalar_subquery()


def step_after(entry: Any) -> Any:
    """The step that follows a ledger row in its record's ledger: `take_back`, when that verdict does not stand."""
    later = aliased(Decision)
    follows = sa.select(later.step).where(later.submission_id == entry.submission_id, later.id > entry.id)
    return follows.order_by(later.id).limit(1).correlate(entry).scalar_subquery()


def stands(entry: Any) -> ColumnElement[bool]:
    """The criterion on a ledger row that it was not taken back."""
    return sa.func.coalesce(step_after(entry), "") != "take_back"


def _reason(row: Submission, last: Decision, entry: dict[str, Any], actor: Actor, chosen: Chosen) -> Left:
    """Why a record was left: own, changed (a new version), rests (something builds on the verdict), or decided: by
    whom, when and how the newest row of its ledger says."""
    unseen = dict(chosen.seen).get(row.id, row.steps) != row.steps
    unseen = unseen or (chosen.of_batch is not None and last.batch_id != chosen.of_batch)
    moved = row.status != entry["from_status"] or row.node != actor.node
    if moved or (unseen and last.step != "resubmit"):
        who = (last.by_name, last.at, last.step, last.opinion)
        return Left(row.id, row.person_name, row.ref, "decided", *who, entry_id=last.id)
    own = row.person_id == actor.person_id
    reason = "own" if own else "changed" if unseen else "rests"
    return Left(row.id, row.person_name, row.ref, reason, at=last.at, entry_id=last.id)


def submit(session: Session, row: Submission, content: dict[str, Any], sealed: bytes | None, digest: str) -> None:
    """Enter a new record: the row with its unit, person and own facts, its first version, its first ledger row."""
    row.version = 1
    _receive(session, row, "submit", content, sealed, digest)


def resubmit(session: Session, row: Submission, content: dict[str, Any], sealed: bytes | None, digest: str) -> None:
    """Enter a new version of a record, whose new facts and `submitted_at` are on the (locked) row already."""
    row.version += 1
    row.decided_at = row.decided_by_id = None
    _receive(session, row, "resubmit", content, sealed, digest)


def _receive(
    session: Session, row: Submission, step: str, content: dict[str, Any], sealed: bytes | None, digest: str
) -> None:
    before = row.status if step == "resubmit" else None
    rule = RULES.get((row.kind, before, step))
    if rule is None:
        raise NotAllowed(step)
    row.status, row.node = rule.to, "unit"
    row.received_at = row.pending_since = clock.now()
    row.steps = (row.steps or 0) + 1
    session.add(row)
    session.flush()
    session.add(
        Version(
            submission_id=row.id,
            unit_id=row.unit_id,
            number=row.version,
            submitted_at=row.submitted_at,
            data=content,
            sealed=sealed,
            digest=digest,
        )
    )
    session.add(
        Decision(
            submission_id=row.id,
            unit_id=row.unit_id,
            step=step,
            version=row.version,
            node="unit",
            from_status=before,
            to_status=row.status,
            to_node=row.node,
            at=row.submitted_at,
            by_name=row.person_name,
        )
    )
    session.flush()


def listed(session: Session, values: Sequence[Any], width: int = 1) -> Any:
    """A SELECT of `values` (whole numbers, or rows of `width` of them), sent as one parameter however many they are."""
    sent = sa.literal(json.dumps(values), sa.Text)
    if session.get_bind().dialect.name == "sqlite":
        row = sa.func.json_each(sent).table_valued("value")
        paths = ["$"] if width == 1 else [f"$[{n}]" for n in range(width)]
        if width == 1:
            return sa.select(row.c.value)
        return sa.select(*(sa.func.json_extract(row.c.value, path) for path in paths))
    row = sa.func.jsonb_array_elements(sa.cast(sent, JSONB)).table_valued("value")
    if width == 1:
        return sa.select(sa.cast(sa.cast(row.c.value, sa.Text), sa.Integer))
    cells = (sa.func.jsonb_array_element_text(row.c.value, n) for n in range(width))
    return sa.select(*(sa.cast(cell, sa.Integer) for cell in cells))
