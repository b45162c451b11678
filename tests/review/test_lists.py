"""The list of a desk: its tabs, columns, order, pages and filters."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from app.staff.models import Registration
from tests.browsing import choices, heads, links, rowids, table, tabs, text_of, value_of
from tests.factories import change, decision_line, id_number, mobile, unit_code
from tests.statements import recorded

LIST = "/registrations/list/"
COLUMNS = ["姓名", "性别", "证件号码", "手机号码", "政治面貌", "邮箱", "注册时间", "审核状态"]


def names(answer) -> list[str]:
    return [row["姓名"] for row in table(answer)]


def test_the_list_has_the_columns_of_the_manual(make, desk):
    make.registration()
    assert heads(desk.get(LIST)) == [*COLUMNS, "操作"]


def test_a_row_reads_in_words_with_its_numbers_masked(make, desk):
    make.registration(
        1, person={"name": "欧阳晓", "gender": "2", "political_status": "01", "email": "ouyang@example.cn"}
    )
    number, phone = id_number(1), mobile(1)
    assert table(desk.get(LIST)) == [
        {
            "姓名": "欧阳晓",
            "性别": "女",
            "证件号码": f"{number[:4]}{'*' * 10}{number[-4:]}",
            "手机号码": f"{phone[:3]}****{phone[-4:]}",
            "政治面貌": "中共党员",
            "邮箱": "ouyang@example.cn",
            "注册时间": "2026-11-01 09:00",
            "审核状态": "待审核",
        }
    ]


@pytest.mark.parametrize(("role", "label"), [("unit_administrator", "审核"), ("unit_clerk", "查看")])
def test_each_row_leads_to_its_review_page(make, unit, sign_in, role, label):
    make.account("reader", role, unit)
    pk = make.registration()
    assert links(sign_in("reader").get(LIST), label) == [f"/registrations/show/{pk}"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [("pending", ["人员1"]), ("passed", ["人员2"]), ("returned", ["人员3"]), ("terminated", [])],
)
def test_a_tab_shows_the_records_of_its_state(make, desk, status, expected):
    _one_of_each_state(make)
    assert names(desk.get(f"{LIST}?status={status}")) == expected


def test_the_tab_of_all_shows_every_state(make, desk):
    _one_of_each_state(make)
    assert sorted(names(desk.get(f"{LIST}?status=all"))) == ["人员1", "人员2", "人员3"]


def test_each_tab_says_how_many_it_holds_whatever_is_searched(make, desk):
    _one_of_each_state(make)
    expected = {"待审核": "1", "已通过": "1", "已退回": "1", "全部": "3"}
    assert [tabs(desk.get(address)) for address in (LIST, f"{LIST}?q=nobody")] == [expected, expected]


def _one_of_each_state(make) -> None:
    for n in (1, 2, 3):
        make.registration(n)
    make.taken(decision_line(2, of="R2", verdict="pass"))
    make.taken(decision_line(3, of="R3", verdict="return"))


# ---- order and pages -------------------------------------------------------------------------------------------------


def _submitted(make) -> None:
    """Three records of which the names and the times are in different orders."""
    for n, name, day in ((1, "B", 3), (2, "C", 1), (3, "A", 2)):
        make.registration(n, person={"name": name}, submitted_at=f"2026-11-0{day}T09:00:00+08:00")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "CAB"),
        ("status=all", "BAC"),
        ("sort=name", "ABC"),
        ("sort=-name", "CBA"),
        ("sort=submitted_at", "CAB"),
        ("sort=-submitted_at", "BAC"),
        ("status=all&sort=submitted_at", "CAB"),
    ],
)
def test_what_waits_longest_is_first_unless_asked_otherwise(make, desk, query, expected):
    _submitted(make)
    assert "".join(names(desk.get(f"{LIST}?{query}"))) == expected


def test_what_was_decided_last_is_first_and_says_when(make, desk):
    for n, day in ((1, 7), (2, 9), (3, 8)):
        make.registration(n)
        make.taken(decision_line(n, of=f"R{n}", verdict="pass", decided_at=f"2026-11-0{day}T09:00:00+08:00"))
    rows = table(desk.get(f"{LIST}?status=passed"))
    assert [(row["姓名"], row["审核时间"]) for row in rows] == [
        ("人员2", "2026-11-09 09:00"),
        ("人员3", "2026-11-08 09:00"),
        ("人员1", "2026-11-07 09:00"),
    ]


def test_the_head_of_a_sorted_column_turns_the_order_round(make, desk):
    _submitted(make)
    answer = desk.get(f"{LIST}?sort=name")
    assert links(answer, "姓名") == [f"{LIST}?sort=-name"]
    assert 'aria-sort="ascending"' in answer.text


def _pages(desk, query: str, pages: int) -> list[list[str]]:
    return [rowids(desk.get(f"{LIST}?{query}&page={page}")) for page in range(1, pages + 1)]


@pytest.mark.parametrize("sort", ["", "name", "-name", "submitted_at", "-submitted_at"])
def test_no_row_is_twice_or_lost_over_the_pages_even_when_all_are_equal(make, unit, desk, sort):
    make.many(53, unit)
    alike = {"person_name": "同名", "submitted_at": sa.literal_column("'2026-11-01 01:00:00'")}
    change(make, sa.update(Submission).values(alike))
    pages = _pages(desk, f"sort={sort}" if sort else "status=pending", 3)
    assert [len(page) for page in pages] == [25, 25, 3]
    everyone = {f"{pk}:1" for (pk,) in make.read(sa.select(Submission.id))}
    assert {row for page in pages for row in page} == everyone


def test_the_other_way_round_is_the_exact_reverse(make, unit, desk):
    make.many(30, unit)
    change(make, sa.update(Submission).values(person_name="同名"))
    up, down = ([row for page in _pages(desk, f"sort={sort}", 2) for row in page] for sort in ("name", "-name"))
    assert up == down[::-1]


def test_the_pager_leads_on_and_back_under_the_same_question(make, unit, desk):
    make.many(60, unit)
    answer = desk.get(f"{LIST}?q=%E4%BA%BA%E5%91%98&sort=-name&page=2")
    assert "第 26–50 项，共 60 项" in text_of(answer)
    question = "q=%E4%BA%BA%E5%91%98&sort=-name"
    assert links(answer, "上一页") == [f"{LIST}?{question}"]
    assert links(answer, "下一页") == [f"{LIST}?{question}&page=3"]


def test_an_empty_list_has_no_pages_and_no_batch_bar(desk):
    answer = desk.get(LIST)
    assert (answer.status_code, table(answer)) == (200, [])
    assert "批量审核" not in text_of(answer)


# ---- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("gender=2", ["人员2"]),
        ("political_status=01", ["人员1", "人员2"]),
        ("gender=1&political_status=01", ["人员1"]),
        ("from=2026-11-02", ["人员2", "人员3"]),
        ("to=2026-11-02", ["人员1", "人员2"]),
        ("from=2026-11-02&to=2026-11-02", ["人员2"]),
        ("from=2026-11-04", []),
        ("gender=2&q=%E4%BA%BA%E5%91%982", ["人员2"]),
        ("gender=2&status=passed", []),
    ],
)
def test_filters_combine_and_count_whole_days_of_the_province(make, desk, query, expected):
    make.registration(1, person={"political_status": "01"}, submitted_at="2026-11-01T23:59:59+08:00")
    make.registration(2, person={"political_status": "01", "gender": "2"}, submitted_at="2026-11-02T00:00:00+08:00")
    make.registration(3, submitted_at="2026-11-03T00:00:00+08:00")
    assert names(desk.get(f"{LIST}?{query}")) == expected


def test_what_was_left_empty_does_not_stay_in_the_address(desk):
    answer = desk.get(f"{LIST}?status=passed&q=&gender=&from=2026-11-01&to=")
    assert (answer.status_code, answer.location) == (302, f"{LIST}?status=passed&from=2026-11-01")


def test_a_period_that_ends_before_it_begins_is_refused_beside_its_field(desk):
    answer = desk.get(f"{LIST}?from=2026-11-03&to=2026-11-02")
    assert (answer.status_code, value_of(answer, "from"), value_of(answer, "to")) == (400, "2026-11-03", "2026-11-02")
    assert "不能早于开始日期" in text_of(answer)


@pytest.mark.parametrize("name", ["gender", "political_status"])
def test_a_select_filter_that_nobody_chose_filters_nothing(make, desk, name):
    make.registration()
    answer = desk.get(LIST)
    assert value_of(answer, name) == ""
    assert "" in choices(answer, name)


def test_a_filter_in_use_is_shown_and_can_be_cleared(make, desk):
    make.registration()
    answer = desk.get(f"{LIST}?gender=1&from=2026-11-01&sort=name")
    assert [value_of(answer, name) for name in ("gender", "from", "to")] == ["1", "2026-11-01", ""]
    assert links(answer, "清除筛选") == [f"{LIST}?sort=name"]


@pytest.mark.parametrize("edge", ["from=0001-01-01", "to=9999-12-31", "from=9999-12-31", "to=0001-01-01"])
def test_the_first_and_last_day_of_the_calendar_are_days_like_any_other(make, desk, edge):
    make.registration()
    found = edge in ("from=0001-01-01", "to=9999-12-31")
    answer = desk.get(f"{LIST}?{edge}")
    assert (answer.status_code, len(table(answer))) == (200, int(found))


# ---- who reads it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "over"), [("hr_reviewer", "350102"), ("auditor", "350000")])
def test_a_reader_of_many_units_sees_the_unit_of_each_row(make, unit, sign_in, role, over):
    make.unit(2)
    make.account("reader", role, over)
    make.registration(1)
    make.registration(2, unit_code(2))
    answer = sign_in("reader").get(LIST)
    assert [row["单位"] for row in table(answer)] == ["单位1", "单位2"]
    assert heads(answer) == ["单位", *COLUMNS, "操作"]


@pytest.mark.parametrize("role", ["unit_clerk", "hr_reviewer", "auditor"])
def test_who_decides_nothing_sees_no_boxes_and_no_batch_bar(make, unit, sign_in, role):
    make.account("reader", role, unit if role == "unit_clerk" else "350102")
    make.registration()
    answer = sign_in("reader").get(LIST)
    assert (rowids(answer), "批量审核" in text_of(answer)) == ([], False)


def test_the_administrators_own_row_has_no_box(make, unit, sign_in):
    make.account("zhang", "unit_administrator", unit, holder=id_number(1))
    make.registration(1)
    other = make.registration(2)
    assert rowids(sign_in("zhang").get(LIST)) == [f"{other}:1"]


def test_a_name_with_markup_is_shown_as_it_is_written(make, unit, desk):
    make.many(1, unit)
    change(make, sa.update(Submission).values(person_name="<b>粗</b>&amp;"))
    answer = desk.get(LIST)
    assert "<b>粗</b>" not in answer.text
    assert "&lt;b&gt;粗&lt;/b&gt;&amp;amp;" in answer.text


# ---- cost ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?q=%E4%BA%BA&gender=1&sort=-name&status=all", "?page=2"])
def test_a_list_page_costs_at_most_8_statements_however_many_rows(app, make, unit, desk, query):
    costs = []
    for many in (26, 24):  # 1, then 25 on page 2
        make.many(many, unit, first=100_000 * many)
        with recorded(app) as statements:
            answer = desk.get(LIST + query)
        costs.append((len(rowids(answer)), len(statements)))
    assert costs[0][1] == costs[1][1] <= 8, costs
    if "page=2" in query:
        assert [rows for rows, _ in costs] == [1, 25]


def test_the_day_of_a_filter_is_the_provinces_whatever_the_machine_thinks(make, unit, desk):
    make.many(1, unit)
    at = make.read(sa.select(Submission.submitted_at))[0][0] - timedelta(days=1)
    change(make, sa.update(Submission).values(submitted_at=at.replace(hour=16, minute=0, second=0)))
    day = at.date() + timedelta(days=1)
    assert len(table(desk.get(f"{LIST}?from={day}&to={day}"))) == 1


def test_a_number_of_another_document_is_masked_too(make, desk):
    make.registration(1, person={"id_type": "passport", "id_number": "E12345678"})
    assert table(desk.get(LIST))[0]["证件号码"] == "E******78"
    assert make.read(sa.select(Registration.id_number_masked)) == [("E******78",)]
