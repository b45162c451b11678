"""申报评审简表 of an application: what its page shows, on paper."""

from collections.abc import Callable

import pytest

from tests.applications.nodes.stage import one, post_approval_line, unit_passes, verdict
from tests.applications.papers import pages


@pytest.fixture
def applied(stage) -> int:
    """An application of the first person."""
    return stage.applying(1)[0]


@pytest.fixture
def paper(applied, reader) -> Callable[[], str]:
    """What its paper says."""
    return lambda: "".join(pages(reader("unit").get(f"/applications/form/{applied}.pdf").data))


def test_it_tells_who_applies_and_his_number_once(paper):
    said = paper()
    assert ("二、申报人" in said, "注册人" in said, said.count("证件号码")) == (True, False, 1)


def test_files_are_listed_by_name(stage, paper):
    stage.taken(unit_passes())
    said = paper()
    assert "附件proof-1.pdf" in said
    assert "公示证明proof-1.pdf公示材料proof-2.png" in said


def test_each_opinion_has_room_for_a_seal(stage, paper):
    stage.taken(unit_passes(), verdict(2, day=12))
    assert paper().count("（单位盖章）") == 3  # the recommendation, the unit, its department


def test_what_was_passed_beyond_the_positions_has_its_reason(stage, paper):
    stage.taken(post_approval_line(approved=17), unit_passes())
    assert "超出核准岗位数的原因" in paper()


def test_what_was_sent_back_stands_until_the_unit_has_passed_it_again(stage, applied, paper, reader):
    stage.taken(unit_passes())
    unit, department = reader("unit"), reader("department")

    def decides(who, *said: str) -> str:
        assert who.post("/applications/decide", one(stage.make, applied, *said)).status_code == 303
        return "".join(pages(who.get(f"/applications/form/{applied}.pdf").data))

    sent_back = decides(department, "send_back", "公示照片不清")
    again = decides(unit, "pass", "已补正")
    passed = decides(department, "pass", "材料齐全")
    assert ["公示照片不清" in said for said in (sent_back, again, passed)] == [True, False, False]
    assert 0 < passed.index("已补正") < passed.index("材料齐全")
