"""What everybody meets first, at two sizes: of the same unit's 500 items, among 10,000 and among 1,000,000.

Nobody waits longer for the others that are there: what is asked of one unit is its own, what is asked of a province
is folded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from app import clock
from app.home.overview import folding
from app.operations.seed import seed
from benchmarks.measure import Figure, installation, page, settle

OWN = 500  # items of the unit
SIZES = {10_000: 20, 1_000_000: 2_000}  # items in all → in how many units
FULL = datetime(2026, 7, 1, tzinfo=UTC)  # a day before which the seed's ledger is as full as it gets
MOST = 2.0  # how many times as long it may take among the more


@dataclass(frozen=True)
class Address:
    """A page, and whose account opens it (benchmarks/measure.py)."""

    what: str
    username: str
    path: str


ADDRESSES = (
    Address("unit home", "unit", "/"),
    Address("task center", "unit", "/tasks/list/"),
    Address("task center, done", "unit", "/tasks/list/?status=handled"),
    Address("task center, done by oneself", "unit", "/tasks/list/?status=handled&by=me"),
    Address("task center of the province", "reviewer", "/tasks/list/"),
)


def figures(engine: Any, folder: Path, sizes: dict[int, int] | None = None) -> Iterator[Figure]:
    taken: dict[Address, list[float]] = {address: [] for address in ADDRESSES}
    for total, units in (sizes or SIZES).items():
        here = installation(engine, folder, f"bench_home_{total}", partial(_fill, total, units))
        with here as (app, _env), clock.frozen(FULL):
            with app.app_context():
                folding.fold()  # as a worker does every minute
            settle(app)
            for address in ADDRESSES:
                middle, high = page(app, address.username, address.path)
                taken[address].append(middle)
                said = f"p50 {middle:.1f} ms, p95 {high:.1f} ms"
                yield Figure(f"page: {address.what}, {OWN} items of {total:,}", said)
    for address, (few, many) in taken.items():
        yield Figure(
            f"ratio of the two: {address.what}", f"{many / few:.2f}", f"at most {MOST:.0f}", many / few <= MOST
        )


def _fill(total: int, units: int, session: Any) -> None:
    seed(session, 1, OWN, 1, lambda _count: None)
    seed(session, units - 1, total - OWN, 2, lambda _count: None)
