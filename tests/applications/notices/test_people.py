"""The table of a notice: what is said of each is written at once, and what is complete passes in one batch (B20)."""

import re

import pytest
import sqlalchemy as sa

from app.accounts.models import Account
from tests.applications.nodes.stage import one
from tests.applications.notices.board import WRITTEN, Board, fields, lacks, state, table_of
from tests.browsing import text_of, value_of
from tests.factories import audited, change, id_number
from tests.statements import recorded

OCCUPIES = {"text": "同意", "occupies": "1", "level": "p7", "explanation": "占用一个"}


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_each_row_is_written_and_kept(stage, board):
    first, second = stage.applying(1, 2)
    pk = board.made(first, second)
    assert board.write(pk, {first: WRITTEN, second: OCCUPIES}).status_code == 303
    said = [stage.drafts(one)[-1] for one in (first, second)]
    assert [(one.text, one.occupies, one.category, one.level) for one in said] == [
        ("同意推荐", False, "", ""),
        ("同意", True, "professional", "p7"),
    ]


def test_what_each_still_lacks_stands_in_its_row(stage, board):
    first, second, third = stage.applying(1, 2, 3)
    pk = board.made(first, second, third)
    board.write(pk, {first: WRITTEN, second: {"text": "同意", "occupies": "1"}})
    page = board.page(pk)
    assert lacks(page, first).startswith("已填写，待公示完成")
    assert ("等级" in lacks(page, second), "说明" in lacks(page, second), "推荐意见" in lacks(page, second)) == (
        True,
        True,
        False,
    )
    assert "推荐意见" in lacks(page, third)
    board.prove(pk)
    assert lacks(board.page(pk), first).startswith("已齐备")


def test_a_company_is_not_asked_for_positions(stage, reader):
    ids = stage.applying(1, 2, unit=2)
    board = Board(reader("company"), stage)
    pk = board.made(*ids)
    board.prove(pk)
    board.write(pk, {one: {"text": "同意"} for one in ids})
    page = board.page(pk)
    assert "岗位" not in text_of(page) and "职位数" not in text_of(page)
    assert [lacks(page, one) for one in ids] == ["已齐备", "已齐备"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"text": "推" * 5001}, "text"), ({"occupies": "2"}, "occupies"), ({"level": "p99"}, "level")],
    ids=["too long", "no choice", "no level"],
)
def test_one_row_that_is_wrong_keeps_all_from_being_saved_and_all_that_was_typed(stage, board, wrong, field):
    first, second = stage.applying(1, 2)
    pk = board.made(first, second)
    answer = board.write(pk, {first: WRITTEN, second: OCCUPIES | wrong})
    assert (answer.status_code, f'id="{field}-{second}-error"' in answer.text) == (400, True)
    assert (value_of(answer, f"text:{first}"), value_of(answer, f"explanation:{second}")) == ("同意推荐", "占用一个")
    assert [stage.drafts(one)[-1].text for one in (first, second)] == ["", ""]


def test_one_text_fills_all_that_have_none(stage, board):
    first, second, third = stage.applying(1, 2, 3)
    pk = board.made(first, second, third)
    form = table_of(board.page(pk)) | fields({second: {"text": "另有意见"}})
    board.browser.post(f"/notices/texts/{pk}", form | {"fill": "一致同意推荐", "fill_empty": "1"})
    texts = [stage.drafts(one)[-1].text for one in (first, second, third)]
    assert texts == ["一致同意推荐", "另有意见", "一致同意推荐"]


def test_a_row_that_somebody_wrote_meanwhile_is_refused_with_both(stage, board, reader):
    first, second = stage.applying(1, 2)
    pk = board.made(first, second)
    mine = table_of(board.page(pk)) | fields({first: {"text": "我写的"}, second: {"text": "第二行"}})
    Board(reader("unit2"), stage).write(pk, {first: {"text": "他先写的"}})
    answer = board.browser.post(f"/notices/texts/{pk}", mine)
    assert (answer.status_code, value_of(answer, f"text:{first}")) == (409, "我写的")
    assert "他先写的" in text_of(answer)
    assert [stage.drafts(one)[-1].text for one in (first, second)] == ["他先写的", ""]


def test_saved_again_it_replaces_what_was_there(stage, board, reader):
    (first,) = stage.applying(1)
    pk = board.made(first)
    mine = table_of(board.page(pk)) | fields({first: {"text": "我写的"}})
    Board(reader("unit2"), stage).write(pk, {first: {"text": "他先写的"}})
    again = table_of(board.browser.post(f"/notices/texts/{pk}", mine))
    assert board.browser.post(f"/notices/texts/{pk}", again).status_code == 303
    assert stage.drafts(first)[-1].text == "我写的"


def test_rows_that_nobody_touched_stand_in_nobodys_way(stage, board, reader):
    first, second = stage.applying(1, 2)
    pk = board.made(first, second)
    mine = table_of(board.page(pk)) | fields({second: {"text": "第二行"}})
    Board(reader("unit2"), stage).write(pk, {first: {"text": "他写的"}})
    assert board.browser.post(f"/notices/texts/{pk}", mine).status_code == 303
    assert [stage.drafts(one)[-1].text for one in (first, second)] == ["他写的", "第二行"]


def test_what_was_typed_of_one_that_was_passed_meanwhile_is_shown_once_more(stage, board):
    (first,) = stage.applying(1)
    pk = board.complete(first)
    mine = table_of(board.page(pk)) | fields({first: {"text": "迟到的改动"}})
    board.passes(pk)
    answer = board.browser.post(f"/notices/texts/{pk}", mine)
    assert (answer.status_code, "迟到的改动" in text_of(answer)) == (409, True)
    assert stage.drafts(first)[-1].text == "同意推荐"


def test_nobody_writes_his_own_row(stage, board, make, sign_in):
    own, other = stage.applying(1, 2)
    pk = board.made(own, other)
    make.account("renyuan", "unit_administrator", stage.unit, holder=id_number(1))
    himself = Board(sign_in("renyuan"), stage)
    assert f"text:{own}" not in table_of(himself.page(pk))
    himself.write(pk, {own: WRITTEN | {"text": "我最好"}})
    himself.browser.post(f"/notices/texts/{pk}", fields({own: {"text": "我最好", "seen": "0.x"}}))
    assert stage.drafts(own)[-1].text == ""


def test_an_account_that_says_not_whose_it_is_writes_nothing(stage, board, make):
    pk = board.made(*stage.applying(1))
    nobody = {"id_number_index": None, "id_number_sealed": None, "id_number_masked": None, "id_number_tail": None}
    columns = {name: value for name, value in nobody.items() if name in Account.__table__.c}
    change(make, sa.update(Account).where(Account.username == "unit").values(**columns))
    assert (board.write(pk, {}).status_code, table_of(board.page(pk))) == (403, {})


def test_page_and_saving_cost_the_same_for_two_and_for_twenty(app, stage, board):
    costs = []
    for people in (range(1, 3), range(3, 23)):
        ids = stage.applying(*people)
        pk = board.made(*ids)
        board.prove(pk)
        with recorded(app) as reading:
            form = table_of(board.page(pk)) | fields(dict.fromkeys(ids, WRITTEN))
        with recorded(app) as saving:
            assert board.browser.post(f"/notices/texts/{pk}", form).status_code == 303
        costs.append((len(reading), len(saving)))
    assert costs[0] == costs[1] <= (12, 12)


def test_a_new_notice_costs_the_same_for_two_and_for_twenty(app, stage, board):
    costs = []
    for people in (range(1, 3), range(3, 23)):
        ids = stage.applying(*people)
        with recorded(app) as statements:
            board.made(*ids)
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 12


# ---- passing ---------------------------------------------------------------------------------------------------------


def test_twenty_are_selected_proved_once_completed_and_passed_in_one_batch(app, stage, board, reader):
    ids = stage.applying(*range(1, 21))
    pk = board.made(*ids)
    board.prove(pk)
    board.write(pk, dict.fromkeys(ids, WRITTEN))
    board.browser.post(f"/notices/object/{pk}", {"by": "李某", "about": str(ids[0]), "text": "论文署名有疑问"})
    answer = board.passes(pk)
    assert "已通过 20 条" in text_of(answer)
    assert {stage.stands(one) for one in ids} == {("pending", "department")}
    assert {said.notice_id for one in ids for said in stage.drafts(one)} == {pk}
    department = reader("department")
    objected, other = (text_of(department.get(f"/applications/show/{one}")) for one in ids[:2])
    assert ("论文署名有疑问" in objected, "论文署名有疑问" in other) == (True, False)


def test_the_page_offers_only_what_is_complete(stage, board):
    first, second = stage.applying(1, 2)
    pk = board.made(first, second)
    board.prove(pk)
    board.write(pk, {first: WRITTEN})
    tokens = re.findall(r'form="pass" name="rowid" value="([^"]+)"', board.page(pk).text)
    assert tokens == [f"{first}:1"]


@pytest.mark.parametrize(
    ("days", "named"),
    [
        ({"ends_on": "2026-11-19"}, "个工作日"),
        ({"begins_on": "2026-11-23", "ends_on": "2099-12-31"}, "公示"),
    ],
    ids=["four working days", "running"],
)
def test_a_notice_that_does_not_count_passes_nobody(stage, board, days, named):
    (first,) = stage.applying(1)
    pk = board.made(first, **days)
    board.prove(pk)
    board.write(pk, {first: WRITTEN})
    assert 'form="pass" name="rowid"' not in board.page(pk).text
    answer = board.browser.post("/applications/decide", one(stage.make, first))
    assert (answer.status_code, named in text_of(answer)) == (409, True)
    assert stage.stands(first) == ("pending", "unit")


def test_the_result_leads_back_to_the_notice(stage, board):
    pk = board.complete(*stage.applying(1))
    assert f'href="/notices/show/{pk}"' in board.passes(pk).text


def test_without_script_the_desks_own_page_asks_for_the_opinion(stage, board):
    (first,) = stage.applying(1)
    pk = board.complete(first)
    form = {"rowid": f"{first}:1", "verdict": "pass", "query": f"notice={pk}"}
    page = board.browser.post("/applications/decide", form)
    assert (page.status_code, "将审核：1 条" in text_of(page)) == (200, True)
    assert f'href="/notices/show/{pk}"' in page.text


def test_its_page_tells_where_each_is_now(stage, board):
    first, second = stage.applying(1, 2)
    pk = board.complete(first, second)
    board.browser.post("/applications/decide", one(stage.make, first))
    page = board.page(pk)
    assert ("主管部门" in lacks(page, first), state(page)) == (True, "已完成")


# ---- objections ------------------------------------------------------------------------------------------------------


@pytest.fixture
def passed(stage, board) -> tuple[int, int]:
    """A notice with which somebody was passed, and his application."""
    (first,) = stage.applying(1)
    pk = board.complete(first)
    board.passes(pk)
    return pk, first


def object_to(board, pk: int, **changes: str):
    return board.browser.post(f"/notices/object/{pk}", {"by": "李某", "about": "", "text": "对业绩有异议", **changes})


def test_one_that_comes_after_the_pass_is_read_by_the_next_node_too(stage, board, reader, passed):
    pk, first = passed
    department = reader("department")
    assert object_to(board, pk).status_code == 303
    assert "对业绩有异议 —— 尚未处理" in text_of(department.get(f"/applications/show/{first}"))


def test_what_became_of_it_follows_later_and_is_read_with_it(stage, board, reader, passed):
    pk, first = passed
    object_to(board, pk)
    assert board.browser.post(f"/notices/outcome/{pk}", {"of": "0", "outcome": "经核实不属实"}).status_code == 303
    told = text_of(reader("department").get(f"/applications/show/{first}"))
    assert "对业绩有异议 —— 经核实不属实（unit 的持有人 20" in told  # and when


def test_it_is_only_added_to_with_the_time_and_who_entered_it(stage, board, passed):
    pk, _first = passed
    object_to(board, pk, outcome="已受理")
    before = board.notice(pk).objections
    object_to(board, pk, by="王某")
    after = board.notice(pk).objections
    assert (after[: len(before)], len(after)) == (before, 2)
    assert [(one["entered_by"], one["at"][:4]) for one in after] == [("unit 的持有人", "2026")] * 2
    assert len(audited(stage.make, "objection")) == 2


def test_nobody_enters_or_answers_an_objection_to_his_own_application(stage, board, make, sign_in):
    own, other = stage.applying(1, 2)
    pk = board.made(own, other)
    object_to(board, pk, about=str(own))
    make.account("renyuan", "unit_administrator", stage.unit, holder=id_number(1))
    himself = Board(sign_in("renyuan"), stage)
    before = board.notice(pk).objections
    assert object_to(himself, pk, about=str(own)).status_code == 403
    answer = {"of": "0", "outcome": "查无此事"}
    assert himself.browser.post(f"/notices/outcome/{pk}", answer).status_code == 403
    assert "登记处理结果" not in text_of(himself.page(pk))
    assert board.notice(pk).objections == before
    assert object_to(himself, pk, about=str(other)).status_code == 303


def test_whom_an_objection_concerns_stays_in_the_notice(stage, board):
    first, second = stage.applying(1, 2)
    pk = board.made(first, second)
    object_to(board, pk, about=str(first))
    assert board.post("remove", pk, application=str(first)).status_code == 409
    assert board.post("remove", pk, application=str(second)).status_code == 303
    assert board.drafts_in(first, second) == [pk, None]


def test_an_objection_is_read_after_another_notice_too(stage, board, reader, passed):
    pk, first = passed
    object_to(board, pk, about=str(first))
    department = reader("department")
    department.post("/applications/decide", one(stage.make, first, "send_back", "请重新公示"))
    board.post("remove", pk, application=str(first))
    following = board.made(first, rowid=[f"{first}:{len(stage.steps(first))}"], move="1")
    board.prove(following)
    board.passes(following)
    assert stage.stands(first)[1] == "department"
    assert "对业绩有异议" in text_of(department.get(f"/applications/show/{first}"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"by": ""}, "by"), ({"text": ""}, "text"), ({"text": "异" * 2001}, "text"), ({"about": "999999"}, "about")],
    ids=["nobody", "no text", "too long", "somebody else"],
)
def test_what_is_wrong_with_one_comes_back_beside_its_field(stage, board, changes, field):
    pk = board.made(*stage.applying(1))
    answer = object_to(board, pk, **({"outcome": "已受理"} | changes))
    assert (answer.status_code, f'id="obj-{field}-error"' in answer.text) == (400, True)
    assert value_of(answer, "outcome") == "已受理" or "已受理" in answer.text
    assert board.notice(pk).objections == []


def test_the_list_tells_how_many_have_no_outcome_yet(stage, board):
    pk = board.made(*stage.applying(1))
    object_to(board, pk)
    object_to(board, pk, outcome="已答复")
    assert "2 条，待处理 1 条" in text_of(board.browser.get("/notices/list/"))
