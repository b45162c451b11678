"""业绩档案's start page: three tables of numbers, recomputed here from what was stored."""

import html
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app import clock
from app.archive.models import ArchiveItem
from app.extensions import begin_write
from app.review.models import Submission
from app.staff.models import Person
from app.tenancy import bulk_insert, everything
from tests.archive.factories import SHIPPED
from tests.archive.reading import figure_of
from tests.browsing import Browser, table, text_of
from tests.statements import recorded

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=CHINA)
EARLIER = datetime(2026, 11, 1, 9, 0, tzinfo=CHINA)
STATES = ("pending", "passed", "returned", "withdrawn")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Item:
    """A record of the archive as these numbers see it."""

    status: str = "pending"
    type: str = "paper"
    person: int = 1
    name: str = ""
    submitted: datetime = EARLIER
    decided: datetime | None = None


def store(make, unit, *items, region="350102"):
    """Put records of a unit into the tables; its n-th person is made with his first one."""
    rows = [(next(_numbers), item) for item in items]
    people = {item.person for item in items}
    own = {"unit_id": unit, "region": region, "kind": "archive_item", "node": "unit", "version": 1, "steps": 1}
    with make.app.app_context(), everything("tests") as session:
        begin_write(session)
        there = session.scalars(sa.select(Person.id)).all()
        new = {person_id(unit, n) for n in people} - set(there)
        bulk_insert(session, Person, [{"id": pk, "number_index": f"p{pk}", "unit_id": unit} for pk in new])
        bulk_insert(
            session, Submission, [own | {"id": 900_000 + n, "ref": f"S{n}"} | row(unit, one) for n, one in rows]
        )
        bulk_insert(session, ArchiveItem, [{"id": 900_000 + n, "unit_id": unit, "data": {}} for n, _ in rows])
        session.commit()


def person_id(unit, n):
    return 100_000 * unit + n


def row(unit, item):
    """The columns that one record has of its own."""
    decided = None if item.status == "pending" else item.decided or EARLIER
    return {
        "type": item.type,
        "title": "一项业绩",
        "status": item.status,
        "person_id": person_id(unit, item.person),
        "person_name": item.name or f"人员{item.person}",
        "submitted_at": item.submitted,
        "received_at": item.submitted,
        "pending_since": None if decided else item.submitted,
        "decided_at": decided,
    }


def figure(page, key):
    """The rows of one of the page's tables, as texts."""
    return [[*row.values()] for row in figure_of(page, key)]


def links(page, key):
    (section,) = re.findall(rf'aria-labelledby="{key}" data-chart.*?</table>', page.text, flags=re.S)
    return [html.unescape(url) for url in re.findall(r'href="([^"]+)"', section)]


@pytest.fixture
def home(desk):
    """Opens the page as the unit's administrator, at NOW."""
    return lambda: opened(desk)


def opened(browser: Browser):
    with clock.frozen(NOW):
        return browser.get("/archive/")


@pytest.fixture
def other_unit(make, unit):
    """A second unit, in another county of the same city, with an administrator."""
    pk = make.unit(2, region="350103")
    make.account("wang", "unit_administrator", pk)
    return pk


# ---- by category and state -------------------------------------------------------------------------------------------


def test_each_category_has_its_number_of_records_in_each_state(make, unit, home):
    types = [key for n, key in enumerate(SHIPPED.types) for _ in range(n % 4 + 1)]
    items = [Item(status=STATES[n * 7 % 4], type=key) for n, key in enumerate(types)]
    store(make, unit, *items)
    categories = {key: item_type.category for key, item_type in SHIPPED.types.items()}
    stored = Counter((categories[item.type], item.status) for item in items)
    expected = []
    for category in SHIPPED.categories:
        numbers = [stored[category.key, status] for status in STATES]
        expected.append([category.zh, *map(str, [*numbers, sum(numbers)])])
    assert figure(home(), "by-category") == expected


def test_a_type_that_left_the_catalogue_has_a_row_of_its_own(make, unit, home):
    store(make, unit, Item(type="gone"), Item(type="gone", status="passed"))
    assert figure(home(), "by-category")[-1] == ["gone（目录中已停用）", "1", "1", "0", "0", "2"]


# ---- month by month --------------------------------------------------------------------------------------------------


def month(at):
    return f"{at.astimezone(CHINA):%Y-%m}"


def test_the_last_twelve_months_count_what_was_passed_and_returned_in_each(make, unit, home):
    days = [NOW - timedelta(days=n * 11, hours=n) for n in range(33)]
    items = [Item(status=STATES[n % 4], decided=at) for n, at in enumerate(days)]
    store(make, unit, *items)
    stored = Counter((month(item.decided), item.status) for item in items)
    months = [f"{2025 + n // 12}-{n % 12 + 1:02d}" for n in range(11, 23)]
    assert figure(home(), "by-month") == [
        [one, str(stored[one, "passed"]), str(stored[one, "returned"])] for one in months
    ]


@pytest.mark.parametrize(
    ("decided", "counted"),
    [
        (datetime(2026, 10, 31, 23, 59, 59, tzinfo=CHINA), "2026-10"),
        (datetime(2026, 11, 1, 0, 0, tzinfo=CHINA), "2026-11"),  # still October in UTC
        (datetime(2025, 12, 1, 0, 0, tzinfo=CHINA), "2025-12"),
    ],
)
def test_a_month_begins_and_ends_by_the_provinces_clock(make, unit, home, decided, counted):
    store(make, unit, Item(status="passed", decided=decided))
    assert [one for one in figure(home(), "by-month") if one[1] != "0"] == [[counted, "1", "0"]]


def test_what_was_decided_before_the_twelve_months_is_in_none(make, unit, home):
    store(make, unit, Item(status="passed", decided=datetime(2025, 11, 30, 23, 59, 59, tzinfo=CHINA)))
    assert "近 12 个月没有审核记录。" in text_of(home())


# ---- who has most waiting --------------------------------------------------------------------------------------------


def test_the_ten_who_have_most_waiting_come_with_their_number_and_their_oldest(make, unit, home):
    items = [
        Item(
            person=person,
            submitted=EARLIER + timedelta(hours=person * 5 + k),
            status="passed" if k > person else "pending",
        )
        for person in range(1, 13)
        for k in range(person // 2 + 2)
    ]
    store(make, unit, *items)
    waiting = [item for item in items if item.status == "pending"]
    number = Counter(item.person for item in waiting)
    oldest = {person: min(item.submitted for item in waiting if item.person == person) for person in number}
    most = sorted(number, key=lambda person: (-number[person], oldest[person]))[:10]
    assert figure(home(), "most-waiting") == [
        [f"人员{person}", str(number[person]), f"{oldest[person]:%Y-%m-%d %H:%M}"] for person in most
    ]


def test_a_person_who_was_renamed_is_one_row(make, unit, home):
    store(make, unit, Item(name="方颖"), Item(name="方颖"), Item(name="方小颖"))
    assert [one[1] for one in figure(home(), "most-waiting")] == ["3"]


def test_a_person_leads_to_what_waits_of_him(make, unit, desk, home):
    store(make, unit, Item(name="方颖"), Item(name="方颖", status="passed"), Item(name="林晓", person=2))
    (one, _) = links(home(), "most-waiting")
    assert "业绩档案 2 · 1 项待审核" in text_of(desk.get(one))


def test_nothing_that_waits_is_said_in_words(make, unit, home):
    store(make, unit, Item(status="passed"))
    assert "待审核最多的人员 没有待审核的记录。" in text_of(home())


# ---- whose rows ------------------------------------------------------------------------------------------------------


def test_another_units_rows_are_never_counted(make, unit, home, other_unit):
    store(make, unit, Item(), Item(status="passed"))
    before = text_of(home())
    store(make, other_unit, *(Item(status=status, person=n) for n in range(1, 9) for status in STATES), region="350103")
    assert text_of(home()) == before


def test_a_reader_of_a_region_sees_its_units_and_no_others(make, unit, other_unit, sign_in):
    store(make, unit, Item(), Item(person=2), Item(status="passed"))
    store(make, other_unit, *[Item()] * 3, region="350103")
    make.account("county", "hr_reviewer", "350102")
    page = opened(sign_in("county"))
    assert figure(page, "most-waiting") == [["单位1", "2", "2026-11-01 09:00"]]
    assert sum(int(one[-1]) for one in figure(page, "by-category")) == 3
    assert figure(page, "by-month")[-1] == ["2026-11", "1", "0"]


def test_a_reader_of_several_units_is_led_to_what_waits_in_each(make, unit, other_unit, sign_in):
    store(make, unit, Item(), Item(person=2), Item(status="passed"))
    store(make, other_unit, *[Item()] * 3, region="350103")
    make.account("city", "hr_reviewer", "350100")
    city = sign_in("city")
    page = opened(city)
    assert [one[:2] for one in figure(page, "most-waiting")] == [["单位2", "3"], ["单位1", "2"]]
    assert [{found["单位"] for found in table(city.get(url))} for url in links(page, "most-waiting")] == [
        {"单位2"},
        {"单位1"},
    ]


# ---- the page --------------------------------------------------------------------------------------------------------


def test_an_empty_archive_says_what_would_appear_and_draws_nothing(home):
    page = home()
    assert "业绩档案中还没有记录" in text_of(page)
    assert "data-picture" not in page.text
    assert "echarts" not in page.text


def test_the_numbers_cost_two_statements_however_many_rows(app, make, unit, desk):
    costs = []
    for more in ([], [Item(status="passed")], [Item(person=n, status=STATES[n % 3]) for n in range(1, 120)]):
        if more:
            store(make, unit, *more)
        with recorded(app) as statements:
            opened(desk)
        costs.append(len(statements))
    empty, one, many = costs
    assert (one - empty, many - empty) == (2, 2)


@pytest.mark.parametrize("role", ["unit_administrator", "hr_reviewer"])
def test_the_numbers_come_from_indexes_alone(app, make, unit, engine, sign_in, role):
    if engine.name != "sqlite":
        pytest.skip("PostgreSQL plans by size; SQLite by shape, so that a test can see it")
    store(make, unit, Item(), Item(status="passed"))
    make.account("reader", role, "350000" if role == "hr_reviewer" else unit)
    with recorded(app) as statements:
        opened(sign_in("reader"))
    asked = [one for one in statements if "decided_at >=" in one or "min(submission.submitted_at)" in one]
    with app.app_context(), everything("tests") as session:
        plans = [explained(session, one) for one in asked]
    assert len(plans) == 2
    assert all("COVERING INDEX" in step for plan in plans for step in plan if " submission " in step)


def explained(session, statement):
    """SQLite's plan of a statement; it does not look at the values."""
    marked = {"tenancy_scoped": "a test looks at a plan"}
    values = (None,) * statement.count("?")
    rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values, execution_options=marked)
    return [one[-1] for one in rows]
