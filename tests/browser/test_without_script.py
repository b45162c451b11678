"""Where scripts do not run, forms do the same job."""

import pytest

pytestmark = pytest.mark.browser


def test_a_single_verdict_works_without_script(visit):
    school = visit("unit.public", java_script_enabled=False)
    record = school.rows()[0]
    school.open(record)
    with school.answered(200):
        school.button("通过").click()
    assert school.page.get_by_label("审批意见").and_(school.page.locator("textarea:visible")).input_value() == "同意"
    school.confirm("已逐项核对")
    assert school.messages() == ["已通过 1 条。"]
    assert school.open(record).history()[0].startswith("通过 已逐项核对 方颖")


def test_a_batch_verdict_works_without_script(visit):
    school = visit("unit.public", java_script_enabled=False)
    records = school.rows()[:3]
    for box in school.page.get_by_role("checkbox").all()[:3]:
        box.check()
    with school.answered(200):
        school.button("退回").click()
    assert "已选 3 项" in school.page.get_by_role("main").inner_text()
    school.confirm("请补充证明")
    assert school.messages() == ["已退回 3 条。"]
    for record in records:
        assert school.open(record).history()[0].startswith("退回 请补充证明 方颖")


def test_a_blank_opinion_is_refused_beside_the_field_without_script(look):
    school = look("unit.public", java_script_enabled=False)
    school.open(school.rows()[0])
    with school.answered(200):
        school.button("退回").click()
    with school.answered(400):
        school.confirm("   ")
    assert school.page.get_by_text("请填写意见，意见将随审核结果保存。").is_visible()
    assert school.page.get_by_label("退回意见").and_(school.page.locator("textarea:visible")).count() == 1
