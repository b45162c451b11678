"""The units of a jurisdiction as a list, and its export, wherever the folding has come to."""

import re

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from app.applications.due import TOO_LONG
from app.units.models import Unit
from tests.browsing import csv_rows, heads, links, table, tabs, text_of, value_of
from tests.factories import audited, change, id_number, unit_code
from tests.home import counted
from tests.home.histories import histories, replay
from tests.home.jurisdiction import NOW, PLACES, RANDOM, TODAY, fold, opened, stage
from tests.home.test_overview import of_units
from tests.review.workbook import sheets

__all__ = ["stage"]
LIST = "/overview/list/"
KINDS = {
    "registration": "人员注册待审",
    "archive_item": "业绩档案待审",
    "withdrawal": "撤回申请待审",
    "application": "职称申报待审",
}


def names(page):
    return [row["单位"] for row in table(page)]


def counted_rows(make, stage):
    """What the list has to say of each unit with records: name → its row."""
    rows = {}
    for n, (pk, _region) in enumerate(stage.units, start=1):
        records = of_units(make, pk)
        kinds = counted.at_unit(records)
        rows[f"单位{n}"] = {
            **{label: str(kinds[kind]) for kind, label in KINDS.items()},
            "待审核合计": str(sum(kinds.values())),
            "单位近 30 天审核": str(sum(counted.decided(records, TODAY, "unit").values())),
            "最长等待": counted.days(records, TODAY),
        }
    return rows


@settings(max_examples=8, **RANDOM)
@given(stories=histories(most=14, units=len(PLACES)), rows=st.one_of(st.none(), st.integers(0, 60)))
def test_each_unit_stands_with_what_its_ledger_says(app, make, stage, stories, rows):
    replay(make, stories, stage.units, NOW)
    fold(app, rows)
    expected = counted_rows(make, stage)
    for who, numbers in (("province", PLACES), ("city", (1, 2, 4)), ("department", (1, 3))):
        found = {row["单位"]: row for row in table(opened(stage.readers[who], f"{LIST}?status=all"))}
        assert found.keys() - {"单位9"} == {f"单位{n}" for n in numbers}
        for n in numbers:
            row = found[f"单位{n}"]
            row["最长等待"] = row["最长等待"].removesuffix(" 过久").removesuffix(" 较久")
            assert {head: row[head] for head in expected[f"单位{n}"]} == expected[f"单位{n}"]


@settings(max_examples=6, **RANDOM)
@given(stories=histories(most=14, units=len(PLACES)), rows=st.one_of(st.none(), st.integers(0, 60)))
def test_it_is_sorted_by_what_stands_in_it(app, make, stage, stories, rows):
    replay(make, stories, stage.units, NOW)
    fold(app, rows)

    def shown(sort, column):
        page = opened(stage.readers["province"], f"{LIST}?status=all&sort={sort}")
        return [int(re.sub("[^0-9]", "", row[column]) or 0) for row in table(page)]

    for sort, column in (("waiting", "待审核合计"), ("decided", "单位近 30 天审核")):
        assert shown(f"-{sort}", column) == sorted(shown(sort, column), reverse=True)
    longest = shown("oldest", "最长等待")
    assert longest == sorted(longest, reverse=True)


def test_its_tabs_hold_the_units_they_are_called_after(make, stage, app):
    make.registration(1, unit_code(1), submitted_at="2026-11-10T09:00:00+08:00")  # ten days ago
    make.registration(2, unit_code(2), submitted_at="2026-11-11T00:00:00+08:00")
    change(make, sa.update(Unit).where(Unit.code == unit_code(3)).values(is_complete=False))
    assert TOO_LONG == 10
    pages = [
        opened(stage.readers["province"], f"{LIST}?status={tab}") for tab in ("backlog", "too_long", "unregistered")
    ]
    assert [names(page) for page in pages] == [["单位1", "单位2"], ["单位1"], ["单位3"]]
    assert tabs(pages[0]) == {"积压": "2", "等待过久": "1", "未完成登记": "1", "全部": "5"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (f"q={unit_code(2)}", ["单位2"]),
        ("q=位3", ["单位3"]),
        ("q=%25", []),
        ("region=350100", ["单位1", "单位2", "单位4", "单位9"]),
        ("region=350100&level=own", ["单位4", "单位9"]),
        ("region=350102&level=own", ["单位1"]),
        ("region=350200&q=单位", ["单位3"]),
    ],
)
def test_it_is_searched_and_filtered(stage, asked, found):
    page = opened(stage.readers["province"], f"{LIST}?status=all&sort=name&{asked}")
    assert names(page) == found


def test_what_is_typed_in_its_box_is_searched(stage):
    city = stage.readers["city"]
    page = opened(city, f"{LIST}?status=all")
    answer = city.post("/overview/search", {"query": value_of(page, "query"), "q": "　单位２ "})
    assert (answer.status_code, names(opened(city, answer.location))) == (303, ["单位2"])


def test_it_has_25_units_a_page(make, stage):
    for n in range(100, 130):
        make.unit(n, region="350102")
    county = stage.readers["county"]
    first, second = (opened(county, f"{LIST}?status=all&sort=name&page={page}") for page in (1, 2))
    assert [len(names(page)) for page in (first, second)] == [25, 6]
    assert len({*names(first), *names(second)}) == 31
    assert county.get(f"{LIST}?status=all&page=3").status_code == 404


def test_a_unit_leads_to_what_waits_there(make, stage):
    make.registration(1, unit_code(1))
    make.registration(2, unit_code(2))
    province = stage.readers["province"]
    page = opened(province, f"{LIST}?q={unit_code(2)}&status=all")
    (address,) = links(page, "待审核")
    assert [row["单位"] for row in table(opened(province, address))] == ["单位2"]


def test_a_number_leads_to_its_own_unit_though_another_is_named_alike(make, stage):
    change(make, sa.update(Unit).where(Unit.code == unit_code(2)).values(name="单位1附属单位"))
    for n, unit in ((1, 1), (2, 2), (3, 2)):
        make.registration(n, unit_code(unit))
    province = stage.readers["province"]
    page = opened(province, f"{LIST}?q={unit_code(1)}&status=all")
    (address,) = links(page, table(page)[0]["人员注册待审"])
    assert [row["单位"] for row in table(opened(province, address))] == ["单位1"]


def test_a_persons_whole_number_never_reaches_the_address(stage):
    answer = stage.readers["province"].post("/overview/search", {"q": id_number(1)})
    assert answer.status_code == 303
    assert id_number(1) not in answer.location
    assert opened(stage.readers["province"], answer.location).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("status=nope", 400),
        ("sort=code", 400),
        ("sort=--waiting", 400),
        ("page=0", 400),
        ("page=x", 400),
        ("page=999", 404),
        ("region=350200", 400),
        ("region=nope", 400),
        ("level=all", 400),
        ("q=%00", 400),
    ],
)
@pytest.mark.parametrize("address", [LIST, "/overview/export.csv"])
def test_what_no_form_of_ours_sends_is_refused(stage, address, asked, status):
    expected = 200 if "export" in address and status == 404 else status
    assert stage.readers["city"].get(f"{address}?{asked}").status_code == expected


# ---- the export ------------------------------------------------------------------------------------------------------


@settings(max_examples=4, **RANDOM)
@given(stories=histories(most=14, units=len(PLACES)), rows=st.one_of(st.none(), st.integers(0, 60)))
def test_the_export_says_what_the_list_shows(app, make, stage, stories, rows):
    replay(make, stories, stage.units, NOW)
    fold(app, rows)
    for query in ("status=all", "status=backlog&sort=oldest", "status=all&region=350100&sort=-decided"):
        page = opened(stage.readers["province"], f"{LIST}?{query}")
        head, *lines = csv_rows(opened(stage.readers["province"], f"/overview/export.csv?{query}"))
        shown = heads(page)[:-1]
        assert [name for name in head if name in shown] == shown
        assert [[line[head.index(name)] or "—" for name in shown if name != "属地"] for line in lines] == [
            [row[name] for name in shown if name != "属地"] for row in table(page)
        ]
        workbook = opened(stage.readers["province"], f"/overview/export.xlsx?{query}")
        assert sheets(workbook) == [[head, *lines]]


def test_no_name_is_taken_for_a_formula(make, stage):
    change(make, sa.update(Unit).where(Unit.code == unit_code(1)).values(name="=1+1"))
    _head, *lines = csv_rows(opened(stage.readers["county"], "/overview/export.csv?status=all"))
    assert [line[0] for line in lines] == ["'=1+1"]


def test_an_export_stands_in_the_audit_log(make, stage):
    opened(stage.readers["city"], "/overview/export.csv?status=all&q=%E5%8D%95%E4%BD%8D")
    (row,) = audited(make, "export")
    assert (row.subject, row.by_name, row.unit_id) == ("units", "city 的持有人", None)
    assert row.detail == {"query": "status=all&q=%E5%8D%95%E4%BD%8D", "count": 4, "format": "csv", "whole": False}


def test_an_empty_tab_says_what_would_appear(stage):
    assert "没有积压的单位" in text_of(opened(stage.readers["city"], LIST))
