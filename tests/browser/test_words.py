"""One language at a time: no Latin letter on a Chinese page and no Chinese on an English one, but in data."""

import pytest

from tests.browser.pages import DOORS, LIST, REFUSALS, ROLES, every_page
from tests.browser.words import HAN, LATIN, strange

pytestmark = pytest.mark.browser


def latin(visitor):
    return strange(visitor.texts(), LATIN, allowed="English")


def chinese(visitor):
    return strange(visitor.texts(), HAN, allowed="中文")


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_chinese(look, door):
    assert not latin(look().open(door))


def test_a_wrong_password_is_answered_in_chinese(look):
    stranger = look().open("/login/built-in")
    stranger.page.get_by_label("用户名").fill("unit.public")
    stranger.page.get_by_label("密码").fill("wrong")
    with stranger.answered(401):
        stranger.button("登录").click()
    assert not strange(stranger.texts(), LATIN, allowed="English")


@pytest.mark.parametrize("account", ROLES)
def test_every_page_of_a_role_is_chinese(look, account):
    found = {page: strange(texts, LATIN, allowed="English") for page, texts in every_page(look(account))}
    assert not {page: texts for page, texts in found.items() if texts}


@pytest.mark.parametrize("refused", REFUSALS)
def test_a_refusal_is_chinese(look, refused):
    school = look("unit.public")
    refused(school)
    assert not latin(school)


def test_the_page_that_asks_for_a_batch_opinion_is_chinese(look):
    school = look("unit.public", java_script_enabled=False)
    school.page.get_by_role("checkbox").first.check()
    with school.answered(200):
        school.button("通过").click()
    assert not latin(school)


def test_what_is_told_after_a_verdict_is_chinese(visit):
    school = visit("unit.public")
    school.page.get_by_label("全选本页").check()
    school.button("选择全部 65 项").click()
    school.button("通过").click()
    school.confirm()
    assert len(school.messages()) == 2
    assert not latin(school)


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_english_after_one_click(look, door):
    stranger = look().open(door)
    with stranger.answered(200):
        stranger.button("English").click()
    assert not chinese(stranger)


@pytest.mark.parametrize("account", ROLES)
def test_every_page_of_a_role_is_english_after_one_click(look, account):
    reader = look(account)
    with reader.answered(200):
        reader.button("English").click()
    found = {page: strange(texts, HAN, allowed="中文") for page, texts in every_page(reader)}
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
