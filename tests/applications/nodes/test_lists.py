"""What the lists of applications say: how long each waits, where a batch sent it, where the records come from."""

import re
from datetime import timedelta

import pytest

from app import clock
from app.applications import due
from tests.applications.nodes.stage import unit_passes
from tests.applications.nodes.test_passing import draft
from tests.browsing import table, text_of

LIST = "/applications/list/"


def test_a_batch_names_the_title_by_the_kinds_own_word_and_says_where_each_is_now(stage, reader):
    one, two = stage.applying(1, 2)
    stage.taken(unit_passes(1, of="T1"), unit_passes(2, of="T2"))
    department = reader("department")
    form = {"rowid": [f"{one}:2", f"{two}:2"], "verdict": "pass", "opinion": "同意"}
    answer = department.post("/applications/decide", form, follow_redirects=True)
    assert "业绩记录" not in text_of(answer)
    rows = table(answer)
    assert [row["申报职称"] for row in rows] == ["高级教师"] * 2
    assert [row["审核状态"] for row in rows] == ["待审核 · 县级人社部门"] * 2


def test_what_a_batch_ended_says_its_state_alone(stage, reader):
    (pk,) = stage.applying(1)
    form = {"rowid": [f"{pk}:1"], "verdict": "return", "opinion": "请补充材料"}
    answer = reader("unit").post("/applications/decide", form, follow_redirects=True)
    assert [row["审核状态"] for row in table(answer)] == ["已退回"]


@pytest.mark.parametrize(
    ("days", "said", "tone"), [(0, "今天", ""), (4, "4 天", ""), (5, "5 天\n较久", "wait"), (10, "10 天\n过久", "back")]
)
def test_a_colour_of_the_waiting_time_has_a_word(app, days, said, tone):
    since = clock.now() - timedelta(days=days)
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        assert (due.waiting_text(since), due.waiting_tone(since)) == (said, tone)


@pytest.mark.parametrize(
    ("days", "said", "tone"),
    [
        (15, "还剩 15 天", ""),
        (14, "仅剩 14 天", "wait"),
        (3, "紧急，剩 3 天", "back"),
        (0, "今天截止", "back"),
        (-1, "已截止", "back"),
    ],
)
def test_a_colour_of_the_closing_has_a_word(app, days, said, tone):
    on = clock.today() + timedelta(days=days)
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        assert (due.due_text(on), due.due_tone(on)) == (f"{on.isoformat()}\n{said}", tone)


def test_an_empty_list_says_where_its_records_come_from(stage, reader):
    said = {who: text_of(reader(who).get(LIST)) for who in ("unit", "department", "province")}
    assert "本单位人员在申报人端提交后" in said["unit"]
    for who in ("department", "province"):
        assert "下级审核通过后，会立即出现在这里" in said[who] and "本单位人员" not in said[who]


def test_a_reader_of_several_units_is_not_told_of_his_own_staff(stage, reader):
    said = text_of(reader("province").get("/archive/paper/list/"))
    assert "各单位人员在申报人端提交后" in said


def test_the_units_list_says_what_can_pass(stage, reader):
    whole, part = stage.applying(1, 2)
    unit = reader("unit")
    draft(unit, whole)
    draft(unit, part, files=("proof",), text="")
    rows = {row["姓名"]: row["推荐意见"] for row in table(unit.get(LIST))}
    assert rows == {"人员1": "可通过", "人员2": "缺 2 项"}
    assert "推荐意见" not in table(unit.get(f"{LIST}?status=all"))[0]
    stage.taken(unit_passes(of="T1"))
    assert "推荐意见" not in table(reader("department").get(LIST))[0]


def test_a_bureau_sorts_by_how_long_each_waits(stage, reader):
    stage.applying(1, 2, 3)
    stage.taken(*(unit_passes(n, of=f"T{n}", day=day) for n, day in ((1, 14), (2, 12), (3, 16))))
    department = reader("department")
    orders = [[row["姓名"] for row in table(department.get(f"{LIST}?sort={sort}"))] for sort in ("waiting", "-waiting")]
    assert orders == [["人员2", "人员1", "人员3"], ["人员3", "人员1", "人员2"]]
    page = department.get(f"{LIST}?sort=waiting")
    assert 'aria-sort="descending"' in page.text  # the longest wait stands first
    second = re.findall(r'href="(/applications/show/\d+\?sort=waiting)"', page.text)[1]
    assert "第 2 / 3 条" in text_of(department.get(second))
