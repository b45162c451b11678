"""业绩档案 at size: a unit with 5,000 items among 1,000,000 in 2,000 units, seeded once for all figures."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from app.archive.tree import KINDS
from app.extensions import Session, db
from app.operations.seed import seed
from app.review.counts import counts
from app.tenancy import UNGUARDED, Scope, enter, everything
from app.units.models import Unit
from benchmarks.measure import Figure, download, installation, page, times

OWN, ALL, UNITS = 5_000, 1_000_000, 2_000
SEEDED_IN = {"sqlite": 180}  # s, as the contract says of the engine that comes with the product
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF)"}
INDEX_ONLY = {"sqlite": "USING COVERING INDEX", "postgresql": "Heap Fetches: 0"}
TYPE, CATEGORY = "/archive/paper", "/archive/research"


def figures(engine: Any, folder: Path) -> Iterator[Figure]:
    began = time.perf_counter()
    with installation(engine, folder, "bench_archive", _fill) as (app, env):
        took, limit = time.perf_counter() - began, SEEDED_IN.get(engine.name)
        bound = f"at most {limit} s" if limit else ""
        yield Figure(f"seed of {ALL:,} items in {UNITS:,} units", f"{took:.0f} s", bound, not limit or took <= limit)
        yield from _tree(app, engine.name)
        for what, address in (
            ("start page", "/archive/"),
            ("a type", f"{TYPE}/list/"),
            ("category", f"{CATEGORY}/list/"),
        ):
            middle, high = page(app, "unit", address)
            yield Figure(f"page: {what}, a unit's {OWN:,}", f"p50 {middle:.1f} ms, p95 {high:.1f} ms")
        address = f"{CATEGORY}/attachments.zip"
        seconds, megabytes, size = download(env, "unit", address, f"{CATEGORY}/export.csv?q=nobody")
        said = f"{seconds:.1f} s, {megabytes:.0f} MB over idle, {size / 1e6:.1f} MB"
        yield Figure("ZIP of what waits in a category", said, "at most 30 MB", megabytes <= 30)


def _fill(session: Any) -> None:
    seed(session, 1, OWN, 1, lambda _count: None)
    seed(session, UNITS - 1, ALL - OWN, 2, lambda _count: None)


def _tree(app: Flask, engine: str) -> Iterator[Figure]:
    """The one statement of the tree and its counts, as a unit's session sends it, with its plan."""
    with app.app_context(), everything("benchmark") as session:
        unit = session.scalar(sa.select(sa.func.min(Unit.id))) or 0
    with app.app_context(), Session(db) as session:
        enter(session, Scope.unit(unit))
        session.connection()  # what begins a transaction is no statement of the page
        sent: list[tuple[str, Any]] = []
        listen = (db.engine, "before_cursor_execute", lambda *args: sent.append((args[2], args[3])))
        event.listen(*listen)
        found = counts(session, KINDS)
        event.remove(*listen)
        middle, high = times(lambda: counts(session, KINDS))
    number = found.of("archive_item")
    said = f"p50 {middle:.1f} ms, p95 {high:.1f} ms, statements: {len(sent)}"
    yield Figure(f"the tree's counts, {number:,} of a unit", said, "at most 15 ms", middle <= 15 and len(sent) == 1)
    plan = _plan(app, EXPLAIN[engine], *sent[-1])
    yield Figure(
        "its plan", "\n" + "\n".join(f"    {line}" for line in plan), "index only", INDEX_ONLY[engine] in str(plan)
    )


def _plan(app: Flask, explain: str, statement: str, parameters: Any) -> list[str]:
    engine = sa.create_engine(app.config["SQLALCHEMY_DATABASE_URI"], execution_options={UNGUARDED: "a plan is no row"})
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"{explain} {statement}", parameters).fetchall()
    engine.dispose()
    return [str(row[-1]) for row in rows]
