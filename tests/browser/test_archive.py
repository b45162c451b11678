"""业绩档案 as the manual tells it: the tree, one type, three at once, one returned; requests agreed to and refused."""

import re

import pytest

from app.archive.catalogue import load
from app.codes import CATALOGUE
from app.operations.demo.load import FEED, SCHOOL
from tests.archive.replay import statuses

pytestmark = pytest.mark.browser
TRAINING = "/archive/continuing_education/list/"


def leaves(visitor) -> dict[str, tuple[int, int]]:
    """The types in the tree, with their two counts: all, reviewed."""
    texts = visitor.page.locator("nav.tree li a").all_text_contents()
    found = (re.fullmatch(r"(\S+)（(\d+)/(\d+)）", "".join(text.split())) for text in texts)
    return {match[1]: (int(match[2]), int(match[3])) for match in found if match}


def test_the_tree_has_seven_categories_and_every_type_with_the_counts_of_the_feed(look):
    school, known = look("unit.public"), load(CATALOGUE)
    school.open("/archive/")
    categories = school.page.locator("nav.tree summary span:first-of-type").all_inner_texts()
    expected = statuses(FEED, SCHOOL)
    counts = {
        item_type.zh: (sum(numbers.values()), sum(numbers.values()) - numbers["pending"])
        for key, item_type in known.types.items()
        for numbers in [expected.get(key, {"pending": 0})]
    }
    assert categories == ["基本信息", "考核表彰", "能力条件", "工作业绩", "论文著作科研", "对外援助", "行业专用"]
    assert leaves(school) == counts


def test_three_of_a_type_are_passed_at_once_and_the_counts_move(visit):
    school = visit("unit.public")
    school.open("/archive/")
    school.page.locator("nav.tree summary").filter(has_text="基本信息").click()
    school.page.locator("nav.tree").get_by_role("link", name=re.compile("^继续教育")).click()
    school.page.wait_for_url("**/archive/continuing_education/list/")
    every, reviewed = leaves(school)["继续教育"]
    waiting = school.tab("待审核")
    for box in school.page.get_by_role("checkbox", name=re.compile("^选择 ")).all()[:3]:
        box.check()
    assert school.page.get_by_text("批量审核").is_visible()
    school.button("通过").click()
    school.page.get_by_role("dialog").get_by_label("审批意见").wait_for()
    school.confirm("材料齐全，情况属实")
    assert school.messages() == ["已通过 3 条。"]
    assert leaves(school.open(TRAINING))["继续教育"] == (every, reviewed + 3)
    assert school.tab("待审核") == waiting - 3


def test_one_is_returned_with_an_opinion_and_counts_as_reviewed(visit):
    school = visit("unit.public").open(TRAINING)
    every, reviewed = leaves(school)["继续教育"]
    record = school.rows()[0]
    school.open(record).button("退回").click()
    school.confirm("证书编号与证明材料不符")
    assert school.messages() == ["已退回 1 条。"]
    assert school.open(record).history()[0].startswith("退回 证书编号与证明材料不符 方颖")
    assert leaves(school.open(TRAINING))["继续教育"] == (every, reviewed + 1)


@pytest.fixture
def request_page(visit):
    """The administrator before the first request that waits, with the addresses of the request and of its record."""
    school = visit("unit.public").open("/withdrawals/list/")
    request = school.rows()[0]
    school.open(request)
    record = school.page.locator("dl.place").get_by_role("link", name=re.compile("^A")).get_attribute("href")
    return school, request, record


def test_a_request_that_is_agreed_to_gives_the_record_back(request_page):
    school, request, record = request_page
    school.button("同意").click()
    school.confirm("同意撤回修改")
    assert school.open(request).history()[0].startswith("同意 同意撤回修改 方颖")
    school.open(record)
    assert school.page.locator("dl.place .pill").inner_text().strip() == "已撤回"
    assert "同意撤回修改" in school.history()[0]


def test_a_request_that_is_refused_leaves_the_record_passed(request_page):
    school, request, record = request_page
    school.button("不同意").click()
    school.confirm("材料无误，无须修改")
    assert school.open(request).history()[0].startswith("不同意 材料无误，无须修改 方颖")
    school.open(record)
    assert school.page.locator("dl.place .pill").inner_text().strip() == "已通过"
    assert "材料无误，无须修改" in " ".join(school.history())
