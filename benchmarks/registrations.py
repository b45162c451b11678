"""Lists, batches and exports of registrations, up to 100,000 of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import FEW, MANY, Figure, batch, download, installation, page, waiting


def figures(engine: Any, folder: Path) -> Iterator[Figure]:
    with installation(engine, folder, "bench_few", waiting(FEW)) as (app, _env):
        alone, alone95 = page(app, "unit")
        yield Figure(f"list page, a unit's {FEW:,} among {FEW:,}", f"p50 {alone:.1f} ms, p95 {alone95:.1f} ms")
        yield Figure(f"batch of {FEW:,}", f"{batch(app):.2f} s")
    with installation(engine, folder, "bench_many", waiting(FEW, MANY - FEW)) as (app, env):
        among, among95 = page(app, "unit")
        yield Figure(f"the same among {MANY:,}", f"p50 {among:.1f} ms, p95 {among95:.1f} ms")
        yield Figure("ratio of the two", f"{among / alone:.2f}", "at most 1.3", among / alone <= 1.3)
        reader, reader95 = page(app, "province")
        said = f"p50 {reader:.1f} ms, p95 {reader95:.1f} ms"
        yield Figure(f"list page, a reader of all {MANY:,}", said, "at most 200 ms", reader <= 200)
        for suffix in ("csv", "xlsx"):
            address = f"/registrations/export.{suffix}"
            seconds, megabytes, size = download(env, "province", f"{address}?status=all", f"{address}?q=nobody")
            said = f"{seconds:.1f} s, {megabytes:.0f} MB over idle, {size / 1e6:.1f} MB"
            yield Figure(f"export of {MANY:,} rows, {suffix}", said, "at most 60 MB", megabytes <= 60)
    with installation(engine, folder, "bench_batch", waiting(20_000)) as (app, _env):
        yield Figure("batch of 20,000", f"{batch(app):.2f} s")
