"""The kind `post_approval`: its fields, its rules, and that it is taken once and for good."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
import sqlalchemy as sa

from app import clock
from app.attachments import Attachment
from app.extensions import begin_write
from app.intake.take import KINDS
from app.tenancy import everything
from app.units.models import PostApproval
from app.units.posts import LEVELS, Post, approved_posts, current_approval
from tests.attachments import files
from tests.factories import take, unit_code
from tests.intake.answers import answer, contents, feed, load, reported
from tests.operations.conftest import flask
from tests.units.approvals import line, post, stored

FIELDS = sorted(set(line()) - {"kind"})
WRONG = [
    ("ref", "x" * 65),
    ("unit", "913501026C8BXBRCP9"),
    ("document_number", "第一行\n第二行"),
    ("document_number", "x" * 201),
    ("authority", 5),
    ("approved_on", "2026-02-30"),
    ("approved_on", "2026-03"),
    ("total", 1.5),
    ("total", "12"),
    ("total", -1),
    ("total", True),
    ("total", 2**31),
    ("posts", {}),
    ("form", {"file": "nothing.pdf"}),
    ("form", {"file": "../form.pdf"}),
    ("form", [{"file": "form.pdf"}]),
    ("form", "nobody's"),
]
POST = post("management", "m7", 2, 1)
WRONG_POSTS = [
    ("category", "teacher"),
    ("category", None),
    ("level", "p14"),
    ("level", ""),
    ("approved", 1.5),
    ("approved", "2"),
    ("approved", -1),
    ("filled", None),
    ("filled", True),
    ("rank", 1),
]


@pytest.fixture
def taken(app, school, folder):
    """Takes lines in, the files beside them: the outcome of each, or the fields that are named."""
    return lambda *lines: [answer(result) for result in take(app, *lines, folder=folder)]


# ---- what is taken ---------------------------------------------------------------------------------------------------


def test_it_is_stored_as_its_line_says(make, school, taken):
    at = datetime(2026, 11, 20, 1, tzinfo=UTC)
    with clock.frozen(at):
        assert taken(line(ref="P1", authority=" 鼓楼区人社局 ")) == ["created"]
    ((row, file),) = make.read(sa.select(PostApproval, Attachment).join(Attachment))
    assert (row.unit_id, row.document_number, row.authority) == (school, "鼓人社〔2026〕1号", "鼓楼区人社局")
    assert (row.approved_on, row.total, row.posts) == (date(2026, 3, 1), 12, line()["posts"])
    assert (row.submitted_at, row.submitted_by_id, row.ref) == (at, None, "P1")
    assert (file.unit_id, file.sha256) == (school, row.form_sha256)


def test_it_is_consistent(app, taken):
    taken(line(1), line(2, approved_on="2026-04-01"))
    assert flask(app, "check", "--read").stdout == "consistent\n"


def test_of_today_is_taken_and_of_tomorrow_not(taken):
    with clock.frozen(datetime(2026, 11, 20, 17, tzinfo=UTC)):  # one in the morning of the 21st, in the province
        assert taken(line(1, approved_on="2026-11-21"), line(2, approved_on="2026-11-22")) == [
            "created",
            ["approved_on"],
        ]


def test_all_posts_filled_and_together_the_total_is_right(taken):
    rows = [(category, level, 1, 1) for category, levels in LEVELS.items() for level in levels]
    assert taken(line(1, *rows, total=len(rows))) == ["created"]


def test_the_levels_of_each_category():
    assert {category: (levels[0], levels[-1], len(levels)) for category, levels in LEVELS.items()} == {
        "management": ("m3", "m10", 8),
        "professional": ("p1", "p13", 13),
        "workman": ("w1", "w0", 6),
    }


def test_its_form_may_be_an_attachment_that_waits_to_be_named(app, make, school, taken):
    with app.app_context(), everything("tests") as session:
        begin_write(session)
        row = files.kept(session, BytesIO(files.PNG), "章.png")
        session.commit()
        pk = row.id
    assert taken(line(1, form=pk), line(1, form=pk), line(1, form=pk, total=13)) == ["created", "unchanged", ["ref"]]
    assert make.read(sa.select(Attachment.id, Attachment.unit_id)) == [(pk, school)]


def test_only_the_operators_command_takes_it():
    assert {name for name, kind in KINDS.items() if kind.operator} == {"decision", "news", "post_approval"}


def test_the_command_loads_it_and_names_each_bad_line(app, school, folder):
    file = feed(folder / "feed.ndjson", line(1), line(2, ("management", "m7", 2, 3)), line(3, unit=unit_code(9)))
    ran = load(app, file)
    assert (ran.exit_code, reported(ran, file)) == (1, [(2, "posts.0.filled"), (3, "unit")])


# ---- its own fields --------------------------------------------------------------------------------------------------


def test_each_field_that_is_absent_is_named(taken):
    lines = [line() | {name: value} for name in FIELDS for value in (None, "")]
    assert taken(*lines) == [[name] for name in FIELDS for _value in (None, "")]


def test_an_empty_list_of_posts_is_absent(taken):
    assert taken(line(posts=[])) == [["posts"]]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named(taken, name, value):
    assert taken(line() | {name: value}) == [[name]]


@pytest.mark.parametrize(("name", "value"), WRONG_POSTS)
def test_a_wrong_value_of_a_post_is_named(taken, name, value):
    assert taken(line(posts=[post("workman", "w0", 1, 0), POST | {name: value}])) == [[f"posts.1.{name}"]]


def test_an_unknown_field_is_named(taken):
    assert taken(line(remark="x")) == [["remark"]]


def test_of_a_rejected_line_nothing_is_stored(app, taken):
    before = contents(app)
    taken(line(total=1), line(form={"file": "nothing.pdf"}))
    assert contents(app) == before


# ---- the rules between them ------------------------------------------------------------------------------------------

M7, M8 = ("management", "m7", 2, 1), ("management", "m8", 2, 2)
RULES = {
    "filled over approved": (line(1, M7, ("management", "m8", 2, 3)), ["posts.1.filled"]),
    "filled where none is approved": (line(1, ("workman", "w0", 0, 1)), ["posts.0.filled"]),
    "a level twice": (line(1, M7, M8, M7), ["posts.2.level"]),
    "a level twice, in other numbers": (line(1, M7, ("management", "m7", 1, 0)), ["posts.1.level"]),
    "a level of another category": (line(1, ("management", "p7", 2, 1)), ["posts.0.level"]),
    "over the sum": (line(1, M7, M8, total=3), ["total"]),
    "over the sum by much": (line(1, ("workman", "w0", 2**31 - 1, 0), ("workman", "w1", 2**31 - 1, 0)), ["total"]),
    "an unknown unit": (line(unit=unit_code(9)), ["unit"]),
    "all at once": (
        line(1, ("workman", "m7", 2, 3), ("workman", "m7", 2, 3), total=1, unit=unit_code(9)),
        ["posts.0.filled", "posts.0.level", "posts.1.filled", "posts.1.level", "total", "unit"],
    ),
}


@pytest.mark.parametrize(("broken", "named"), RULES.values(), ids=RULES)
def test_a_rule_that_is_broken_is_named(taken, broken, named):
    assert taken(broken) == [named]


@pytest.mark.parametrize("nature", ["government", "state_enterprise", "private_enterprise", "social_organisation"])
def test_only_a_public_institution_has_one(make, taken, nature):
    make.unit(2, nature=nature)
    assert taken(line(unit=unit_code(2))) == [["unit"]]


def test_own_errors_come_before_the_rules(taken):
    assert taken(line(total=1, authority=None)) == [["authority"]]


# ---- once and for good -----------------------------------------------------------------------------------------------


def test_the_same_again_is_unchanged_whatever_its_file_is_called(make, taken):
    taken(line())
    before = stored(make)
    again = [dict(reversed(line().items())), line(form={"file": "again.pdf"})]
    assert (taken(*again), stored(make)) == (["unchanged"] * 2, before)


OTHERS = [
    {"total": 13},
    {"form": {"file": "other.png"}},
    {"document_number": "另一文号"},
    {"approved_on": "2026-03-02"},
]


@pytest.mark.parametrize("other", OTHERS)
def test_other_content_under_its_ref_is_a_conflict_and_changes_nothing(app, taken, other):
    taken(line())
    before = contents(app)
    assert (taken(line(**other)), contents(app)) == ([["ref"]], before)


def test_its_document_under_another_ref_is_refused_and_changes_nothing(app, taken):
    taken(line())
    before = contents(app)
    assert (
        taken(line(ref="P2"), line(ref="P3", document_number=" 鼓人社〔2026〕1号 ", total=20))
        == [["document_number"]] * 2
    )
    assert contents(app) == before


def test_another_unit_may_have_a_document_of_that_number(make, taken):
    make.unit(2, nature="public_institution")
    assert taken(line(1), line(1, ref="P2", unit=unit_code(2))) == ["created"] * 2


# ---- which one is in force -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "current"),
    [
        (["2026-03-01", "2026-04-01", "2026-02-01"], "P2"),
        (["2026-03-01", "2026-03-01"], "P2"),
        (["2026-03-01"], "P1"),
    ],
)
def test_the_newest_by_its_day_and_then_by_its_coming_is_in_force(app, school, taken, days, current):
    taken(*(line(n, approved_on=day) for n, day in enumerate(days, 1)))
    with app.app_context(), everything("tests") as session:
        assert current_approval(session, school).ref == current


def test_there_is_none_before_one_is_entered(app, school):
    with app.app_context(), everything("tests") as session:
        assert current_approval(session, school) is None


def test_its_posts_come_in_the_order_of_their_ranks(app, school, taken):
    taken(line(1, ("workman", "w0", 1, 0), ("professional", "p10", 3, 1), ("professional", "p8", 8, 5)))
    with app.app_context(), everything("tests") as session:
        posts = approved_posts(current_approval(session, school))
    assert list(posts) == [("professional", "p8"), ("professional", "p10"), ("workman", "w0")]
    assert (posts["professional", "p8"], posts["professional", "p8"].free) == (Post("professional", "p8", 8, 5), 3)
