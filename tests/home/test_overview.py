"""辖区总览: every number on its pages counted again from the ledger, wherever its folding has come to."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as st

from app.applications.due import TOO_LONG
from app.review.labels import KIND
from app.tenancy import everything
from app.units.models import Unit
from tests.archive.reading import figure_of
from tests.browsing import part, table, text_of
from tests.factories import Make, change, unit_code
from tests.home import counted
from tests.home.histories import histories, read, replay
from tests.home.jurisdiction import NOW, PLACES, RANDOM, READERS, TODAY, differences, fold, opened, stage, within
from tests.statements import recorded

__all__ = ["stage"]


def labels(app):
    with app.test_request_context(), force_locale("zh"):
        return {kind: str(KIND[kind]) for kind in counted.KINDS}


# ---- what waits, what was decided, how the backlog went --------------------------------------------------------------


def says_what_the_ledger_says(app, page, records, node):
    """Whether the page's numbers are those of the records."""
    called = labels(app)
    gauges = counted.gauges(page)
    for label, said in counted.said_gauges(records, node, called).items():
        assert gauges[label] == said
    results = counted.decided(records, TODAY)
    told = f"通过 {results['passed']}、退回 {results['returned']}、终止 {results['terminated']}"
    assert gauges["近 30 天审核"] == (str(sum(results.values())), told)
    ends = [TODAY - timedelta(days=7 * back) for back in reversed(range(13))]
    waited = [(end, counted.waited(records, end)) for end in ends]
    if any(sum(each.values()) for _end, each in waited):
        assert figure_of(page, "backlog") == [
            {"日期": f"{end:%m-%d}"}
            | {called[kind]: str(each[kind]) for kind in counted.KINDS}
            | {"合计": str(sum(each.values()))}
            for end, each in waited
        ]
    else:
        assert "近 13 周没有待审核的材料。" in text_of(page)


@settings(max_examples=8, **RANDOM)
@given(stories=histories(most=14, units=len(PLACES)), rows=st.one_of(st.none(), st.integers(0, 60)))
def test_each_reader_is_told_what_the_ledger_says_wherever_its_folding_is(app, make, stage, stories, rows):
    replay(make, stories, stage.units, NOW)
    fold(app, rows)
    for who, (_role, _region, node) in READERS.items():
        says_what_the_ledger_says(app, opened(stage.readers[who]), stage.inside(make, who), node)
    assert differences(app) == []


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize(
    ("who", "region", "node"),
    [("hr.province", "350000", "province"), ("hr.city", "350100", "city"), ("hr.county", "350102", "county")],
)
def test_the_demos_numbers_are_its_ledgers(demo_app, demo_sign_in, who, region, node, folded):
    if folded:
        fold(demo_app)
    records = [one for one in read(Make(demo_app, "")) if within(one.row.region, region)]
    says_what_the_ledger_says(demo_app, opened(demo_sign_in(who)), records, node)


# ---- how the units and the regions below stand -----------------------------------------------------------------------


def of_units(make, *ids):
    return [one for one in read(make) if one.row.unit_id in ids]


@settings(max_examples=6, **RANDOM)
@given(stories=histories(most=14, units=len(PLACES)), rows=st.one_of(st.none(), st.integers(0, 60)))
def test_the_regions_below_come_with_their_numbers(app, make, stage, stories, rows):
    replay(make, stories, stage.units, NOW)
    fold(app, rows)
    found = {row["属地"]: row for row in figure_of(opened(stage.readers["city"]), "regions")}
    for name, region, pks in [
        ("福州市本级", "350100", [stage.units[3][0]]),
        ("鼓楼区", "350102", [stage.units[0][0]]),
        ("台江区", "350103", [stage.units[1][0]]),
    ]:
        records = of_units(make, *pks)
        units = len(pks) + (region == "350100")  # and the department's own, of which there is nothing
        longest = counted.days(records, TODAY)
        row = found[name]
        assert row.pop("最长等待").startswith(longest)
        assert row == {
            "属地": name,
            "单位待审核": str(sum(counted.at_unit(records).values())),
            "近 30 天审核": str(sum(counted.decided(records, TODAY).values())),
            "有积压的单位": str(int(longest != "—")),
            "单位": str(units),
            "已登记单位": str(units),
        }


@settings(max_examples=6, **RANDOM)
@given(stories=histories(most=14, units=len(PLACES)), rows=st.one_of(st.none(), st.integers(0, 60)))
def test_units_with_a_backlog_and_those_that_wait_too_long_are_counted(app, make, stage, stories, rows):
    replay(make, stories, stage.units, NOW)
    fold(app, rows)
    since = [counted.oldest(of_units(make, pk)) for pk, _region in stage.units]
    waits = [at for at in since if at]
    too_long = [at for at in waits if (TODAY - counted.day(at)).days >= TOO_LONG]
    gauges = counted.gauges(opened(stage.readers["province"]))
    assert (gauges["有积压的单位"][0], gauges["等待过久的单位"][0]) == (str(len(waits)), str(len(too_long)))


def test_units_that_have_not_told_of_themselves_are_not_registered(make, stage):
    change(make, sa.update(Unit).where(Unit.code == unit_code(1)).values(is_complete=False))
    gauges = counted.gauges(opened(stage.readers["city"]))
    assert gauges["已登记单位"] == ("3/4", "1 个未完成登记")


# ---- drill-down, and whose numbers -----------------------------------------------------------------------------------


def test_a_region_leads_down_to_its_own_page_and_up_again(app, make, stage):
    make.registration(1, unit_code(1))
    city = opened(stage.readers["province"], "/?region=350100")
    county = opened(stage.readers["province"], "/?region=350102")
    assert [text_of(part(one, '<nav class="crumbs"', "</nav>")) for one in (city, county)] == [
        "福建省 福州市",
        "福建省 福州市 鼓楼区",
    ]
    assert 'href="/?region=350102"' in city.text
    assert 'href="/?region=350100"' in county.text and '<a href="/">福建省</a>' in county.text
    assert "单位1" in text_of(county)


@pytest.mark.parametrize(
    ("who", "region"),
    [
        ("city", "350200"),
        ("city", "350203"),
        ("city", "350000"),
        ("county", "350103"),
        ("province", "110000"),
        ("province", "350199"),
        ("province", "x"),
        ("department", "350100"),
    ],
)
def test_a_region_that_is_not_inside_the_readers_is_not_there(stage, who, region):
    assert stage.readers[who].get(f"/?region={region}").status_code == 404


def test_a_department_sees_the_units_that_it_looks_after_and_not_itself(make, stage):
    for n in PLACES:
        make.registration(n, unit_code(n))
    rows = table(opened(stage.readers["department"]))
    assert {row["单位"] for row in rows} == {"单位1", "单位3"}


def test_the_menu_counts_the_same_as_on_every_other_page(app, make, stage):
    for n in PLACES:
        make.registration(n, unit_code(n))
    fold(app, 2)
    pages = [opened(stage.readers["city"], address) for address in ("/", "/overview/list/", "/people/list/")]
    home, units, people = (text_of(part(page, '<nav class="side"', "</nav>")) for page in pages)
    assert home == units == people
    assert "人员注册审核 3" in home


# ---- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("address", ["/", "/overview/list/", "/overview/list/?sort=-decided&status=all"])
def test_it_takes_at_most_eight_statements_with_few_units_and_with_many(app, make, stage, who, address):
    costs = []
    for n in range(2):
        for k in range(10, 10 + 30 * n):
            make.unit(k, region="350102")
        for k in range(1, 3 + 5 * n):
            make.registration(100 * n + k, unit_code(1 + k % 2 * 9 * n))
        for rows in (0, None):
            fold(app, rows)
            with recorded(app) as statements:
                opened(stage.readers[who], address)
            costs.append(len(statements))
    assert len(set(costs)) == 1 and costs[0] <= 8, costs


def test_no_page_reads_all_records_or_the_whole_ledger(app, make, stage, engine):
    if engine.name != "sqlite":
        pytest.skip("PostgreSQL plans by size; SQLite by shape, so that a test can see it")
    make.registration(1, unit_code(1))
    fold(app)
    with recorded(app) as statements:
        opened(stage.readers["province"])
        opened(stage.readers["county"], "/overview/list/")
    with app.app_context(), everything("tests") as session:
        steps = [step for one in statements for step in explained(session, one)]
    scans = [step for step in steps if step.startswith("SCAN")]
    assert not [step for step in scans if "submission" in step or "decision" in step or "beyond" in step], scans


def explained(session, statement):
    marked = {"tenancy_scoped": "a test looks at a plan"}
    values = (None,) * statement.count("?")
    rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values, execution_options=marked)
    return [one[-1] for one in rows]
