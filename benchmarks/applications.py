"""职称申报 at a province's size: 100,000 applications beside 100,000 registrations, in 2,000 units."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import sqlalchemy as sa

from app import clock
from app.applications.models import Citation
from app.applications.paper.press import Foot, Pair
from app.applications.paper.sheet import Cited, Heading, Opinion, Opinions, Part, ReviewForm, review_form
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
# Texts of 5,000 characters in each of a paper's boxes: Chinese, without a place to break, without a font.
TEXTS = {"Chinese": "任现职以来承担教学工作，" * 417, "unbroken": "w" * 5_000, "private characters": "\ue000" * 5_000}
PAPER_BOUND = 2_000  # ms


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
    for what, text in TEXTS.items():
        spent = _paper(text)
        said = f"{spent:.0f} ms of CPU"
        yield Figure(f"review form, 3 texts, {what}", said, f"at most {PAPER_BOUND} ms", spent <= PAPER_BOUND)


def _paper(text: str) -> float:
    """The milliseconds of CPU that a review form costs, after one that loads the fonts."""
    opinions = Opinions("各级审核意见", tuple(Opinion(node, "通过", text, "", "") for node in ("主管部门", "县级")))
    statement = Part("申报信息", (Pair("申报人说明", text),))
    nothing = Part("", ())
    form = ReviewForm(
        language="zh",
        heading=Heading("职称申报评审简表", "", ()),
        unit=nothing,
        person=nothing,
        application=statement,
        cited=Cited("", ("", "", "", ""), ()),
        recommendation=None,
        opinions=opinions,
        seal="",
        foot=Foot("{page}", clock.now()),
    )
    review_form(replace(form, application=nothing, opinions=Opinions("", ())))
    begun = process_time()
    review_form(form)
    return (process_time() - begun) * 1000


def _fill(session: Any) -> None:
    seed_applications(session, UNITS, MANY, 1, lambda _count: None)
    seed_applications(session, 1, 40, 2, lambda _count: None, cited=CITED)
