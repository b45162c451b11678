"""职称申报 as the manual tells it: the unit recommends, each node passes it on, and it is with the committee."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.archive.factories import proofs
from tests.browser.desk.applying import Form

pytestmark = pytest.mark.browser
LIST = "/applications/list/"
ABOVE = ("dept.education", "hr.county", "hr.city", "hr.province")  # in the order of the route
NODES = ("主管部门", "县级人社部门", "市级人社部门", "省级人社部门", "评委会")
PLAN = "2026年度中小学教师系列副高级职称评审"  # of the province, so that its applications go to the end


@pytest.fixture
def files(tmp_path) -> Path:
    (tmp_path / "proofs").mkdir()
    return proofs(tmp_path / "proofs")


def numbers(visitor) -> dict[str, int]:
    visitor.open(LIST)
    return {name: visitor.tab(name) for name in ("待审核", "已通过", "已退回", "全部")}


def moved(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}


def recommended(school, files) -> str:
    """The oldest waiting application of the plan, opened and recommended, with two uploads; its address."""
    school.open(LIST)
    row = school.page.locator("tbody tr").filter(has_text=PLAN).first
    with school.answered(200):
        row.get_by_role("link", name="审核").click()
    address = school.page.url.removeprefix(school.url).partition("?")[0]
    Form(school).fill(files)
    Form(school).is_saved()
    return address


def pass_on(visitor, address: str) -> None:
    visitor.open(address).button("通过").click()
    visitor.confirm("同意上报")
    assert visitor.messages() == ["已通过 1 条。"]


def test_from_the_unit_through_every_node_to_the_committee(visit, files):
    school, company = visit("unit.public"), visit("unit.company")
    readers = {who: visit(who) for who in ABOVE}
    at_first = {who: numbers(reader) for who, reader in readers.items()} | {"unit": numbers(school)}
    foreign = numbers(company)
    address = recommended(school, files)
    pass_on(school, address)
    assert moved(at_first["unit"], numbers(school)) == {"待审核": -1, "已通过": 1}
    for place, (who, reader) in enumerate(readers.items()):
        assert moved(at_first[who], numbers(reader)) == {"待审核": 1, "全部": 1}
        pass_on(reader, address)
        assert moved(at_first[who], numbers(reader)) == {"已通过": 1, "全部": 1}
        expect(school.open(address).page.locator(".decide")).to_contain_text(NODES[place + 1])
    assert "已报送评委会" in " ".join(school.open(address).texts())
    assert numbers(company) == foreign
    company.open(address, 404)


def test_sent_back_to_the_unit_and_up_again(visit, files):
    school, department, county = visit("unit.public"), visit("dept.education"), visit("hr.county")
    address = recommended(school, files)
    pass_on(school, address)
    pass_on(department, address)
    before = numbers(county)
    county.open(address).button("退回单位").click()
    county.confirm("推荐意见过于简单，请写明任职情况")
    assert moved(before, numbers(county)) == {"待审核": -1}
    expect(school.open(address).page.locator(".decide")).to_contain_text("推荐意见过于简单")
    Form(school).text().fill("该同志任现职满五年，师德高尚，同意推荐。")
    Form(school).is_saved()
    pass_on(school, address)
    pass_on(department, address)
    assert "任现职满五年" in " ".join(county.open(address).texts())
    assert numbers(county)["待审核"] == before["待审核"]
