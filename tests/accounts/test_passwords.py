"""Passwords: what may become one, the initial one that is changed first, and who guesses is slowed and locked out."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock
from app.accounts import guessing, passwords
from app.accounts.models import Account, Guesses
from app.extensions import begin_write
from app.tenancy import everything
from tests.browsing import Browser, text_of
from tests.conftest import PASSWORD
from tests.factories import audited, change

DOOR, LIST, CHANGE = "/login/built-in", "/registrations/list/", "/account/password"
NEW = "四个互不相干的词语再加一点"


@pytest.fixture
def zhang(make, sign_in) -> Browser:
    make.account("zhang", "unit_administrator", make.unit())
    browser = sign_in("zhang")
    browser.get(CHANGE)
    return browser


@pytest.fixture
def given(make) -> str:
    """The initial password that `li` was given."""
    pk = make.account("li", "unit_administrator", make.unit(7))
    with make.app.app_context(), everything("tests") as session:
        begin_write(session)
        password = passwords.give(session, session.get_one(Account, pk))
        session.commit()
    return password


def set_to(browser: Browser, new: str, again: str | None = None, old: str = PASSWORD):
    return browser.post(CHANGE, {"old": old, "new": new, "again": new if again is None else again})


def enter(browser: Browser, username: str, password: str):
    browser.get(DOOR)
    return browser.post(DOOR, {"username": username, "password": password})


# ---- what may become one ---------------------------------------------------------------------------------------------

WRONG = {
    "too short": ("三个词语不够长", "至少 12 个字符"),
    "common": ("password1234", "很多人使用"),
    "a word with a year": ("administration2026!", "很多人使用"),
    "a row of keys": ("qwertyuiopas", "很多人使用"),
    "digits": ("123456789012", "很多人使用"),
    "one sign again and again": ("aaaaaaaaaaaaaa", "很多人使用"),
    "the user name": ("my-zhang-is-long", "不要使用您的用户名"),
    "the one that is there": (PASSWORD, "曾经使用过"),
    "too long": ("长" * 201, "最多 200 个字符"),
}


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_what_is_refused_says_why_beside_the_field(zhang, case):
    password, told = WRONG[case]
    answer = set_to(zhang, password)
    assert (answer.status_code, told in text_of(answer), 'id="new-error"' in answer.text) == (400, True, True)


def test_the_two_have_to_be_the_same(zhang):
    assert "两次输入不一致" in text_of(set_to(zhang, NEW, again=NEW + "。"))


def test_the_old_one_has_to_be_right(zhang):
    answer = set_to(zhang, NEW, old="not mine at all")
    assert (answer.status_code, "不是您的密码" in text_of(answer)) == (400, True)


def test_it_is_changed_and_that_is_audited(app, zhang, make):
    assert set_to(zhang, NEW).status_code == 303
    assert [enter(Browser(app), "zhang", one).status_code for one in (PASSWORD, NEW)] == [401, 303]
    assert len(audited(make, "change_password")) == 1


def test_none_of_the_last_five_comes_again(zhang):
    words = [f"{NEW}{n}" for n in "一二三四五"]
    for old, new in zip([PASSWORD, *words], words, strict=False):
        assert set_to(zhang, new, old=old).status_code == 303
        zhang.get(CHANGE)
    assert [set_to(zhang, one, old=words[-1]).status_code for one in words] == [400] * 5
    assert set_to(zhang, PASSWORD, old=words[-1]).status_code == 303


# ---- the initial one -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", LIST, "/account/", "/registrations/export.csv"])
def test_before_it_is_changed_every_page_leads_there(app, given, address):
    browser = Browser(app)
    assert enter(browser, "li", given).status_code == 303
    assert browser.get(address).location == CHANGE
    assert browser.get(CHANGE).status_code == 200


def test_nothing_is_done_before_it_is_changed(app, given):
    browser = Browser(app)
    enter(browser, "li", given)
    browser.get(CHANGE)
    assert browser.post("/phrases/add/pass", {"text": "短语"}).location == CHANGE


def test_after_it_is_changed_all_opens(app, given):
    browser = Browser(app)
    enter(browser, "li", given)
    browser.get(CHANGE)
    assert set_to(browser, NEW, old=given).status_code == 303
    assert browser.get(LIST).status_code == 200


def test_after_a_week_it_does_not_open(app, given):
    with clock.frozen(clock.now() + timedelta(days=7, seconds=1)):
        answer = enter(Browser(app), "li", given)
    assert (answer.status_code, "有效期为 7 天" in text_of(answer)) == (401, True)


def test_it_is_no_password_that_could_be_guessed(given):
    stranger = Account(username="somebody", first_name="某人", password=passwords.hashed("x"))
    assert (len(given), passwords.problem(stranger, given)) == (17, None)


# ---- who guesses -----------------------------------------------------------------------------------------------------


def guess(app, times: int, username: str = "zhang") -> list[int]:
    browser = Browser(app)
    return [enter(browser, username, f"wrong {n}").status_code for n in range(times)]


@pytest.mark.parametrize("username", ["zhang", "nobody"])
def test_after_five_wrong_ones_the_next_waits_known_or_not(app, zhang, username):
    with clock.frozen(clock.now()):
        assert guess(app, 7, username) == [401] * 5 + [429, 429]


def test_the_right_one_is_not_looked_at_either_and_the_answer_says_how_long(app, zhang):
    with clock.frozen(clock.now()):
        guess(app, 5)
        answer = enter(Browser(app), "zhang", PASSWORD)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        assert "1 秒后" in text_of(answer)


def test_after_the_wait_the_right_one_opens_and_the_count_begins_anew(app, zhang, make):
    now = clock.now()
    with clock.frozen(now):
        guess(app, 5)
    with clock.frozen(now + timedelta(seconds=2)):
        assert enter(Browser(app), "zhang", PASSWORD).status_code == 303
        assert guess(app, 5) == [401] * 5


def test_each_wait_is_twice_as_long_then_it_is_locked(app, zhang, make):
    now, waits = clock.now(), []
    for _try in range(20):
        with clock.frozen(now):
            guess(app, 1)
        wait = make.read(sa.select(Guesses.next_at).where(Guesses.key.startswith("account")))[0][0] - now
        waits.append(int(wait.total_seconds()))
        now += wait
    assert waits[4:12] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert waits[19] == 30 * 60


def test_others_at_the_same_address_still_get_in(app, make, zhang):
    make.account("wang", "unit_administrator", make.unit(2))
    with clock.frozen(clock.now()):
        guess(app, 50)
        assert enter(Browser(app), "wang", PASSWORD).status_code == 303


def test_an_address_that_tries_many_names_waits_too_but_for_who_is_known_there(app, make, zhang):
    make.account("wang", "unit_administrator", make.unit(2))
    with clock.frozen(clock.now()):
        statuses = [enter(Browser(app), f"name{n}", "wrong").status_code for n in range(guessing.ADDRESS.free + 1)]
        assert (statuses[0], statuses[-1]) == (401, 429)
        assert enter(Browser(app), "wang", PASSWORD).status_code == 429
        assert enter(Browser(app), "zhang", PASSWORD).status_code == 303


def test_a_password_is_not_guessed_at_its_change_either(app, zhang):
    with clock.frozen(clock.now()):
        for n in range(5):
            set_to(zhang, NEW, old=f"wrong {n}")
        assert "尝试次数过多" in text_of(set_to(zhang, NEW))


def test_names_are_not_kept_in_clear(app, zhang, make):
    guess(app, 1)
    keys = [row[0] for row in make.read(sa.select(Guesses.key))]
    assert not any("zhang" in key for key in keys)


def test_counts_are_forgotten(app, zhang, make):
    guess(app, 5)
    change(make, sa.update(Guesses).values(last_at=clock.now() - timedelta(minutes=31), next_at=clock.now()))
    assert guess(app, 5) == [401] * 5
