"""Belonging ended (调出、离职): records stay, nothing new is taken, and a mistake is undone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from app.operations.check import inconsistencies
from app.staff.models import Departure, Person
from app.tenancy import everything
from tests.browsing import rowids, text_of, value_of
from tests.factories import audited, change, id_number, registration_line, unit_code
from tests.intake.answers import answer, belongs_to, state
from tests.review.forms import one
from tests.review.test_person_of_two_units import behind_each_other
from tests.staff.records import NOVEMBER, Records, item_line, request_line, rows_of, verdict_line

FORM = {"how": "transferred", "left_on": "2026-11-20", "remark": "调往区教育局"}


@pytest.fixture
def person(records: Records) -> str:
    """The address of somebody who belongs to the unit since the second of November."""
    records.belongs(1)
    return f"/people/show/{records.person()}"


def ends(browser: Any, person: str, **changes: str) -> Any:
    """End the belonging from the person's page as it stands now."""
    seen = value_of(browser.get(person), "seen")
    return browser.post(person.replace("show", "end"), {**FORM, "seen": seen, **changes})


def undoes(browser: Any, make: Any, number: int = -1) -> Any:
    return browser.post(f"/people/undo/{rows_of(make, Departure)[number].id}")


def broken(app: Any) -> list[str]:
    """What `flask check` would say."""
    with app.app_context(), everything("tests") as session:
        return list(inconsistencies(session))


def test_ending_a_belonging_is_kept_with_who_how_and_when(make, desk, person):
    assert ends(desk, person).status_code == 303
    (row,) = rows_of(make, Departure)
    assert (row.how, row.left_on.isoformat(), row.remark, row.by_name) == (*FORM.values(), "zhang 的持有人")
    assert belongs_to(make) is None
    said = text_of(desk.get(person))
    assert [text for text in ("调出 · 2026-11-20", "调往区教育局", "已离开") if text not in said] == []


def test_it_leaves_one_audit_row(make, desk, person):
    ends(desk, person)
    (row,) = audited(make, "end_belonging")
    assert row.detail == {"how": "transferred", "left_on": "2026-11-20"}


def test_what_still_waits_is_told_before_it_is_confirmed(desk, person, records):
    records.ids(
        item_line("A1", day=3),
        verdict_line("D1", "archive_item", "A1"),
        item_line("A2"),
        item_line("A3"),
        request_line("W1", "A1"),
    )
    assert "尚待审核： 业绩档案 2、撤回申请 1" in text_of(desk.get(person))


def test_without_script_the_button_leads_to_the_dialog(desk, person):
    seen = value_of(desk.get(person), "seen")
    page = desk.post(person.replace("show", "end"), {"seen": seen})
    assert (page.status_code, 'id="dialog-end" aria-labelledby="dialog-end-title" open' in page.text) == (200, True)


@pytest.mark.parametrize(
    ("changes", "beside"),
    [
        ({"how": ""}, "请选择一项"),
        ({"how": "fired"}, "请选择一项"),
        ({"left_on": "2026-11-01"}, "不能早于注册通过的日期 2026-11-02"),
        ({"left_on": "2999-01-01"}, "不能晚于今天"),
        ({"left_on": "gestern"}, "2026-11-20"),
        ({"left_on": ""}, "2026-11-20"),
        ({"remark": "长" * 501}, "500"),
        ({"remark": "\x07"}, "控制字符"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field_and_nothing_is_changed(make, desk, person, changes, beside):
    refused = ends(desk, person, **changes)
    assert (refused.status_code, beside in text_of(refused)) == (400, True)
    assert (rows_of(make, Departure), belongs_to(make)) == ([], unit_code(1))


@pytest.mark.parametrize("day", ["2026-11-02", "2026-11-20"])
def test_the_day_of_the_pass_and_later_ones_are_taken(desk, person, day):
    assert ends(desk, person, left_on=day).status_code == 303


def test_the_day_is_compared_with_the_pass_by_which_he_came_not_with_a_later_correction(desk, person, records):
    corrected = registration_line(1, person={"email": "n@example.cn"}, submitted_at=NOVEMBER.format(9))
    records.ids(corrected, verdict_line("D9", "registration", "R1", day=12))
    assert ends(desk, person, left_on="2026-11-05").status_code == 303


# ---- what follows ----------------------------------------------------------------------------------------------------


def test_his_next_line_is_refused_with_that_reason(desk, person, records):
    ends(desk, person)
    (result,) = records.taken(item_line("A1", day=21))
    assert {field: "".join(messages) for field, messages in result.errors.items()} == {
        "id_number": "此人已于 2026-11-20 离开该单位（调出），该单位不再接收其新提交的材料"
    }


def test_what_waits_stays_decidable(desk, person, records, make):
    records.ids(item_line("A1"))
    ends(desk, person)
    form = {"rowid": rowids(desk.get(person))[0], "verdict": "pass", "opinion": "已核对", "single": "1"}
    assert desk.post("/archive/all/decide", form).status_code == 303
    assert state(make, "A1")[0] == "passed"


def test_what_was_returned_is_resubmitted_all_the_same(desk, person, records):
    records.ids(item_line("A1"), verdict_line("D1", "archive_item", "A1", "return"))
    ends(desk, person)
    data = item_line("A1")["data"] | {"year": 2024}
    assert answer(records.taken(item_line("A1", day=21, data=data))[0]) == "resubmitted"


@pytest.mark.parametrize("place", [1, 2], ids=["here", "elsewhere"])
def test_he_may_register_anew_and_then_belongs_and_submits(make, desk, person, records, place):
    make.unit(2)
    ends(desk, person)
    records.belongs(1, unit=place, day=21, ref="N1")
    assert answer(records.taken(item_line("A1", unit=place, day=22))[0]) == "created"
    assert (belongs_to(make), broken(desk.client.application)) == (unit_code(place), [])


def test_who_never_left_but_moved_is_told_to_register(make, desk, person, records):
    make.unit(2)
    ends(desk, person)
    records.belongs(1, day=21, ref="N1")
    records.belongs(1, unit=2, day=22, ref="N2")
    (result,) = records.taken(item_line("A1", day=23))
    assert "离开" not in "".join(result.errors["id_number"])


@pytest.mark.parametrize("elsewhere", [False, True], ids=["once here", "and elsewhere before"])
def test_taking_back_a_pass_elsewhere_does_not_bring_the_ended_belonging_back(make, desk, sign_in, records, elsewhere):
    make.account("wang", "unit_administrator", make.unit(2))
    make.unit(3)
    if elsewhere:
        records.belongs(1, unit=3, day=1, ref="E1")
    records.belongs(1)
    ends(desk, f"/people/show/{records.person()}")
    other, pk = sign_in("wang"), make.registration(1, unit_code(2), ref="S1")
    assert other.post("/registrations/decide", one(pk)).status_code == 303
    assert belongs_to(make) == unit_code(2)
    form = {"rowid": f"{pk}:2", "single": "1", "status": "passed", "opinion": "误操作"}
    assert other.post("/registrations/take_back", form).status_code == 303
    assert (belongs_to(make), broken(desk.client.application)) == (None, [])


def test_an_ended_belonging_is_consistent_and_one_that_is_not_kept_is_told(make, desk, person):
    ends(desk, person)
    app = desk.client.application
    assert broken(app) == []
    change(make, sa.delete(Departure))
    assert broken(app) == ["the person belongs nowhere: registration R1"]


def test_belonging_again_without_a_new_pass_is_told(make, unit, desk, person):
    ends(desk, person)
    change(make, sa.update(Person).values(unit_id=unit))
    assert broken(desk.client.application) == ["the person belongs where nothing passed: registration R1"]


# ---- undone ----------------------------------------------------------------------------------------------------------


def test_a_mistake_is_undone(make, desk, person, records):
    ends(desk, person)
    assert undoes(desk, make).status_code == 303
    assert (belongs_to(make), broken(desk.client.application)) == (unit_code(1), [])
    assert len(audited(make, "undo_departure")) == 1
    assert answer(records.taken(item_line("A1", day=21))[0]) == "created"


def test_after_that_he_can_leave_once_more(make, desk, person):
    ends(desk, person)
    undoes(desk, make)
    assert ends(desk, person, how="left").status_code == 303
    assert [(row.how, row.undone_at is None) for row in rows_of(make, Departure)] == [
        ("transferred", False),
        ("left", True),
    ]


def moved(make, desk, person, records):
    make.unit(2)
    records.belongs(1, unit=2, day=21, ref="S1")
    return -1


def undone_already(make, desk, person, records):
    undoes(desk, make)
    return -1


def left_again_since(make, desk, person, records):
    records.belongs(1, day=21, ref="N1")
    ends(desk, person, left_on="2026-11-21")
    return 0


def pass_taken_back(make, desk, person, records):
    (pk,) = [row.id for row in make.read(sa.text("SELECT id FROM submission").execution_options(tenancy_scoped="t"))]
    form = {"rowid": f"{pk}:2", "single": "1", "status": "passed", "opinion": "误操作"}
    assert desk.post("/registrations/take_back", form).status_code == 303
    return -1


@pytest.mark.parametrize("meanwhile", [moved, undone_already, left_again_since, pass_taken_back])
def test_what_came_since_is_not_undone(make, desk, person, records, meanwhile):
    ends(desk, person)
    number = meanwhile(make, desk, person, records)
    before = belongs_to(make), [row.undone_at for row in rows_of(make, Departure)]
    assert undoes(desk, make, number).status_code == 409
    assert (belongs_to(make), [row.undone_at for row in rows_of(make, Departure)]) == before
    assert broken(desk.client.application) == []


# ---- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["unit_clerk", "hr_reviewer", "auditor", "hr_operations"])
def test_nobody_but_the_administrator_ends_or_undoes(make, unit, desk, person, sign_in, role):
    make.account("other", role, unit if role == "unit_clerk" else "350100")
    ends(desk, person)
    other = sign_in("other")
    assert [other.post(person.replace("show", "end"), FORM).status_code, undoes(other, make).status_code] == [403, 403]


def test_another_units_person_and_departure_are_not_found(make, desk, person, sign_in):
    make.account("wang", "unit_administrator", make.unit(2))
    ends(desk, person)
    other = sign_in("wang")
    answers = [other.post(person.replace("show", "end"), FORM), undoes(other, make)]
    assert [refused.status_code for refused in answers] == [404, 404]


def test_nobody_ends_his_own(make, unit, records, sign_in):
    records.belongs(1)
    make.account("zhang", "unit_administrator", unit, holder=id_number(1))
    browser = sign_in("zhang")
    person = f"/people/show/{records.person()}"
    assert "办理离开" not in browser.get(person).text
    assert browser.post(person.replace("show", "end"), FORM | {"seen": "1"}).status_code == 403


# ---- at the same moment ----------------------------------------------------------------------------------------------


@pytest.fixture
def colleague(make, unit, sign_in):
    """A second administrator."""
    make.account("li", "unit_administrator", unit)
    return sign_in("li")


def test_the_second_is_told_who_was_faster(make, desk, colleague, person):
    seen = value_of(colleague.get(person), "seen")
    ends(desk, person)
    late = colleague.post(person.replace("show", "end"), FORM | {"how": "left", "seen": seen})
    assert (late.status_code, "zhang 的持有人 已于" in text_of(late)) == (409, True)
    assert [row.how for row in rows_of(make, Departure)] == ["transferred"]


def test_who_came_back_meanwhile_is_not_sent_away_by_an_old_page(make, desk, colleague, person, records):
    seen = value_of(colleague.get(person), "seen")
    ends(desk, person)
    records.belongs(1, day=21, ref="N1")
    form = FORM | {"left_on": "2026-11-22", "seen": seen}
    assert colleague.post(person.replace("show", "end"), form).status_code == 409
    assert belongs_to(make) == unit_code(1)


def test_two_administrators_end_it_once(make, desk, colleague, person):
    both = [(browser, value_of(browser.get(person), "seen")) for browser in (desk, colleague)]
    steps: list[Callable[[], int]] = [
        lambda browser=browser, seen=seen: (
            browser.post(person.replace("show", "end"), FORM | {"seen": seen}).status_code
        )
        for browser, seen in both
    ]
    assert sorted(behind_each_other(desk.client.application, *steps)) == [303, 409]
    assert len(rows_of(make, Departure)) == len(audited(make, "end_belonging")) == 1


def test_a_line_that_arrives_meanwhile_is_before_or_after(make, desk, records):
    """Eight people at once: whoever's line was taken had not left, whoever had left was refused."""
    start = Barrier(2, timeout=30)

    def ending(person: str, seen: str) -> int:
        start.wait()
        return int(desk.post(person.replace("show", "end"), FORM | {"seen": seen}).status_code)

    def arriving(n: int) -> Any:
        start.wait()
        return answer(records.taken(item_line(f"A{n}", n, day=21))[0])

    for n in range(1, 9):
        records.belongs(n)
        person = f"/people/show/{records.person(n)}"
        seen = value_of(desk.get(person), "seen")
        with ThreadPoolExecutor(2) as hands:
            ended, taken = hands.submit(ending, person, seen), hands.submit(arriving, n)
        assert ended.result() == 303
        assert taken.result() in ("created", ["id_number"])


def test_a_line_waits_for_the_ending_that_came_first(make, engine, desk, person, records):
    if engine.name == "sqlite":
        pytest.skip("there one writer waits for the other before it begins")
    seen = value_of(desk.get(person), "seen")
    app = desk.client.application
    answers = behind_each_other(
        app,
        lambda: desk.post(person.replace("show", "end"), FORM | {"seen": seen}).status_code,
        lambda: answer(records.taken(item_line("A1", day=21))[0]),
    )
    assert answers == [303, ["id_number"]]
