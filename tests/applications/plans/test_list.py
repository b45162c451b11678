"""评审计划: which plans a reader sees, in which state, and with which numbers of his own applications."""

from datetime import UTC, date, datetime

import pytest

from app import clock
from app.accounts.roles import ROLES
from app.applications.models import Plan
from app.applications.plans import days_left, state
from tests.applications.factories import plan_line
from tests.applications.plans.rows import apply
from tests.browsing import heads, links, table, tabs, text_of
from tests.factories import id_number, unit_code
from tests.statements import recorded

LIST = "/plans/list/"
pytestmark = pytest.mark.usefixtures("november")


def codes(page) -> list[str]:
    return [row["名称、代码"].split()[-1] for row in table(page)]


# ---- states ----------------------------------------------------------------------------------------------------------


def plan_of(opens_on: str, closes_on: str) -> Plan:
    return Plan(opens_on=date.fromisoformat(opens_on), closes_on=date.fromisoformat(closes_on))


@pytest.mark.parametrize(
    ("opens_on", "closes_on", "expected"),
    [
        ("2026-11-21", "2026-12-31", "upcoming"),
        ("2026-11-20", "2026-12-31", "open"),
        ("2026-06-01", "2026-12-05", "open"),
        ("2026-06-01", "2026-12-04", "closing"),
        ("2026-06-01", "2026-11-20", "closing"),
        ("2026-11-20", "2026-11-20", "closing"),
        ("2026-06-01", "2026-11-19", "closed"),
    ],
)
def test_a_state_begins_and_ends_with_its_days(opens_on, closes_on, expected):
    assert state(plan_of(opens_on, closes_on), date(2026, 11, 20)) == expected


@pytest.mark.parametrize(("closes_on", "left"), [("2026-11-20", 0), ("2026-12-04", 14), ("2026-11-19", -1)])
def test_the_days_that_are_left(closes_on, left):
    assert days_left(plan_of("2026-06-01", closes_on), date(2026, 11, 20)) == left


# The 20th ends in the province when it is 16 o'clock of it by UTC.
@pytest.mark.parametrize(
    ("at", "tab", "said"),
    [
        (datetime(2026, 11, 19, 15, 59, tzinfo=UTC), "upcoming", "未开始 · 1 天后开放"),
        (datetime(2026, 11, 19, 16, 0, tzinfo=UTC), "open", "即将截止 · 今天截止"),
        (datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC), "open", "即将截止 · 今天截止"),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "closed", "已截止"),
    ],
    ids=["before", "first moment", "last moment", "after"],
)
def test_a_plan_changes_its_tab_at_the_provinces_midnight(make, ops, at, tab, said):
    make.taken(plan_line(1, opens_on="2026-11-20", closes_on="2026-11-20"))
    with clock.frozen(at):
        ops.comes_back()
        found = {name: table(ops.get(f"{LIST}?status={name}")) for name in ("open", "upcoming", "closed")}
    assert [name for name, rows in found.items() if rows] == [tab]
    assert found[tab][0]["计划状态"] == said


# ---- the list --------------------------------------------------------------------------------------------------------


def test_a_row_says_what_the_plan_is(make, ops):
    make.taken(plan_line(1, region="350102", closes_on="2026-12-31"))
    assert heads(ops.get(LIST))[:-1] == list(table(ops.get(LIST))[0])
    assert table(ops.get(LIST)) == [
        {
            "名称、代码": "2026年度工程系列副高级职称评审（1） P2026-01",
            "年度": "2026",
            "系列、级别": "工程技术人员 副高级",
            "属地、评委会": "福建省福州市鼓楼区 福建省工程系列高级职称评审委员会",
            "申报时间": "2026-06-01 至 2026-12-31 最迟须于 2026-12-25 开始公示。",
            "计划状态": "开放中 · 还剩 41 天",
            "申报情况": "—",
        }
    ]


@pytest.fixture
def several(make, ops):
    """Plans in every state, one closing soon."""
    windows = {
        1: ("2026-06-01", "2026-12-31"),
        2: ("2026-06-01", "2026-11-25"),
        3: ("2027-06-01", "2027-12-31"),
        4: ("2026-12-01", "2026-12-31"),
        5: ("2025-06-01", "2025-12-31"),
        6: ("2026-06-01", "2026-10-31"),
    }
    for n, (opens_on, closes_on) in windows.items():
        make.taken(plan_line(n, year=int(opens_on[:4]), opens_on=opens_on, closes_on=closes_on))
    return ops


@pytest.mark.parametrize(
    ("status", "expected"), [("open", [2, 1]), ("upcoming", [4, 3]), ("closed", [6, 5]), ("all", [3, 1, 4, 2, 6, 5])]
)
def test_a_tab_has_its_plans_in_its_order(several, status, expected):
    assert codes(several.get(f"{LIST}?status={status}")) == [f"P2026-{n:02d}" for n in expected]


def test_the_tabs_tell_how_many_there_are_the_open_ones_first(several):
    assert list(tabs(several.get(LIST)).items()) == [("开放中", "2"), ("未开始", "2"), ("已截止", "2"), ("全部", "6")]


def test_what_closes_soon_is_among_the_open_ones_in_its_own_colour(several):
    page = several.get(LIST)
    assert [row["计划状态"] for row in table(page)] == ["即将截止 · 还剩 5 天", "开放中 · 还剩 41 天"]
    assert '<span class="pill wait">即将截止' in page.text and '<span class="pill ok">开放中' in page.text


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("（2）", ["P2026-02"]),
        ("p2026-01", ["P2026-01"]),
        ("P2026", ["P2026-02", "P2026-01"]),
        ("ｐ２０２６－０１", ["P2026-01"]),
        ("%", []),
        ("无", []),
    ],
)
def test_a_plan_is_found_by_its_name_or_code(several, q, expected):
    answer = several.post("/plans/search", {"q": q, "query": ""})
    assert codes(several.get(answer.location)) == expected


def test_the_number_of_a_person_never_reaches_an_address(several):
    location = several.post("/plans/search", {"q": id_number(1)}).location
    assert id_number(1) not in location and "q=~" in location
    assert several.get(f"{LIST}?q={id_number(1)}").location == location
    assert codes(several.get(location)) == []


def test_a_search_keeps_the_tab_and_can_be_cleared(several):
    location = several.post("/plans/search", {"q": "工程", "query": "status=closed"}).location
    page = several.get(location)
    assert codes(page) == ["P2026-06", "P2026-05"]
    assert f'href="{LIST}?status=closed"' in page.text


def test_the_list_has_pages_of_25(make, ops):
    for n in range(1, 27):
        make.taken(plan_line(n))
    first, second = (codes(ops.get(f"{LIST}?page={page}")) for page in (1, 2))
    assert (len(first), second) == (25, ["P2026-26"])
    assert ops.get(f"{LIST}?page=3").status_code == 404


@pytest.mark.parametrize("query", ["status=late", "page=0", "page=x"])
def test_what_no_form_asks_for_is_refused(ops, query):
    assert ops.get(f"{LIST}?{query}").status_code == 400


def test_an_empty_list_says_what_would_be_there(make, ops):
    assert "暂无评审计划" in text_of(ops.get(LIST))
    make.taken(plan_line(1))
    assert "暂无该状态的评审计划" in text_of(ops.get(f"{LIST}?status=closed"))
    assert "没有符合条件的记录" in text_of(ops.get(f"{LIST}?q=无"))


# ---- whom a plan concerns --------------------------------------------------------------------------------------------

# 福建省, 福州市, 鼓楼区, 台江区, 厦门市, 思明区
REGIONS = ("350000", "350100", "350102", "350103", "350200", "350203")
SEEN = [
    ("unit_administrator", 1, ["350000", "350100", "350102"]),
    ("unit_clerk", 1, ["350000", "350100", "350102"]),
    ("unit_administrator", 2, ["350000", "350200"]),
    ("unit_administrator", 3, ["350000"]),
    ("department_reviewer", 1, ["350000", "350100", "350102"]),
    ("department_reviewer", 2, ["350000", "350200", "350203"]),
    ("department_reviewer", 3, list(REGIONS)),
    ("hr_reviewer", "350102", ["350000", "350100", "350102"]),
    ("hr_reviewer", "350100", ["350000", "350100", "350102", "350103"]),
    ("hr_reviewer", "350000", list(REGIONS)),
    ("hr_operations", "350200", ["350000", "350200", "350203"]),
    ("auditor", "350103", ["350000", "350100", "350103"]),
    ("system_administrator", "350000", list(REGIONS)),
]


@pytest.fixture
def everywhere(make):
    """A plan of each region, and a unit in 鼓楼区, in 厦门市 and in 福建省; region → plan."""
    for n, region in ((1, "350102"), (2, "350200"), (3, "350000")):
        make.unit(n, region=region, nature="government")
    return {region: make.taken(plan_line(n, region=region, code=region)) for n, region in enumerate(REGIONS, 1)}


@pytest.mark.parametrize(("role", "over", "expected"), SEEN, ids=[f"{role} {over}" for role, over, _ in SEEN])
def test_a_reader_sees_the_plans_of_his_line_of_regions(make, sign_in, everywhere, role, over, expected):
    make.account("reader", role, over if isinstance(over, str) else make.unit_id(unit_code(over)))
    reader = sign_in("reader")
    assert sorted(codes(reader.get(LIST))) == expected
    opened = [region for region, pk in everywhere.items() if reader.get(f"/plans/show/{pk}").status_code == 200]
    assert opened == expected
    assert tabs(reader.get(LIST))["开放中"] == str(len(expected))


def test_a_search_finds_no_plan_that_does_not_concern_the_reader(make, sign_in, everywhere):
    make.account("reader", "unit_administrator", make.unit_id(unit_code(1)))
    reader = sign_in("reader")
    assert codes(reader.get(f"{LIST}?q=P2026")) == []
    assert codes(reader.get(reader.post("/plans/search", {"q": "350203"}).location)) == []


# ---- the reader's own applications -----------------------------------------------------------------------------------


@pytest.fixture
def applications(app, make):
    """Applications of two units of 鼓楼区 under one plan, in every state and at several nodes."""
    make.unit(3, nature="government")
    make.unit(1, competent_department_code=unit_code(3))
    make.unit(2)
    pk = make.taken(plan_line(1))
    here, there = unit_code(1), unit_code(2)
    onwards = {"department": ("unit", "department"), "county": ("unit", "department", "county")}
    apply(app, "P2026-01", 1, here)
    apply(app, "P2026-01", 2, here)
    apply(app, "P2026-01", 3, here, node="department", reached=onwards["department"])
    apply(app, "P2026-01", 4, here, node="county", reached=onwards["county"])
    apply(app, "P2026-01", 5, here, "returned", node="county", reached=onwards["county"])
    apply(app, "P2026-01", 6, here, "terminated")
    apply(app, "P2026-01", 7, here, node="unit", reached=onwards["department"])  # sent back
    apply(app, "P2026-01", 8, there, "passed", "committee", reached=("unit", "county", "city", "province", "committee"))
    apply(app, "P2026-01", 9, there)
    return pk


OWN = [
    ("unit_administrator", 1, {"待审核": 3, "已通过": 2, "已退回": 1, "已终止": 1}),
    ("unit_clerk", 2, {"待审核": 1, "已通过": 1, "已退回": 0, "已终止": 0}),
    ("department_reviewer", 3, {"待审核": 1, "已通过": 1, "已退回": 1, "已终止": 0}),
    ("hr_reviewer", "350102", {"待审核": 1, "已通过": 1, "已退回": 1, "已终止": 0}),
    ("hr_reviewer", "350200", {"待审核": 0, "已通过": 0, "已退回": 0, "已终止": 0}),
    ("auditor", "350102", {"待审核": 6, "已通过": 1, "已退回": 1, "已终止": 1}),
]


@pytest.mark.parametrize(("role", "over", "expected"), OWN, ids=[f"{role} {over}" for role, over, _ in OWN])
def test_the_numbers_are_those_of_the_readers_own_desk(make, sign_in, applications, role, over, expected):
    make.account("reader", role, over if isinstance(over, str) else make.unit_id(unit_code(over)))
    reader = sign_in("reader")
    shown = text_of(reader.get(f"/plans/show/{applications}"))
    assert [name for name, number in expected.items() if f"{name} {number}" not in shown] == []
    (row,) = table(reader.get(LIST))
    head = "本单位申报" if role.startswith("unit") else "申报情况"
    assert row[head] == (" ".join(f"{name} {number}" for name, number in expected.items() if number) or "—")


def test_each_number_leads_to_the_list_of_what_it_counts(make, sign_in, applications):
    make.account("reader", "unit_administrator", make.unit_id(unit_code(1)))
    reader = sign_in("reader")
    page = reader.get(LIST)
    for label, count in (("待审核 3", 3), ("已通过 2", 2), ("已退回 1", 1), ("已终止 1", 1)):
        (address,) = links(page, label)
        assert len(table(reader.get(address))) == count, label


def test_numbers_of_other_plans_are_not_mixed_in(app, make, ops):
    for n in (1, 2):
        make.taken(plan_line(n))
    apply(app, "P2026-02")
    assert [row["申报情况"] for row in table(ops.get(LIST))] == ["—", "待审核 1"]


@pytest.mark.parametrize("role", ROLES)
def test_a_page_costs_at_most_8_statements_however_many_plans(app, make, sign_in, role):
    unit = make.unit(1)
    make.account("reader", role, "350102" if ROLES[role].over == "region" else unit)
    reader = sign_in("reader")
    costs = []
    for n in (1, 2, 3):
        make.taken(plan_line(n))
        apply(app, f"P2026-{n:02d}", n)
        with recorded(app) as statements:
            assert len(table(reader.get(LIST))) == n
        costs.append(len(statements))
    assert costs == [6, 6, 6]


# ---- the page of a plan ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"hr_operations"}))
def test_only_hr_operations_is_offered_to_change_a_plan(make, sign_in, role):
    unit, pk = make.unit(1), make.taken(plan_line(1, region="350102"))
    make.account("reader", role, "350102" if ROLES[role].over == "region" else unit)
    reader = sign_in("reader")
    assert "/plans/add" not in reader.get(LIST).text
    assert [f"/plans/{step}/" in reader.get(f"/plans/show/{pk}").text for step in ("edit", "close", "open")] == [
        False
    ] * 3


def test_the_page_says_what_the_plan_is_in_both_languages(ops, plan):
    shown = text_of(ops.get(f"/plans/show/{plan}"))
    assert [word for word in ("P2026-01", "工程技术人员", "副高级", "福建省", "2026-12-31") if word not in shown] == []
    ops.post("/locale", {"locale": "en"})
    shown = text_of(ops.get(f"/plans/show/{plan}"))
    assert [word for word in ("Engineers", "41 days left", "Close today") if word not in shown] == []


def test_the_last_day_to_begin_a_notice_counts_working_days_back_from_the_closing(make, ops):
    make.taken(plan_line(1, closes_on="2026-11-27"))  # a Friday
    assert "最迟须于 2026-11-23 开始公示" in text_of(ops.get(LIST))


def test_a_plan_that_is_over_names_no_day_to_begin_a_notice(make, ops):
    make.taken(plan_line(1, closes_on="2026-11-19"))
    assert "开始公示" not in text_of(ops.get(f"{LIST}?status=closed"))


def test_a_last_day_to_begin_that_is_past_is_said_to_be_past(make, ops):
    plan = make.taken(plan_line(1, closes_on="2026-11-23"))  # the fifth working day before is the 17th
    for page in (LIST, f"/plans/show/{plan}"):
        said = text_of(ops.get(page))
        assert "最迟开始公示的日期 2026-11-17 已过" in said and "最迟须于" not in said
