"""The table of rules, and decide(), which applies it."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.extensions import Session, begin_write, db
from app.review.models import STATUSES, STEPS, Submission
from app.review.rules import RULES, VERDICTS
from app.review.workflow import Actor, Chosen, Left, NotAllowed, NotFound, Outcome, decide, resubmit
from app.staff.models import Person
from app.tenancy import Scope, enter
from tests.factories import Make, change, id_number, ledger, registration_line, take, unit_code
from tests.statements import recorded

AT = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
KINDS = sorted({kind for kind, _status, _step in RULES})
LEGAL = sorted(move for move in RULES if move[1] and move[2] in VERDICTS)
OF_REGISTRATIONS = [move for move in LEGAL if move[0] == "registration"]
ILLEGAL = sorted(set(itertools.product(KINDS, STATUSES, STEPS)) - set(LEGAL))


@contextmanager
def writing(app: Flask, scope: Scope) -> Iterator[Any]:
    """A session that writes within a scope; committed when the block succeeds."""
    with app.app_context(), Session(db) as session:
        enter(session, scope)
        begin_write(session)
        yield session
        session.commit()


@pytest.fixture
def actor(administrator: int) -> Actor:
    return Actor("张敏", administrator, node="unit", may_decide=True)


@pytest.fixture
def decided(app: Flask, unit: int, actor: Actor):
    """Decides as the administrator of `unit`, who saw version 1 of each: `decided("pass", 1, 2)`."""

    def as_caller(verdict: str, *ids: int, version: int = 1, by: Actor = actor, **more: Any) -> Outcome:
        chosen = more.pop("chosen", None) or Chosen("registration", tuple((pk, version) for pk in ids))
        opinion = more.pop("opinion", "已核对")
        with writing(app, Scope.unit(unit)) as session:
            return decide(session, chosen, verdict, opinion, by, **more)

    return as_caller


def state(make: Make, *ids: int) -> list[tuple[Any, ...]]:
    """Everything that a verdict could change: the rows, their people's units, their ledger."""
    facts = (Submission.status, Submission.node, Submission.version, Submission.decided_at, Submission.decided_by_id)
    query = sa.select(*facts, Person.unit_id).join(Person, Person.id == Submission.person_id)
    rows = make.read(query.where(Submission.id.in_(ids)).order_by(Submission.id))
    return [tuple(row) for row in (*rows, *ledger(make, *ids))]


def put_in(make: Make, pk: int, status: str) -> None:
    change(make, sa.update(Submission).where(Submission.id == pk).values(status=status))


def person_of(make: Make, pk: int) -> int:
    return make.read(sa.select(Submission.person_id).where(Submission.id == pk))[0][0]


def test_a_registration_is_passed_or_returned_and_comes_again_by_a_new_version_or_when_that_is_taken_back():
    assert {move: rule.to for move, rule in RULES.items() if move[0] == "registration"} == {
        ("registration", None, "submit"): "pending",
        ("registration", "pending", "pass"): "passed",
        ("registration", "pending", "return"): "returned",
        ("registration", "returned", "resubmit"): "pending",
        ("registration", "passed", "resubmit"): "pending",
        ("registration", "passed", "take_back"): "pending",
        ("registration", "returned", "take_back"): "pending",
    }


def test_each_verdict_needs_an_opinion():
    assert [move for move in LEGAL if "opinion" not in RULES[move].needs] == []


@pytest.mark.parametrize("move", OF_REGISTRATIONS, ids="-".join)
def test_a_legal_move_sets_the_status_and_says_by_whom_and_when(make, decided, administrator, move):
    pk = make.registration()
    assert decided(move[2], pk, at=AT) == Outcome((pk,))
    (row,) = make.read(sa.select(Submission.status, Submission.node, Submission.version, Submission.decided_at))
    assert tuple(row) == (RULES[move].to, "unit", 1, AT)
    assert make.read(sa.select(Submission.decided_by_id)) == [(administrator,)]


@pytest.mark.parametrize("move", OF_REGISTRATIONS, ids="-".join)
def test_a_legal_move_is_one_ledger_row_of_who_when_where_what_and_why(make, unit, decided, administrator, move):
    pk = make.registration()
    decided(move[2], pk, at=AT, opinion="证件与本人一致")
    _submitted, entry = ledger(make, pk)
    assert dict(entry._mapping) | {
        "submission_id": pk,
        "unit_id": unit,
        "step": move[2],
        "version": 1,
        "node": "unit",
        "from_status": "pending",
        "to_status": RULES[move].to,
        "to_node": "unit",
        "opinion": "证件与本人一致",
        "at": AT,
        "by_id": administrator,
        "by_name": "张敏",
        "for_id": None,
        "ref": None,
        "digest": None,
    } == dict(entry._mapping)


def test_a_passed_registration_makes_the_person_belong_to_the_unit_and_nobody_else(make, unit, decided):
    passed, returned, waiting = (make.registration(n) for n in (1, 2, 3))
    decided("pass", passed)
    decided("return", returned)
    belongs = dict(make.read(sa.select(Submission.id, Person.unit_id).join(Person, Person.id == Submission.person_id)))
    assert belongs == {passed: unit, returned: None, waiting: None}


def test_a_registration_passed_in_another_unit_moves_the_person_there(make, unit, decided):
    other = make.unit(2)
    make.registration(1)
    make.registration(2, unit_code(2), person={"id_number": id_number(1)})
    change(make, sa.update(Person).values(unit_id=other))
    here = make.read(sa.select(Submission.id).where(Submission.unit_id == unit))[0][0]
    decided("pass", here)
    assert make.read(sa.select(Person.unit_id)) == [(unit,)]


@pytest.mark.parametrize("move", ILLEGAL, ids="-".join)
def test_an_illegal_move_is_refused_and_leaves_no_trace(make, decided, move):
    _kind, status, verdict = move
    pk = make.registration()
    put_in(make, pk, status)
    before = state(make, pk)
    try:
        assert decided(verdict, pk).decided == ()
    except NotAllowed:
        assert ("registration", "pending", verdict) not in RULES
    assert state(make, pk) == before


@pytest.mark.parametrize("status", [status for status in STATUSES if ("registration", status, "resubmit") not in RULES])
def test_a_resubmission_in_a_status_that_waits_for_none_is_refused(app, make, unit, status):
    pk = make.registration()
    put_in(make, pk, status)
    before = state(make, pk)
    with pytest.raises(NotAllowed), writing(app, Scope.unit(unit)) as session:
        resubmit(session, session.scalars(sa.select(Submission)).one(), {}, None, "digest")
    assert state(make, pk) == before


def test_a_kind_that_the_table_does_not_know_is_decided_by_nobody(make, decided):
    pk = make.registration()
    with pytest.raises(NotAllowed):
        decided("pass", chosen=Chosen("plan", ((pk, 1),)))


def test_a_new_version_is_not_decided_on_the_sight_of_the_old_one(app, make, decided):
    pk = make.registration()
    decided("return", pk, at=AT - timedelta(days=10))
    take(app, registration_line(person={"email": "new@example.cn"}, submitted_at="2026-11-19T09:00:00+08:00"))
    before = state(make, pk)
    outcome = decided("pass", pk, version=1)
    assert (outcome.decided, [left.reason for left in outcome.left]) == ((), ["changed"])
    assert state(make, pk) == before


def test_who_comes_second_is_told_who_decided_what_and_when(make, decided, actor):
    pk = make.registration()
    decided("return", pk, at=AT, opinion="照片不清晰")
    outcome = decided("pass", pk, by=replace(actor, name="许静文"))
    assert outcome == Outcome((), (Left(pk, "人员1", "R1", "decided", "张敏", AT, "return", "照片不清晰"),))


@pytest.mark.parametrize("others", [0, 2])
def test_the_actors_own_record_is_left_to_others(make, decided, actor, others):
    own, *rest = [make.registration(n) for n in range(1, 2 + others)]
    outcome = decided("pass", own, *rest, by=replace(actor, person_id=person_of(make, own)))
    assert (set(outcome.decided), [(left.pk, left.reason) for left in outcome.left]) == (set(rest), [(own, "own")])
    assert [entry.step for entry in ledger(make, own)] == ["submit"]


def test_the_actors_own_record_is_left_to_others_among_all_that_match(make, decided, actor):
    own, other = make.registration(1), make.registration(2)
    chosen = Chosen("registration", matching=sa.true())
    outcome = decided("pass", chosen=chosen, by=replace(actor, person_id=person_of(make, own)))
    assert (outcome.decided, [left.reason for left in outcome.left]) == ((other,), ["own"])


@pytest.mark.parametrize("without", [{"may_decide": False}, {"node": None}], ids=["ID number", "node"])
def test_an_actor_without_a_number_or_a_node_decides_nothing(make, decided, actor, without):
    pk = make.registration()
    before = state(make, pk)
    with pytest.raises(NotAllowed):
        decided("pass", pk, by=replace(actor, **without))
    assert state(make, pk) == before


def test_what_waits_at_another_node_is_not_decided_here(make, decided, actor):
    pk = make.registration()
    before = state(make, pk)
    assert decided("pass", pk, by=replace(actor, node="county")).decided == ()
    assert state(make, pk) == before


@pytest.mark.parametrize("foreign", ["another unit's", "nobody's"])
def test_a_key_that_is_not_there_for_the_actor_stops_the_whole_batch(make, decided, foreign):
    make.unit(2)
    own = make.registration(1)
    theirs = make.registration(2, unit_code(2))
    before = state(make, own, theirs)
    with pytest.raises(NotFound):
        decided("pass", own, theirs if foreign == "another unit's" else 999_999)
    assert state(make, own, theirs) == before


def test_all_that_match_ends_at_the_border_of_the_unit(make, decided):
    make.unit(2)
    own, theirs = make.registration(1), make.registration(2, unit_code(2))
    before = state(make, theirs)
    assert decided("pass", chosen=Chosen("registration", matching=sa.true())).decided == (own,)
    assert state(make, theirs) == before


def test_a_batch_whose_ledger_cannot_be_written_decides_nothing(make, decided):
    ids = [make.registration(n) for n in (1, 2, 3)]
    before = state(make, *ids)
    with pytest.raises(IntegrityError):  # the ref of a received decision is unique in the ledger
        decided("pass", *ids, received={"ref": "D1"})
    assert state(make, *ids) == before


def test_all_that_match_decides_only_what_was_there_when_the_list_was_seen(make, decided):
    seen, late = make.registration(1), make.registration(2)
    change(make, sa.update(Submission).where(Submission.id == seen).values(pending_since=AT))
    change(make, sa.update(Submission).where(Submission.id == late).values(pending_since=AT + timedelta(seconds=1)))
    before = state(make, late)
    chosen = Chosen("registration", matching=sa.true(), until=AT)
    assert decided("pass", chosen=chosen) == Outcome((seen,))
    assert state(make, late) == before


def test_a_record_named_twice_is_decided_once(make, decided):
    pk = make.registration()
    decided("pass", pk, pk)
    assert [entry.step for entry in ledger(make, pk)] == ["submit", "pass"]


def test_a_verdict_costs_the_same_statements_for_1_25_and_20000_rows(app, make, unit, decided):
    make.many(20_026, unit)
    ids = [pk for (pk,) in make.read(sa.select(Submission.id).order_by(Submission.id))]
    batches = {1: ids[:1], 25: ids[1:26], 20_000: ids[26:]}
    costs = {}
    for size, batch in batches.items():
        with recorded(app) as statements:
            outcome = decided("pass", *batch)
        assert (len(outcome.decided), outcome.left) == (size, ())
        costs[size] = len(statements)
    assert len(set(costs.values())) == 1, costs


def test_all_that_match_costs_the_same_statements_for_1_and_25_rows(app, make, unit, decided):
    costs = set()
    for size in (1, 25):
        make.many(size, unit, first=200_000 + size * 100)
        with recorded(app) as statements:
            outcome = decided("return", chosen=Chosen("registration", matching=Submission.status == "pending"))
        assert len(outcome.decided) == size
        costs.add(len(statements))
    assert len(costs) == 1


def test_two_who_decide_the_same_200_rows_at_once_give_each_row_one_verdict(app, make, unit, decided):
    make.many(200, unit)
    ids = [pk for (pk,) in make.read(sa.select(Submission.id))]
    start = Barrier(2, timeout=30)

    def race(verdict: str, batch: list[int]) -> Outcome:
        start.wait()
        return decided(verdict, *batch)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(race, ("pass", "return"), (ids, ids[::-1]))
    assert sorted(first.decided + second.decided) == sorted(ids)
    assert sorted(entry.submission_id for entry in ledger(make, *ids) if entry.step != "submit") == sorted(ids)
    lost = {left.reason for left in first.left + second.left}
    assert lost == {"decided"}
