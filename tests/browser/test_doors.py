"""Through the doors: the single sign-on with the unit's registration, and a built-in account that was given out."""

import pytest

from tests.accounts.test_registering import FACTS
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser
SURVEYOR, COLLEAGUE = "叶文涛", "苏晓琴"
LABELS = {
    "主管部门": "competent_department",
    "所属行业": "industry",
    "法定代表人姓名": "legal_representative",
    "法定代表人身份证号码": "legal_representative_id",
    "联系人姓名": "contact",
    "联系人手机号码": "mobile",
    "地址": "address",
    "邮政编码": "postal_code",
    "联系电话": "telephone",
    "邮箱": "email",
    "职工人数": "staff_count",
    "专业技术人员数": "professional_count",
}


def sign_on(visitor: Visitor, name: str) -> None:
    """From the public home page to the provider, and back as somebody."""
    visitor.open("/")
    visitor.link("登录").first.click()
    visitor.link("单位登录").click()
    visitor.page.get_by_role("button", name=name).click()
    visitor.page.wait_for_url(f"{visitor.url}/**")


def fill(visitor: Visitor, **left_out: str) -> None:
    for label, name in LABELS.items():
        visitor.page.get_by_label(label, exact=True).fill(left_out.get(name, FACTS[name]))


def submit(visitor: Visitor, status: int) -> None:
    with visitor.answered(status):
        visitor.button("提交").click()


def at(visitor: Visitor) -> str:
    return visitor.page.url.removeprefix(visitor.url)


def test_a_unit_registers_itself_and_goes_straight_in_the_next_time(visit):
    surveyor = visit()
    sign_on(surveyor, SURVEYOR)
    assert at(surveyor) == "/unit/register"
    submit(surveyor, 400)
    surveyor.open("/archive/")
    assert at(surveyor) == "/unit/register"
    fill(surveyor)
    surveyor.page.get_by_label("单位性质").select_option(label="国有企业")
    surveyor.page.get_by_label("省、设区市").select_option(label="厦门市")
    county = surveyor.page.get_by_label("设区市本级、县（市、区）")
    assert county.locator("option").count() == 8  # none, the city itself, its six districts
    county.select_option(label="思明区")
    submit(surveyor, 200)
    assert surveyor.messages() == ["单位注册完成。"]
    with surveyor.page.expect_navigation(url="**/end_session"):
        surveyor.button("退出登录").click()
    sign_on(surveyor, SURVEYOR)
    assert surveyor.open("/archive/") and at(surveyor) == "/archive/"


def test_a_colleague_asks_and_waits(visit):
    surveyor, colleague = visit(), visit()
    sign_on(surveyor, SURVEYOR)
    fill(surveyor)
    surveyor.page.get_by_label("单位性质").select_option(label="国有企业")
    surveyor.page.get_by_label("省、设区市").select_option(label="福建省（省属单位）")
    submit(surveyor, 200)
    sign_on(colleague, COLLEAGUE)
    colleague.page.get_by_label("角色").select_option(label="单位管理员")
    with colleague.page.expect_navigation():
        colleague.button("提交申请").click()
    assert "等待批准" in colleague.page.inner_text("main")


def test_who_cancels_is_back_at_the_choice_of_a_door(visit):
    surveyor = visit().open("/login/")
    surveyor.link("单位登录").click()
    with surveyor.answered(400):
        surveyor.button("取消").click()
    assert "登录已取消" in surveyor.page.inner_text("main")
    assert surveyor.link("单位登录").count() == 1


def test_a_built_in_account_that_was_given_out_changes_its_password_and_completes_its_unit(visit):
    new = visit().open("/login/built-in")
    new.page.get_by_label("用户名").fill("unit.new")
    new.page.get_by_label("密码").fill(new.password)
    new.button("登录").click()
    new.page.wait_for_url("**/account/password")
    new.page.get_by_label("初始密码").fill(new.password)
    for label in ("新密码", "再次输入新密码"):
        new.page.get_by_label(label, exact=True).fill("qingyang-2026-wenhua")
    with new.page.expect_navigation():
        new.page.locator("main button[type=submit]").click()
    assert at(new) == "/unit/register"
    assert new.page.get_by_label("单位代码", exact=True).input_value() == "NZ00000007"
    fill(new)
    submit(new, 200)
    assert new.messages() == ["单位注册完成。"]
