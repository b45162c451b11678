"""辖区总览 at a province's size: 20,000 units, with 10,000 and with 1,000,000 items, once the chore has folded."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.home.overview import folding
from app.operations.seed import seed
from benchmarks.measure import Figure, installation, page, settle

UNITS, FEW, MANY = 20_000, 10_000, 1_000_000
TIMES = 2  # as long, at most, with MANY items as with FEW
PAGES = {"/": "the overview of the province", "/overview/list/": "its units, most waiting first"}


def figures(engine: Any, folder: Path, few: int = FEW, many: int = MANY) -> Iterator[Figure]:
    middles: dict[str, float] = {}
    for items in (few, many):
        with installation(engine, folder, f"bench_overview_{items}", _filled(items)) as (app, _env):
            with app.app_context():
                began = time.perf_counter()
                rows = folding.fold()
                took = time.perf_counter() - began
            settle(app)
            yield Figure(f"folding the ledger of {items:,} items", f"{rows:,} rows in {took:.1f} s")
            for address, what in PAGES.items():
                middle, high = page(app, "reviewer", address)
                first = middles.setdefault(address, middle)
                bound = f"at most {TIMES} times as long" if items == many else ""
                said = f"p50 {middle:.1f} ms, p95 {high:.1f} ms"
                yield Figure(f"page: {what}, {items:,}", said, bound, middle <= TIMES * first)


def _filled(items: int) -> Callable[[Any], None]:
    return lambda session: seed(session, UNITS, items, 1, lambda _count: None)
