"""职称申报 at a province's size: 100,000 applications beside 100,000 registrations, in 2,000 units."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.applications.models import Citation
from app.operations.seed import seed_applications
from app.review.models import Submission
from app.tenancy import everything
from benchmarks.measure import MANY, Figure, installation, page

UNITS, CITED = 2_000, 30
LIST = "/applications/list/"
# what the reviewer of the province asks for
LISTS = {
    "what waits": LIST,
    "its second page": f"{LIST}?page=2",
    "what passed": f"{LIST}?status=passed",
    "all": f"{LIST}?status=all",
    "a name": f"{LIST}?status=all&q=%E7%8E%8B",
}
BOUND = 100  # ms


def figures(engine: Any, folder: Path) -> Iterator[Figure]:
    with installation(engine, folder, "bench_applications", _fill) as (app, _env):
        for what, address in LISTS.items():
            middle, high = page(app, "reviewer", address)
            bounded = what == "what waits"
            said, bound = f"p50 {middle:.1f} ms, p95 {high:.1f} ms", f"at most {BOUND} ms" if bounded else ""
            yield Figure(f"province of {MANY:,} applications: {what}", said, bound, not bounded or middle <= BOUND)
        with app.app_context(), everything("benchmark") as session:
            cites = sa.select(Citation.application_id).group_by(Citation.application_id)
            many = session.scalar(
                cites.where(Citation.application_id == Submission.id, Submission.node == "province")
                .having(sa.func.count() >= CITED)
                .limit(1)
            )
        middle, high = page(app, "reviewer", f"/applications/show/{many}")
        said = f"p50 {middle:.1f} ms, p95 {high:.1f} ms"
        yield Figure(f"review page, {CITED} cited items", said, f"at most {BOUND} ms", middle <= BOUND)


def _fill(session: Any) -> None:
    seed_applications(session, UNITS, MANY, 1, lambda _count: None)
    seed_applications(session, 1, 40, 2, lambda _count: None, cited=CITED)
