"""A registration that comes again after a return: what changed is marked, what was wrong says what became of it."""

import re

import pytest

from tests.browser.desk.reading import fact

pytestmark = pytest.mark.browser


@pytest.fixture
def corrected(unit):
    """A returned registration that came again with another e-mail, before a reviewer."""
    (applicant,) = unit.registrations(1, email="old@example.cn")
    applicant.is_returned()
    applicant.submits_again(email="new@example.cn")
    return unit.administrator("zhang").open(applicant.address)


def test_the_changed_field_is_marked_and_shows_the_old_value(corrected):
    assert fact(corrected, "person.email") == "new@example.cn 已修改 原为：old@example.cn"


def test_only_the_changed_field_is_named_above_and_leads_to_its_place(corrected):
    named = corrected.page.locator(".changes").get_by_role("link")
    assert named.all_inner_texts() == ["邮箱"]
    named.click()
    assert "new@example.cn" in corrected.page.locator(":target").inner_text()


def test_the_older_version_is_readable(corrected):
    old = corrected.page.locator("#version-1").get_by_text("old@example.cn")
    assert not old.is_visible()
    corrected.page.get_by_role("region", name="历史版本").get_by_text("第 1 版").click()
    assert old.is_visible()


# ---- a return by items -----------------------------------------------------------------------------------------------


def returned_by_items(reviewer, address):
    reviewer.open(address).button("退回").click()
    dialog = reviewer.page.get_by_role("dialog", name="退回")
    dialog.get_by_text("标注问题项").click()
    for label, remark in (("邮箱", "域名写错"), ("手机号码", "已停机")):
        dialog.get_by_label(label, exact=True).check()
        dialog.get_by_label(f"{label}的问题说明").fill(remark)
    reviewer.confirm("请按标注补正")


def test_the_history_of_a_return_by_items_keeps_each_remark(unit):
    (applicant,) = unit.registrations(1)
    reviewer = unit.administrator("zhang")
    returned_by_items(reviewer, applicant.address)
    told = reviewer.open(applicant.address).history()[0]
    assert re.match(r"退回 请按标注补正 手机号码 ?已停机 邮箱 ?域名写错 ", told), told


def test_a_remark_without_a_tick_cannot_be_written(unit):
    (applicant,) = unit.registrations(1)
    reviewer = unit.administrator("zhang").open(applicant.address)
    reviewer.button("退回").click()
    reviewer.page.get_by_text("标注问题项").click()
    assert reviewer.page.get_by_label("邮箱的问题说明").is_disabled()


def test_after_a_resubmission_each_remark_says_whether_its_field_was_changed(unit):
    (applicant,) = unit.registrations(1)
    reviewer = unit.administrator("zhang")
    returned_by_items(reviewer, applicant.address)
    applicant.submits_again(email="new@example.cn")
    reviewer.open(applicant.address)
    assert fact(reviewer, "person.email").endswith("域名写错 已更正")
    assert fact(reviewer, "person.mobile").endswith("已停机 未修改")
