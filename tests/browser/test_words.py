"""One language at a time: no Latin letter on a Chinese page and no Chinese on an English one, but in data."""

import pytest

from tests.browser.pages import DOORS, LIST, ROLES
from tests.browser.words import HAN, LATIN, strange

pytestmark = pytest.mark.browser


def latin(texts):
    return strange(texts, LATIN, allowed="English")


def han(texts):
    return strange(texts, HAN, allowed="中文")


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_chinese(look, door):
    assert not latin(look().open(door).texts())


def test_a_wrong_password_is_answered_in_chinese(look):
    stranger = look().open("/login/built-in")
    stranger.page.get_by_label("用户名").fill("unit.public")
    stranger.page.get_by_label("密码").fill("wrong")
    with stranger.answered(401):
        stranger.button("登录").click()
    assert not latin(stranger.texts())


@pytest.mark.parametrize("account", ROLES)
def test_every_page_of_a_role_is_chinese(survey, account):
    found = {page: latin(seen.texts) for page, seen in survey(account, "中文").items()}
    assert not {page: texts for page, texts in found.items() if texts}


def test_a_refusal_is_chinese(refusal):
    assert not latin(refusal.texts)


def test_the_page_that_asks_for_a_batch_opinion_is_chinese(look):
    school = look("unit.public", java_script_enabled=False)
    school.page.get_by_role("checkbox").first.check()
    with school.answered(200):
        school.button("通过").click()
    assert not latin(school.texts())


def test_what_is_told_after_a_verdict_is_chinese(visit):
    school = visit("unit.public")
    school.page.get_by_label("全选本页").check()
    school.button("选择全部 65 项").click()
    school.button("通过").click()
    school.confirm()
    assert len(school.messages()) == 2
    assert not latin(school.texts())


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_english_after_one_click(look, door):
    stranger = look().open(door)
    with stranger.answered(200):
        stranger.button("English").click()
    assert not han(stranger.texts())


@pytest.mark.parametrize("account", ["unit.public", "hr.auditor"])
def test_every_page_of_a_role_is_english_after_one_click(survey, account):
    found = {page: han(seen.texts) for page, seen in survey(account, "English").items()}
    assert not {page: texts for page, texts in found.items() if texts}


@pytest.mark.parametrize("path", ["/login/built-in", f"{LIST}?gender=1&page=2&sort=-name", "/registrations/show/3"])
def test_the_other_language_and_back_stays_on_the_page(look, path):
    school = look() if path.startswith("/login") else look("unit.public")
    school.open(path)
    for button, language in (("English", "en"), ("中文", "zh-CN")):
        with school.answered(200):
            school.button(button).click()
        assert school.page.url == f"{school.url}{path}"
        assert school.page.locator("html").get_attribute("lang") == language
