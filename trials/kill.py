"""A worker is killed in the middle of a batch: all of it is there or nothing, and `flask check` finds no fault."""

import multiprocessing
import random
import time
from pathlib import Path
from typing import Any

from app.extensions import begin_write
from app.tenancy import everything
from trials.installation import built, environment, faults, pass_all, passed, prepare, verdicts

TEMPLATE = "kill_template"


def run(engine: Any, folder: Path, times: int, number: int, rows: int = 20_000) -> list[str]:
    """Kill `times` times, at moments spread over the time that a batch takes; the failures in words."""
    chance = random.Random(number)
    prepare(engine, TEMPLATE, folder, rows, number)
    whole = _timed(engine, folder)
    return [failure for n in range(times) for failure in _once(engine, folder, n, chance.uniform(0, whole), rows)]


def _timed(engine: Any, folder: Path) -> float:
    """Seconds that the batch takes when nobody kills it."""
    engine.copy(TEMPLATE, "kill_timed")
    env = environment(engine, "kill_timed", folder)
    began = time.perf_counter()
    with built(env), everything("trial") as session:
        begin_write(session)
        pass_all(session)
        session.commit()
    engine.drop("kill_timed")
    return time.perf_counter() - began


def _once(engine: Any, folder: Path, n: int, after: float, rows: int) -> list[str]:
    database = f"kill_{n}"
    engine.copy(TEMPLATE, database)
    env = environment(engine, database, folder)
    context = multiprocessing.get_context("spawn")
    began = context.Event()
    worker = context.Process(target=_decide, args=(env, began))
    worker.start()
    began.wait(timeout=60)
    worker.join(timeout=after)
    worker.kill()
    worker.join()
    with built(env), everything("trial") as session:
        found, counted, wrong = passed(session), verdicts(session), faults(session)
    engine.drop(database)
    if found not in (0, rows) or len(counted) != found or wrong:
        return [f"kill {n} after {after:.2f} s: {found} of {rows} passed, {len(counted)} in the ledger, {wrong[:3]}"]
    return []


def _decide(env: dict[str, str], began: Any) -> None:
    with built(env), everything("trial") as session:
        begin_write(session)
        began.set()
        pass_all(session)
        session.commit()
