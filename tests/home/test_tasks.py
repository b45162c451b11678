"""任务中心: everything that waits in one list, its queue through all kinds, what has been handled."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings

from app import clock
from app.accounts.models import Account, Grant
from app.review.models import Submission
from app.units.models import Unit
from app.units.regions import region_bounds
from tests.applications.nodes.conftest import reader, stage  # noqa: F401 — the fixtures of applications
from tests.applications.nodes.stage import COUNTY, Stage, application_line, one, unit_passes, verdict
from tests.archive.factories import item_line
from tests.browsing import Browser, csv_rows, links, rowids, saved_as, table, tabs, text_of, value_of
from tests.conftest import PASSWORD
from tests.factories import Make, id_number, ledger, registration_line, take, unit_code
from tests.home.histories import CHINA, Stored, histories, read, replay
from tests.staff.records import request_line
from tests.statements import recorded

LIST = "/tasks/list/"
LISTS = {
    "registration": "/registrations/list/",
    "archive_item": "/archive/all/list/",
    "withdrawal": "/withdrawals/list/",
    "application": "/applications/list/",
}
Reader = Callable[[str], Browser]


@pytest.fixture
def waiting(stage: Stage) -> dict[str, int]:  # noqa: F811
    """A record of each kind that waits at the unit, in the order of their submission."""
    stage.staff(1)
    lines = (
        registration_line(5, unit_code(1), submitted_at="2026-11-03T09:00:00+08:00"),
        item_line("social_position", 50, id_number=id_number(1), ref="A50", submitted_at="2026-11-04T09:00:00+08:00"),
        request_line("W1", "A1"),
        application_line(1, ["A1"]),
    )
    return dict(zip(("registration", "archive_item", "withdrawal", "application"), stage.taken(*lines), strict=True))


def opened(browser: Browser, address: str) -> tuple[str, str]:
    """The address and the text of the page to which an address leads."""
    answer = browser.get(address, follow_redirects=True)
    assert answer.status_code == 200
    return answer.request.path, text_of(answer)


# ---- the list --------------------------------------------------------------------------------------------------------


def test_all_kinds_wait_in_one_list_the_oldest_first(waiting, reader):  # noqa: F811
    rows = table(reader("unit").get(LIST))
    assert [row["事项"] for row in rows] == [
        "人员注册",
        "学术兼职 · 甲 <b>&",
        "撤回申请 · 甲 <b>&",
        "职称申报 · 高级教师",
    ]


@pytest.mark.parametrize("who", ["unit", "clerk", "department", "county"])
def test_its_numbers_are_those_of_the_lists_of_all_kinds(stage, waiting, reader, who):  # noqa: F811
    stage.applying(11, 12, 13)
    stage.taken(unit_passes(1, of="T11"), unit_passes(2, of="T12"), verdict(3, of="T12", day=12))
    browser = reader(who)
    kinds = list(LISTS) if who in ("unit", "clerk") else ["application"]
    own = [tabs(browser.get(LISTS[kind])) for kind in kinds]
    told = tabs(browser.get(LIST))
    assert told["待处理"] == str(sum(int(one["待审核"]) for one in own))
    everything = sum(int(one["全部"]) for one in own)
    assert int(told["待处理"]) + int(told["已处理"]) == everything


def test_what_is_due_stands_beside_it(waiting, reader):  # noqa: F811
    *others, application = table(reader("unit").get(LIST))
    assert {row["计划截止"] for row in others} == {"—"}
    assert application["计划截止"].startswith("2099-12-31")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=withdrawal", ["W1"]),
        ("type=social_position", ["A50"]),
        ("from=2026-11-04&to=2026-11-07", ["A50", "W1"]),
        ("q=%23T1", ["T1"]),
        ("q=人员5", ["R5"]),
    ],
)
def test_it_is_filtered_and_searched(waiting, reader, query, found):  # noqa: F811
    exported = csv_rows(reader("unit").get(f"/tasks/export.csv?{query}"))
    assert [row[0] for row in exported[1:]] == found


def test_a_whole_number_finds_all_of_a_person_and_stays_out_of_the_address(waiting, reader):  # noqa: F811
    answer = reader("unit").post("/tasks/search", {"q": id_number(1)}, follow_redirects=True)
    assert len(table(answer)) == 3
    assert id_number(1) not in answer.request.url


def test_what_is_no_choice_is_said_beside_its_field(waiting, reader):  # noqa: F811
    answer = reader("unit").get(f"{LIST}?kind=everything")
    assert (answer.status_code, "不在可选范围内" in text_of(answer)) == (400, True)


def test_a_department_has_only_what_comes_to_it(stage, waiting, reader):  # noqa: F811
    stage.taken(unit_passes(1))
    answer = reader("department").get(LIST)
    assert [row["事项"] for row in table(answer)] == ["职称申报 · 高级教师"]
    assert 'name="type"' not in answer.text


def test_who_decides_nothing_reads_it_without_boxes(waiting, reader):  # noqa: F811
    answer = reader("clerk").get(LIST)
    assert (len(table(answer)), rowids(answer), "批量审核" in text_of(answer)) == (4, [], False)


def test_the_export_holds_what_the_list_shows(waiting, reader):  # noqa: F811
    answer = reader("unit").get("/tasks/export.csv")
    head, *rows = csv_rows(answer)
    assert head == [
        "编号",
        "单位",
        "姓名",
        "事项类别",
        "项目类型",
        "名称",
        "计划截止",
        "提交时间",
        "审核时间",
        "审核节点",
        "审核状态",
    ]
    assert [row[0] for row in rows] == ["R5", "A50", "W1", "T1"]
    assert saved_as(answer).startswith("任务中心-")


# ---- the queue -------------------------------------------------------------------------------------------------------


def test_a_record_opens_at_the_desk_of_its_kind_in_the_queue_of_all_kinds(waiting, reader):  # noqa: F811
    browser = reader("unit")
    address, text = opened(browser, links(browser.get(LIST), "审核")[1])
    assert address == f"/archive/all/show/{waiting['archive_item']}"
    assert "第 2 / 4 条" in text


def test_its_own_address_leads_there_too(waiting, reader):  # noqa: F811
    address, text = opened(reader("unit"), f"/tasks/show/{waiting['withdrawal']}?kind=withdrawal")
    assert address == f"/withdrawals/show/{waiting['withdrawal']}"
    assert "第 1 / 1 条" in text


def test_after_a_verdict_the_next_of_whatever_kind_opens_and_at_the_end_the_list(waiting, reader, stage):  # noqa: F811
    browser = reader("unit")
    kept = {"query": "list=tasks"}
    walked = []
    for kind, base in (
        ("registration", "/registrations"),
        ("archive_item", "/archive/all"),
        ("withdrawal", "/withdrawals"),
    ):
        sent = one(stage.make, waiting[kind], "return", "请补充") | kept
        walked.append(browser.post(f"{base}/decide", sent, follow_redirects=True).request.path)
    sent = one(stage.make, waiting["application"], "terminate", "不符合条件") | kept | {"confirm_name": "人员1"}
    walked.append(browser.post("/applications/decide", sent, follow_redirects=True).request.path)
    assert walked == [
        f"/archive/all/show/{waiting['archive_item']}",
        f"/withdrawals/show/{waiting['withdrawal']}",
        f"/applications/show/{waiting['application']}",
        LIST,
    ]


def test_the_way_back_is_to_the_task_center_as_it_was_filtered(waiting, reader):  # noqa: F811
    answer = reader("unit").get(f"/registrations/show/{waiting['registration']}?list=tasks&kind=registration")
    (back,) = links(answer, "返回任务中心")
    assert back == f"/tasks/list/?kind=registration#r{waiting['registration']}"


@pytest.mark.parametrize("kind", LISTS)
def test_every_verdict_is_there_as_in_its_own_list(waiting, reader, kind):  # noqa: F811
    browser = reader("unit")
    own = LISTS[kind].replace("list/", f"show/{waiting[kind]}")
    pages = [browser.get(address, follow_redirects=True) for address in (own, f"/tasks/show/{waiting[kind]}")]
    shown = [page.text.count('name="verdict"') for page in pages]
    assert shown[0] == shown[1] >= 2


def test_what_is_put_off_is_passed_over(waiting, reader):  # noqa: F811
    browser = reader("unit")
    answer = browser.post(
        f"/registrations/postpone/{waiting['registration']}", {"query": "list=tasks"}, follow_redirects=True
    )
    assert answer.request.path == f"/archive/all/show/{waiting['archive_item']}"
    assert "第 1 / 3 条" in text_of(answer)


@pytest.mark.parametrize("who", ["company", "othercounty", "auditor"])
def test_nobody_opens_what_does_not_come_to_him(waiting, reader, who):  # noqa: F811
    status = reader(who).get(f"/tasks/show/{waiting['registration']}").status_code
    assert status == (403 if who == "auditor" else 404)


@pytest.mark.parametrize("query", ["list=tasks&status=handled", "list=tasks&kind=withdrawal"])
def test_a_kinds_own_list_is_never_asked_for_another(waiting, reader, query):  # noqa: F811
    assert reader("unit").get(f"/registrations/list/?{query}", follow_redirects=True).request.path == LIST


@pytest.mark.parametrize("query", ["list=nothing", "list=registrations", "kind=application", "xxxx=1"])
def test_all_of_a_list_that_is_not_understood_is_never_decided(stage, waiting, reader, query):  # noqa: F811
    sent = {"all": "1", "query": query, "seen_at": clock.now().isoformat(), "verdict": "pass", "opinion": "同意"}
    assert reader("unit").post("/registrations/decide", sent).status_code == 400
    assert stage.stands(waiting["registration"])[0] == "pending"


# ---- batches ---------------------------------------------------------------------------------------------------------


def forms(answer: Any) -> dict[str, str]:
    """{where a kind's rows are posted: how many of it match} on the list."""
    found = re.findall(r'<form class="of-kind".*? action="(.*?)".*? data-total="(.*?)"', answer.text, flags=re.S)
    return dict(found)


def test_each_kind_of_the_rows_has_a_form_of_its_own_with_its_number(stage, waiting, reader):  # noqa: F811
    take(stage.app, registration_line(6, unit_code(1)))
    assert forms(reader("unit").get(LIST)) == {
        "/registrations/decide": "2",
        "/archive/all/decide": "1",
        "/applications/decide": "1",
        "/withdrawals/decide": "1",
    }


def test_all_of_a_kind_that_match_are_decided_and_nothing_else(stage, waiting, reader):  # noqa: F811
    take(stage.app, *(registration_line(n, unit_code(1)) for n in (6, 7)))
    browser = reader("unit")
    seen_at = value_of(browser.get(LIST), "seen_at")
    sent = {"all": "1", "query": "list=tasks", "seen_at": seen_at, "verdict": "return", "opinion": "请补充"}
    answer = browser.post("/registrations/decide", sent, follow_redirects=True)
    assert len(table(answer)) == 3
    assert {stage.stands(pk)[0] for kind, pk in waiting.items() if kind != "registration"} == {"pending"}
    assert links(answer, "返回任务中心") == [LIST]


def test_all_that_match_are_those_of_its_filter(stage, waiting, reader):  # noqa: F811
    (late,) = stage.take(registration_line(6, unit_code(1), submitted_at="2026-11-20T09:00:00+08:00"))
    sent = {"all": "1", "query": "list=tasks&from=2026-11-19", "verdict": "return", "opinion": "请补充"}
    reader("unit").post("/registrations/decide", sent | {"seen_at": clock.now().isoformat()})
    assert [stage.stands(pk)[0] for pk in (waiting["registration"], late.id)] == ["pending", "returned"]


# ---- what has been handled -------------------------------------------------------------------------------------------


def test_what_was_passed_on_is_handled_here_and_waits_there(stage, waiting, reader):  # noqa: F811
    stage.taken(unit_passes(1))
    unit, department = reader("unit"), reader("department")
    (row,) = [row for row in table(unit.get(f"{LIST}?status=handled")) if row["事项"].startswith("职称申报")]
    assert (row["审核节点"], row["审核状态"]) == ("主管部门", "待审核")
    department.post("/applications/decide", one(stage.make, waiting["application"], "send_back", "请补充公示"))
    assert "职称申报 · 高级教师" in [row["事项"] for row in table(unit.get(LIST))]
    assert [row["审核节点"] for row in table(department.get(f"{LIST}?status=handled"))] == ["单位"]


def test_what_one_handled_himself_is_apart_though_others_decided_since(stage, waiting, reader):  # noqa: F811
    unit, other = reader("unit"), stage.make
    unit.post("/registrations/decide", one(stage.make, waiting["registration"], "return", "请补充"))
    stage.taken(unit_passes(1))
    rows = [row["事项"] for row in table(unit.get(f"{LIST}?status=handled&by=me"))]
    assert rows == ["人员注册"]
    assert len(table(unit.get(f"{LIST}?status=handled"))) > 1
    assert other.read(sa.select(sa.func.count()).select_from(Submission))[0][0] > 1


def test_the_button_of_ones_own_narrows_and_widens_again(waiting, reader):  # noqa: F811
    browser = reader("unit")
    (narrow,) = links(browser.get(f"{LIST}?status=handled"), "本人处理")
    assert narrow == f"{LIST}?status=handled&by=me"
    assert links(browser.get(narrow), "本人处理") == [f"{LIST}?status=handled"]


# ---- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?status=handled", "?status=handled&by=me", "?kind=registration", "?q=人员"])
@pytest.mark.parametrize("who", ["unit", "county"])
def test_it_takes_eight_statements_whatever_the_number(stage, waiting, reader, who, query):  # noqa: F811
    stage.taken(unit_passes(1), *(verdict(n, day=10 + n) for n in (2,)))
    browser = reader(who)
    for many in (0, 30):
        take(stage.app, *(registration_line(n, unit_code(1)) for n in range(100, 100 + many)))
        browser.get(LIST + query)
        with recorded(stage.app) as seen:
            assert browser.get(LIST + query).status_code == 200
        assert len(seen) <= 8


# ---- recomputed from the ledger --------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=CHINA)


def waits_at(node: str, found: Stored) -> bool:
    last = found.ledger[-1]
    return (last.to_status, last.to_node) == ("pending", node)


def came_to(node: str, found: Stored) -> bool:
    return any(entry.to_node == node for entry in found.ledger) or node == "unit"


def counted(node: str, records: Iterable[Stored]) -> dict[str, str]:
    """The numbers of the tabs, by the ledgers of all records of the reader's units."""
    own = [one for one in records if node == "unit" or one.row.kind == "application"]
    there = [one for one in own if came_to(node, one)]
    to_do = sum(waits_at(node, one) for one in there)
    return {"待处理": str(to_do), "已处理": str(len(there) - to_do)}


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories=histories(units=1))
def test_the_numbers_and_rows_are_those_of_the_ledger(stage, readers, stories):  # noqa: F811
    replay(stage.make, stories, [(stage.unit, COUNTY)], until=NOW)
    everything = read(stage.make, Submission.__table__.c.unit_id == stage.unit)
    for node, browser in readers.items():
        with clock.frozen(NOW + timedelta(days=1)):
            answer = browser.get(LIST)
        told = counted(node, everything)
        assert tabs(answer) == told
        assert len(table(answer)) == min(25, int(told["待处理"]))


@pytest.mark.parametrize(
    ("account", "node"),
    [
        *(("unit.public", "unit"), ("unit.company", "unit"), ("dept.education", "department")),
        *(("hr.county", "county"), ("hr.city", "city"), ("hr.province", "province")),
    ],
)
def test_the_numbers_of_the_demo_are_those_of_its_ledger(demo_app, demo_sign_in, account, node):
    make = Make(demo_app, PASSWORD)
    units = make.read(sa.select(Unit.id, Unit.region, Unit.department_id))
    (over,) = make.read(
        sa.select(Grant.unit_id, Grant.region)
        .join(Account, Account.id == Grant.user_id)
        .where(Account.username == account)
    )
    low, high = region_bounds(over.region) if over.region else ("", "")
    inside = {one.id for one in units if low <= one.region <= high} if over.region else {over.unit_id}
    inside |= {one.id for one in units if node == "department" and one.department_id == over.unit_id}
    own = [one for one in read(make) if one.row.unit_id in inside]
    assert tabs(demo_sign_in(account).get(LIST)) == counted(node, own)


@pytest.fixture
def readers(reader: Reader) -> dict[str, Browser]:  # noqa: F811
    return {who: reader(who) for who in ("unit", "department", "county", "city", "province")}


def test_a_verdict_from_here_is_one_row_of_the_ledger(stage, waiting, reader):  # noqa: F811
    sent = one(stage.make, waiting["registration"], "return", "请补充") | {"query": "list=tasks"}
    reader("unit").post("/registrations/decide", sent)
    assert [entry.step for entry in ledger(stage.make, waiting["registration"])] == ["submit", "return"]


def test_what_others_decided_since_is_not_when_it_was_handled_here(stage, reader):  # noqa: F811
    stage.applying(1, 2)
    lines = (unit_passes(1, of="T1", day=11), unit_passes(2, of="T2", day=12), verdict(3, of="T1", day=14))
    stage.taken(*lines)
    rows = table(reader("unit").get(f"{LIST}?status=handled&kind=application"))
    assert [row["审核时间"] for row in rows] == ["2026-11-12 12:00", "2026-11-11 12:00"]


def test_what_came_back_waits_since_then(stage, waiting, reader):  # noqa: F811
    stage.taken(unit_passes(1))
    reader("department").post("/applications/decide", one(stage.make, waiting["application"], "send_back", "请补充"))
    rows = table(reader("unit").get(LIST))
    assert rows[-1]["事项"].startswith("职称申报")
    assert rows[-1]["等待时间"] == "今天"


@pytest.mark.parametrize("who", ["department", "county"])
def test_the_numbers_of_many_units_are_the_same_before_they_are_folded(stage, waiting, reader, monkeypatch, who):  # noqa: F811
    stage.applying(11, 12)
    stage.taken(unit_passes(1, of="T11"), unit_passes(2, of="T12"), verdict(3, of="T12", day=12))
    browser = reader(who)
    found = [tabs(browser.get(f"{LIST}?status={status}")) for status in ("pending", "handled")]
    monkeypatch.setattr("app.home.tasks.FOLDED", -1)
    assert [tabs(browser.get(f"{LIST}?status={status}")) for status in ("pending", "handled")] == found
    assert found[0]["待处理"] == "1"
