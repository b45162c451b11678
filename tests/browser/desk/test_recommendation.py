"""单位推荐意见 in a browser: kept as it is written, files sent at once, nothing typed is lost; what a verdict asks."""

import re
from base64 import b64encode

import pytest
from playwright.sync_api import expect

from tests.archive.files import pdf, png
from tests.browser.desk.applying import Form, applies, institution
from tests.browser.desk.reading import name_on
from tests.browser.visitor import PHONE

pytestmark = pytest.mark.browser
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 200_000}  # bytes a second


@pytest.fixture
def school(shared, visit):
    return institution(shared[0], visit)


@pytest.fixture
def address(school, tmp_path):
    """An application that waits at the unit."""
    return applies(school, tmp_path)


@pytest.fixture
def reviewer(school, address):
    """Who has it open."""
    return school.administrator("zhang").open(address)


@pytest.fixture
def form(reviewer):
    return Form(reviewer)


# ---- kept while it is written ----------------------------------------------------------------------------------------


def test_what_is_written_is_kept_by_itself_and_then_passes(reviewer, form, address, tmp_path):
    form.fill(tmp_path)
    form.is_saved()
    reviewer.open(address)
    assert form.text().input_value() == "该同志师德高尚，经公示无异议，同意推荐。"
    assert form.kept("公示证明") == ["proof-1.pdf"]
    reviewer.button("通过").click()
    with reviewer.answered(200):
        reviewer.confirm()
    assert reviewer.messages() == ["已通过 1 条。"]


def test_the_time_of_the_last_saving_is_told(form):
    form.text().fill("同意推荐")
    form.is_saved()
    assert re.fullmatch(r"已保存 \d\d:\d\d", form.state().inner_text().strip())


def test_what_was_typed_just_before_a_verdict_is_kept(reviewer, form, address):
    form.text().fill("最后一刻写的")
    reviewer.button("终止").click()
    expect(reviewer.page.get_by_role("dialog")).to_be_visible()
    reviewer.open(address)
    assert form.text().input_value() == "最后一刻写的"


def test_what_was_typed_just_before_the_page_is_left_is_kept(reviewer, form, address):
    form.text().fill("离开前写的")
    with reviewer.answered(200):
        reviewer.link("返回列表").click()
    reviewer.open(address)
    assert form.text().input_value() == "离开前写的"


def test_an_error_stands_beside_its_field_and_the_rest_stays_as_it_was_typed(reviewer, form):
    reviewer.expects(400)
    form.region.get_by_label("公示开始日期").fill("2026-11-06")
    form.region.get_by_label("公示结束日期").fill("2026-11-02")
    last = form.region.get_by_label("公示结束日期")
    expect(last).to_have_attribute("aria-invalid", "true", timeout=15_000)
    expect(last).to_have_accessible_description(re.compile("不能早于开始日期"))
    expect(form.state()).to_contain_text("未保存")
    last.fill("2026-11-12")
    form.is_saved()
    expect(last).not_to_have_attribute("aria-invalid", "true")
    expect(form.region).to_contain_text("2026-11-06 至 2026-11-12，5 个工作日")


def test_a_level_of_another_category_cannot_stand(form):
    form.region.get_by_label("是", exact=True).check()
    form.region.get_by_label("岗位等级").select_option("专业技术七级")
    assert form.region.get_by_label("岗位类别").input_value() == "professional"
    form.region.get_by_label("岗位类别").select_option("管理岗位")
    assert form.region.get_by_label("岗位等级").input_value() == ""


def test_without_script_the_button_keeps_it(school, address, tmp_path):
    form = Form(school.administrator("li", java_script_enabled=False).open(address))
    form.text().fill("没有脚本")
    form.upload("公示证明", tmp_path / "proof-1.pdf")
    with form.visitor.answered(200):
        form.visitor.button("保存草稿").click()
    assert form.text().input_value() == "没有脚本"
    assert form.kept("公示证明") == ["proof-1.pdf"]


# ---- two at once -----------------------------------------------------------------------------------------------------


def test_a_draft_that_somebody_else_saved_meanwhile_costs_nobody_what_he_typed(school, reviewer, form, address):
    second = Form(school.administrator("li").open(address))
    form.text().fill("先保存的")
    form.is_saved()
    second.visitor.expects(409)
    second.text().fill("后写的")
    expect(second.state()).to_contain_text("他人刚保存过这份草稿", timeout=15_000)
    assert second.text().input_value() == "后写的"
    with second.visitor.answered(409):
        second.visitor.button("保存草稿").click()
    assert second.text().input_value() == "后写的"
    expect(second.region.get_by_role("alert").filter(has_text="先保存的")).to_be_visible()
    second.visitor.button("保存草稿").click()
    second.is_saved()
    reviewer.open(address)
    assert form.text().input_value() == "后写的"


# ---- files -----------------------------------------------------------------------------------------------------------


def test_several_files_are_sent_one_after_the_other_and_can_be_removed(form, tmp_path):
    form.upload("公示证明", tmp_path / "proof-1.pdf", tmp_path / "proof-2.png")
    expect(form.files("公示证明").locator("li")).to_have_count(2, timeout=15_000)
    assert form.kept("公示证明") == ["proof-1.pdf", "proof-2.png"]
    form.files("公示证明").get_by_role("button", name="移除 proof-1.pdf").click()
    expect(form.files("公示证明").locator("li")).to_have_count(1)
    assert form.kept("公示证明") == ["proof-2.png"]


def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(reviewer, form, tmp_path):
    (tmp_path / "heavy.pdf").write_bytes(pdf(heavy=True))
    page = reviewer.page
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    form.upload("公示材料", tmp_path / "heavy.pdf")
    bar = form.files("公示材料").get_by_role("progressbar")
    expect(bar).to_be_visible()
    page.wait_for_function("bar => bar.value > 0.01", arg=bar.element_handle())
    form.files("公示材料").get_by_role("button", name="取消上传").click()
    expect(bar).to_be_hidden()
    assert form.kept("公示材料") == []


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [
        ("notes.txt", 10, "notes.txt 不是 PDF、JPG 或 PNG 文件"),
        ("large.pdf", 20 * 1024 * 1024 + 1, "large.pdf 超过 20 MB"),
    ],
)
def test_a_file_that_cannot_be_kept_is_not_even_sent(reviewer, form, tmp_path, name, size, told):
    (tmp_path / name).write_bytes(b"%PDF-" + b"0" * (size - 5))
    sent = []
    reviewer.page.on("request", lambda request: sent.append(request.url) if "/upload/" in request.url else None)
    form.upload("公示材料", tmp_path / name)
    expect(form.files("公示材料").get_by_role("alert")).to_contain_text(told)
    form.text().fill("同意推荐")
    form.is_saved()
    assert not sent


def test_a_file_is_dropped_on_its_field(reviewer, form):
    dropped = """(picture) => {
      const data = new DataTransfer();
      const bytes = Uint8Array.from(atob(picture), (byte) => byte.charCodeAt(0));
      data.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
      return data;
    }"""
    data = reviewer.page.evaluate_handle(dropped, b64encode(png()).decode())
    place = form.files("盖章推荐意见（如有）")
    place.dispatch_event("drop", {"dataTransfer": data})
    expect(place.locator("li a")).to_have_text(["dropped.png"], timeout=15_000)


# ---- what is missing -------------------------------------------------------------------------------------------------


def test_what_is_missing_leads_to_its_field_and_goes_once_it_is_there(reviewer, form):
    names = ["推荐意见", "公示起止日期", "公示证明", "公示材料", "是否占用本单位职位数", "占用说明"]
    assert form.missing().all_inner_texts() == names
    form.missing().get_by_text("占用说明").click()
    expect(form.region.get_by_label("占用说明")).to_be_focused()
    expect(form.region.get_by_label("占用说明")).to_be_in_viewport()
    form.region.get_by_label("占用说明").fill("不占用本单位岗位")
    expect(form.missing()).to_have_text(names[:-1], timeout=15_000)


def test_a_pass_shows_what_is_missing_in_place_of_its_dialog(reviewer, form):
    form.text().fill("同意推荐")
    reviewer.button("通过").click()
    told = reviewer.page.get_by_role("alert").filter(has_text="公示起止日期")
    expect(told).to_be_focused(timeout=15_000)
    expect(told).not_to_contain_text("推荐意见、")
    expect(reviewer.page.get_by_role("dialog")).to_have_count(0)
    assert form.missing().all_inner_texts()[0] == "公示起止日期"


def test_what_another_window_completed_passes_without_loading_the_page_again(reviewer, school, address, tmp_path):
    other = Form(school.administrator("li").open(address))
    other.fill(tmp_path)
    other.is_saved()
    reviewer.button("通过").click()
    expect(reviewer.page.get_by_role("dialog")).to_contain_text("将提交至")


def test_the_warnings_of_the_days_follow_what_is_typed(form):
    form.region.get_by_label("公示开始日期").fill("2026-11-02")
    form.region.get_by_label("公示结束日期").fill("2026-11-05")
    expect(form.region).to_contain_text("最早公示至 2026-11-06", timeout=15_000)
    form.region.get_by_label("公示结束日期").fill("2026-11-06")
    expect(form.region).not_to_contain_text("最早公示至", timeout=15_000)


def test_on_a_phone_what_is_missing_stands_before_the_material(school, address):
    page = school.administrator("li", viewport=PHONE).open(address).page
    tops = [page.locator(part).bounding_box()["y"] for part in (".queue", "[data-missing]", ".material", ".below")]
    assert tops == sorted(tops)


# ---- verdicts --------------------------------------------------------------------------------------------------------


def test_a_termination_says_what_follows_and_asks_for_the_name(reviewer):
    name = name_on(reviewer)
    reviewer.button("终止").click()
    dialog = reviewer.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"终止后，{name}在 2026 年度内不能再次申报")
    dialog.get_by_label("终止意见").fill("任职年限不足")
    expect(reviewer.button("确定")).to_be_disabled()
    dialog.get_by_label("请输入申报人姓名以确认").fill("别人")
    expect(reviewer.button("确定")).to_be_disabled()
    expect(dialog).to_contain_text("与申报人姓名不符")
    dialog.get_by_label("请输入申报人姓名以确认").fill(name)
    expect(dialog.get_by_text("与申报人姓名不符")).to_be_hidden()
    with reviewer.answered(200):
        reviewer.button("确定").click()
    assert reviewer.messages() == ["已终止 1 条。"]


def test_a_batch_of_terminations_asks_for_their_number(school, reviewer, tmp_path):
    applies(school, tmp_path)
    reviewer.open("/applications/list/")
    reviewer.page.get_by_label("全选本页").check()
    reviewer.button("终止").click()
    dialog = reviewer.page.get_by_role("dialog")
    expect(dialog).to_contain_text("将审核：2 条")
    dialog.get_by_label("终止意见").fill("任职年限不足")
    dialog.get_by_label("申报数量以确认").fill("1")
    expect(reviewer.button("确定")).to_be_disabled()
    dialog.get_by_label("申报数量以确认").fill("2")
    expect(reviewer.button("确定")).to_be_enabled()


def test_a_batch_of_which_nothing_can_pass_is_not_confirmed(school, reviewer, tmp_path):
    applies(school, tmp_path)
    reviewer.open("/applications/list/")
    reviewer.page.get_by_label("全选本页").check()
    reviewer.button("通过").click()
    expect(reviewer.page.get_by_role("dialog")).to_contain_text("所选记录均不能审核，无需确定")
    expect(reviewer.button("确定")).to_be_disabled()
    reviewer.button("取消").click()
    reviewer.button("退回").click()
    expect(reviewer.page.get_by_role("dialog")).to_contain_text("将审核：2 条")
    expect(reviewer.button("确定")).to_be_enabled()


def test_a_pass_says_where_the_application_goes(reviewer, form, tmp_path):
    form.fill(tmp_path)
    reviewer.button("通过").click()
    expect(reviewer.page.get_by_role("dialog")).to_contain_text("将提交至：县级人社部门。")
