"""辖区总览 in a browser: down to a county and up again, the picture of its table, the export saved."""

import re

import pytest

pytestmark = pytest.mark.browser


def test_it_leads_down_to_a_county_and_up_again(look):
    province = look("hr.province").open("/")
    province.page.get_by_role("link", name="福州市", exact=True).click()
    province.page.get_by_role("link", name="鼓楼区", exact=True).click()
    assert province.page.locator(".crumbs").inner_text().split("\n")[-1].strip("/ ") == "鼓楼区"
    assert province.page.get_by_role("cell", name="鼓楼区实验小学").first.is_visible()
    province.page.get_by_role("navigation", name="当前位置").get_by_role("link", name="福建省").click()
    assert province.page.locator("h1").inner_text().split() == ["辖区总览", "福建省"]


def test_its_picture_tells_the_numbers_of_its_table(look):
    page = look("hr.city").open("/").page
    page.locator("[data-picture] svg").wait_for()
    told = page.locator("[data-picture]").get_attribute("aria-label")
    rows = page.locator("table[aria-labelledby=backlog] tbody tr")
    assert told.count("；") == rows.count() - 1 == 12
    last = rows.last.locator("td").all_inner_texts()
    assert re.findall(r" (\d+)", told.split("；")[-1]) == last[:4]


def test_what_waits_at_the_own_node_leads_to_the_list(look):
    county = look("hr.county").open("/")
    card = county.page.locator(".gauges .mine")
    number = card.locator("strong").inner_text()
    card.get_by_role("link").click()
    county.page.wait_for_url("**/applications/list/")
    assert county.page.locator(".tabs [aria-current] .n").inner_text() == number


def test_the_export_is_saved_as_what_it_is(look):
    page = look("hr.city").open("/overview/list/?status=all").page
    with page.expect_download() as saving:
        page.get_by_role("link", name="导出", exact=True).click()
    assert re.fullmatch(r"辖区单位-\d{8}\.csv", saving.value.suggested_filename)
