"""Two processes decide the same rows at the same moment: each row has exactly one verdict more."""

import multiprocessing
from pathlib import Path
from typing import Any

from app.extensions import begin_write
from app.tenancy import everything
from trials.installation import built, environment, faults, pass_all, prepare, verdicts

ROWS = 500
TEMPLATE = "race_template"


def run(engine: Any, folder: Path, times: int, number: int) -> list[str]:
    """Race `times` times; the failures in words."""
    prepare(engine, TEMPLATE, folder, ROWS, number)
    return [failure for n in range(times) for failure in _once(engine, folder, n)]


def _once(engine: Any, folder: Path, n: int) -> list[str]:
    database = f"race_{n}"
    engine.copy(TEMPLATE, database)
    env = environment(engine, database, folder)
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(2), context.Queue()
    racers = [context.Process(target=_decide, args=(env, barrier, answers)) for _ in range(2)]
    for racer in racers:
        racer.start()
    decided = [answers.get(timeout=120) for _ in racers]
    for racer in racers:
        racer.join()
    with built(env), everything("trial") as session:
        counted = verdicts(session)
        wrong = faults(session)
    engine.drop(database)
    if sum(decided) != ROWS or sorted(counted.values()) != [1] * ROWS or wrong:
        return [f"race {n}: decided {decided}, verdicts on {len(counted)} rows, check {wrong[:3]}"]
    return []


def _decide(env: dict[str, str], barrier: Any, answers: Any) -> None:
    with built(env), everything("trial") as session:
        barrier.wait()
        begin_write(session)
        outcome = pass_all(session)
        session.commit()
    answers.put(len(outcome.decided))
