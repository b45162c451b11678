"""The second factor: turned on by its holder, asked for after the password, each code taken once."""

import re
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from app import clock
from app.accounts.models import Account, Sitting
from tests.accounts.test_kept import resumed
from tests.browsing import Browser, text_of, value_of
from tests.conftest import PASSWORD, build, release
from tests.factories import Make, audited, change

DOOR, ASK, ENROL, LIST, OWN = "/login/built-in", "/login/second", "/account/second", "/registrations/list/", "/account/"


@pytest.fixture
def zhang(make, sign_in) -> Browser:
    make.account("zhang", "unit_administrator", make.unit())
    return sign_in("zhang")


def secret_on(page) -> str:
    return re.search(r'<code class="secret">([^<]+)</code>', page.text)[1].replace(" ", "")


def code(secret: str, minutes: float = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta(minutes=minutes))


def turned_on(browser: Browser) -> tuple[str, list[str]]:
    """The secret and the recovery codes, after the holder turned it on."""
    secret = secret_on(browser.get(ENROL))
    answer = browser.post(ENROL, {"code": code(secret)})
    assert answer.status_code == 200
    return secret, re.findall(r"<li><code>([^<]+)</code>", answer.text)


def half(app, username: str = "zhang") -> Browser:
    """Somebody who has given the password, and no more."""
    browser = Browser(app)
    browser.get(DOOR)
    answer = browser.post(DOOR, {"username": username, "password": PASSWORD})
    assert answer.location == ASK + "?next=/"
    browser.get(ASK)
    return browser


def later(minutes: float):
    return clock.frozen(clock.now() + timedelta(minutes=minutes))


def is_in(browser: Browser) -> bool:
    return browser.get(LIST).status_code == 200


# ---- turning it on ---------------------------------------------------------------------------------------------------


def test_it_is_on_after_a_right_code_with_ten_recovery_codes_and_audited(zhang, make):
    _secret, codes = turned_on(zhang)
    assert (len(codes), len(set(codes))) == (10, 10)
    assert "自" in text_of(zhang.get(OWN)) and "剩余 10 个" in text_of(zhang.get(OWN))
    assert is_in(zhang)
    assert len(audited(make, "second_on")) == 1


def test_a_wrong_code_leaves_it_off_and_the_secret_stays(zhang, make):
    secret = secret_on(zhang.get(ENROL))
    answer = zhang.post(ENROL, {"code": "000000"})
    assert (answer.status_code, secret_on(answer)) == (400, secret)
    assert make.read(sa.select(Account.second_since))[0][0] is None


def test_the_picture_is_drawn_here(zhang):
    page = zhang.get(ENROL).text
    assert "<svg" in page.split('class="qr-code"')[1]


def test_secret_and_codes_are_not_kept_in_clear(zhang, make):
    secret, codes = turned_on(zhang)
    ((sealed, kept),) = make.read(sa.select(Account.second_sealed, Account.recovery))
    assert secret.encode() not in sealed
    assert not set(codes) & set(kept)


def test_recovery_codes_are_shown_once(zhang):
    turned_on(zhang)
    assert zhang.get(ENROL).location == OWN


# ---- at the door -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", LIST, OWN, "/registrations/export.csv", ENROL])
def test_after_the_password_nothing_opens_before_the_code(app, zhang, address):
    with later(-5):
        turned_on(zhang)
    answer = half(app).get(address)
    assert (answer.status_code in (200, 303), "人员注册审核" in answer.text) == (True, False)
    assert answer.status_code == 303 or address == "/"


def test_nor_is_anything_done(app, zhang, make):
    pk = make.registration()
    with later(-5):
        turned_on(zhang)
    browser = half(app)
    browser.post("/registrations/decide", {"rowid": f"{pk}:1", "single": "1", "verdict": "pass", "opinion": "同意"})
    assert browser.get(f"/registrations/show/{pk}").status_code == 303
    assert browser.post(f"/registrations/note/{pk}", {"text": "记"}).status_code == 303


def test_a_code_of_the_app_opens_and_leads_on(app, zhang):
    with later(-5):
        secret, _codes = turned_on(zhang)
    browser = Browser(app)
    browser.get(f"{DOOR}?next=/people/list/")
    asked = browser.post(DOOR, {"username": "zhang", "password": PASSWORD, "next": "/people/list/"}).location
    browser.get(asked)
    answer = browser.post(ASK, {"code": code(secret), "next": "/people/list/"})
    assert (answer.location, is_in(browser)) == ("/people/list/", True)


@pytest.mark.parametrize("minutes", [-2, 2], ids=["old", "to come"])
def test_a_code_of_another_time_does_not(app, zhang, minutes):
    with later(-5):
        secret, _codes = turned_on(zhang)
    browser = half(app)
    assert browser.post(ASK, {"code": code(secret, minutes)}).status_code == 401
    assert not is_in(browser)


@pytest.mark.parametrize("seconds", [-30, 30])
def test_a_clock_that_is_half_a_minute_off_does_no_harm(app, zhang, seconds):
    with later(-5):
        secret, _codes = turned_on(zhang)
    with clock.frozen(clock.now()):
        assert half(app).post(ASK, {"code": code(secret, seconds / 60)}).status_code == 303


def test_a_code_opens_once(app, zhang):
    with later(-5):
        secret, _codes = turned_on(zhang)
    with clock.frozen(clock.now()):
        first, second = half(app), half(app)
        assert first.post(ASK, {"code": code(secret)}).status_code == 303
        assert second.post(ASK, {"code": code(secret)}).status_code == 401
        assert second.post(ASK, {"code": code(secret, -0.5)}).status_code == 401
    assert not is_in(second)


def test_a_recovery_code_opens_once_however_it_is_written(app, zhang, make):
    _secret, codes = turned_on(zhang)
    assert half(app).post(ASK, {"code": f" {codes[3].upper()} "}).status_code == 303
    assert half(app).post(ASK, {"code": codes[3]}).status_code == 401
    assert half(app).post(ASK, {"code": codes[4]}).status_code == 303
    assert [entry.detail for entry in audited(make, "recovery_code")] == [{"left": 9}, {"left": 8}]


def test_guessing_is_slowed(app, zhang):
    with later(-5):
        secret, _codes = turned_on(zhang)
    browser = half(app)
    with clock.frozen(clock.now()):
        for n in range(5):
            browser.post(ASK, {"code": f"00000{n}"})
        answer = browser.post(ASK, {"code": code(secret)})
    assert (answer.status_code, "尝试次数过多" in text_of(answer)) == (401, True)


def test_a_stranger_who_guesses_passwords_does_not_slow_it(app, zhang, make):
    with later(-5):
        secret, _codes = turned_on(zhang)
    (pk,) = make.read(sa.select(Account.id))[0]
    browser, stranger = half(app), Browser(app)
    stranger.get(DOOR)
    with clock.frozen(clock.now()):
        for name in ("zhang", f"second {pk}"):
            for _try in range(5):
                stranger.post(DOOR, {"username": name, "password": "wrong"})
        assert browser.post(ASK, {"code": code(secret)}).status_code == 303


def test_what_was_being_sent_comes_through_both(app, zhang, make):
    pk = make.registration()
    with later(-5):
        secret, _codes = turned_on(zhang)
    zhang.get(f"/registrations/show/{pk}")
    zhang.client.delete_cookie("session")
    asked = zhang.post(
        "/registrations/decide", {"rowid": f"{pk}:1", "single": "1", "verdict": "return", "opinion": "我写的意见"}
    )
    carried = {name: value_of(asked, name) for name in ("kept_action", "kept")}
    asked = zhang.post(DOOR, {"username": "zhang", "password": PASSWORD} | carried)
    carried = {name: value_of(asked, name) for name in ("kept_action", "kept")}
    answer = resumed(zhang, zhang.post(ASK, {"code": code(secret)} | carried))
    assert (answer.status_code, "我写的意见" in text_of(answer)) == (200, True)


def test_who_has_none_is_not_asked(zhang):
    assert zhang.get(ASK).location == "/"


# ---- where a role needs it -------------------------------------------------------------------------------------------


@pytest.fixture
def strict(engine, database, migrated, tmp_path):
    """An installation where administrators need one."""
    app = build(engine, database(migrated), tmp_path, SECOND_FACTOR="unit_administrator, hr_operations")
    make = Make(app, PASSWORD)
    unit = make.unit()
    make.account("zhang", "unit_administrator", unit)
    make.account("clerk", "unit_clerk", unit)
    yield app
    release(app)


@pytest.mark.parametrize("address", ["/", LIST, OWN])
def test_with_it_required_every_page_leads_to_turning_it_on(strict, address):
    browser = Browser(strict).sign_in("zhang", PASSWORD)
    assert browser.get(address).location == ENROL
    turned_on(browser)
    assert browser.get(OWN).status_code == 200


def test_others_are_not_asked(strict):
    assert is_in(Browser(strict).sign_in("clerk", PASSWORD))


def test_with_it_required_it_is_not_turned_off(strict):
    browser = Browser(strict).sign_in("zhang", PASSWORD)
    _secret, codes = turned_on(browser)
    browser.get(OWN)
    assert browser.post(f"{ENROL}/off", {"code": codes[0]}).status_code == 403


# ---- turning it off, and new codes -----------------------------------------------------------------------------------


def test_its_holder_turns_it_off_with_a_code(app, zhang, make):
    with later(-5):
        secret, _codes = turned_on(zhang)
    zhang.get(OWN)
    zhang.post(f"{ENROL}/off", {"code": "000000"})
    assert make.read(sa.select(Account.second_since))[0][0] is not None
    zhang.post(f"{ENROL}/off", {"code": code(secret)})
    assert make.read(sa.select(Account.second_since))[0][0] is None
    assert is_in(Browser(app).sign_in("zhang", PASSWORD))
    assert len(audited(make, "second_off")) == 1


def test_new_recovery_codes_end_the_old_ones(app, zhang):
    with later(-5):
        secret, old = turned_on(zhang)
    zhang.get(OWN)
    answer = zhang.post(f"{ENROL}/codes", {"code": code(secret)})
    new = re.findall(r"<li><code>([^<]+)</code>", answer.text)
    assert len(new) == 10
    assert [half(app).post(ASK, {"code": one}).status_code for one in (old[0], new[0])] == [401, 303]


def test_a_sitting_from_before_stays_open(zhang, make):
    turned_on(zhang)
    assert make.read(sa.select(Sitting.second_at))[0][0] is not None
    change(make, sa.update(Sitting).values(second_at=None))
    assert not is_in(zhang)


@pytest.mark.parametrize("address", [ENROL, "/nowhere"])
def test_before_it_is_on_nothing_of_the_panel_stands_around_a_page(strict, address):
    make = Make(strict, PASSWORD)
    make.registration()
    page = Browser(strict).sign_in("zhang", PASSWORD).get(address)
    assert [words for words in ("人员注册审核", "职称申报", "查找人员") if words in text_of(page)] == []
