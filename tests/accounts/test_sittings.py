"""A session is known to the server: it ends by itself, by its holder, by a new password, on each worker at once."""

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import clock, create_app
from app.accounts.models import Account, Grant, Sitting
from tests.browsing import Browser, links, text_of, value_of
from tests.conftest import PASSWORD, release
from tests.factories import audited, change

LIST, OWN = "/registrations/list/", "/account/"
NEW = "四个互不相干的词语再加一点"


@pytest.fixture
def zhang(make, sign_in) -> Browser:
    make.account("zhang", "unit_administrator", make.unit())
    return sign_in("zhang")


def is_in(browser: Browser) -> bool:
    return browser.get(LIST).status_code == 200


def later(minutes: float):
    return clock.frozen(clock.now() + timedelta(minutes=minutes))


def copied(app, browser: Browser) -> Browser:
    """Another browser with the same cookie, as somebody who took it would have it."""
    thief = Browser(app)
    thief.client.set_cookie("session", browser.client.get_cookie("session").value)
    return thief


# ---- it ends by itself -----------------------------------------------------------------------------------------------


def test_half_an_hour_without_anything_done_ends_it(zhang):
    with later(29):
        assert is_in(zhang)
    with later(29 + 31):
        assert not is_in(zhang)


def test_twelve_hours_end_it_whatever_is_done(zhang):
    for minutes in range(25, 12 * 60, 25):
        with later(minutes):
            assert is_in(zhang)
    with later(12 * 60):
        assert not is_in(zhang)


def test_what_a_page_asks_for_by_itself_keeps_nobody_in(make, zhang):
    pk = make.registration()
    zhang.get(f"/registrations/show/{pk}")
    with later(20):
        assert zhang.post(f"/registrations/present/{pk}").status_code == 200
        assert zhang.get("/account/until").get_json()["left"] == pytest.approx(600, abs=5)
    with later(31):
        assert not is_in(zhang)


def test_who_says_that_he_is_there_stays(zhang):
    with later(29):
        assert zhang.post("/account/stay").get_json()["left"] == pytest.approx(1800, abs=5)
    with later(58):
        assert is_in(zhang)


def test_a_form_that_is_sent_is_something_done(make, zhang):
    pk = make.registration()
    zhang.get(f"/registrations/show/{pk}")
    with later(20):
        zhang.post(f"/registrations/note/{pk}", {"text": "记一笔"})
    with later(45):
        assert is_in(zhang)


def test_every_page_says_when_it_ends(zhang):
    left = int(re.search(r'data-left="(\d+)"', zhang.get(LIST).text)[1])
    assert left == pytest.approx(1800, abs=5)


def test_what_was_typed_in_the_meantime_is_kept_through_the_sign_in(make, zhang):
    pk = make.registration()
    zhang.get(f"/registrations/show/{pk}")
    with later(40):
        verdict = {"rowid": f"{pk}:1", "single": "1", "verdict": "return", "opinion": "我写的意见"}
        answer = zhang.post("/registrations/decide", verdict)
        assert (answer.status_code, json.loads(value_of(answer, "kept"))[-1]) == (401, ["opinion", "我写的意见"])


# ---- it is ended -----------------------------------------------------------------------------------------------------


def test_a_copied_cookie_is_nothing_after_signing_out(app, zhang):
    thief = copied(app, zhang)
    assert is_in(thief)
    zhang.get(LIST)
    zhang.post("/logout/")
    assert not is_in(thief)


def test_nor_on_another_worker(app, zhang):
    thief = zhang.client.get_cookie("session").value
    zhang.get(LIST)
    zhang.post("/logout/")
    other = create_app(app.config)
    browser = Browser(other)
    browser.client.set_cookie("session", thief)
    assert not is_in(browser)
    release(other)


def test_a_new_password_ends_all_others_and_not_the_one_that_set_it(app, zhang, sign_in):
    elsewhere, thief = sign_in("zhang"), copied(app, zhang)
    zhang.get("/account/password")
    answer = zhang.post("/account/password", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert answer.location == OWN
    assert [is_in(one) for one in (elsewhere, thief, zhang)] == [False, False, True]


def test_one_is_ended_from_another(zhang, sign_in, make):
    elsewhere = sign_in("zhang")
    assert text_of(zhang.get(OWN)).count("结束") >= 1
    (other,) = make.read(sa.select(Sitting.id).order_by(Sitting.id.desc()).limit(1))[0]
    zhang.post(f"/account/end/{other}")
    assert (is_in(elsewhere), is_in(zhang)) == (False, True)


def test_all_others_are_ended_at_once(zhang, sign_in, make):
    others = [sign_in("zhang"), sign_in("zhang")]
    zhang.get(OWN)
    zhang.post("/account/end_others")
    assert [is_in(one) for one in others] == [False, False]
    assert [entry.detail for entry in audited(make, "end_session")] == [{"number": 2}]


def test_somebody_elses_is_not_ended(zhang, make, sign_in):
    make.account("wang", "unit_administrator", make.unit(2))
    wang = sign_in("wang")
    (other,) = make.read(sa.select(Sitting.id).order_by(Sitting.id.desc()).limit(1))[0]
    zhang.get(OWN)
    zhang.post(f"/account/end/{other}")
    assert is_in(wang)


def test_the_one_that_is_used_is_ended_by_signing_out_only(zhang, make):
    (own,) = make.read(sa.select(Sitting.id))[0]
    zhang.get(OWN)
    assert zhang.post(f"/account/end/{own}").status_code == 400
    assert is_in(zhang)


def test_the_cookie_does_not_hold_what_the_database_does(zhang, make):
    (key,) = make.read(sa.select(Sitting.key))[0]
    assert key not in zhang.client.get_cookie("session").decoded_value


@pytest.mark.parametrize(("host", "secure"), [("127.0.0.1:8080", False), ("localhost", False), ("zc.example.cn", True)])
def test_the_cookie_goes_over_tls_alone_but_at_the_machine_itself(app, make, host, secure):
    make.account("zhang", "unit_administrator", make.unit())
    answer = app.test_client().get("/login/built-in", base_url=f"http://{host}/")
    cookie = next(value for name, value in answer.headers if name == "Set-Cookie")
    assert ("Secure" in cookie, "HttpOnly" in cookie, "SameSite=Lax" in cookie) == (secure, True, True)


def test_the_page_names_browser_address_roles_and_leads_to_the_password(zhang):
    page = zhang.get(OWN)
    assert links(page, "修改密码") == ["/account/password"]
    assert all(words in text_of(page) for words in ("127.0.0.1", "本次会话", "单位管理员", "zhang"))


def test_without_a_role_it_opens_all_the_same(zhang, make):
    change(make, sa.delete(Grant))
    assert zhang.get(OWN).status_code == 200


def test_a_disabled_account_is_out_at_once(zhang, make):
    change(make, sa.update(Account).values(active=False))
    assert not is_in(zhang)
