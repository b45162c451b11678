"""人员: the people of a unit with what waits of each, one person's page, and the search on top of every page."""

import re

import pytest

from tests.browsing import heads, links, rowids, table, tabs, text_of
from tests.factories import audited, id_number, ledger, mobile, registration_line, unit_code
from tests.staff.records import NOVEMBER, PEOPLE, item_line, request_line, verdict_line
from tests.statements import recorded

LIST = "/people/list/"
MASKED = f"{id_number(1)[:4]}**********{id_number(1)[-4:]}"


def names(page):
    return [row["姓名"] for row in table(page)]


def sections(page):
    """The rows of each table of a person's page, by its heading."""
    found = re.findall(r'<section class="card records" id="(\w+)".*?</section>', page.text, flags=re.S)
    return {kind: table(_section(page, kind)) for kind in found}


def _section(page, kind):
    class Part:
        text = re.search(rf'<section class="card records" id="{kind}".*?</section>', page.text, flags=re.S)[0]

    return Part


# ---- the list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_who_belongs_with_masked_numbers_and_what_waits_of_each_kind(desk, records):
    records.belongs(1)
    passed = verdict_line("D3", "archive_item", "A3")
    records.ids(item_line("A1"), item_line("A2"), item_line("A3"), passed, request_line("W1", "A3"))
    assert table(desk.get(LIST)) == [
        {
            "姓名": "人员1",
            "证件号码": MASKED,
            "手机号码": f"{mobile(1)[:3]}****{mobile(1)[-4:]}",
            "注册时间": "2026-11-01 09:00",
            "人员注册待审": "—",
            "业绩档案待审": "2",
            "撤回申请待审": "1",
            "职称申报待审": "—",
            "待审核合计": "3",
        }
    ]


@pytest.fixture
def crowd(make, desk, records):
    """Three who belong, one who moved to another unit, one who only registered."""
    make.unit(2)
    for n in (1, 2, 3, 4):
        records.belongs(n)
    records.belongs(4, unit=2, day=3, ref="S4")
    make.registration(5)
    return desk


@pytest.mark.parametrize(
    ("status", "who"), [("here", [1, 2, 3]), ("gone", [4]), ("all", [1, 2, 3, 4, 5])], ids=["here", "gone", "all"]
)
def test_a_tab_has_its_people(crowd, status, who):
    assert names(crowd.get(f"{LIST}?status={status}")) == [f"人员{n}" for n in who]


def test_the_tabs_are_counted(crowd):
    assert tabs(crowd.get(LIST)) == {"在职": "3", "已离开": "1", "全部": "5"}


def test_the_people_are_sorted_by_name_or_by_what_waits(crowd, records):
    records.ids(item_line("A1", 2), item_line("A2", 2), item_line("A3", 3))
    assert names(crowd.get(f"{LIST}?sort=-name")) == ["人员3", "人员2", "人员1"]
    assert names(crowd.get(f"{LIST}?sort=-waiting")) == ["人员2", "人员3", "人员1"]
    assert names(crowd.get(f"{LIST}?sort=waiting")) == ["人员1", "人员3", "人员2"]


def test_who_came_back_to_a_unit_stands_on_the_list_once(make, desk, records):
    make.unit(2)
    records.belongs(1)
    records.belongs(1, unit=2, day=3, ref="S1")
    records.belongs(1, day=4, ref="T1", mobile=mobile(77))
    assert [row["手机号码"] for row in table(desk.get(PEOPLE))] == [f"{mobile(77)[:3]}****{mobile(77)[-4:]}"]


def test_the_list_is_paged(make, desk, unit):
    make.many(30, unit)
    assert [len(names(desk.get(f"{LIST}?status=all&page={page}"))) for page in (1, 2)] == [25, 5]
    assert desk.get(f"{LIST}?status=all&page=3").status_code == 404


@pytest.mark.parametrize("query", ["status=passed", "sort=email", "page=0", "page=x", "q=%00"])
def test_what_the_list_does_not_have_is_refused(desk, query):
    assert desk.get(f"{LIST}?{query}").status_code == 400


def test_a_reader_of_several_units_sees_the_unit(make, sign_in, records):
    make.unit(2)
    records.belongs(1)
    records.belongs(2, unit=2)
    make.account("city", "hr_reviewer", "350100")
    page = sign_in("city").get(LIST)
    assert heads(page)[0] == "单位"
    assert [(row["单位"], row["姓名"]) for row in table(page)] == [("单位1", "人员1"), ("单位2", "人员2")]


# ---- the search ------------------------------------------------------------------------------------------------------

WAYS = {
    "name": "人员2",
    "whole ID number": id_number(2),
    "whole mobile": mobile(2),
    "last four": id_number(2)[-4:],
}


@pytest.mark.parametrize("q", WAYS.values(), ids=WAYS)
def test_the_search_on_top_opens_the_only_person_found(crowd, records, q):
    answer = crowd.post("/people/find", {"q": q})
    assert (answer.status_code, answer.location) == (303, f"/people/show/{records.person(2)}")


@pytest.mark.parametrize("q", WAYS.values(), ids=WAYS)
def test_the_search_of_the_list_stays_there(crowd, q):
    answer = crowd.post("/people/search", {"q": q, "query": "sort=-name"})
    assert names(crowd.get(answer.location)) == ["人员2"]


def test_the_search_on_top_lists_those_found_when_they_are_several(crowd):
    answer = crowd.post("/people/find", {"q": "人员"})
    assert names(crowd.get(answer.location)) == [f"人员{n}" for n in (1, 2, 3, 4, 5)]


def test_the_search_on_top_says_when_nobody_is_found(crowd):
    assert "没有符合条件" in text_of(crowd.get(crowd.post("/people/find", {"q": "无此人"}).location))


@pytest.mark.parametrize("where", ["find", "search"])
def test_a_whole_number_reaches_no_address(make, crowd, where):
    make.registration(1, unit_code(2), ref="elsewhere")  # and not the person's page at once
    number = id_number(9)
    location = crowd.post(f"/people/{where}", {"q": number}).location
    assert number not in location
    assert number not in crowd.get(f"{LIST}?q={number}").location


def test_the_search_on_top_finds_nobody_of_another_unit(make, crowd, records):
    records.belongs(6, unit=2)
    assert names(crowd.get(crowd.post("/people/find", {"q": id_number(6)}).location)) == []


# ---- one person ------------------------------------------------------------------------------------------------------


@pytest.fixture
def person(desk, records):
    """The address of a person with records of every kind: three items, of which the oldest passed and is asked back."""
    records.belongs(1)
    records.ids(
        item_line("A1", type="paper", day=3, data=PAPER),
        verdict_line("D1", "archive_item", "A1"),
        item_line("A2", day=5),
        item_line("A3", day=4),
        request_line("W1", "A1"),
    )
    return f"/people/show/{records.person()}"


PAPER = {
    "title": "论文甲",
    "journal": "学报",
    "published_on": "2025-01-01",
    "rank": 1,
    "proof": [{"file": "proof.png"}],
}


def test_the_page_has_the_records_of_every_kind_in_reading_order(desk, person):
    found = sections(desk.get(person))
    assert list(found) == ["registration", "archive_item", "withdrawal"]
    assert [(row["项目类型"], row["提交时间"], row["审核状态"]) for row in found["archive_item"]] == [
        ("年度考核", "2026-11-04 09:00", "待审核"),
        ("年度考核", "2026-11-05 09:00", "待审核"),
        ("期刊论文", "2026-11-03 09:00", "已通过"),
    ]


def test_the_facts_are_masked_and_shown_whole_on_request_with_an_audit_row(make, desk, person):
    said = text_of(desk.get(person))
    assert (MASKED in said, id_number(1) in said) == (True, False)
    shown = text_of(desk.post(person.replace("show", "reveal")))
    assert (id_number(1) in shown, mobile(1) in shown) == (True, True)
    assert [row.subject for row in audited(make, "reveal")] == ["registration R1"]


def test_the_facts_are_those_that_passed_while_a_correction_waits(desk, records):
    records.belongs(1)
    corrected = {"email": "new@example.cn"}
    records.ids(registration_line(1, person=corrected, submitted_at=NOVEMBER.format(4)))
    said = text_of(desk.get(f"/people/show/{records.person()}"))
    assert ("p1@example.cn" in said, "new@example.cn" in said) == (True, False)


def test_a_person_with_nothing_here_is_not_found(make, desk, records):
    make.unit(2)
    records.belongs(1, unit=2)
    assert desk.get(f"/people/show/{records.person()}").status_code == 404
    assert desk.post(f"/people/reveal/{records.person()}").status_code == 404


def test_records_of_another_unit_do_not_show_on_the_persons_page(make, desk, records):
    make.unit(2)
    records.belongs(1)
    records.belongs(1, unit=2, day=3, ref="registered-there")
    records.ids(item_line("submitted-there", unit=2))
    said = desk.get(f"/people/show/{records.person()}").text
    assert [mark for mark in ("registered-there", "/archive/all/show", "单位2") if mark in said] == []


def test_the_queue_runs_over_what_waits_of_the_person_and_leads_back(make, desk, records, person):
    records.belongs(2)
    records.ids(item_line("B1", 2, day=1 + 2))
    first = links(desk.get(person), "审核")[0]
    page = desk.get(first)
    assert "第 1 / 2 条" in text_of(page)
    assert links(page, "返回人员页面")[0].startswith(person)
    for _ in range(2):
        form = {"verdict": "pass", "opinion": "已核对", "single": "1", "query": first.partition("?")[2]}
        first = desk.post("/archive/all/decide", form | {"rowid": rowids(page)[0]}).location
        page = desk.get(first)
    assert first == person


def test_a_batch_of_a_kind_leads_back_to_the_person(desk, person):
    tokens = rowids(desk.get(person))
    form = {"verdict": "pass", "opinion": "已核对", "query": person.replace("/people/show/", "person=")}
    answer = desk.post("/archive/all/decide", form | {"rowid": tokens[:2]})
    result = desk.get(answer.location)
    assert links(result, "返回人员页面") == [person]
    assert [row["审核状态"] for row in sections(desk.get(person))["archive_item"]] == ["已通过"] * 3


def test_without_script_the_boxes_of_a_kind_are_in_the_form_of_its_desk(desk, person):
    page = desk.get(person).text
    forms = dict(re.findall(r'<form class="of-kind" id="([\w-]+)" method="post" action="([^"]+)"', page))
    boxes = re.findall(r'type="checkbox" form="([\w-]+)" name="rowid"', page)
    assert forms == {"pick-archive_item": "/archive/all/decide", "pick-withdrawal": "/withdrawals/decide"}
    assert boxes == ["pick-archive_item"] * 2 + ["pick-withdrawal"]


@pytest.mark.parametrize("value", ["x", "-1", "99999999999"])
def test_a_list_of_no_possible_person_is_refused_and_a_batch_is_not_narrowed(make, desk, records, value):
    records.belongs(1)
    (pk,) = records.ids(item_line("A1"))
    assert desk.get(f"/archive/all/list/?person={value}").status_code == 400
    form = {"verdict": "pass", "opinion": "x", "all": "1", "query": f"person={value}", "seen_at": NOVEMBER.format(20)}
    assert desk.post("/archive/all/decide", form).status_code == 400
    assert len(ledger(make, pk)) == 1


def test_all_that_match_are_of_this_person_alone(make, desk, records):
    records.belongs(1)
    records.belongs(2)
    own, other = records.ids(item_line("A1"), item_line("A2", 2))
    seen = "2030-01-01T00:00:00+00:00"
    form = {"verdict": "pass", "opinion": "x", "all": "1", "query": f"person={records.person()}", "seen_at": seen}
    assert desk.post("/archive/all/decide", form).status_code == 303
    assert [len(ledger(make, pk)) for pk in (own, other)] == [2, 1]


def test_the_own_records_are_not_offered(make, unit, sign_in, records):
    records.belongs(1)
    records.ids(item_line("A1"))
    make.account("zhang", "unit_administrator", unit, holder=id_number(1))
    page = sign_in("zhang").get(f"/people/show/{records.person()}")
    assert (rowids(page), "属您本人" in text_of(page) or "您本人的记录" in text_of(page)) == ([], True)


@pytest.mark.parametrize("role", ["unit_clerk", "auditor"])
def test_who_decides_nothing_is_offered_nothing(make, unit, sign_in, records, person, role):
    make.account("reader", role, unit if role == "unit_clerk" else "350000")
    page = sign_in("reader").get(person)
    assert (rowids(page), links(page, "审核"), "办理离开" in page.text) == ([], [], False)
    assert sign_in("reader").post(person.replace("show", "reveal")).status_code == 403


# ---- what it costs ---------------------------------------------------------------------------------------------------


def cost(app, browser, address):
    browser.get(address)
    with recorded(app) as statements:
        assert browser.get(address).status_code == 200
    return len(statements)


@pytest.mark.parametrize("query", ["status=here", "status=all&sort=-waiting", "q=人员"])
def test_a_list_page_costs_five_statements_whatever_its_rows(app, desk, records, query):
    records.belongs(1)
    found = [cost(app, desk, f"{LIST}?{query}")]
    records.belongs(2)
    records.belongs(3)
    records.ids(item_line("A1", 2), item_line("A2", 3))
    assert [*found, cost(app, desk, f"{LIST}?{query}")] == [5, 5]


def test_a_persons_page_costs_eight_statements_whatever_the_records(app, desk, records):
    records.belongs(1)
    address = f"/people/show/{records.person()}"
    found = [cost(app, desk, address)]
    records.ids(item_line("A1"), item_line("A2"), item_line("A3"))
    assert [*found, cost(app, desk, address)] == [8, 8]
