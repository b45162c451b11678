"""A person at the reception: found on whatever page one is, his records decided together, his belonging ended."""

import pytest

from tests.browser.pages import LIST
from tests.browser.visitor import PHONE
from tests.factories import id_number
from tests.staff.records import Records, item_line, request_line, verdict_line

pytestmark = pytest.mark.browser


@pytest.fixture
def records(unit, tmp_path):
    return Records(unit.make, tmp_path)


def belongs(records, one):
    """The applicant's registration passed."""
    records.ids(verdict_line(f"D-{one.ref}", "registration", one.ref, day=2))


def items(records, unit, one, count):
    """So many archive items of his that wait."""
    refs = [f"A{one.n}-{n}" for n in range(1, count + 1)]
    records.ids(*(item_line(ref, one.n, unit.number, day=4) for ref in refs))
    return refs


@pytest.fixture
def waiting(unit, records):
    """Somebody who belongs to the unit, three of whose items wait; another belongs to it too."""
    one, other = unit.registrations(2)
    belongs(records, one)
    belongs(records, other)
    items(records, unit, one, 3)
    return one, other


def finds(reviewer, text):
    """Look for somebody in the box on top of the page."""
    reviewer.page.get_by_role("search", name="查找人员").get_by_role("searchbox").fill(text)
    with reviewer.answered(200):
        reviewer.page.keyboard.press("Enter")


def of_kind(reviewer, kind):
    """What the bar offers for the ticked records of a kind."""
    return reviewer.page.get_by_role("form", name=kind)


def states(reviewer, kind):
    return reviewer.page.get_by_role("region", name=kind).locator(".pill").all_inner_texts()


def test_a_person_found_by_the_last_four_has_his_three_waiting_items_decided(unit, waiting):
    one, _other = waiting
    reviewer = unit.administrator("zhang").open(LIST)
    finds(reviewer, id_number(one.n)[-4:])
    if "/list/" in reviewer.page.url:  # two may end alike
        with reviewer.answered(200):
            reviewer.page.get_by_role("row").filter(has_text=one.name).get_by_role("link").click()
    person = reviewer.page.url
    reviewer.page.get_by_role("region", name="业绩档案").get_by_label("全选").check()
    assert "业绩档案 3" in of_kind(reviewer, "业绩档案").inner_text()
    of_kind(reviewer, "业绩档案").get_by_role("button", name="通过").click()
    reviewer.confirm("原件已核对")
    with reviewer.answered(200):
        reviewer.link("返回人员页面").click()
    assert reviewer.page.url == person
    assert states(reviewer, "业绩档案") == ["已通过"] * 3


def test_one_bar_offers_each_kind_of_a_mixed_selection_with_its_number(unit, waiting, records):
    one, _other = waiting
    records.ids(
        verdict_line(f"E-{one.n}", "archive_item", f"A{one.n}-1", day=6), request_line(f"W{one.n}", f"A{one.n}-1")
    )
    reviewer = unit.administrator("zhang").open(f"/people/show/{records.person(one.n)}")
    for kind in ("业绩档案", "撤回申请"):
        reviewer.page.get_by_role("region", name=kind).get_by_label("全选").check()
    assert "业绩档案 2" in of_kind(reviewer, "业绩档案").inner_text()
    assert "撤回申请 1" in of_kind(reviewer, "撤回申请").inner_text()
    of_kind(reviewer, "撤回申请").get_by_role("button", name="不同意").click()
    reviewer.confirm("原记录无误")
    with reviewer.answered(200):
        reviewer.link("返回人员页面").click()
    assert states(reviewer, "撤回申请") == ["已退回"]
    assert sorted(states(reviewer, "业绩档案")) == ["已通过", "待审核", "待审核"]


def test_records_opened_singly_follow_each_other_and_lead_back_to_the_person(unit, waiting, records):
    one, other = waiting
    items(records, unit, other, 1)
    reviewer = unit.administrator("zhang").open(f"/people/show/{records.person(one.n)}")
    with reviewer.answered(200):
        reviewer.link("审核").first.click()
    for _ in range(3):
        reviewer.button("通过").click()
        reviewer.confirm()
    assert f"/people/show/{records.person(one.n)}" in reviewer.page.url
    assert states(reviewer, "业绩档案") == ["已通过"] * 3


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_a_belonging_is_ended_and_the_next_line_refused_with_that_reason(unit, waiting, records, size):
    _one, other = waiting
    reviewer = unit.administrator("zhang")
    if size:
        reviewer.page.set_viewport_size(size)
    reviewer.open(f"/people/show/{records.person(other.n)}")
    reviewer.button("办理离开").click()
    reviewer.page.get_by_role("dialog").get_by_label("离职").check()
    reviewer.confirm()
    assert "离职" in reviewer.page.get_by_role("region", name="归属").inner_text()
    (result,) = records.taken(item_line(f"A{other.n}-9", other.n, unit.number, day=20))
    assert "离职" in "".join(result.errors["id_number"])
    with reviewer.answered(200):
        reviewer.button("撤销离开").click()
    (result,) = records.taken(item_line(f"A{other.n}-9", other.n, unit.number, day=20))
    assert result.outcome == "created"


def test_slash_leads_to_the_search_on_a_list_and_a_review_page_unless_keys_are_off(unit):
    (one,) = unit.registrations(1)
    reviewer = unit.administrator("zhang")
    box = reviewer.page.get_by_role("search", name="查找人员").get_by_role("searchbox")
    for address in (LIST, one.address):
        reviewer.open(address).page.keyboard.press("/")
        assert box.evaluate("field => field === document.activeElement")
    reviewer.page.get_by_role("heading").first.click()
    reviewer.button("快捷键").click()
    reviewer.page.get_by_label("启用单键快捷键").uncheck()
    reviewer.open(LIST).page.keyboard.press("/")
    assert not box.evaluate("field => field === document.activeElement")


def test_without_script_the_person_is_found_the_batch_decided_and_the_belonging_ended(unit, waiting, records):
    one, _other = waiting
    unit.enrol("zhang")
    reviewer = unit.visit(java_script_enabled=False)
    reviewer.sign_in(unit.account("zhang"))
    finds(reviewer, id_number(one.n))
    for box in reviewer.page.locator("input[name=rowid]").all():
        box.check()
    with reviewer.answered(200):
        of_kind(reviewer, "业绩档案").get_by_role("button", name="通过").click()
    reviewer.confirm("原件已核对")
    with reviewer.answered(200):
        reviewer.link("返回人员页面").click()
    assert states(reviewer, "业绩档案") == ["已通过"] * 3
    with reviewer.answered(200):
        reviewer.button("办理离开").click()
    reviewer.page.get_by_label("调出").check()
    reviewer.confirm()
    assert "调出" in reviewer.page.get_by_role("region", name="归属").inner_text()
