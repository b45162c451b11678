"""节假日安排: the days that HR operations keeps, and the notices that they judge anew."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa

from app import clock
from app.accounts.roles import ROLES
from app.applications.calendar import PUBLISHED_YEARS, judge_anew
from app.applications.models import Holiday, Notice, Recommendation
from app.extensions import begin_write
from app.tenancy import UNGUARDED, everything
from tests.accounts.test_kept import come_back
from tests.browsing import Browser, links, part, table, tabs, text_of, value_of
from tests.factories import Make, audited, ledger, unit_code
from tests.review.test_person_of_two_units import WAITING
from tests.statements import recorded

PAGE = "/holidays/list/"
# A year so far ahead that no version of the library knows it; 2097 begins on a Tuesday.
DECEMBER = datetime(2096, 12, 1, 1, tzinfo=UTC)
SPRING = {"how": "off", "begins_on": "2097-02-11", "ends_on": "2097-02-17"}
MAKE_UP = {"how": "works", "begins_on": "2097-02-09", "ends_on": ""}  # a Saturday


@pytest.fixture(autouse=True)
def december() -> Iterator[None]:
    with clock.frozen(DECEMBER):
        yield


@pytest.fixture
def ops(make: Make, sign_in) -> Browser:
    """HR operations of the province."""
    make.account("ops", "hr_operations", "350000")
    return sign_in("ops")


def add(browser: Browser, form: dict[str, str], **changes: str) -> Any:
    return browser.post("/holidays/add", form | changes)


def kept(make: Make) -> dict[str, bool]:
    return {str(day): works for day, works in make.read(sa.select(Holiday.day, Holiday.works).order_by(Holiday.day))}


def rows(browser: Browser, year: int = 2097) -> list[list[str]]:
    return [list(row.values()) for row in table(browser.get(f"{PAGE}?year={year}"))]


def beside(answer: Any, field: str) -> str | None:
    """The problem that stands beside a field which points at it."""
    mark = f'id="holiday-{field}-error"'
    if mark not in answer.text:
        return None
    assert f"holiday-{field}-error" in answer.text.split(f'id="holiday-{field}"')[1].split(">")[0]
    return text_of(part(answer, mark, "</p>")).split("> ")[-1]


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_days_of_a_span_are_kept_with_who_entered_them_and_when(make, ops):
    assert add(ops, SPRING, ends_on="2097-02-12").location == f"{PAGE}?year=2097"
    assert rows(ops) == [
        ["2097-02-11", "星期一", "放假", "ops 的持有人", "2096-12-01 09:00"],
        ["2097-02-12", "星期二", "放假", "ops 的持有人", "2096-12-01 09:00"],
    ]
    assert kept(make) == {"2097-02-11": False, "2097-02-12": False}


def test_a_single_make_up_day_is_kept(make, ops):
    add(ops, MAKE_UP)
    assert (kept(make), rows(ops)[0][:3]) == ({"2097-02-09": True}, ["2097-02-09", "星期六", "调休上班"])


def test_fifteen_days_are_kept_at_once(make, ops):
    add(ops, SPRING, ends_on="2097-02-25")
    assert len(kept(make)) == 15


def test_the_page_is_english_after_one_click(ops):
    add(ops, MAKE_UP)
    ops.post("/locale", {"locale": "en"})
    assert rows(ops)[0][:3] == ["2097-02-09", "Saturday", "Make-up day"]
    assert "2097 is counted by the days entered here" in text_of(ops.get(f"{PAGE}?year=2097"))


def test_this_year_and_the_next_have_a_tab_with_the_number_of_their_days(ops):
    add(ops, SPRING)
    assert tabs(ops.get(PAGE)) == {"2096": "0", "2097": "7"}


def test_a_span_over_new_year_is_in_both_years(ops):
    add(ops, SPRING, begins_on="2096-12-31", ends_on="2097-01-01")
    assert ([row[0] for row in rows(ops, 2096)], [row[0] for row in rows(ops)]) == (["2096-12-31"], ["2097-01-01"])


def test_the_page_says_what_a_year_is_counted_by(ops):
    add(ops, MAKE_UP)
    published = PUBLISHED_YEARS.stop - 1
    said = [text_of(ops.get(f"{PAGE}?year={year}")) for year in (2096, 2097, published)]
    words = [
        "2096 年目前按周一至周五计算",
        "2097 年按此处录入的日期计算",
        f"{published} 年按国务院办公厅公布的放假安排计算",
    ]
    assert [word in text for word, text in zip(words, said, strict=True)] == [True, True, True]


@pytest.mark.parametrize(("year", "status"), [("1899", 404), ("2101", 404), ("abc", 200), ("", 200), ("1900", 200)])
def test_a_year_that_no_plan_has_is_no_page(ops, year, status):
    assert ops.get(f"{PAGE}?year={year}").status_code == status


def test_a_deleted_day_is_kept_no_longer_and_the_others_stay(make, ops):
    add(ops, SPRING, ends_on="2097-02-12")
    answer = ops.post("/holidays/delete/2097-02-11")
    assert (answer.location, kept(make)) == (f"{PAGE}?year=2097", {"2097-02-12": False})
    assert "已删除：2097-02-11" in text_of(ops.get(answer.location))


def test_what_was_deleted_before_is_told_and_leaves_no_trace(make, ops):
    add(ops, MAKE_UP)
    for _twice in range(2):
        answer = ops.post("/holidays/delete/2097-02-09")
    assert "2097-02-09 已不在安排中" in text_of(ops.get(answer.location))
    assert len(audited(make, "delete_holiday")) == 1


@pytest.mark.parametrize("day", ["2097-02-30", "tomorrow", "%00"])
def test_what_is_no_day_is_not_deleted(ops, day):
    assert ops.post(f"/holidays/delete/{day}").status_code in (400, 404)


def test_entering_and_deleting_leave_an_audit_row_each(make, ops):
    add(ops, SPRING)
    ops.post("/holidays/delete/2097-02-12")
    (added,), (deleted,) = audited(make, "add_holiday"), audited(make, "delete_holiday")
    assert (added.subject, added.by_name) == ("holiday 2097-02-11", "ops 的持有人")
    assert added.detail == {"to": "2097-02-17", "works": False, "judged_anew": 0}
    assert (deleted.subject, deleted.detail) == ("holiday 2097-02-12", {"works": False, "judged_anew": 0})


# ---- what cannot be kept ---------------------------------------------------------------------------------------------

BAD = {
    "no day": ({"begins_on": ""}, "begins_on", "应为日期，如 2026-11-20"),
    "no date": ({"begins_on": "2097-02-30"}, "begins_on", "应为日期，如 2026-11-20"),
    "a past day": ({"begins_on": "2096-11-30"}, "begins_on", "不能早于今天"),
    "too far ahead": ({"begins_on": "2098-01-01"}, "begins_on", "不能晚于 2097-12-31：更远年份的安排尚未公布"),
    "an absurd year": ({"begins_on": "9999-12-31"}, "begins_on", "不能晚于 2097-12-31：更远年份的安排尚未公布"),
    "no date at the end": ({"ends_on": "soon"}, "ends_on", "应为日期，如 2026-11-20"),
    "an absurd end": ({"ends_on": "9999-12-31"}, "ends_on", "不能晚于 2097-12-31：更远年份的安排尚未公布"),
    "reversed": ({"ends_on": "2097-02-10"}, "ends_on", "不能早于开始日期"),
    "16 days": ({"ends_on": "2097-02-26"}, "ends_on", "一次最多录入 15 天，现为 16 天。"),
    "at work anyway": (
        {"how": "works", "ends_on": ""},
        "begins_on",
        "2097-02-11 本来就是工作日。调休上班应为原本休息的日期。",
    ),
}


@pytest.mark.parametrize(("changes", "field", "problem"), BAD.values(), ids=BAD)
def test_a_bad_form_is_answered_beside_the_field_with_what_was_typed(make, ops, changes, field, problem):
    answer = add(ops, SPRING, **changes)
    assert (answer.status_code, beside(answer, field), kept(make)) == (400, problem, {})
    form = SPRING | changes
    assert [value_of(answer, name) for name in ("begins_on", "ends_on")] == [form["begins_on"], form["ends_on"]]
    assert f'value="{form["how"]}" required checked' in answer.text


@pytest.mark.parametrize("how", ["", "holiday"])
def test_neither_off_nor_at_work_is_refused(make, ops, how):
    answer = add(ops, SPRING, how=how)
    assert (answer.status_code, "请选择一项。" in text_of(answer), kept(make)) == (400, True, {})


def test_today_can_still_be_kept(make, ops):
    add(ops, SPRING, begins_on="2096-12-01", ends_on="")
    assert kept(make) == {"2096-12-01": False}


def test_the_same_form_sent_twice_keeps_its_days_once(make, ops):
    answers = [add(ops, MAKE_UP) for _twice in range(2)]
    assert ([answer.status_code for answer in answers], len(audited(make, "add_holiday"))) == ([303, 400], 1)
    assert beside(answers[1], "begins_on") == "2097-02-09 已由ops 的持有人录入。如需更改，请先删除。"


def test_of_a_span_that_touches_a_kept_day_nothing_is_kept(make, ops):
    add(ops, SPRING, begins_on="2097-02-17", ends_on="")
    answer = add(ops, SPRING)
    assert (beside(answer, "begins_on") or "").startswith("2097-02-17 已由")
    assert list(kept(make)) == ["2097-02-17"]


def test_a_day_that_somebody_else_is_just_keeping_is_told_like_a_kept_one(app, make, ops):
    engine = sa.create_engine(app.config["MIGRATION_DATABASE_URL"], execution_options={UNGUARDED: "keeps a day"})
    insert = "INSERT INTO holiday (day, works, by_name, at) VALUES ('2097-02-12', false, '李', '2096-12-01 00:00:00')"
    with ThreadPoolExecutor(1) as hand, engine.connect() as other:
        sqlite = other.dialect.name == "sqlite"
        if sqlite:
            other.exec_driver_sql("BEGIN IMMEDIATE")
        other.exec_driver_sql(insert)
        answer = hand.submit(copy_context().run, add, ops, SPRING)
        latest = monotonic() + 4
        while not sqlite and other.exec_driver_sql(WAITING).scalar() == 0:
            assert monotonic() < latest, "the form is not held up"
        other.commit()
    engine.dispose()
    assert beside(answer.result(), "begins_on") == "2097-02-12 已由李录入。如需更改，请先删除。"
    assert list(kept(make)) == ["2097-02-12"]


def test_a_form_sent_after_the_session_ended_comes_back_to_be_confirmed(make, ops):
    ops.client.delete_cookie("session")
    page = come_back(ops, "/holidays/add", SPRING, "ops")
    assert (value_of(page, "begins_on"), value_of(page, "ends_on")) == ("2097-02-11", "2097-02-17")
    assert (beside(page, "ends_on"), kept(make)) == ("登录已失效，此前的内容尚未提交。请再次核对后确定。", {})


# ---- notices ---------------------------------------------------------------------------------------------------------


def a_notice(make: Make, begins_on: str, ends_on: str, unit_id: int) -> int:
    """A notice, judged as what is kept now says; its id."""
    with make.app.app_context(), everything("tests") as session:
        begin_write(session)
        days = date.fromisoformat(begins_on), date.fromisoformat(ends_on)
        one = Notice(unit_id=unit_id, shared=True, begins_on=days[0], ends_on=days[1], by_name="张", at=clock.now())
        session.add(one)
        session.flush()
        judge_anew(session, days)
        session.commit()
        return one.id


def recommended(make: Make, notice_id: int, unit_id: int, passed: bool) -> None:
    """A recommendation that rests on a notice; its record and its pass are any that the keys allow."""
    record = make.registration(notice_id, unit_code(1))
    with make.app.app_context(), everything("tests") as session:
        begin_write(session)
        entry_id = ledger(make, record)[0].id if passed else None
        one = {"unit_id": unit_id, "application_id": record, "version": 1, "notice_id": notice_id, "entry_id": entry_id}
        session.add(Recommendation(**one))
        session.commit()


def judged(make: Make) -> list[tuple[int, str]]:
    query = sa.select(Notice.working_days, Notice.basis).order_by(Notice.id)
    return [tuple(row) for row in make.read(query)]


@pytest.fixture
def unit(make: Make) -> int:
    return make.unit()


def test_a_notice_of_the_year_is_judged_anew_by_a_kept_day(make, unit, ops):
    a_notice(make, "2097-02-11", "2097-02-15", unit)
    before = judged(make)
    answer = add(ops, SPRING, ends_on="")
    assert (before, judged(make)) == ([(5, "weekdays")], [(4, "kept")])
    assert "工作日天数随之变化的公示：1 份" in text_of(ops.get(answer.location))


def test_it_is_judged_as_before_once_the_day_is_deleted(make, unit, ops):
    a_notice(make, "2097-02-08", "2097-02-14", unit)
    add(ops, MAKE_UP)
    by_kept = judged(make)
    ops.post("/holidays/delete/2097-02-09")
    assert (by_kept, judged(make)) == ([(6, "kept")], [(5, "weekdays")])


def test_a_notice_elsewhere_in_the_year_goes_by_the_kept_days_too(make, unit, ops):
    for days in (("2097-01-07", "2097-01-11"), ("2097-12-23", "2097-12-27")):
        a_notice(make, *days, unit)
    add(ops, MAKE_UP)
    assert judged(make) == [(5, "kept"), (5, "kept")]


def test_a_notice_that_reaches_into_the_year_is_judged_by_its_days(make, unit, ops):
    a_notice(make, "2096-12-28", "2097-01-03", unit)
    before = judged(make)
    add(ops, SPRING, begins_on="2097-01-01", ends_on="")
    assert (before, judged(make)) == ([(5, "weekdays")], [(4, "weekdays")])  # nothing is kept for the other year


def test_a_notice_of_another_year_or_without_days_is_left_alone(app, make, unit, ops):
    with app.app_context(), everything("tests") as session:
        before = {"begins_on": date(2096, 12, 3), "ends_on": date(2096, 12, 31)}
        after = {"begins_on": date(2098, 1, 1), "ends_on": date(2098, 1, 7)}
        for written in (before, after, {}):
            session.add(Notice(unit_id=unit, shared=True, by_name="张", at=clock.now(), **written))
        session.commit()
    add(ops, MAKE_UP)
    assert judged(make) == [(0, "")] * 3


def test_what_a_passed_recommendation_rests_on_stays_as_it_was_judged(make, unit, ops):
    for passed in (True, False):
        recommended(make, a_notice(make, "2097-02-11", "2097-02-15", unit), unit, passed)
    add(ops, SPRING)
    assert judged(make) == [(5, "weekdays"), (0, "kept")]


def test_notices_of_the_whole_province_are_judged_anew(make, ops):
    for n, region in enumerate(("350102", "350203", "350000"), 1):
        a_notice(make, "2097-02-11", "2097-02-15", make.unit(n, region=region))
    add(ops, SPRING)
    assert judged(make) == [(0, "kept")] * 3


@pytest.mark.parametrize("count", [1, 3])
def test_statements_do_not_grow_with_the_notices(app, make, unit, ops, count):
    for n in range(count):
        a_notice(make, "2097-02-11", f"2097-02-{15 + n}", unit)
    with recorded(app) as statements:
        add(ops, SPRING)
    # who asks, what is kept; insert, the notices, what is kept now, update, audit
    assert len(statements) == 7


# ---- who may ---------------------------------------------------------------------------------------------------------


def answers(browser: Browser) -> list[int]:
    calls = browser.get(PAGE), add(browser, SPRING), browser.post("/holidays/delete/2097-02-09")
    return [answer.status_code for answer in calls]


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"hr_operations"}))
def test_no_other_role_opens_or_changes_it(make, unit, ops, sign_in, role):
    add(ops, MAKE_UP)
    over = {"unit": unit, "department": unit, "region": "350000"}[ROLES[role].over]
    make.account("reader", role, over)
    browser = sign_in("reader")
    assert (answers(browser), list(kept(make))) == ([403, 403, 403], ["2097-02-09"])
    assert links(browser.get("/people/list/"), "节假日安排") == []


def test_hr_operations_of_a_part_of_the_province_reads_it_only(make, ops, sign_in):
    add(ops, MAKE_UP)
    make.account("county", "hr_operations", "350102")
    browser = sign_in("county")
    page = browser.get(f"{PAGE}?year=2097")
    assert ("/holidays/add" in page.text, "/holidays/delete" in page.text) == (False, False)
    assert [next(iter(row.values())) for row in table(page)] == ["2097-02-09"]
    assert (answers(browser), list(kept(make))) == ([200, 403, 403], ["2097-02-09"])


def test_the_menu_leads_hr_operations_to_it(ops):
    assert links(ops.get("/people/list/"), "节假日安排") == [PAGE]


@pytest.mark.parametrize("step", ["/holidays/add", "/holidays/delete/2097-02-09"])
def test_a_form_with_a_forged_token_changes_nothing(make, ops, step):
    add(ops, MAKE_UP)
    ops.token = "forged"
    assert ops.post(step, SPRING, headers={"Origin": "http://elsewhere"}).status_code == 400
    assert list(kept(make)) == ["2097-02-09"]


def test_a_change_asks_to_be_posted(make, ops):
    add(ops, MAKE_UP)
    assert [ops.get(one).status_code for one in ("/holidays/add", "/holidays/delete/2097-02-09")] == [405, 405]
    assert list(kept(make)) == ["2097-02-09"]
