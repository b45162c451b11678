"""`make bench`: the figures that step 2 promises, on both engines, as a table."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import FEW, MANY, Figure, batch, export, installation, list_page
from tests.engines import ENGINES


def figures(engine: Any, folder: Path) -> Iterator[Figure]:
    with installation(engine, folder, "bench_few", [FEW]) as (app, _env):
        alone, alone95 = list_page(app, "unit")
        yield Figure(f"list page, a unit's {FEW:,} among {FEW:,}", f"p50 {alone:.1f} ms, p95 {alone95:.1f} ms")
        yield Figure(f"batch of {FEW:,}", f"{batch(app):.2f} s")
    with installation(engine, folder, "bench_many", [FEW, MANY - FEW]) as (app, env):
        among, among95 = list_page(app, "unit")
        yield Figure(f"the same among {MANY:,}", f"p50 {among:.1f} ms, p95 {among95:.1f} ms")
        yield Figure("ratio of the two", f"{among / alone:.2f}", "at most 1.3", among / alone <= 1.3)
        reader, reader95 = list_page(app, "province")
        said = f"p50 {reader:.1f} ms, p95 {reader95:.1f} ms"
        yield Figure(f"list page, a reader of all {MANY:,}", said, "at most 200 ms", reader <= 200)
        for suffix in ("csv", "xlsx"):
            seconds, megabytes, size = export(env, suffix)
            said = f"{seconds:.1f} s, {megabytes:.0f} MB over idle, {size / 1e6:.1f} MB"
            yield Figure(f"export of {MANY:,} rows, {suffix}", said, "at most 60 MB", megabytes <= 60)
    with installation(engine, folder, "bench_batch", [20_000]) as (app, _env):
        yield Figure("batch of 20,000", f"{batch(app):.2f} s")


def main() -> int:
    broken = 0
    for kind in ENGINES:
        with tempfile.TemporaryDirectory() as folder:
            for figure in figures(kind(Path(folder)), Path(folder)):
                mark = "" if figure.kept else "  <- broken"
                print(f"{kind.name:11} {figure.what:42} {figure.value:40} {figure.bound}{mark}", flush=True)
                broken += not figure.kept
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
