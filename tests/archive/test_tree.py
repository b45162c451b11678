"""The tree and its counts, recomputed from the feed by the test itself, and what the archive's pages cost."""

from collections import Counter
from collections.abc import Iterator

import pytest

from app.operations.demo.load import FEED, SCHOOL
from tests.archive.factories import PROOFS, SHIPPED, item_line, verdict_line
from tests.archive.reading import category_table, tree_of
from tests.archive.replay import statuses
from tests.browsing import Browser, tabs
from tests.conftest import PASSWORD, build, release
from tests.statements import recorded

STATES = {"待审核": "pending", "已通过": "passed", "已退回": "returned", "已撤回": "withdrawn"}


@pytest.fixture(scope="module")
def replayed() -> dict[str, Counter[str]]:
    return statuses(FEED, SCHOOL)


def in_category(replayed, category) -> Counter[str]:
    """The states of all that a category has."""
    return sum((replayed.get(one.key, Counter()) for one in category.types), Counter())


@pytest.fixture(scope="module")
def school(engine, with_demo, tmp_path_factory) -> Iterator[Browser]:
    """`unit.public` before a demo that nobody changes."""
    engine.copy(with_demo, "counted_demo")
    app = build(engine, "counted_demo", tmp_path_factory.mktemp("data"), DEMO="1", DEMO_PASSWORD=PASSWORD)
    yield Browser(app).sign_in("unit.public", PASSWORD)
    release(app)
    engine.drop("counted_demo")


# ---- the counts ------------------------------------------------------------------------------------------------------


def test_the_tree_has_seven_categories_and_every_type_with_its_two_counts(school, replayed):
    told = tree_of(school.get("/archive/"))
    assert told == {
        category.zh: {
            one.zh: (states.total(), states.total() - states["pending"])
            for one in category.types
            for states in [replayed.get(one.key, Counter())]
        }
        for category in SHIPPED.categories
    }


def test_the_feed_has_something_of_every_state_to_count(replayed):
    states = sum(replayed.values(), Counter())
    assert [state for state in STATES.values() if not states[state]] == []


def test_the_table_of_the_start_page_counts_each_category_by_state(school, replayed):
    told = category_table(school.get("/archive/"))
    expected = {category.zh: in_category(replayed, category) for category in SHIPPED.categories}
    assert {label: {word: int(row[word]) for word in STATES} for label, row in told.items()} == {
        label: {word: states[state] for word, state in STATES.items()} for label, states in expected.items()
    }


@pytest.mark.parametrize("key", [*SHIPPED.types, *(category.key for category in SHIPPED.categories)])
def test_the_tabs_of_a_list_count_its_states(school, replayed, key):
    categories = {category.key: category for category in SHIPPED.categories}
    states = in_category(replayed, categories[key]) if key in categories else replayed.get(key, Counter())
    told = tabs(school.get(f"/archive/{key}/list/"))
    assert {word: int(told[word]) for word in STATES} | {"全部": int(told["全部"])} == {
        **{word: states[state] for word, state in STATES.items()},
        "全部": states.total(),
    }


def test_a_verdict_moves_the_counts(intake, desk):
    intake(item_line("paper", 1), item_line("paper", 2))
    before = tree_of(desk.get("/archive/"))["论文著作科研"]["期刊论文"]
    intake(verdict_line(1, "return"))
    assert (before, tree_of(desk.get("/archive/"))["论文著作科研"]["期刊论文"]) == ((2, 0), (2, 1))


# ---- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/archive/", "/archive/paper/list/", "/archive/basic/list/", "/withdrawals/list/"])
def test_tree_and_menu_together_cost_one_statement(app, desk, address):
    desk.get(address)
    with recorded(app) as statements:
        desk.get(address)
    assert len([one for one in statements if "count(*)" in one and "GROUP BY submission.kind" in one]) == 1


@pytest.mark.parametrize(
    "address", ["/archive/paper/list/", "/archive/research/list/", "/archive/all/list/", "/withdrawals/list/"]
)
def test_a_list_costs_at_most_eight_statements_however_many_rows(app, intake, desk, address):
    costs = []
    for first in (1, 11):
        intake(*(item_line("paper", first + n) for n in range(3 if first == 1 else 20)))
        with recorded(app) as statements:
            assert desk.get(address).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 8


def test_a_review_page_with_ten_attachments_costs_at_most_twelve(app, intake, desk):
    proof = [{"file": PROOFS[n % 2]} for n in range(10)]
    one, ten = (result.id for result in intake(item_line("book", 1), item_line("book", 2, {"proof": proof})))
    costs = []
    for pk in (one, ten):
        with recorded(app) as statements:
            page = desk.get(f"/archive/book/show/{pk}").text
        costs.append(len(statements))
    assert page.count(PROOFS[0]) >= 5
    assert costs[0] == costs[1] <= 12
