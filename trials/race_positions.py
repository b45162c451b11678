"""Two positions remain, two reviewers pass three people at the same moment: never three without a confirmation."""

import multiprocessing
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from app import clock
from app.applications.models import Notice, Recommendation
from app.extensions import begin_write
from app.review.models import Submission
from app.review.workflow import Chosen, decide, take_back
from app.sealing import check_key
from app.tenancy import everything
from tests.applications.nodes.stage import Stage, post_approval_line
from tests.archive.factories import proofs
from tests.factories import Make
from trials.installation import ACTOR, built, environment, faults

DATABASE = "race_positions"
PEOPLE = (1, 2, 3)
SHARES = ((0, 1), (2,))  # whom each of the two passes: nobody both, so that no row of theirs keeps them apart
Seen = list[tuple[int, int]]  # id, steps


def run(engine: Any, folder: Path, times: int, number: int) -> list[str]:
    """Race `times` times; the failures in words. `number` is of no use: nothing here is drawn."""
    engine.create(DATABASE)
    env = environment(engine, DATABASE, folder)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(SHARES))
    pipes = [context.Pipe() for _ in SHARES]
    with built(env) as app:
        upgrade()
        _set_the_stage(app, folder)
        reviewers = [context.Process(target=_review, args=(env, barrier, theirs)) for _ours, theirs in pipes]
        for reviewer in reviewers:
            reviewer.start()
        failures = [failure for n in range(times) for failure in _once([ours for ours, _theirs in pipes], n)]
        for ours, _theirs in pipes:
            ours.send(None)
        for reviewer in reviewers:
            reviewer.join(60)
    return failures


def _set_the_stage(app: Any, folder: Path) -> None:
    with everything("trial") as session:
        check_key(session)
    stage = Stage(Make(app, "a password"), proofs(folder))
    stage.taken(post_approval_line(approved=2, filled=0))
    for pk in stage.applying(*PEOPLE):
        with everything("trial") as session:
            begin_write(session)
            _recommend(session, pk, stage.unit)
            session.commit()


def _recommend(session: Any, pk: int, unit_id: int) -> None:
    """A whole draft of a recommendation that takes a position."""
    days = {"begins_on": date(2026, 10, 26), "ends_on": date(2026, 10, 30), "working_days": 5, "basis": "published"}
    files = {"proof": ["a file"], "material": ["a file"], "objections": []}
    notice = Notice(unit_id=unit_id, shared=False, steps=0, by_name="试验", at=clock.now(), **days, **files)
    session.add(notice)
    session.flush()
    said = {"text": "同意推荐", "occupies": True, "category": "professional", "level": "p7", "explanation": "占用"}
    of = {"application_id": pk, "unit_id": unit_id, "version": 1, "notice_id": notice.id}
    session.add(Recommendation(**of, **said, stamped=[], steps=0))


def _once(reviewers: list[Any], n: int) -> list[str]:
    with everything("trial") as session:
        seen = [tuple(row) for row in session.execute(_applications())]
    for reviewer, share in zip(reviewers, SHARES, strict=True):
        reviewer.send([seen[place] for place in share])
    passed = [pk for reviewer in reviewers for pk in reviewer.recv()]
    with everything("trial") as session:
        there = set(session.scalars(sa.select(Submission.id).where(Submission.node == "department")))
        exceeding = session.scalar(sa.select(sa.func.count()).where(Recommendation.exceeds))
        wrong = faults(session)
    failures = []
    if sorted(passed) != sorted(there) or len(there) != 2 or exceeding or wrong:
        failures = [f"race {n}: passed {passed}, there {sorted(there)}, exceeding {exceeding}, check {wrong[:3]}"]
    _undo(sorted(there))
    return failures


def _applications() -> Any:
    query = sa.select(Submission.id, Submission.steps).where(Submission.kind == "application")
    return query.order_by(Submission.id)


def _undo(ids: list[int]) -> None:
    """Take the verdicts back, so that the next race begins from the same place."""
    with everything("trial") as session:
        begin_write(session)
        chosen = Chosen("application", matching=Submission.id.in_(ids))
        assert len(take_back(session, chosen, "pending", "再来一次", ACTOR).decided) == len(ids)
        session.commit()


def _review(env: dict[str, str], barrier: Any, pipe: Any) -> None:
    """A reviewer: hears whom to pass, passes them when the other does too, and tells whom he passed."""
    with built(env):
        while (seen := pipe.recv()) is not None:
            with everything("trial") as session:
                barrier.wait(60)
                begin_write(session)
                outcome = decide(session, Chosen("application", seen=tuple(map(tuple, seen))), "pass", "同意", ACTOR)
                session.commit()
            pipe.send(list(outcome.decided))
