"""How a submission moves by the rules: the functions that apply them.

Nothing here knows a request: who acts and when are arguments, and whoever calls commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app import clock
from app.review.ledger import listed, newest_step, verdict_at, with_newest_step
from app.review.models import NODES, Decision, Submission, Version
from app.review.rules import CONDITIONS, EFFECTS, LOCKS, RESTS, ROUTES, RULES, Rule, Said, verdict_rule
from app.tenancy import insert_from


@dataclass(frozen=True)
class Actor:
    """Who acts. Without `may_decide` (an account that does not say whose it is) nothing is decided (回避)."""

    name: str
    user_id: int | None = None
    node: str | None = None
    person_id: int | None = None  # the actor's own person, whose records he leaves to others
    may_decide: bool = False
    for_id: int | None = None  # whom a stand-in acts for
    for_name: str | None = None


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
    """A record that was left. `reason`: own, changed, rests, decided (then `by`, `for_name`, `at`, `step`, `opinion`),
    or what a condition says: a word, and after a colon its parts, joined by +."""

    pk: int
    name: str
    ref: str
    reason: str
    by: str = ""
    at: datetime | None = None
    step: str = ""
    opinion: str = ""
    for_name: str | None = None
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
    said: Said | None = None,
) -> Outcome:
    """Decide the chosen records that still are as the actor saw them; a fixed number of statements, all or nothing.

    `opinion` is checked already. `received` is what else the ledger keeps: ref and digest of a decision that came
    through the feed, the remarks of a return by items, the batch. `said` is for the rule's conditions and effect.
    Raises NotFound when a named record is not visible, NotAllowed when the rules know no such move.
    """
    rule = _deciding(chosen, verdict, actor)
    at = at or clock.now()
    entry = {"step": verdict, "from_status": "pending", "opinion": opinion, "at": at, **(received or {})}
    still = [Submission.status == "pending", Submission.node == actor.node]
    blocked = _blocked(session, chosen, rule, still, entry, actor, said or {}, hold=True)
    values = {"decided_at": at, "decided_by_id": actor.user_id, **_moved_to(rule, chosen.kind)}
    return _move(session, chosen, rule, still, values, entry, actor, blocked, said or {})


def foresee(
    session: Session, chosen: Chosen, verdict: str, actor: Actor, said: Said | None = None
) -> tuple[int, tuple[Left, ...]]:
    """What `decide` would do: how many it would decide, and those it would leave, with the reasons."""
    rule = _deciding(chosen, verdict, actor)
    still = [Submission.status == "pending", Submission.node == actor.node]
    entry = {"step": verdict, "from_status": "pending", "at": clock.now()}
    blocked = _blocked(session, chosen, rule, still, entry, actor, said or {}, hold=False)
    movable = sa.and_(*chosen.unchanged(session), *still, *_not_own(actor), *_not_blocked(session, blocked))
    criteria = chosen.criteria(session)
    number = session.scalar(sa.select(sa.func.count()).select_from(Submission).where(*criteria, movable)) or 0
    query = with_newest_step([*criteria, sa.not_(movable)])
    left = tuple(_reason(row, last, entry, actor, chosen, blocked) for row, last in session.execute(query))
    _all_visible(chosen, number + len(left))
    return number, left


def _deciding(chosen: Chosen, verdict: str, actor: Actor) -> Rule:
    rule = verdict_rule(chosen.kind, verdict, actor.node)
    if rule is None or not actor.may_decide:
        raise NotAllowed(verdict)
    return rule


def _blocked(
    session: Session,
    chosen: Chosen,
    rule: Rule,
    still: list[ColumnElement[bool]],
    entry: dict[str, Any],
    actor: Actor,
    said: Said,
    hold: bool,
) -> dict[int, str]:
    """The records that could be moved, were it not for a condition of the rule, and why. With `hold` they are locked
    before anything is asked: a statement that waits for a lock judges by what was there before it waited."""
    name = rule.conditions.get(actor.node or "")
    if name is None:
        return {}
    criteria = (*chosen.criteria(session), *chosen.unchanged(session), *still, *_not_own(actor))
    rows = sa.select(Submission.id).where(*criteria).order_by(Submission.id)
    ids = session.scalars(rows.with_for_update(of=Submission) if hold else rows).all()
    return CONDITIONS[name](session, ids, entry, said, hold) if ids else {}


def _not_blocked(session: Session, blocked: Mapping[int, str]) -> list[ColumnElement[bool]]:
    return [Submission.id.not_in(listed(session, list(blocked)))] if blocked else []


def _moved_to(rule: Rule, kind: str) -> dict[str, Any]:
    """What a rule writes of where a record is: its status, node, since when it waits there, where it has been."""
    now = clock.now()
    if rule.goes != "on":
        back = {"node": "unit"} if rule.goes == "back" else {}
        return {"status": rule.to, "pending_since": now if rule.to == "pending" else None, **back}
    following = ROUTES[kind]()
    ends = following == NODES[-1]
    bits = sa.case({node: 1 << place for place, node in enumerate(NODES)}, value=following)
    return {
        "status": sa.case((ends, "passed"), else_=rule.to),
        "node": following,
        "pending_since": sa.case((ends, None), else_=sa.literal(now, Submission.pending_since.type)),
        "reached": Submission.reached.op("|")(bits),
    }


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
    blocked = _blocked(session, chosen, rule, still, entry, actor, {}, hold=True)
    values = {**_moved_to(rule, chosen.kind), "node": actor.node, "decided_at": None, "decided_by_id": None}
    return _move(session, chosen, rule, still, values, entry, actor, blocked)


def lift(session: Session, chosen: Chosen, reason: str, actor: Actor) -> Outcome:
    """End the bar that a termination left: the record stays terminated, the ledger has one row more. For whoever may,
    at whatever node; raises NotFound and NotAllowed as `decide` does."""
    rule = RULES.get((chosen.kind, "terminated", "lift"))
    if rule is None or not actor.may_decide:
        raise NotAllowed("lift")
    entry = {"step": "lift", "from_status": "terminated", "opinion": reason, "at": clock.now()}
    last = aliased(Decision)
    barred = sa.exists().where(last.id == newest_step(), last.step == "terminate").correlate(Submission)
    still = [Submission.status == "terminated", barred]
    return _move(session, chosen, rule, still, {"status": rule.to, "pending_since": None}, entry, actor)


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
    rests = (~rest.criterion() for rest in RESTS.get(chosen.kind, ()))
    return [Submission.status == status, verdict_at(actor.node, chosen.of_batch), *rests]


def _move(
    session: Session,
    chosen: Chosen,
    rule: Rule,
    still: list[ColumnElement[bool]],
    values: dict[str, Any],
    entry: dict[str, Any],
    actor: Actor,
    blocked: Mapping[int, str] | None = None,
    said: Said | None = None,
) -> Outcome:
    """Move the chosen records that are `still` as they must be and not `blocked`, and enter it in the ledger."""
    # Rows are locked in the order of their ids, so that two batches on PostgreSQL wait for, not on, each other.
    rows = (
        sa.select(Submission.id)
        .where(*chosen.criteria(session), *chosen.unchanged(session), *still, *_not_own(actor))
        .where(*_not_blocked(session, blocked or {}))
        .order_by(Submission.id)
        .with_for_update()
        .correlate(None)
    )
    moved = (
        sa.update(Submission)
        .where(_among(session, rows), Submission.status == entry["from_status"])
        .values(**values, steps=Submission.steps + 1)
        .returning(Submission.id)
        .execution_options(synchronize_session=False)
    )
    decided = tuple(session.scalars(moved))
    where = actor.node or Submission.node  # who has no node acts where the record is
    who = {"by_id": actor.user_id, "by_name": actor.name, "for_id": actor.for_id, "for_name": actor.for_name}
    entered = {**entry, "node": where, **who}
    _enter_in_ledger(session, decided, entered)
    if decided and rule.effect:
        EFFECTS[rule.effect](session, listed(session, decided), entered, said or {})
    left = _left(session, chosen, decided, entry, actor, blocked or {})
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


def _enter_in_ledger(session: Session, decided: Sequence[int], entry: dict[str, Any]) -> None:
    """One row for each, by INSERT … SELECT: the record's new status and node are read from the record itself."""
    columns: dict[str, Any] = {
        "submission_id": Submission.id,
        "unit_id": Submission.unit_id,
        "version": Submission.version,
        "to_status": Submission.status,
        "to_node": Submission.node,
        **{name: _value(value, Decision.__table__.c[name]) for name, value in entry.items()},
    }
    rows = sa.select(*columns.values()).where(Submission.id.in_(listed(session, decided))).order_by(Submission.id)
    insert_from(session, Decision, list(columns), rows, source=Submission)


def _value(value: Any, column: Any) -> Any:
    """A value of the ledger as SQL: as it is, or the record's own."""
    return value if isinstance(value, InstrumentedAttribute) else sa.literal(value, column.type)


def _left(
    session: Session,
    chosen: Chosen,
    decided: Sequence[int],
    entry: dict[str, Any],
    actor: Actor,
    blocked: Mapping[int, str],
) -> tuple[Left, ...]:
    """The chosen records that were not decided, each with its reason and the newest row of its ledger."""
    query = with_newest_step([*chosen.criteria(session), Submission.id.not_in(listed(session, decided))])
    return tuple(_reason(row, last, entry, actor, chosen, blocked) for row, last in session.execute(query))


def _reason(
    row: Submission,
    last: Decision,
    entry: dict[str, Any],
    actor: Actor,
    chosen: Chosen,
    blocked: Mapping[int, str],
) -> Left:
    """Why a record was left: own, changed (a new version), what a condition says, rests (something builds on the
    verdict), or decided: by whom, when and how the newest row of its ledger says."""
    unseen = dict(chosen.seen).get(row.id, row.steps) != row.steps
    unseen = unseen or (chosen.of_batch is not None and last.batch_id != chosen.of_batch)
    elsewhere = (last.node if entry["step"] == "take_back" else row.node) != actor.node
    moved = row.status != entry["from_status"] or elsewhere
    if moved or (unseen and last.step != "resubmit"):
        who = (last.by_name, last.at, last.step, last.opinion, last.for_name)
        return Left(row.id, row.person_name, row.ref, "decided", *who, entry_id=last.id)
    own = row.person_id == actor.person_id
    reason = "own" if own else "changed" if unseen else blocked.get(row.id, "rests")
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
