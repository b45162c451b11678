"""A notice is begun from the list of what waits (B20): what comes into it, what is left out, what is said."""

import io
import re

import pytest
import sqlalchemy as sa

from app.applications.models import Notice
from app.attachments import Attachment
from tests.applications.nodes.stage import one, open_plan_line, unit_passes
from tests.applications.notices.board import JSON, NEW, OVER, Board, chosen, state
from tests.archive.factories import png
from tests.browsing import links, text_of, value_of
from tests.factories import audited, id_number
from tests.statements import recorded

LATER = {"plan": "P2"}
CLOSING = {"closes_on": "2026-12-31"}


def notices(make) -> int:
    return make.read(sa.select(sa.func.count()).select_from(Notice))[0][0]


def test_the_list_of_what_waits_offers_it(stage, board):
    stage.applying(1)
    page = board.browser.get("/applications/list/")
    assert f'formaction="{NEW}">发起公示</button>' in page.text


@pytest.mark.parametrize(("who", "status"), [("clerk", "pending"), ("unit", "all"), ("department", "pending")])
def test_it_is_offered_to_nobody_else_and_on_no_other_tab(stage, reader, who, status):
    stage.applying(1)
    stage.taken(unit_passes())
    stage.applying(2)
    assert NEW not in reader(who).get(f"/applications/list/?status={status}").text


def test_without_days_yet_the_page_asks_for_them_and_nothing_is_made(stage, board):
    ids = stage.applying(1, 2)
    page = board.browser.post(NEW, {"rowid": [f"{pk}:1" for pk in ids]})
    assert (page.status_code, chosen(page)) == (200, [f"{pk}:1" for pk in ids])
    assert [name in text_of(page) for name in ("人员1", "人员2")] == [True, True]
    assert notices(stage.make) == 0


def test_the_proposed_days_are_the_shortest_notice_that_can_begin_now(stage, board):
    (pk,) = stage.applying(1)
    page = board.browser.post(NEW, {"rowid": f"{pk}:1"})
    assert value_of(page, "begins_on") <= value_of(page, "ends_on")
    assert "5 个工作日" in text_of(page)


def test_all_that_match_are_chosen_at_once(stage, board):
    stage.taken(open_plan_line("P2"))
    stage.applying(1)
    others = stage.applying(2, 3, **LATER)
    plan = re.search(r'<option value="(\d+)">P2', board.browser.get("/applications/list/").text)[1]
    form = {"all": "1", "query": f"plan={plan}", "seen_at": "2099-01-01T00:00:00+00:00"}
    page = board.browser.post(NEW, form)
    assert chosen(page) == [f"{pk}:1" for pk in others]


def test_a_notice_is_saved_with_its_days_and_people_and_audited(stage, board):
    ids = stage.applying(1, 2)
    pk = board.made(*ids, place="校务公开栏", contact="人事处 87556301")
    kept = board.notice(pk)
    assert (kept.shared, kept.working_days, kept.basis, kept.place) == (True, 5, "published", "校务公开栏")
    assert board.drafts_in(*ids) == [pk, pk]
    (entry,) = audited(stage.make, "create_notice")
    assert (entry.subject, entry.detail["people"]) == (f"notice {pk}", 2)


def test_what_was_written_of_an_application_stays_with_it(stage, board):
    (pk,) = stage.applying(1)
    board.browser.post(f"/applications/recommend/{pk}", {"steps": "0", "text": "早已写好"})
    board.made(pk)
    assert [said.text for said in stage.drafts(pk)] == ["早已写好"]


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"begins_on": ""}, "begins_on"),
        ({"ends_on": "20日"}, "ends_on"),
        ({"begins_on": "2026-11-20", "ends_on": "2026-11-16"}, "ends_on"),
        ({"place": "处" * 201}, "place"),
    ],
    ids=["no day", "no date", "reversed", "too long"],
)
def test_what_is_wrong_comes_back_beside_its_field_with_what_was_typed(stage, board, days, field):
    (pk,) = stage.applying(1)
    answer = board.begin(pk, contact="李老师", **days)
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (400, True)
    assert (value_of(answer, "contact"), chosen(answer)) == ("李老师", [f"{pk}:1"])
    assert notices(stage.make) == 0


def test_one_that_is_too_short_is_told_when_it_could_end(stage, board):
    (pk,) = stage.applying(1)
    page = board.page(board.made(pk, ends_on="2026-11-19"))
    assert state(page) == "工作日不足"
    assert "最早公示至 2026-11-20" in text_of(page)


@pytest.mark.parametrize(
    ("begins", "ends", "days"),
    [("2026-09-28", "2026-10-08", 4), ("2026-10-08", "2026-10-12", 4), ("2026-10-08", "2026-10-13", 5)],
    ids=["across the October holiday", "with a make-up Saturday", "the same, a day longer"],
)
def test_working_days_are_those_of_the_state_council(stage, board, begins, ends, days):
    (pk,) = stage.applying(1)
    answer = board.browser.get("/notices/days", query_string={"begins_on": begins, "ends_on": ends})
    notice = board.made(pk, begins_on=begins, ends_on=ends)
    assert (board.notice(notice).working_days, answer.get_json()["text"][:6]) == (days, f"{days} 个工作日"[:6])


def test_the_script_is_told_the_earliest_last_day_also_for_days_that_are_reversed(board):
    days = {"begins_on": "2026-09-28", "ends_on": "2026-09-01"}
    answer = board.browser.get("/notices/days", query_string=days).get_json()
    assert answer == {"text": "", "short": None, "earliest": "2026-10-09"}


def test_a_last_day_before_the_first_is_told_which_would_do(stage, board):
    answer = board.begin(*stage.applying(1), begins_on="2026-09-28", ends_on="2026-09-01")
    assert (answer.status_code, "最早公示至 2026-10-09" in text_of(answer)) == (400, True)


def test_loaded_again_it_leads_to_the_list_and_says_so(stage, board):
    (pk,) = stage.applying(1)
    asked = board.browser.post(NEW, {"rowid": f"{pk}:1", "query": "q=人员1"})
    assert f'name="next" value="{NEW}?q=' in asked.text  # of the language switch
    answer = board.browser.get(f"{NEW}?q=人员1", follow_redirects=True)
    assert "请重新选择申报" in text_of(answer)
    assert answer.request.path == "/applications/list/"
    assert value_of(answer, "q") == "人员1"


# ---- who is left out -------------------------------------------------------------------------------------------------


def test_the_actors_own_application_is_left_out_and_said_so(stage, reader, make, sign_in):
    own, other = stage.applying(1, 2)
    make.account("renyuan", "unit_administrator", stage.unit, holder=id_number(1))
    board = Board(sign_in("renyuan"), stage)
    page = board.browser.post(NEW, {"rowid": [f"{own}:1", f"{other}:1"]})
    assert chosen(page) == [f"{other}:1"]
    assert "本人的申报" in text_of(page)


def test_his_own_is_refused_when_it_is_sent_all_the_same(stage, make, sign_in):
    (own,) = stage.applying(1)
    make.account("renyuan", "unit_administrator", stage.unit, holder=id_number(1))
    assert Board(sign_in("renyuan"), stage).begin(own).status_code == 409
    assert notices(make) == 0


def test_one_that_is_in_another_notice_is_left_out_with_a_way_there(stage, board):
    first, second = stage.applying(1, 2)
    pk = board.made(first)
    page = board.browser.post(NEW, {"rowid": [f"{first}:1", f"{second}:1"]})
    assert chosen(page) == [f"{second}:1"]
    assert links(page, "已在另一公示中，请先在该公示中移出") == [f"/notices/show/{pk}"]


def test_one_that_was_decided_meanwhile_refuses_it_with_nothing_lost(stage, board):
    first, second = stage.applying(1, 2)
    stage.taken(unit_passes())
    answer = board.begin(first, second, contact="李老师")
    assert (answer.status_code, value_of(answer, "contact"), chosen(answer)) == (409, "李老师", [f"{second}:1"])
    assert board.drafts_in(second) == [None]


def test_an_application_of_another_unit_is_not_found(stage, board):
    (theirs,) = stage.applying(5, unit=2)
    assert (board.browser.post(NEW, {"rowid": f"{theirs}:1"}).status_code, board.begin(theirs).status_code) == (
        404,
        404,
    )


# ---- who has one already ---------------------------------------------------------------------------------------------


@pytest.fixture
def with_own(stage, board) -> int:
    """An application with a notice of its own: its days, and a file."""
    (pk,) = stage.applying(1)
    file = {"file": (io.BytesIO(png()), "own.png")}
    steps = board.browser.post(f"/applications/upload/{pk}/proof", file, **JSON).get_json()["steps"]
    board.browser.post(f"/applications/recommend/{pk}", {"steps": str(steps), **OVER})
    return pk


def test_a_notice_of_its_own_is_given_up_only_after_it_is_said(stage, board, with_own):
    before = board.drafts_in(with_own)
    answer = board.begin(with_own)
    assert (answer.status_code, 'id="move-error"' in answer.text) == (400, True)
    assert "已有单独公示" in text_of(answer)
    assert board.drafts_in(with_own) == before


def test_then_it_goes_with_its_files(stage, board, with_own):
    (own,) = board.drafts_in(with_own)
    pk = board.made(with_own, move="1")
    names = [name for (name,) in stage.make.read(sa.select(Attachment.name).where(Attachment.name == "own.png"))]
    assert (board.drafts_in(with_own), board.notice(own), names) == ([pk], None, [])


def test_who_had_seen_the_draft_before_does_not_overwrite_it(stage, board, with_own):
    seen = value_of(board.browser.get(f"/applications/show/{with_own}"), "steps")
    changes = board.notice(board.drafts_in(with_own)[0]).steps
    pk = board.made(with_own, move="1")
    for _again in range(changes):  # as many as the notice before had
        board.post("edit", pk, **OVER)
    assert board.browser.post(f"/applications/recommend/{with_own}", {"steps": seen, "text": "晚了"}).status_code == 409


def test_what_came_back_can_have_a_new_notice_and_the_old_one_keeps_what_was_frozen(stage, board, reader):
    (pk,) = stage.applying(1)
    first = board.complete(pk)
    board.passes(first)
    reader("department").post("/applications/decide", one(stage.make, pk, "send_back", "公示证明不清晰"))
    assert board.begin(pk).status_code == 400
    steps = {"rowid": f"{pk}:{len(stage.steps(pk))}", "move": "1"}
    second = int(board.begin(pk, **steps).location.rpartition("/")[2])
    assert [said.notice_id for said in stage.drafts(pk)] == [first, second]
    assert state(board.page(first)) == "已完成"


# ---- until when ------------------------------------------------------------------------------------------------------


@pytest.fixture
def closing(stage) -> int:
    """An application for a plan that closes with the year."""
    stage.taken(open_plan_line("P2", **CLOSING))
    return stage.applying(1, **LATER)[0]


def test_the_list_of_what_waits_says_the_last_day_to_begin(board, closing):
    assert "最迟须于 2026-12-25 开始公示（P2评审计划）" in text_of(board.browser.get("/applications/list/"))


def test_the_page_that_asks_says_it_and_a_notice_that_begins_later_is_told(board, closing):
    asked = board.browser.post(NEW, {"rowid": f"{closing}:1"})
    late = board.page(board.made(closing, begins_on="2026-12-28", ends_on="2027-01-05"))
    assert "最迟须于 2026-12-25 开始公示" in text_of(asked)
    assert "本公示开始得更晚" in text_of(late)


def test_the_list_says_it_no_more_once_all_have_a_notice(board, closing):
    board.made(closing)
    assert "开始公示" not in text_of(board.browser.get("/applications/list/"))


@pytest.mark.parametrize("who", ["department", "county"])
def test_other_nodes_are_not_told(reader, closing, who):
    assert "开始公示" not in text_of(reader(who).get("/applications/list/"))


@pytest.mark.parametrize("query", ["", "?q=%E4%BA%BA%E5%91%98&plan=1"])
def test_the_list_of_what_waits_costs_at_most_8_statements(app, stage, board, closing, query):
    costs = []
    for more in (range(2, 3), range(3, 8)):
        stage.applying(*more)
        with recorded(app) as statements:
            board.browser.get(f"/applications/list/{query}")
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 8
