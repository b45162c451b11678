"""内置单位登录: who comes in, who does not, and what either is told."""

import html
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.accounts.models import Account, Grant
from tests.browsing import Browser, links, text_of, value_of
from tests.conftest import PASSWORD
from tests.factories import change

DOOR = "/login/built-in"


@pytest.fixture
def stranger(app, make) -> Browser:
    """A browser at the door; the account `zhang` is known."""
    make.account("zhang", "unit_administrator", make.unit())
    browser = Browser(app)
    browser.get(DOOR)
    return browser


def enter(browser: Browser, username: str = "zhang", password: str = PASSWORD):
    return browser.post(DOOR, {"username": username, "password": password})


def next_of(answer) -> str:
    """Where the form of the door leads on to; the language form above it has a `next` of its own."""
    form = answer.text[answer.text.index(f'action="{DOOR}"') :]
    return html.unescape(re.search(r'name="next" value="([^"]*)"', form)[1])


def is_in(browser: Browser) -> bool:
    return browser.get("/registrations/list/").status_code == 200


def test_name_and_password_open_the_unit_home(stranger):
    answer = enter(stranger)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "单位首页" in text_of(stranger.get("/"))
    assert is_in(stranger)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("zhang", "wrong"),
        ("zhang", ""),
        ("zhang", PASSWORD.upper()),
        ("zhang", PASSWORD + " "),
        ("zhang", PASSWORD * 5000),
        ("zhang", "长" * 10_000),
        ("nobody", PASSWORD),
        ("zhang' OR '1'='1", PASSWORD),
        ("zhan_", PASSWORD),
        ("%", PASSWORD),
        ("", ""),
        ("长" * 500, PASSWORD),
    ],
    ids=lambda text: text[:20],
)
def test_who_is_wrong_is_told_so_and_keeps_the_name_but_not_the_password(stranger, username, password):
    answer = enter(stranger, username, password)
    assert answer.status_code == 401
    assert "用户名或密码不正确" in text_of(answer)
    assert (value_of(answer, "username"), value_of(answer, "password")) == (username, "")
    assert not is_in(stranger)


def test_a_wrong_name_and_a_wrong_password_are_told_the_same(stranger):
    answers = [text_of(enter(stranger, *pair)) for pair in (("zhang", "wrong"), ("nobody", "wrong"))]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("field", ["username", "password", "next"])
def test_nul_is_refused_at_the_door(stranger, field):
    form = {"username": "zhang", "password": PASSWORD} | {field: "zhang\x00"}
    assert stranger.post(DOOR, form).status_code == 400
    assert not is_in(stranger)


def test_blanks_around_the_name_do_not_matter(stranger):
    assert enter(stranger, "  zhang ").status_code == 303


def test_a_disabled_account_does_not_come_in(stranger, make):
    change(make, sa.update(Account).values(active=False))
    answer = enter(stranger)
    assert (answer.status_code, is_in(stranger)) == (401, False)
    assert "用户名或密码不正确" in text_of(answer)


def test_an_account_that_is_disabled_while_it_is_in_is_out_at_once(stranger, make):
    enter(stranger)
    change(make, sa.update(Account).values(active=False))
    assert not is_in(stranger)


@pytest.mark.parametrize(("days", "status"), [(0, 200), (1, 200), (-1, 403)])
def test_a_grant_holds_until_the_end_of_its_last_day(stranger, make, days, status):
    change(make, sa.update(Grant).values(expires_on=clock.today() + timedelta(days=days)))
    enter(stranger)
    assert stranger.get("/registrations/list/").status_code == status


@pytest.mark.parametrize("address", ["/", "/registrations/list/", "/registrations/export.csv"])
def test_an_account_without_a_role_comes_in_and_is_told_so(stranger, make, address):
    change(make, sa.delete(Grant))
    enter(stranger)
    answer = stranger.get(address)
    assert answer.status_code == 403
    assert "暂无角色" in text_of(answer)
    assert ("您的账号目前没有任何角色" in text_of(answer)) == (address == "/")


def test_before_login_the_home_page_leads_to_the_doors(app):
    browser = Browser(app)
    (address,) = set(links(browser.get("/"), "登录"))
    assert links(browser.get(address), "内置单位登录") == [DOOR]


def test_the_door_that_is_not_built_yet_is_not_shown(app):
    browser = Browser(app)
    assert "单位登录" not in text_of(browser.get("/login/")).replace("内置单位登录", "")
    assert browser.get("/login/unit").status_code in (302, 404)


def test_a_page_asked_for_before_login_is_opened_after_it(app, stranger):
    asked = stranger.get("/registrations/list/?status=all&sort=-name")
    doors = stranger.get(asked.location)
    form = stranger.get(links(doors, "内置单位登录")[0])
    answer = stranger.post(DOOR, {"username": "zhang", "password": PASSWORD, "next": next_of(form)})
    assert answer.location == "/registrations/list/?status=all&sort=-name"


def test_a_wrong_password_does_not_lose_the_page_that_was_asked_for(stranger):
    answer = stranger.post(DOOR, {"username": "zhang", "password": "wrong", "next": "/registrations/list/?status=all"})
    assert next_of(answer) == "/registrations/list/?status=all"


def test_who_is_in_already_is_not_asked_again(stranger):
    enter(stranger)
    assert [stranger.get(address).location for address in ("/login/", DOOR)] == ["/", "/"]


# ---- the way out -----------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_and_keeps_the_language(stranger):
    enter(stranger)
    stranger.get("/registrations/list/")
    stranger.post("/locale", {"locale": "en"})
    assert stranger.post("/logout/").location == "/"
    assert not is_in(stranger)
    assert "Sign in" in text_of(stranger.get("/"))


def test_signing_out_is_no_link(stranger):
    enter(stranger)
    assert stranger.get("/logout/").status_code == 405
    assert is_in(stranger)


def test_a_name_beyond_ascii_is_nobodys_however_a_database_folds_it(app, make):
    make.account("unit.admin", "unit_administrator", make.unit())
    browser = Browser(app)
    browser.get("/login/built-in")
    answer = browser.post("/login/built-in", {"username": "UN\u0130T.ADM\u0130N", "password": PASSWORD})
    assert answer.status_code == 401
