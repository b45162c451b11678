"""`flask intake load`: a feed from a file, line by line."""

import json
import re
from collections import Counter

import pytest
import sqlalchemy as sa

from app.operations.demo.load import COMPANY, FEED, SCHOOL
from app.review.models import Submission
from app.tenancy import everything
from app.units.models import Unit
from tests.factories import decision_line, registration_line, unit_line
from tests.intake.answers import answered, contents, feed, load, reported
from tests.intake.bad import LINES, bad_feed, told

GOOD = [
    unit_line(1),
    registration_line(1),
    decision_line(1),
    registration_line(1, person={"email": "new@example.cn"}, submitted_at="2026-11-03T09:00:00+08:00"),
    decision_line(2, verdict="pass", decided_at="2026-11-04T09:00:00+08:00"),
    registration_line(2),
]
MIXED = [
    b"{",
    *GOOD[:2],
    registration_line(1, ref="R9"),
    *GOOD[2:4],
    registration_line(3, "NZ00000009"),
    GOOD[1],
    *GOOD[4:],
    decision_line(3, "R9"),
]
MIXED_BAD = [(1, "line"), (4, "person.id_number"), (7, "unit"), (11, "of.ref")]


def new_colleague(ref: str) -> dict:
    """A good registration in the demo's company."""
    return registration_line(777, COMPANY, ref=ref, submitted_at="2026-11-18T10:00:00+08:00")


# ---- what the command says -------------------------------------------------------------------------------------------


def test_good_lines_are_loaded_without_a_word(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", *GOOD)
    ran = load(app, file, "--locale", "en")
    assert (ran.exit_code, ran.stdout) == (0, "5 created, 1 submitted again, 0 unchanged, 0 rejected of 6 lines.\n")


def test_every_bad_line_is_reported_by_file_line_and_field(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", *MIXED)
    assert reported(load(app, file), file) == MIXED_BAD


def test_each_of_several_errors_of_a_line_has_its_own_report(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", unit_line(1, email="x", name=None, nickname=1))
    assert sorted(reported(load(app, file), file)) == [(1, "email"), (1, "name"), (1, "nickname")]


def test_nothing_is_printed_besides_the_reports_and_the_summary(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", *MIXED)
    assert len(load(app, file).stdout.splitlines()) == len(MIXED_BAD) + 1


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "\u202eabc", "x" * 5000], ids=["break", "escape", "bidi", "long"])
def test_a_name_that_the_sender_made_up_cannot_break_the_report(app, tmp_path, name):
    file = feed(tmp_path / "feed.ndjson", unit_line(1, **{name: 1}))
    first, *rest = load(app, file).stdout.splitlines()
    assert first.isprintable() and len(first) < len(str(file)) + 200 and len(rest) == 1


@pytest.mark.parametrize(("lines", "code"), [(GOOD, 0), (MIXED, 1), ([], 0), ([b"{"], 1)])
def test_the_exit_code_says_whether_a_line_was_bad(app, tmp_path, lines, code):
    assert load(app, feed(tmp_path / "feed.ndjson", *lines)).exit_code == code


@pytest.mark.parametrize("name", ["nothing.ndjson", "."], ids=["no file", "a folder"])
def test_a_file_that_cannot_be_read_is_a_usage_error(app, tmp_path, name):
    assert load(app, tmp_path / name).exit_code == 2


@pytest.mark.parametrize(("options", "word"), [([], "必填"), (["--locale", "en"], "is required")])
def test_messages_come_in_chinese_unless_told_otherwise(app, tmp_path, options, word):
    file = feed(tmp_path / "feed.ndjson", unit_line(1, name=None))
    ran = load(app, file, *options)
    assert re.search(r": name: (.+)\n", ran.stdout)[1] == word


def test_blank_lines_and_a_byte_order_mark_are_passed_over_and_counted(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", b"\xef\xbb\xbf", b"  \t", b"", b"{", b"\r", *GOOD, b"[]")
    ran = load(app, file, "--locale", "en")
    assert (reported(ran, file), ran.stdout.splitlines()[-1]) == (
        [(4, "line"), (12, "line")],
        "5 created, 1 submitted again, 0 unchanged, 2 rejected of 8 lines.",
    )


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it(app, tmp_path):
    file = tmp_path / "feed.ndjson"
    file.write_bytes(b"\xef\xbb\xbf" + feed(file, *GOOD).read_bytes().replace(b"\n", b"\r\n"))
    assert load(app, file).exit_code == 0


def test_a_last_line_without_an_end_is_taken(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", *GOOD)
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    assert (load(app, file).exit_code, answered(app, GOOD[-1])) == (0, "unchanged")


# ---- what stays ------------------------------------------------------------------------------------------------------


def test_good_lines_between_bad_ones_stay_loaded(app, make, tmp_path):
    load(app, feed(tmp_path / "feed.ndjson", *MIXED))
    query = sa.select(Submission.ref, Submission.status, Submission.version).order_by(Submission.ref)
    assert make.read(query) == [("R1", "passed", 2), ("R2", "pending", 1)]


def test_bad_lines_change_nothing(app, tmp_path):
    load(app, feed(tmp_path / "good.ndjson", *GOOD))
    before = contents(app)
    load(app, feed(tmp_path / "bad.ndjson", *(MIXED[number - 1] for number, _field in MIXED_BAD)))
    assert contents(app) == before


def test_loading_a_file_twice_changes_nothing(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", *MIXED)
    load(app, file)
    before = contents(app)
    load(app, file)
    assert contents(app) == before


def test_the_second_time_says_that_all_is_unchanged(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", *GOOD)
    load(app, file)
    ran = load(app, file, "--locale", "en")
    assert (ran.exit_code, ran.stdout) == (0, "0 created, 0 submitted again, 6 unchanged, 0 rejected of 6 lines.\n")


def test_a_dry_run_keeps_nothing(app, tmp_path):
    before = contents(app)
    load(app, feed(tmp_path / "feed.ndjson", *MIXED), "--dry-run")
    assert contents(app) == before


def test_a_dry_run_answers_as_the_real_run_does(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", *MIXED)
    dry, real = load(app, file, "--dry-run"), load(app, file)
    assert (dry.exit_code, dry.stdout) == (real.exit_code, real.stdout)


def test_a_dry_run_after_the_real_one_says_that_nothing_is_new(app, tmp_path):
    file = feed(tmp_path / "feed.ndjson", *GOOD)
    load(app, file)
    ran = load(app, file, "--dry-run", "--locale", "en")
    assert ran.stdout == "0 created, 0 submitted again, 6 unchanged, 0 rejected of 6 lines.\n"


# ---- the demo and the lines that are bad after it --------------------------------------------------------------------


def test_each_line_of_the_bad_feed_names_its_field(demo_app, tmp_path):
    file = bad_feed(tmp_path)
    assert reported(load(demo_app, file), file) == sorted(told().items())


def test_the_bad_lines_leave_the_demo_as_it_was(demo_app, tmp_path):
    before = contents(demo_app)
    load(demo_app, bad_feed(tmp_path, *(LINES[number - 1] for number in told())))
    assert contents(demo_app) == before


def test_a_good_registration_between_bad_lines_is_stored(demo_app, tmp_path):
    line = json.dumps(new_colleague("GOOD1")).encode()
    load(demo_app, bad_feed(tmp_path, *LINES[:7], line, *LINES[7:]))
    assert answered(demo_app, new_colleague("GOOD1")) == "unchanged"


def waiting(app) -> Counter[tuple[str, str]]:
    """How many wait, by kind and the code of their unit."""
    query = sa.select(Submission.kind, Unit.code).join(Unit, Submission.unit_id == Unit.id)
    with app.app_context(), everything("tests") as session:
        return Counter(map(tuple, session.execute(query.where(Submission.status == "pending"))))


@pytest.mark.parametrize(("kind", "number"), [("registration", 117), ("archive_item", 183), ("withdrawal", 6)])
def test_the_demo_leaves_so_many_waiting(demo_app, kind, number):
    assert sum(count for (of, _unit), count in waiting(demo_app).items() if of == kind) == number


@pytest.mark.parametrize(("unit", "number"), [(SCHOOL, 65), (COMPANY, 26)], ids=["school", "company"])
def test_the_demo_leaves_so_many_registrations_waiting_in_a_unit(demo_app, unit, number):
    assert waiting(demo_app)["registration", unit] == number


def test_the_demo_loaded_again_changes_nothing(demo_app):
    before = contents(demo_app)
    ran = load(demo_app, FEED)
    assert (ran.exit_code, contents(demo_app)) == (0, before)
