"""What a page costs: a fixed number of SQL statements, whatever the number of rows and of cited items."""

import pytest

from tests.applications.nodes.stage import application_line, post_approval_line, unit_passes, verdict
from tests.archive.factories import item_line, verdict_line
from tests.factories import id_number
from tests.statements import recorded

LIST, MANY = "/applications/list/", 30


def cost(stage, browser, address: str) -> int:
    browser.get(address)  # the first of a session may look up what is kept
    with recorded(stage.app) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


@pytest.fixture
def cites_many(stage) -> int:
    """An application that cites thirty items, in a public institution with approved posts."""
    stage.taken(post_approval_line())
    stage.staff(1)
    refs = [f"A{n}" for n in range(100, 100 + MANY)]
    for n, ref in enumerate(refs, 100):
        item = item_line("social_position", n, id_number=id_number(1), ref=ref)
        stage.taken(item, verdict_line(n, of=ref))
    return stage.taken(application_line(1, refs))[0]


@pytest.mark.parametrize("query", ["", "?status=all", "?status=passed", "?plan=1", "?q=人员"])
def test_a_list_at_the_unit(stage, reader, query):
    stage.applying(1, 2, 3)
    assert cost(stage, reader("unit"), LIST + query) <= 8


@pytest.mark.parametrize("query", ["", "?status=all", "?status=passed", "?plan=1", "?q=人员"])
def test_a_list_of_the_province(stage, reader, query):
    stage.applying(1, 2)
    stage.taken(unit_passes(), *(verdict(n, day=10 + n) for n in (2, 3, 4)))
    assert cost(stage, reader("province"), LIST + query) <= 8


def test_a_review_page_with_thirty_cited_items_at_the_unit(stage, reader, cites_many):
    assert cost(stage, reader("unit"), f"/applications/show/{cites_many}") <= 15


def test_a_review_page_with_thirty_cited_items_above_it(stage, reader, cites_many):
    stage.taken(unit_passes())
    assert cost(stage, reader("department"), f"/applications/show/{cites_many}") <= 15
