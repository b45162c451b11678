"""The unit's notices as a list, and who reads and writes them."""

import pytest

from tests.applications.notices.board import LIST, Board, state
from tests.browsing import links, table
from tests.statements import recorded


def test_the_list_has_days_people_objections_and_the_state(stage, board):
    first, second, third = stage.applying(1, 2, 3)
    board.made(first, second)
    board.made(third, begins_on="2026-11-23", ends_on="2099-12-31")
    rows = [(row["公示日期"], row["人员"], row["状态"]) for row in table(board.browser.get(LIST))]
    assert rows == [
        ("2026-11-23 至 2099-12-31", "1", "公示中"),
        ("2026-11-16 至 2026-11-20", "2", "已结束待上传证明"),
    ]


def test_one_that_has_not_begun_says_so(stage, board):
    (pk,) = stage.applying(1)
    assert state(board.page(board.made(pk, begins_on="2099-01-05", ends_on="2099-01-30"))) == "未开始"


def test_while_there_is_none_the_list_leads_to_what_waits(board):
    assert links(board.browser.get(LIST), "前往职称申报") == ["/applications/list/"]


def test_a_page_that_is_not_there_leads_to_the_last(board):
    answer = board.browser.get(f"{LIST}?page=2")
    assert (answer.status_code, LIST in answer.text) == (404, True)


def test_the_list_costs_the_same_for_two_and_for_twenty(app, stage, board):
    costs = []
    for more in (range(1, 3), range(3, 12)):
        for pk in stage.applying(*more):
            board.made(pk)
        with recorded(app) as statements:
            board.browser.get(LIST)
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 8


@pytest.mark.parametrize(("who", "code"), [("clerk", 200), ("department", 403), ("county", 403), ("auditor", 403)])
def test_the_unit_reads_its_notices_and_nobody_else(stage, board, reader, who, code):
    pk = board.made(*stage.applying(1))
    browser = reader(who)
    assert [browser.get(address).status_code for address in (LIST, f"/notices/show/{pk}")] == [code, code]


def test_the_clerk_reads_and_writes_nothing(stage, board, reader):
    ids = stage.applying(1, 2)
    pk = board.made(ids[0])
    clerk = Board(reader("clerk"), stage)
    answers = [clerk.begin(ids[1]), clerk.post("edit", pk), clerk.upload(pk, "proof"), clerk.write(pk, {})]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert "<textarea" not in clerk.page(pk).text


def test_another_units_notice_is_not_found(stage, board, reader):
    pk = board.made(*stage.applying(1))
    company = Board(reader("company"), stage)
    answers = [
        company.page(pk),
        *(
            company.post(action, pk)
            for action in ("edit", "add", "remove", "remove_file", "texts", "object", "outcome")
        ),
        company.upload(pk, "proof"),
    ]
    assert {answer.status_code for answer in answers} == {404}


def test_the_filter_of_a_notice_shows_its_people_only(stage, board):
    first, _second = stage.applying(1, 2)
    pk = board.made(first)
    assert [row["姓名"] for row in table(board.browser.get(f"/applications/list/?notice={pk}"))] == ["人员1"]
    assert links(board.browser.get(f"/applications/show/{first}?notice={pk}"), "返回公示") == [
        f"/notices/show/{pk}#r{first}"
    ]
