"""单位首页: what waits, how the review stands, the news and the plans; each number counted anew from what is stored."""

import itertools
from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings

from app import clock
from app.accounts.roles import ROLES
from app.tenancy import everything
from app.units.models import Unit
from tests.applications.factories import plan_line
from tests.browsing import Browser, links, tabs, text_of
from tests.conftest import PASSWORD
from tests.factories import Make, id_number, registration_line, take, unit_code
from tests.home.factories import told
from tests.home.histories import CHINA, Move, Story, histories, read, replay
from tests.home.reckoning import KINDS, card_links, cards, counted, list_keys, said
from tests.statements import recorded

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=CHINA)
UNIT_ROLES = ("unit_administrator", "stand_in", "unit_clerk")
STATEMENTS = 7  # who asks; the counts, how long, both ends, the ledger's weeks, the news, the plans
HOUR, DAY = 3600, 86_400
PASSES, RETURNS = 0, 1  # what a move chooses of a record that waits at the unit
TAKES_BACK = 0  # and of an item that passed
_numbers = itertools.count(1)


@pytest.fixture
def unit(make):
    return make.unit(9001)


@pytest.fixture
def home(make, unit, sign_in):
    """Opens the page as the unit's administrator, at NOW."""
    make.account("zhang", "unit_administrator", unit)
    zhang = sign_in("zhang")
    return lambda: opened(zhang)


def opened(browser, at=NOW):
    with clock.frozen(at):
        answer = browser.get("/")
    assert answer.status_code == 200
    return answer


def waits(kind="registration", before=3 * DAY, *moves):
    """A record that came so long before NOW, and its moves."""
    return Story(kind, 0, before, 0, moves)


# ---- every number, against what is stored ----------------------------------------------------------------------------

# What must not be left to chance. Of what waits at the unit a move chooses 0 to pass, 1 to return, 2 to terminate, at a
# later node 2 to send back, 3 to terminate, 4 to take the unit's verdict back.
TOLD = [
    Story("application", 0, 60 * DAY, 1, (Move(0, DAY), Move(1, 2 * DAY))),  # returned by the department
    Story("application", 0, 50 * DAY, 1, (Move(0, DAY), Move(2, 3 * DAY))),  # sent back, and waits since
    Story("application", 0, 40 * DAY, 0, (Move(0, DAY), Move(0, DAY))),  # passed to the end of its way
    Story("application", 0, 30 * DAY, 1, (Move(0, DAY), Move(4, DAY))),  # taken back
    Story("application", 0, 20 * DAY, 0, (Move(2, HOUR),)),  # terminated
    Story("application", 0, 10 * DAY, 1, (Move(0, DAY),)),  # waits at the department
    Story("withdrawal", 0, 30 * DAY, 0, (Move(0, DAY), Move(1, DAY))),  # agreed to, and the item came again
    Story("registration", 0, 25 * DAY, 0, (Move(1, DAY), Move(0, 0, snaps=True), Move(0, 7 * DAY, snaps=True))),
    Story("registration", 1, 25 * DAY, 0, (Move(0, DAY),)),  # the other unit's
]


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories=histories())
@example(stories=TOLD)
def test_every_number_is_what_the_ledger_says_of_the_unit_and_of_no_other(app, make, stories):
    n = next(_numbers)
    units = [(make.unit(2 * n), "350102"), (make.unit(2 * n + 1, region="350103"), "350103")]
    make.account(f"reader{n}", "unit_administrator", units[0][0])
    replay(make, stories, units, NOW)
    page = opened(Browser(app).sign_in(f"reader{n}", PASSWORD))
    assert asdict(said(page)) == asdict(counted(read(make), units[0][0], NOW))


@pytest.mark.parametrize(("account", "number"), [("unit.public", 0), ("unit.company", 1)])
def test_every_number_of_the_demo_is_what_its_ledger_says(demo_app, demo_sign_in, account, number):
    make = Make(demo_app, PASSWORD)
    names = ("鼓楼区实验小学", "福州榕信软件有限公司")
    ((unit,),) = make.read(sa.select(Unit.id).where(Unit.name == names[number]))
    reader, now = demo_sign_in(account), clock.now()
    found = said(opened(reader, now))
    assert asdict(found) == asdict(counted(read(make), unit, now))
    assert all(found.waiting) and found.by_week and found.waits


@pytest.mark.parametrize("role", UNIT_ROLES)
def test_a_card_has_the_number_of_the_tab_that_it_leads_to(make, unit, sign_in, role):
    replay(make, [waits(kind, 9 * DAY, *moves) for kind in KINDS for moves in MOVED], [(unit, "350102")], NOW)
    make.account("reader", role, unit)
    reader = sign_in("reader")
    page = opened(reader)
    led = {kind: tabs(reader.get(url))["待审核"] for kind, url in card_links(page).items()}
    assert [*led.values()] == [str(number) for _label, number, _text in cards(page)]
    assert [*led] == [*KINDS] and min(map(int, led.values())) > 0


MOVED = [(), (Move(PASSES, DAY),), (Move(RETURNS, DAY),), (Move(RETURNS, DAY), Move(0, DAY))]


# ---- weeks and waits -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "week"),
    [
        (datetime(2026, 11, 15, 23, 59, 59, tzinfo=CHINA), "11-09"),
        (datetime(2026, 11, 16, 0, 0, tzinfo=CHINA), "11-16"),  # still Sunday in UTC
        (datetime(2026, 8, 31, 0, 0, tzinfo=CHINA), "08-31"),
    ],
)
def test_a_week_begins_on_monday_by_the_provinces_clock(make, unit, home, decided, week):
    replay(make, [decided_at(decided)], [(unit, "350102")], NOW)
    assert [row for row in said(home()).by_week if row[1] != "0"] == [[week, "1", "0", "0"]]


def test_what_was_decided_before_the_twelve_weeks_is_in_none(make, unit, home):
    replay(make, [decided_at(datetime(2026, 8, 30, 23, 59, 59, tzinfo=CHINA))], [(unit, "350102")], NOW)
    page = home()
    assert said(page).by_week is None
    assert "近 12 周没有审核记录。" in text_of(page)
    assert "近 12 周没有审核记录，也没有待审核的事项。" in text_of(page)


def decided_at(at):
    """A registration that was passed then, an hour after it came."""
    before = int((NOW - at).total_seconds()) + HOUR
    return Story("registration", 0, before, 0, (Move(PASSES, HOUR),))


@pytest.mark.parametrize(
    ("waited", "median", "longest"),
    [([2], "2.0", "2.0"), ([1, 2, 9], "2.0", "9.0"), ([9, 1, 2, 5], "3.5", "9.0"), ([3, 3], "3.0", "3.0")],
)
def test_the_median_lies_in_the_middle_or_between_the_two_middle_ones(make, unit, home, waited, median, longest):
    stories = [waits("registration", 30 * DAY, Move(PASSES, days * DAY)) for days in waited]
    replay(make, stories, [(unit, "350102")], NOW)
    assert said(home()).waits[0] == ["人员注册", str(len(waited)), median, longest, "0", "—"]


def test_a_verdict_that_was_taken_back_counts_no_more_and_its_record_waits_as_before(make, unit, home):
    replay(make, [waits("archive_item", 8 * DAY, Move(PASSES, DAY), Move(TAKES_BACK, DAY))], [(unit, "350102")], NOW)
    page = said(home())
    assert page.by_week is None
    assert page.waits[1] == ["业绩档案", "0", "—", "—", "1", "8.0"]


# ---- what waits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (HOUR, "均为今天提交"),
        (3 * DAY, "最早的已等 3 天"),
        (5 * DAY, "最早的已等 5 天 · 较久"),
        (10 * DAY, "最早的已等 10 天 · 过久"),
    ],
)
def test_a_card_says_how_long_the_oldest_waits_and_in_words_when_that_is_long(make, unit, home, before, text):
    replay(make, [waits(before=before), waits(before=HOUR)], [(unit, "350102")], NOW)
    assert cards(home())[0] == ("人员注册", 2, text)


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (30, "计划截止 2026-12-20 · 还剩 30 天"),
        (9, "计划截止 2026-11-29 · 仅剩 9 天"),
        (2, "计划截止 2026-11-22 · 紧急，剩 2 天"),
        (0, "计划截止 2026-11-20 · 今天截止"),
        (-1, "最早的已等 3 天"),
    ],
)
def test_applications_are_as_urgent_as_the_plan_that_closes_next(make, unit, home, left, text):
    on = NOW.date() + timedelta(days=left)
    for closes_on in (on, on + timedelta(days=90)) if left >= 0 else (on,):
        replay(make, [waits("application")], [(unit, "350102")], NOW, closes_on=closes_on)
    assert cards(home())[3][2] == text


def test_a_kind_of_which_nothing_waits_says_so_calmly(make, unit, home):
    replay(make, [waits("registration", 9 * DAY, Move(PASSES, DAY))], [(unit, "350102")], NOW)
    page = home()
    assert cards(page) == [(label, 0, "暂无待审核") for label in KINDS.values()]
    assert "没有待审核的记录。" in text_of(page)


def test_up_to_five_that_wait_are_one_table(make, unit, home):
    replay(make, [waits(before=n * DAY) for n in range(1, 6)], [(unit, "350102")], NOW)
    assert list_keys(home()) == ["pending-title"]


def test_more_than_five_are_shown_from_both_ends(make, unit, home):
    replay(make, [waits(before=n * DAY) for n in range(1, 7)], [(unit, "350102")], NOW)
    page = home()
    assert list_keys(page) == ["newest-title", "oldest-title"]
    assert [len(said(page).newest), len(said(page).oldest)] == [5, 5]


def test_a_row_leads_to_its_record_at_its_own_desk(make, unit, sign_in):
    replay(make, [waits(kind, (n + 1) * DAY) for n, kind in enumerate(KINDS)], [(unit, "350102")], NOW)
    make.account("zhang", "unit_administrator", unit)
    zhang = sign_in("zhang")
    found = links(opened(zhang), "审核")
    assert [url.split("/")[1] for url in found] == ["registrations", "archive", "withdrawals", "applications"]
    assert [zhang.get(url).status_code for url in found] == [200] * 4


def test_who_decides_nothing_is_led_to_look(make, unit, sign_in):
    replay(make, [waits()], [(unit, "350102")], NOW)
    make.account("clerk", "unit_clerk", unit)
    page = opened(sign_in("clerk"))
    assert (len(links(page, "查看")), links(page, "审核")) == (1, [])


def test_the_readers_own_record_counts_and_is_left_to_others(app, make, unit, sign_in):
    take(app, registration_line(1, unit=unit_code(9001)))
    make.account("zhang", "unit_administrator", unit, holder=id_number(1))
    page = opened(sign_in("zhang"))
    assert cards(page)[0][1] == 1
    assert (len(links(page, "查看")), links(page, "审核")) == (1, [])


# ---- news and plans --------------------------------------------------------------------------------------------------


def test_the_newest_five_news_that_reach_the_unit_are_there(make, home):
    for n, region in enumerate(("350000", "350100", "350102", "350103", "350000", "350102", "350100"), start=1):
        told(make, n, region)
    told(make, 8, "350000", state="draft")
    told(make, 9, "350000", state="withdrawn")
    page = home()
    titles = [f"通知{n}" for n in range(1, 10)]
    assert [title for title in titles if links(page, title)] == ["通知2", "通知3", "通知5", "通知6", "通知7"]
    assert [text_of(page).index(title) for title in ("通知7", "通知6", "通知5", "通知3", "通知2")] == sorted(
        text_of(page).index(f"通知{n}") for n in (7, 6, 5, 3, 2)
    )


def test_the_plans_that_are_near_come_with_their_days_those_that_close_next_first(app, home):
    windows = {"已截止": ("06-01", "11-19"), "快截止": ("06-01", "11-25"), "未开放": ("12-01", "12-30")}
    windows |= {"开放": ("11-20", "12-31")}
    for n, (name, (opens, closes)) in enumerate(windows.items(), start=1):
        window = {"opens_on": f"2026-{opens}", "closes_on": f"2026-{closes}"}
        take(app, plan_line(n, name=name, region="350102", **window))
    take(app, plan_line(5, name="邻区", region="350103"))
    page = home()
    names = [name for name in ("快截止", "开放", "未开放", "已截止", "邻区") if links(page, name)]
    assert names == ["快截止", "开放", "未开放"]
    assert "快截止 即将截止 · 还剩 5 天 2026-06-01 至 2026-11-25" in text_of(page)
    assert "未开放 未开始 · 11 天后开放 2026-12-01 至 2026-12-30" in text_of(page)


# ---- the page --------------------------------------------------------------------------------------------------------


def test_a_unit_to_which_nothing_ever_came_reads_what_will_appear(home):
    page = home()
    assert "还没有收到任何材料" in text_of(page)
    assert said(page).waiting == [0] * 4
    assert "echarts" not in page.text


def test_it_stands_first_in_the_menu_and_nothing_else_is_marked_there(home):
    menu = links(home(), "单位首页")
    assert menu == ["/"]
    assert home().text.count('aria-current="page"') == 1


def test_on_another_page_the_first_line_of_the_menu_is_not_marked(make, unit, sign_in):
    make.account("zhang", "unit_administrator", unit)
    assert '<a href="/" aria-current' not in sign_in("zhang").get("/people/list/").text


@pytest.mark.parametrize("role", [role for role in ROLES if role not in UNIT_ROLES])
def test_other_roles_have_no_unit_home(make, unit, sign_in, role):
    make.account("reader", role, {"region": "350102"}.get(ROLES[role].over, unit))
    reader = sign_in("reader")
    assert "单位首页" not in text_of(reader.get("/")) + text_of(reader.get("/people/list/"))


def test_a_stranger_sees_the_public_page(app, make, unit):
    replay(make, [waits()], [(unit, "350102")], NOW)
    page = text_of(Browser(app).get("/"))
    assert "单位首页" not in page and "待审核信息" not in page


def test_the_page_costs_the_same_statements_however_many_rows(app, make, unit, home):
    costs = []
    for stories in ([], [waits()], [waits(kind, 20 * DAY, *moves) for kind in KINDS for moves in MOVED * 15]):
        replay(make, stories, [(unit, "350102")], NOW)
        with recorded(app) as statements:
            home()
        costs.append(len(statements))
    assert costs == [STATEMENTS] * 3


def test_what_waits_and_the_weeks_are_read_by_their_indexes(app, make, unit, engine, home):
    if engine.name != "sqlite":
        pytest.skip("PostgreSQL plans by size; SQLite by shape, so that a test can see it")
    replay(make, [waits(), waits("registration", 9 * DAY, Move(PASSES, DAY))], [(unit, "350102")], NOW)
    with recorded(app) as statements:
        home()
    plans = {name: plan_of(app, next(one for one in statements if mark in one)) for name, mark in ASKED.items()}
    assert "USING COVERING INDEX ix_submission_unit_waiting" in plans["how long"]
    assert plans["both ends"].count("USING COVERING INDEX ix_submission_unit_waiting (unit_id=?)") == 2
    assert "USING COVERING INDEX ix_decision_unit_node_at (unit_id=? AND node=? AND at>?)" in plans["weeks"]
    assert [line for plan in plans.values() for line in plan.split("\n") if line.startswith("SCAN decision")] == []


ASKED = {"how long": "min(submission.due_on)", "both ends": "UNION", "weeks": "row_number()"}


def plan_of(app, statement):
    """SQLite's plan of a statement, a line for each step; it does not look at the values."""
    marked = {"tenancy_scoped": "a test looks at a plan"}
    values = (None,) * statement.count("?")
    with app.app_context(), everything("tests") as session:
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values, execution_options=marked)
        return "\n".join(row[-1] for row in rows)
