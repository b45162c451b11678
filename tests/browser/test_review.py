"""The main job as the manual tells it: log in, find what waits, decide one, decide all that match, take it away."""

import csv
import json
import re

import pytest

from app.operations.demo.load import COMPANY, FEED, SCHOOL
from tests.browser.pages import LIST

pytestmark = pytest.mark.browser


def test_from_the_public_page_a_unit_comes_to_its_65_waiting_registrations(look):
    school = look()
    school.open("/")
    school.link("登录").click()
    school.link("内置单位登录").click()
    school.page.get_by_label("用户名").fill("unit.public")
    school.page.get_by_label("密码").fill(school.password)
    school.button("登录").click()
    school.page.get_by_role("link", name="人员注册 65").click()
    school.page.wait_for_url("**/registrations/list/")
    assert (school.tab("待审核"), school.total(), len(school.rows())) == (65, 65, 25)


def test_one_record_is_passed_with_the_opinion_that_stands_there(visit):
    school = visit("unit.public")
    record = school.rows()[0]
    school.link("审核").first.click()
    school.button("通过").click()
    assert school.page.get_by_role("dialog").get_by_label("审批意见").input_value() == "同意"
    school.confirm()
    assert school.messages() == ["已通过 1 条。"]
    assert school.open(LIST).tab("待审核") == 64
    assert re.fullmatch(r"通过 同意 方颖 ?单位 ?[-0-9]{10} [:0-9]{5}", school.open(record).history()[0])


def test_one_record_is_returned_with_an_opinion(visit):
    school = visit("unit.public")
    record, returned = school.rows()[0], school.tab("已退回")
    school.open(record).button("退回").click()
    school.confirm("证件号码与姓名不符")
    assert school.messages() == ["已退回 1 条。"]
    assert school.open(LIST).tab("已退回") == returned + 1
    assert school.open(record).history()[0].startswith("退回 证件号码与姓名不符 方颖")


def test_a_return_without_an_opinion_does_not_leave_the_dialog(look):
    school = look("unit.public")
    school.open(school.rows()[0]).button("退回").click()
    opinion = school.page.get_by_role("dialog").get_by_label("退回意见")
    assert opinion.input_value() == ""
    school.button("确定").click()
    assert opinion.evaluate("field => field.validity.valueMissing && field === document.activeElement")


def test_a_return_with_a_blank_opinion_is_refused_beside_the_field_and_asks_again(look):
    school = look("unit.public")
    school.open(school.rows()[0]).button("退回").click()
    with school.answered(400):
        school.confirm("  \n ")
    opinion = school.page.get_by_label("退回意见")
    problem = school.page.locator(f"#{opinion.get_attribute('aria-describedby')}")
    assert (opinion.is_visible(), problem.inner_text()) == (True, "请填写意见，意见将随审核结果保存。")


def by_name(visitor):
    visitor.page.locator("main").get_by_role("searchbox").fill("唐")
    visitor.button("搜索").click()


def by_filter(visitor):
    visitor.page.get_by_text("筛选", exact=True).click()
    visitor.page.get_by_label("政治面貌").select_option(label="群众")
    visitor.button("查询").click()


@pytest.mark.parametrize(("narrow", "pages"), [(by_name, 1), (by_filter, 2)])
def test_all_that_match_are_passed_in_one_go_and_each_record_tells_it(visit, narrow, pages):
    school = visit("unit.public")
    with school.answered(200):
        narrow(school)
    total, first = school.total(), school.page.url.removeprefix(school.url)
    records = [row for n in range(1, pages + 1) for row in school.open(f"{first}&page={n}").rows()]
    assert len(records) == total > 25 * (pages - 1) + 3

    school.open(first)
    school.page.get_by_label("全选本页").check()
    if pages > 1:
        school.button(f"选择全部 {total} 项").click()
    school.page.get_by_role("group", name="批量审核").get_by_role("button", name="通过").click()
    assert f"{total} 项" in school.page.get_by_role("dialog").get_by_role("heading").inner_text()
    school.confirm("批量核对无误")

    assert school.messages() == [f"已通过 {total} 条。"]
    assert school.open(first).total() == 0
    for record in records:
        assert school.open(record).history()[0].startswith("通过 批量核对无误 方颖"), record


@pytest.mark.parametrize("query", ["", "?status=all", "?status=returned", "?political_status=13", "?q=唐"])
def test_the_file_has_as_many_rows_as_the_screen_counts(look, query):
    school = look("unit.public")
    school.open(f"{LIST}{query}")
    with school.page.expect_download() as download:
        school.link("导出").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == school.total() > 3
    assert all(re.fullmatch(r"R\d{6}", row["编号"]) and "**" in row["证件号码"] for row in rows)


def test_a_company_sees_its_own_26_and_nothing_of_the_school(look):
    company = look("unit.company")
    names = [name for n in (1, 2) for name in names_of(company.open(f"{LIST}?page={n}"))]
    registered = [line for line in map(json.loads, FEED.read_text().splitlines()) if line["kind"] == "registration"]
    own = {line["person"]["name"] for line in registered if line["unit"] == COMPANY}
    assert (company.tab("待审核"), company.total(), len(names), set(names) - own) == (26, 26, 26, set())

    stranger = next(line for line in registered if line["unit"] == SCHOOL)["person"]["id_number"]
    company.open(f"{LIST}?status=all").page.locator("main").get_by_role("searchbox").fill(stranger)
    with company.answered(200):
        company.button("搜索").click()
    assert company.total() == 0


def names_of(visitor):
    return visitor.page.locator("td.lead").all_inner_texts()


def test_the_own_record_says_why_it_cannot_be_decided(look):
    school = look("unit.public")
    school.open(f"{LIST}?q=方颖").link("查看").click()
    told = school.page.get_by_text("这是您本人的记录，依回避规定须由本单位其他管理员审核").inner_text()
    assert "许静文" in told
    assert school.button("通过").count() == school.button("退回").count() == 0


def test_a_batch_of_all_leaves_the_own_record_out_and_says_so(visit):
    school = visit("unit.public")
    school.page.get_by_label("全选本页").check()
    school.button("选择全部 65 项").click()
    school.button("退回").click()
    school.confirm("请统一补充证明")
    assert school.messages() == ["已退回 64 条。", "1 条未处理：属您本人的记录，须由其他管理员审核。"]
    assert names_of(school.open(LIST)) == ["方颖"]


def test_the_second_of_two_learns_who_decided_and_when_and_keeps_what_was_typed(visit):
    first, second = visit("unit.public"), visit("unit.public2")
    record = first.rows()[0]
    for reviewer in (first, second):
        reviewer.open(record)
    first.button("通过").click()
    first.confirm("材料已核")
    second.button("退回").click()
    with second.answered(409):
        second.confirm("邮箱写错了，请改正")
    told = second.page.get_by_role("alert").inner_text()
    assert re.search(r"方颖 已于 20\d\d-\d\d-\d\d \d\d:\d\d 审核该记录：通过", told), told
    assert "材料已核" in told
    assert "邮箱写错了，请改正" in told
    assert [step.split()[0] for step in second.history()].count("退回") == 0
