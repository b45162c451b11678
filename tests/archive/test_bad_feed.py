"""The archive's lines of the bad feed: each is answered by its field and leaves nothing; the good between them stay."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.attachments import Attachment
from app.review.models import Submission
from tests.browsing import Browser, table
from tests.conftest import PASSWORD, build, release
from tests.factories import Make
from tests.intake.answers import load, reported
from tests.intake.bad import LINES, bad_feed, told

OURS = {
    number: told()[number]
    for number, line in enumerate(LINES, 1)
    if number in told() and any(kind in line for kind in (b'"archive_item"', b'"withdrawal"'))
}
GOOD = [number for number in range(1, len(LINES) + 1) if number not in told()]
Stage = tuple[Any, Make, list[tuple[int, str]], str, int]


@pytest.fixture(scope="module")
def stage(engine, with_demo, tmp_path_factory) -> Iterator[Stage]:
    """The demo after the bad feed: its app, what was reported, what was said, how many files there were before."""
    engine.copy(with_demo, "after_bad_feed")
    folder: Path = tmp_path_factory.mktemp("bad")
    app = build(engine, "after_bad_feed", folder, DEMO="1", DEMO_PASSWORD=PASSWORD)
    make = Make(app, PASSWORD)
    before = count(make)
    file = bad_feed(folder)
    ran = load(app, file)
    yield app, make, reported(ran, file), ran.stdout, before
    release(app)
    engine.drop("after_bad_feed")


def count(make: Make) -> int:
    return make.read(sa.select(sa.func.count()).select_from(Attachment))[0][0]


def test_there_are_lines_of_the_archive_to_be_judged():
    assert (len(OURS), len(GOOD)) == (15, 6)


@pytest.mark.parametrize("number", OURS)
def test_a_bad_line_names_its_field_and_no_other(stage, number):
    assert [field for line, field in stage[2] if line == number] == [OURS[number]]


@pytest.mark.parametrize("number", GOOD)
def test_a_good_line_between_them_is_not_reported(stage, number):
    assert [field for line, field in stage[2] if line == number] == []


def test_of_the_bad_lines_no_record_is_stored(stage):
    refs = [json.loads(LINES[number - 1])["ref"] for number in OURS]
    query = sa.select(Submission.ref, Submission.version).where(Submission.ref.in_(refs))
    assert [tuple(row) for row in stage[1].read(query)] == [("A0000001", 1)]  # whose other content was refused


def test_of_the_bad_lines_no_file_is_kept(stage):
    assert count(stage[1]) - stage[4] == len(GOOD)


def test_the_good_lines_stand_in_their_list(stage):
    page = Browser(stage[0]).sign_in("hr.province", PASSWORD).get("/archive/continuing_education/list/?q=夹在坏行")
    assert [row["培训名称"] for row in table(page)] == [f"夹在坏行之间的好行 {n}" for n in range(1, 7)]


@pytest.mark.parametrize("name", ["proofs/nothing-here.pdf", "../../../../../../etc/passwd"])
def test_the_report_says_which_file_is_meant(stage, name):
    assert [line for line in stage[3].splitlines() if "data.proof" in line and name in line] != []
