"""The kind `decision`: the history of the system in use before, through the workflow."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from app import clock
from app.review.models import Decision, Submission
from tests.factories import changed, decision_line, registration_line, take, unit_code
from tests.intake.answers import answered, answers, belongs_to, contents, ledger, state

REQUIRED = ["ref", "of", "of.kind", "of.ref", "verdict", "opinion", "decided_at", "by"]

WRONG = [
    ("ref", "D" * 65),
    ("ref", "D\x001"),
    ("ref", 1),
    ("of", "R1"),
    ("of", ["R1"]),
    ("of.kind", "unit"),
    ("of.kind", "plan"),
    ("of.kind", "decision"),
    ("of.kind", {}),
    ("of.ref", "R" * 65),
    ("of.ref", "R\x001"),
    ("of.ref", 1),
    ("verdict", "terminate"),
    ("verdict", "send_back"),
    ("verdict", "submit"),
    ("verdict", "PASS"),
    ("verdict", True),
    ("opinion", "x" * 5001),
    ("opinion", "a\x00b"),
    ("opinion", 5),
    ("decided_at", "2026-11-02T09:00:00"),
    ("decided_at", "2999-01-01T00:00:00Z"),
    ("decided_at", 10**30),
    ("by", "第一行\n第二行"),
    ("by", []),
    ("node", "nowhere"),
    ("node", 0),
]


@pytest.fixture(autouse=True)
def pending(make):
    """Two units and a registration that waits in the first."""
    make.unit(1)
    make.unit(2)
    make.registration(1)


@pytest.mark.parametrize(("verdict", "status"), [("pass", "passed"), ("return", "returned")])
def test_a_decision_moves_its_record(app, make, verdict, status):
    take(app, decision_line(1, verdict=verdict))
    assert (state(make), ledger(make)[-1]) == ((status, "unit", 1), (verdict, 1, "pending", status))


def test_a_decision_carries_its_own_time_name_and_opinion(app, make):
    take(app, decision_line(1, opinion="材料😀\n不清晰", by=" 张三 ", decided_at="2026-11-02T09:00:00-02:00"))
    query = sa.select(Decision.by_name, Decision.opinion, Decision.at, Decision.by_id, Decision.node)
    at = datetime(2026, 11, 2, 11, tzinfo=UTC)
    assert make.read(query.where(Decision.ref == "D1")) == [("张三", "材料😀\n不清晰", at, None, "unit")]


def test_the_record_was_decided_when_the_decision_says(app, make):
    take(app, decision_line(1))
    assert make.read(sa.select(Submission.decided_at)) == [(datetime(2026, 11, 2, 1, tzinfo=UTC),)]


@pytest.mark.parametrize(("verdict", "unit"), [("pass", unit_code(1)), ("return", None)])
def test_a_pass_makes_the_person_belong_to_the_unit(app, make, verdict, unit):
    take(app, decision_line(1, verdict=verdict))
    assert belongs_to(make) == unit


def test_a_decision_touches_no_other_record(app, make):
    make.registration(2)
    take(app, decision_line(1, verdict="pass"))
    assert (state(make, "R2"), belongs_to(make, 2)) == (("pending", "unit", 1), None)


def test_the_answer_names_the_row_of_the_ledger(app, make):
    (result,) = take(app, decision_line(1))
    assert make.read(sa.select(Decision.ref).where(Decision.id == result.id)) == [("D1",)]


def test_each_field_that_is_absent_is_named(app):
    absent = [(path, value) for path in REQUIRED for value in (None, "", " \u3000")]
    assert answers(app, *(changed(decision_line(), path, value) for path, value in absent)) == [
        [path] for path, _value in absent
    ]


def test_a_wrong_value_is_named(app):
    lines = [changed(decision_line(), path, value) for path, value in WRONG]
    assert answers(app, *lines) == [[path] for path, _value in WRONG]


@pytest.mark.parametrize("path", ["nickname", "of.nickname"])
def test_an_unknown_field_is_named(app, path):
    assert answered(app, changed(decision_line(), path, {"x": 1})) == [path]


def test_all_own_errors_come_together(app):
    line = changed(decision_line(verdict="maybe", opinion="", by=None, x=1), "of", {"kind": "unit"})
    assert answered(app, line) == ["by", "of.kind", "of.ref", "opinion", "verdict", "x"]


def test_an_opinion_of_5000_characters_is_taken(app):
    assert answered(app, decision_line(opinion="好" * 5000)) == "created"


def test_a_decision_of_this_very_moment_is_not_in_the_future(app):
    with clock.frozen(datetime(2026, 11, 2, 1, tzinfo=UTC)):
        assert answered(app, decision_line()) == "created"


# ---- rules between records -------------------------------------------------------------------------------------------


def test_an_unknown_record_is_named(app):
    assert answered(app, decision_line(of="R9")) == ["of.ref"]


def test_a_record_of_another_kind_is_not_found_by_its_ref(app):
    assert answered(app, decision_line(of="U1")) == ["of.ref"]


@pytest.mark.parametrize("before", ["pass", "return"])
@pytest.mark.parametrize("verdict", ["pass", "return"])
def test_what_is_not_pending_is_not_decided(app, before, verdict):
    take(app, decision_line(1, verdict=before))
    assert answered(app, decision_line(2, verdict=verdict)) == ["of.ref"]


@pytest.mark.parametrize(
    ("at", "expected"), [("2026-11-01T00:59:59Z", ["decided_at"]), ("2026-11-01T01:00:00Z", "created")]
)
def test_a_decision_does_not_lie_before_the_submission(app, at, expected):
    assert answered(app, decision_line(decided_at=at)) == expected


@pytest.mark.parametrize(
    ("at", "expected"), [("2026-11-03T00:59:59Z", ["decided_at"]), ("2026-11-03T01:00:00Z", "created")]
)
def test_a_decision_does_not_lie_before_the_newest_row_of_its_record(app, at, expected):
    take(app, decision_line(1), registration_line(1, submitted_at="2026-11-03T01:00:00Z"))
    assert answered(app, decision_line(2, decided_at=at)) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [(None, "created"), ("", "created"), ("unit", "created"), ("county", ["node"]), ("committee", ["node"])],
)
def test_the_node_is_where_the_record_is(app, node, expected):
    assert answered(app, decision_line(node=node)) == expected


def test_all_rules_that_fail_are_named(app):
    take(app, decision_line(1))
    line = decision_line(2, node="county", decided_at="2026-10-01T00:00:00Z")
    assert answered(app, line) == ["decided_at", "node", "of.ref"]


def test_own_errors_come_before_them(app):
    assert answered(app, decision_line(of="R9", opinion="")) == ["opinion"]


def test_of_a_rejected_decision_nothing_is_stored(app):
    before = contents(app)
    take(app, decision_line(1, of="R9"), decision_line(2, node="city"), decision_line(3, opinion=""))
    assert contents(app) == before


# ---- the same again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "since",
    [[], [registration_line(1, submitted_at="2026-11-03T09:00:00+08:00")]],
    ids=["at once", "after the record came again"],
)
def test_the_same_decision_again_is_unchanged(app, since):
    (first,) = take(app, decision_line(1))
    take(app, *since)
    before = contents(app)
    (again,) = take(app, dict(reversed(decision_line(1).items())))
    assert (again.outcome, again.id, contents(app)) == ("unchanged", first.id, before)


def test_a_decision_is_never_resubmitted(app):
    take(app, decision_line(1))
    others = [{"opinion": "另一个意见"}, {"verdict": "pass"}, {"by": "张三"}, {"node": "unit"}]
    assert answers(app, *(decision_line(1, **change) for change in others)) == [["ref"]] * len(others)


def test_a_ref_that_decided_once_decides_no_other_record(app, make):
    make.registration(2)
    assert answers(app, decision_line(1), decision_line(1, of="R2")) == ["created", ["ref"]]


def test_sameness_comes_before_the_lines_own_errors(app):
    take(app, decision_line(1))
    with clock.frozen(datetime(2020, 1, 1, tzinfo=UTC)):  # where its time lies ahead
        assert answered(app, decision_line(1)) == "unchanged"
