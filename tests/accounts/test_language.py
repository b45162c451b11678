"""One click to English and back, on the page where the reader is."""

import pytest

from tests.browsing import text_of, value_of
from tests.factories import decision_line


@pytest.fixture
def desk(make, sign_in):
    make.account("zhang", "unit_administrator", make.unit())
    make.registration()
    make.taken(decision_line())
    return sign_in("zhang")


@pytest.mark.parametrize(
    "address",
    [
        "/registrations/list/",
        "/registrations/list/?status=all&sort=-name",
        "/registrations/list/?q=%E4%BA%BA%E5%91%98",
        "/registrations/list/?q=a+b",
        "/registrations/list/?q=a%20b",
        "/registrations/list/?q=a%26b%3Dc%23d",
        "/registrations/list/?q=50%25",
        "/registrations/show/1?status=all&page=2",
        "/nowhere/",
    ],
)
def test_the_switch_returns_to_the_same_page_in_the_other_language(desk, address):
    before = desk.get(address)
    answer = desk.post("/locale", {"locale": value_of(before, "locale"), "next": value_of(before, "next")})
    after = desk.get(answer.location)
    assert (answer.status_code, after.status_code) == (303, before.status_code)
    assert '<html lang="zh-CN">' in before.text
    assert '<html lang="en">' in after.text
    assert desk.get(address).text.count("value=") == after.text.count("value=")
    if "q=" in address:
        assert value_of(after, "q") == value_of(before, "q")


def test_the_switch_back_is_one_click_too(desk):
    desk.post("/locale", {"locale": "en"})
    answer = desk.get("/registrations/list/")
    assert value_of(answer, "locale") == "zh"
    desk.post("/locale", {"locale": "zh"})
    assert "人员注册审核" in text_of(desk.get("/registrations/list/"))


@pytest.mark.parametrize("locale", ["fr", "", "zh-CN", "../en", "EN"])
def test_a_language_that_is_not_there_is_refused(desk, locale):
    assert desk.post("/locale", {"locale": locale}).status_code == 400
    assert '<html lang="zh-CN">' in desk.get("/registrations/list/").text


def test_no_address_changes_the_language(desk):
    assert desk.get("/locale").status_code == 405
    desk.get("/registrations/list/?_l_=en&locale=en")
    assert '<html lang="zh-CN">' in desk.get("/registrations/list/").text
