"""A load of a feed with files is killed, and loaded again: every row has its bytes, no row is lost or there twice."""

import json
import multiprocessing
import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from app import clock
from app.attachments import Attachment, sweep
from app.intake.commands import load_file
from app.operations.stored import faults as faults_of_files
from app.review.models import Submission
from app.sealing import check_key
from app.tenancy import everything
from tests.attachments import files
from tests.attachments.conftest import MEMBER, item_line
from trials.installation import built, environment, faults

TEMPLATE = "kill_load_template"
SIZE = 100_000  # bytes of each file


def run(engine: Any, folder: Path, times: int, number: int, items: int = 60) -> list[str]:
    """Kill `times` loads of `items` records, each with a file of its own; the failures in words."""
    chance = random.Random(number)
    feed = _write(folder, items)
    engine.create(TEMPLATE)
    with built(environment(engine, TEMPLATE, folder / "template")):
        upgrade()
        with everything("trial") as session:
            check_key(session)
    whole = _once(engine, folder, feed, "timed", None, items)
    if isinstance(whole, list):
        return whole
    runs = (_once(engine, folder, feed, str(n), chance.uniform(0, whole), items) for n in range(times))
    return [failure for failures in runs if isinstance(failures, list) for failure in failures]


def _write(folder: Path, items: int) -> Path:
    """A feed, and as many files beside it."""
    (folder / "feed").mkdir()
    lines = [*MEMBER, *(item_line(n, f"{n}.png") for n in range(1, items + 1))]
    for n in range(1, items + 1):
        (folder / "feed" / f"{n}.png").write_bytes(files.PNG + n.to_bytes(4, "big") + bytes(SIZE))
    feed = folder / "feed" / "feed.ndjson"
    feed.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return feed


def _once(engine: Any, folder: Path, feed: Path, name: str, after: float | None, items: int) -> list[str] | float:
    """Load, killed after so many seconds; then load again and sweep. The failures, or the seconds that a whole took."""
    database = f"kill_load_{name}"
    engine.copy(TEMPLATE, database)
    env = environment(engine, database, folder / name)
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    worker = context.Process(target=_load, args=(env, feed, ready))
    worker.start()
    ready.wait(timeout=60)
    began = time.perf_counter()
    worker.join(timeout=after)
    took = time.perf_counter() - began
    worker.kill()
    worker.join()
    with built(env):
        before = _wrong()
        again = load_file(feed, quiet=True)
        with clock.frozen(clock.now() + timedelta(days=2)), everything("trial") as session:
            swept = sweep(session)
        wrong, counted = _wrong(), _counted()
    engine.drop(database)
    if before or wrong or again["rejected"] or counted != (items, items, items) or swept.rows:
        return [f"load {name} killed after {after}: {before[:3]}, then {dict(again)}, {counted}, {swept}, {wrong[:3]}"]
    return took


def _load(env: dict[str, str], feed: Path, ready: Any) -> None:
    with built(env):
        ready.set()
        load_file(feed, quiet=True)


def _wrong() -> list[str]:
    with everything("trial") as session:
        return [*faults(session), *faults_of_files(session, whole=True)]


def _counted() -> tuple[int, ...]:
    """Records, attachments, and files that they name."""
    of = (
        sa.select(sa.func.count()).select_from(Submission).where(Submission.kind == "archive_item"),
        sa.select(sa.func.count(Attachment.id)),
        sa.select(sa.func.count(Attachment.sha256.distinct())),
    )
    with everything("trial") as session:
        return tuple(session.scalar(query) or 0 for query in of)
