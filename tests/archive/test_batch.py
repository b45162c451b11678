"""批量审核 from a list of several types: across the types, inside the unit, and the counts move."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from tests.archive.factories import item_line, verdict_line
from tests.archive.reading import tree_of
from tests.browsing import Browser, rowids, table, tabs, value_of
from tests.factories import id_number, ledger, registration_line, take, unit_code
from tests.statements import recorded

LIST, DECIDE = "/archive/research/list/", "/archive/research/decide"
OPINION = {"verdict": "pass", "opinion": "材料齐全，情况属实"}


@pytest.fixture
def items(intake) -> dict[str, int]:
    """Papers, a patent and a book that wait, of two persons, and a diploma of another category: ref → id."""
    keys = ("paper", "patent", "book", "education", "paper")
    lines = [item_line(key, n, id_number=id_number(n % 2 + 1)) for n, key in enumerate(keys, 1)]
    return {result.ref: result.id for result in intake(*lines)}


@pytest.fixture
def theirs(make, intake, items) -> int:
    """A paper that waits in another unit."""
    make.unit(2)
    take(make.app, registration_line(9, unit_code(2)), verdict_line(9, of="R9", day=2))
    return intake(item_line("paper", 9, unit=unit_code(2), id_number=id_number(9)))[0].id


def statuses(make) -> dict[str, str]:
    query = sa.select(Submission.ref, Submission.status).where(Submission.kind == "archive_item")
    return dict(tuple(row) for row in make.read(query))


def all_of(desk: Browser, address: str) -> dict[str, Any]:
    """The form of “select all that match” on a list."""
    page = desk.get(address)
    return OPINION | {"all": "1", "query": value_of(page, "query"), "seen_at": value_of(page, "seen_at")}


def test_ticked_rows_of_several_types_are_decided_at_once(make, desk, items):
    assert desk.post(DECIDE, OPINION | {"rowid": rowids(desk.get(LIST))}).status_code == 303
    assert statuses(make) == {"A1": "passed", "A2": "passed", "A3": "passed", "A4": "pending", "A5": "passed"}


def test_each_has_a_ledger_row_with_the_opinion(make, desk, items):
    desk.post(DECIDE, OPINION | {"rowid": rowids(desk.get(LIST))})
    last = [ledger(make, items[ref])[-1] for ref in ("A1", "A2", "A3", "A5")]
    assert {(entry.step, entry.opinion) for entry in last} == {("pass", OPINION["opinion"])}


def test_all_that_match_are_those_of_the_category(make, desk, items):
    assert desk.post(DECIDE, all_of(desk, LIST)).status_code == 303
    assert [ref for ref, status in statuses(make).items() if status == "pending"] == ["A4"]


def test_all_that_match_are_those_of_the_filter(make, desk, items):
    desk.post(DECIDE, all_of(desk, f"{LIST}?type=paper"))
    assert [ref for ref, status in statuses(make).items() if status == "passed"] == ["A1", "A5"]


def test_all_of_the_whole_archive_are_decided_from_its_list(make, desk, items):
    desk.post("/archive/all/decide", all_of(desk, "/archive/all/list/"))
    assert set(statuses(make).values()) == {"passed"}


def test_several_are_returned_at_once(make, desk, items):
    form = {"verdict": "return", "opinion": "请补充证明材料", "rowid": rowids(desk.get(LIST))[:2]}
    assert desk.post(DECIDE, form).status_code == 303
    assert sorted(statuses(make).values()) == ["pending", "pending", "pending", "returned", "returned"]


def test_the_counts_move(desk, items):
    before = tree_of(desk.get(LIST))["论文著作科研"]
    desk.post(DECIDE, OPINION | {"rowid": rowids(desk.get(LIST))})
    after = tree_of(desk.get(LIST))["论文著作科研"]
    moved = [(before[name], after[name]) for name in ("期刊论文", "专利", "著作教材")]
    assert moved == [((2, 0), (2, 2)), ((1, 0), (1, 1)), ((1, 0), (1, 1))]
    assert tabs(desk.get(LIST)) == {"待审核": "0", "已通过": "4", "已退回": "0", "已撤回": "0", "全部": "4"}


def test_the_result_page_belongs_to_the_list_that_it_came_from(desk, items):
    answer = desk.post(DECIDE, OPINION | {"rowid": rowids(desk.get(LIST))})
    assert re.search(r"^/archive/research/batch/\d+", answer.location)
    assert desk.get(answer.location).status_code == 200


def test_another_units_row_stops_the_whole_batch(make, desk, items, theirs):
    answer = desk.post(DECIDE, OPINION | {"rowid": [*rowids(desk.get(LIST)), f"{theirs}:1"]})
    assert (answer.status_code, set(statuses(make).values())) == (404, {"pending"})


@pytest.mark.parametrize("where", ["research", "paper", "all"])
def test_all_that_match_ends_at_the_border_of_the_unit(make, desk, items, theirs, where):
    desk.post(f"/archive/{where}/decide", all_of(desk, f"/archive/{where}/list/"))
    assert statuses(make)["A9"] == "pending" and len(ledger(make, theirs)) == 1


def test_another_units_rows_are_on_no_list(desk, items, theirs):
    listed = [len(table(desk.get(f"/archive/{where}/list/"))) for where in ("research", "paper", "all")]
    assert listed == [4, 2, 5]


def test_the_own_record_is_left_to_another_administrator(make, unit, items, sign_in):
    make.account("self", "unit_administrator", unit, holder=id_number(1))
    browser = sign_in("self")
    browser.post(DECIDE, all_of(browser, LIST))
    assert [ref for ref, status in statuses(make).items() if status == "passed"] == ["A1", "A3", "A5"]


def test_what_was_decided_meanwhile_is_left(make, intake, desk, items):
    tokens = rowids(desk.get(LIST))
    intake(verdict_line(1, "return", of="A2"))
    desk.post(DECIDE, OPINION | {"rowid": tokens})
    assert (statuses(make)["A2"], statuses(make)["A1"]) == ("returned", "passed")


def test_a_batch_costs_the_same_statements_for_two_and_for_twenty(app, intake, desk, items):
    costs = []
    for first, count in ((20, 2), (50, 20)):
        keys = ("paper", "patent", "book")
        made = intake(*(item_line(keys[n % 3], first + n) for n in range(count)))
        with recorded(app) as statements:
            desk.post(DECIDE, OPINION | {"rowid": [f"{result.id}:1" for result in made]})
        costs.append(len(statements))
    assert costs[0] == costs[1]
