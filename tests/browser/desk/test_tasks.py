"""任务中心 in a browser: every kind decided from there, the queue through all kinds, a mixed selection."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk.applying import Form, applies, institution
from tests.browser.visitor import PHONE
from tests.staff.records import Records, item_line, request_line, verdict_line

pytestmark = pytest.mark.browser
TASKS = "/tasks/list/"


@pytest.fixture
def school(shared, visit):
    return institution(shared[0], visit)


@pytest.fixture
def records(school, tmp_path):
    return Records(school.make, tmp_path)


@pytest.fixture
def waiting(school, records, tmp_path):
    """A registration, two items, a request and an application that wait; the addresses of the review pages by kind."""
    (person,) = school.registrations(1)
    application = applies(school, tmp_path)
    (owner,) = school.registrations(1)
    n, unit = owner.n, school.number
    records.ids(
        verdict_line(f"D-{owner.ref}", "registration", owner.ref, day=2),
        *(item_line(f"B{n}-{k}", n, unit, day=4) for k in range(3)),
        verdict_line(f"D-B{n}", "archive_item", f"B{n}-0", day=6),
        request_line(f"W{n}", f"B{n}-0"),
    )
    return {"人员注册": person.address, "职称申报": application}


def row(reviewer, matter):
    return reviewer.page.get_by_role("row").filter(has_text=matter).first


def review(reviewer, matter):
    """Open the first row about this from the list."""
    reviewer.open(TASKS)
    with reviewer.answered(200):
        row(reviewer, matter).get_by_role("link", name="审核").click()


def states(reviewer):
    """{matter: state} of what has been handled."""
    reviewer.open(f"{TASKS}?status=handled&by=me")
    rows = reviewer.page.locator("tbody tr").all()
    return {row.locator("td").nth(1).inner_text(): row.locator(".pill").inner_text() for row in rows}


def of_kind(reviewer, kind):
    return reviewer.page.get_by_role("form", name=kind)


MATTERS = {"registration": "人员注册", "archive_item": "年度考核 · 2025", "withdrawal": "撤回申请 · 2025"}
PASSED = {"registration": ("通过", "已通过"), "archive_item": ("通过", "已通过"), "withdrawal": ("同意", "已通过")}
RETURNED = {"registration": ("退回", "已退回"), "archive_item": ("退回", "已退回"), "withdrawal": ("不同意", "已退回")}


@pytest.mark.parametrize("verdicts", [PASSED, RETURNED], ids=["pass", "return"])
@pytest.mark.parametrize("kind", MATTERS)
def test_each_kind_is_decided_from_there(school, waiting, kind, verdicts):
    label, state = verdicts[kind]
    reviewer = school.administrator("zhang")
    review(reviewer, MATTERS[kind])
    reviewer.button(label).click()
    reviewer.confirm("已核对")
    assert states(reviewer) == {MATTERS[kind]: state}


def test_an_application_passes_with_its_recommendation_and_position(school, waiting, tmp_path):
    reviewer = school.administrator("zhang")
    review(reviewer, "职称申报")
    form = Form(reviewer)
    form.fill(tmp_path)
    form.is_saved()
    reviewer.button("通过").click()
    reviewer.confirm()
    assert states(reviewer) == {"职称申报 · 高级教师": "待审核"}


@pytest.mark.parametrize(("label", "state"), [("退回", "已退回"), ("终止", "已终止")])
def test_an_application_is_returned_or_terminated(school, waiting, label, state):
    reviewer = school.administrator("zhang")
    review(reviewer, "职称申报")
    name = reviewer.page.locator("h1 small").inner_text().split(" · ")[0]
    reviewer.button(label).click()
    confirmed = reviewer.page.locator("dialog[open] [name=confirm_name]")
    if confirmed.count():
        confirmed.fill(name)
    reviewer.confirm("不符合申报条件")
    assert states(reviewer) == {"职称申报 · 高级教师": state}


def test_the_queue_goes_on_with_the_next_of_another_kind_and_leads_back(school, waiting):
    reviewer = school.administrator("zhang").open(TASKS)
    order = reviewer.page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    seen = []
    review(reviewer, order[0])
    for _matter in order:
        seen.append(reviewer.page.url.split("/")[3])
        if "application" in seen[-1]:
            break
        label = "不同意" if seen[-1] == "withdrawals" else "退回"
        reviewer.button(label).click()
        reviewer.confirm("请补充")
    assert len(set(seen)) > 1
    with reviewer.answered(200):
        reviewer.link("返回任务中心").click()
    assert reviewer.page.url.split("#")[0].endswith(TASKS)


def test_a_mixed_selection_says_so_and_each_kind_is_decided_with_its_number(school, waiting):
    reviewer = school.administrator("zhang").open(TASKS)
    reviewer.page.get_by_label("全选本页").check()
    expect(reviewer.page.get_by_text("所选包含多类事项")).to_be_visible()
    told = {
        kind: of_kind(reviewer, kind).locator("b").inner_text()
        for kind in ("人员注册", "业绩档案", "撤回申请", "职称申报")
    }
    assert told == {"人员注册": "1", "业绩档案": "2", "撤回申请": "1", "职称申报": "1"}
    of_kind(reviewer, "业绩档案").get_by_role("button", name="通过").click()
    expect(reviewer.page.get_by_role("dialog")).to_contain_text("将审核：2 条")
    reviewer.confirm("原件已核对")
    assert sorted(states(reviewer).values()) == ["已通过"]
    assert reviewer.page.locator("tbody tr").count() == 2


def test_what_is_ticked_of_the_other_kinds_is_ticked_again_when_one_comes_back(school, waiting):
    reviewer = school.administrator("zhang").open(TASKS)
    reviewer.page.get_by_label("全选本页").check()
    of_kind(reviewer, "业绩档案").get_by_role("button", name="退回").click()
    reviewer.confirm("请补充证明")
    with reviewer.answered(200):
        reviewer.link("返回任务中心").click()
    assert of_kind(reviewer, "人员注册").locator("b").inner_text() == "1"
    assert of_kind(reviewer, "职称申报").locator("b").inner_text() == "1"
    reviewer.open(TASKS)
    assert reviewer.page.locator("[name=rowid]:checked").count() == 0


def test_a_selection_of_one_kind_says_nothing_of_others(school, waiting):
    reviewer = school.administrator("zhang").open(TASKS)
    row(reviewer, "人员注册").get_by_role("checkbox").check()
    expect(reviewer.page.get_by_text("所选包含多类事项")).to_be_hidden()
    expect(of_kind(reviewer, "人员注册")).to_be_visible()
    expect(of_kind(reviewer, "业绩档案")).to_be_hidden()


def test_all_of_a_kind_that_match_are_chosen_beyond_the_page(school, waiting):
    school.registrations(30)
    reviewer = school.administrator("zhang").open(f"{TASKS}?sort=-waiting")
    row(reviewer, "人员注册").get_by_role("checkbox").check()
    of_kind(reviewer, "人员注册").get_by_role("button", name="选择全部").click()
    assert of_kind(reviewer, "人员注册").locator("b").inner_text() == "全部 31 项"
    of_kind(reviewer, "人员注册").get_by_role("button", name="退回").click()
    reviewer.confirm("请补充")
    reviewer.open(TASKS)
    assert reviewer.page.get_by_role("row").filter(has_text="人员注册").count() == 0


def test_on_a_phone_the_rows_are_cards_and_the_bar_fits(school, waiting):
    reviewer = school.administrator("zhang", viewport=PHONE).open(TASKS)
    reviewer.page.get_by_label("全选本页").check()
    expect(of_kind(reviewer, "职称申报").get_by_role("button", name="终止")).to_be_visible()
    width = reviewer.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0


def test_without_script_each_kind_is_decided_too(school, waiting):
    reviewer = school.administrator("zhang", java_script_enabled=False).open(TASKS)
    for box in reviewer.page.get_by_role("row").filter(has_text="年度考核").get_by_role("checkbox").all():
        box.check()
    with reviewer.answered(200):
        of_kind(reviewer, "业绩档案").get_by_role("button", name="退回").click()
    reviewer.confirm("请补充证明")
    assert states(reviewer) == {"年度考核 · 2025": "已退回"}
