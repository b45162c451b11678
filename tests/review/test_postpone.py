"""暂缓: a reviewer's own mark; the record stays pending, his queue passes over it until the day, if any, has come."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.review.models import Submission
from app.review.together import Postponement
from tests.browsing import Browser, links, part, table, tabs, text_of, value_of
from tests.factories import change, decision_line
from tests.review.forms import DECIDE, LIST, one, refused_beside, show

TODAY = datetime(2026, 11, 20, 4, tzinfo=UTC)  # noon in the province
DAY = timedelta(days=1)


def postpone(browser: Browser, pk: int, until: str = "", **form: str):
    return browser.post(f"/registrations/postpone/{pk}", {"until": until, **form})


def put_off(browser: Browser) -> list[str]:
    """The names under the list's filter 暂缓."""
    return [row["姓名"] for row in table(browser.get(f"{LIST}?postponed=1"))]


def marks(make) -> list[tuple[int, str | None]]:
    return [(pk, day and day.isoformat()) for pk, day in make.read(sa.select(*_MARK))]


_MARK = (Postponement.submission_id, Postponement.until)


def led_to(answer) -> str:
    """The page that an answer leads to, without its question."""
    return answer.location.split("?")[0]


@pytest.fixture
def ids(make, unit) -> list[int]:
    """Three records, in the order of the queue."""
    return [make.registration(n, submitted_at=f"2026-11-0{n}T09:00:00+08:00") for n in (1, 2, 3)]


@pytest.fixture
def colleague(make, unit, sign_in) -> Browser:
    make.account("li", "unit_administrator", unit)
    return sign_in("li")


def test_with_a_day_it_says_until_when(make, desk, ids):
    with clock.frozen(TODAY):
        assert postpone(desk, ids[0], "2026-11-21").status_code == 303
        assert "您已将该记录暂缓至 2026-11-21。" in text_of(desk.get(show(ids[0])))
    assert marks(make) == [(ids[0], "2026-11-21")]


def test_without_a_day_it_stays_put_off(make, desk, ids):
    postpone(desk, ids[0])
    with clock.frozen(TODAY + 400 * DAY):
        desk.comes_back()
        assert "您已暂缓该记录。" in text_of(desk.get(show(ids[0])))
        assert put_off(desk) == ["人员1"]


def test_it_is_the_accounts_own(desk, colleague, ids):
    postpone(desk, ids[0])
    assert (put_off(desk), put_off(colleague)) == (["人员1"], [])
    assert "您已暂缓该记录。" not in text_of(colleague.get(show(ids[0])))


def test_it_stays_pending_and_counted(make, desk, ids):
    postpone(desk, ids[0])
    answer = desk.get(LIST)
    assert ([row["姓名"] for row in table(answer)], tabs(answer)["待审核"]) == (["人员1", "人员2", "人员3"], "3")
    assert [row["审核状态"] for row in table(answer)] == ["待审核 暂缓", "待审核", "待审核"]
    assert {status for (status,) in make.read(sa.select(Submission.status))} == {"pending"}


def test_the_list_offers_the_filter_and_leads_back(desk, ids):
    postpone(desk, ids[1])
    (address,) = links(desk.get(LIST), "暂缓 1")
    answer = desk.get(address)
    assert ([row["姓名"] for row in table(answer)], links(answer, "暂缓 1")) == (["人员2"], [LIST])


def test_the_filter_is_not_offered_while_nothing_is_put_off(desk, colleague, ids):
    postpone(colleague, ids[0])
    assert _offers_the_filter(desk.get(LIST)) is False


def _offers_the_filter(answer) -> bool:
    return "postponed=1" in answer.text


# ---- where it leads --------------------------------------------------------------------------------------------------


def test_after_it_the_next_of_the_queue_opens(desk, ids):
    answer = postpone(desk, ids[0], query="status=pending")
    assert (answer.status_code, led_to(answer)) == (303, show(ids[1]))


def test_the_next_is_that_of_the_list_it_was_opened_from(desk, ids):
    assert led_to(postpone(desk, ids[1], query="sort=-submitted_at")) == show(ids[0])


def test_the_last_of_the_queue_leads_to_what_still_waits_before_it(desk, ids):
    assert led_to(postpone(desk, ids[2])) == show(ids[1])


def test_when_none_is_left_the_list_opens(desk, ids):
    assert [led_to(postpone(desk, pk)) for pk in ids] == [show(ids[1]), show(ids[2]), LIST]


# ---- the queue passes over it ----------------------------------------------------------------------------------------


def _next(answer) -> list[str]:
    return [address.split("?")[0] for address in links(part(answer, '<nav class="card queue', "</nav>"), "J 下一条")]


def test_the_queue_passes_over_it(desk, ids):
    before, said = _next(desk.get(show(ids[0]))), text_of(desk.get(show(ids[0])))
    postpone(desk, ids[1])
    answer = desk.get(show(ids[0]))
    assert (before, _next(answer)) == ([show(ids[1])], [show(ids[2])])
    assert ("第 1 / 3 条" in said, "第 1 / 2 条" in text_of(answer)) == (True, True)


def test_a_verdict_leads_past_it(desk, ids):
    postpone(desk, ids[1])
    assert led_to(desk.post(DECIDE, one(ids[0]))) == show(ids[2])


def test_the_queue_of_a_colleague_does_not_pass_over_it(desk, colleague, ids):
    postpone(desk, ids[1])
    assert _next(colleague.get(show(ids[0]))) == [show(ids[1])]


def test_among_what_is_put_off_the_queue_goes_from_one_to_the_next(desk, ids):
    for pk in (ids[0], ids[2]):
        postpone(desk, pk)
    assert _next(desk.get(f"{show(ids[0])}?postponed=1")) == [show(ids[2])]


# ---- its end ---------------------------------------------------------------------------------------------------------


def test_it_is_ended_by_hand(make, desk, ids):
    postpone(desk, ids[1])
    assert postpone(desk, ids[1], resume="1").status_code == 303
    assert (put_off(desk), marks(make), _next(desk.get(show(ids[0])))) == ([], [], [show(ids[1])])


def test_a_colleagues_is_not_ended(desk, colleague, ids):
    postpone(desk, ids[1])
    postpone(colleague, ids[1], resume="1")
    assert put_off(desk) == ["人员2"]


@pytest.mark.parametrize(("days", "names"), [(1, ["人员2"]), (2, [])])
def test_it_ends_when_its_day_comes(desk, ids, days, names):
    with clock.frozen(TODAY):
        postpone(desk, ids[1], "2026-11-22")
    with clock.frozen(TODAY + days * DAY):
        assert put_off(desk) == names
        assert _next(desk.get(show(ids[0]))) == [show(ids[2] if names else ids[1])]
        assert ("您已将该记录暂缓至" in text_of(desk.get(show(ids[1])))) == bool(names)


def test_it_is_put_off_again_to_another_day(make, desk, ids):
    with clock.frozen(TODAY):
        postpone(desk, ids[1], "2026-11-21")
    with clock.frozen(TODAY + DAY):
        postpone(desk, ids[1], "2026-11-30")
        assert (put_off(desk), marks(make)) == (["人员2"], [(ids[1], "2026-11-30")])


def test_what_is_decided_is_no_longer_under_the_filter(desk, ids):
    postpone(desk, ids[0])
    desk.post(DECIDE, one(ids[0]))
    assert put_off(desk) == []


# ---- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-11-20", "2026-11-19", "0001-01-01", "2026-02-30", "tomorrow", "20/12/2026", "1"])
def test_a_day_that_is_none_or_not_to_come_is_answered_beside_the_field_with_what_was_typed(make, desk, ids, day):
    with clock.frozen(TODAY):
        answer = postpone(desk, ids[0], day)
    assert refused_beside(answer, "put-off-error")
    assert (value_of(answer, "until"), marks(make)) == (day, [])


def test_the_day_is_that_of_the_province(make, desk, ids):
    with clock.frozen(datetime(2026, 11, 20, 17, tzinfo=UTC)):  # the 21st in the province
        assert postpone(desk, ids[0], "2026-11-21").status_code == 400
        assert postpone(desk, ids[0], "2026-11-22").status_code == 303


@pytest.mark.parametrize("verdict", ["pass", "return"])
def test_a_decided_record_is_not_put_off(make, desk, ids, verdict):
    make.taken(decision_line(verdict=verdict))
    assert (postpone(desk, ids[0]).status_code, marks(make)) == (409, [])


def test_a_record_at_another_node_is_not_put_off(make, desk, ids):
    change(make, sa.update(Submission).values(node="county"))
    assert (postpone(desk, ids[0]).status_code, marks(make)) == (409, [])


@pytest.mark.parametrize("role", ["unit_clerk", "hr_reviewer", "auditor"])
def test_who_decides_nothing_puts_nothing_off_and_has_no_filter(make, unit, sign_in, ids, role):
    make.account("reader", role, unit if role == "unit_clerk" else "350102")
    browser = sign_in("reader")
    assert (postpone(browser, ids[0]).status_code, marks(make)) == (403, [])
    assert _offers_the_filter(browser.get(LIST)) is False
