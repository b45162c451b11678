"""单位登录: where it leads on to, what comes along, and how it ends (what is refused: test_sign_on_attacks.py)."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import clock
from app.accounts.models import Account, SignOn
from app.operations import chores
from tests.accounts.test_kept import resumed
from tests.accounts.test_next import INSIDE, LEADING_AWAY, stays
from tests.accounts.test_registering import LI, WANG, app, column, signed_on, submit
from tests.browsing import Browser, links, text_of, value_of
from tests.conftest import build, release
from tests.factories import audited, id_number
from tests.provider import Newcomer

__all__ = ["app"]
ADD = "/phrases/add/pass"


@pytest.fixture
def unit(app, make) -> None:
    """The unit that they come from is registered."""
    submit(signed_on(app))


def comes_on_to(app, address: str) -> str | None:
    """Where the product leads to after the sign-on of somebody who wanted to go to an address."""
    newcomer = Newcomer(app)
    return newcomer.returns(newcomer.says(newcomer.goes(query_string={"next": address}), WANG)).location


def test_it_goes_on_to_where_one_wanted_to_go(app, unit):
    assert [comes_on_to(app, address) for address in INSIDE] == INSIDE


def test_no_spelling_leads_off_the_site(app, unit):
    assert [address for address in LEADING_AWAY if not stays(comes_on_to(app, address))] == []


def test_the_choice_of_a_door_carries_the_address_on(app):
    page = Browser(app).get("/login/?next=/archive/")
    assert links(page, "单位登录") == ["/login/unit?next=/archive/"]


def test_two_windows_of_one_browser_both_come_back(app, unit):
    newcomer = Newcomer(app)
    first, second = (
        newcomer.says(newcomer.goes(query_string={"next": to}), WANG) for to in ("/archive/", "/people/list/")
    )
    assert [newcomer.returns(answer).location for answer in (second, first)] == ["/people/list/", "/archive/"]


def test_what_was_being_written_when_the_session_ended_comes_along(app, unit):
    newcomer = Newcomer(app)
    newcomer.signs_on(WANG)
    browser = newcomer.browser
    browser.get("/phrases/list/")
    with clock.frozen(clock.now() + timedelta(hours=1)):
        page = browser.post(ADD, {"text": "材料齐全，同意"})
    assert page.status_code == 401
    kept = {name: value_of(page, name) for name in ("kept_action", "kept", "next")}
    leaving = browser.post("/login/unit", kept)
    (address,) = links(leaving, "继续")
    assert f'content="0; url={html.escape(address)}"' in leaving.text
    shown = resumed(browser, newcomer.returns(newcomer.says(address, WANG)))
    assert (shown.status_code, "材料齐全，同意" in shown.text) == (200, True)
    assert column_of_phrases(browser) == []


def column_of_phrases(browser: Browser) -> list[str]:
    return re.findall("材料齐全，同意</", browser.get("/phrases/list/").text)


@pytest.mark.parametrize(
    ("changes", "column_of"),
    [({"name": "王新新"}, Account.first_name), ({"id_number": id_number(49)}, Account.id_number_masked)],
    ids=["the name", "the number"],
)
def test_what_the_provider_says_of_somebody_is_taken_over_and_noted(app, make, monkeypatch, changes, column_of):
    monkeypatch.setattr(type(WANG), "sub", "always the same")
    signed_on(app, WANG)
    before = column(make, sa.select(column_of))
    signed_on(app, replace(WANG, **changes))
    assert len(audited(make, "sign_on_changed")) == 1
    assert column(make, sa.select(column_of)) != before


def test_the_accounts_of_a_unit_are_numbered(app, unit, make):
    signed_on(app, LI)
    code = WANG.unit_code.lower()
    assert sorted(column(make, sa.select(Account.username))) == [f"{code}-1", f"{code}-2"]


# ---- out again -------------------------------------------------------------------------------------------------------


def test_signing_out_ends_it_at_the_provider_too(app, unit):
    newcomer = Newcomer(app)
    newcomer.signs_on(WANG)
    newcomer.browser.get("/phrases/list/")
    page = newcomer.browser.post("/logout/")
    action = html.unescape(re.search(r'<form method="post" action="([^"]+/end_session)"', page.text)[1])
    fields = {name: value_of(page, name) for name in ("id_token_hint", "client_id", "post_logout_redirect_uri")}
    assert f"form-action 'self' {action.removesuffix('/end_session')};" in page.headers["Content-Security-Policy"]
    with newcomer.http.post(action, data=fields, timeout=10) as answer:
        assert (answer.status_code, "http://localhost/" in answer.text) == (200, True)
    assert newcomer.browser.get("/phrases/list/").location.startswith("/login/")


def test_it_ends_there_by_a_worker_that_never_asked_the_provider(app, unit):
    newcomer = Newcomer(app)
    newcomer.signs_on(WANG)
    newcomer.browser.get("/phrases/list/")
    del app.extensions["sign_on"]
    assert "/end_session" in newcomer.browser.post("/logout/").text


def test_a_copied_cookie_opens_nothing_after_it(app, unit):
    newcomer = Newcomer(app)
    newcomer.signs_on(WANG)
    newcomer.browser.get("/phrases/list/")
    copied = newcomer.browser.client.get_cookie("session").value
    newcomer.browser.post("/logout/")
    thief = Browser(app)
    thief.client.set_cookie("session", copied)
    assert thief.get("/phrases/list/").location.startswith("/login/")


# ---- without a provider ----------------------------------------------------------------------------------------------


def test_ways_that_nobody_came_back_on_are_forgotten(app, make):
    Newcomer(app).goes()
    assert len(column(make, sa.select(SignOn.key))) == 1
    with clock.frozen(clock.now() + timedelta(days=1)), app.app_context():
        chores.forget_ways()
    assert column(make, sa.select(SignOn.key)) == []


def test_what_is_kept_of_a_way_is_sealed(app, make):
    Newcomer(app).goes(query_string={"next": "/people/list/"})
    (sealed,) = column(make, sa.select(SignOn.sealed))
    assert b"people" not in sealed


@pytest.fixture
def without(engine, migrated, database, tmp_path) -> Any:
    app = build(engine, database(migrated), tmp_path)
    yield app
    release(app)


def test_without_a_provider_only_built_in_accounts_sign_in(without):
    page = Browser(without).get("/login/")
    assert (links(page, "单位登录"), len(links(page, "内置单位登录"))) == ([], 1)
    answer = Browser(without).get("/login/unit")
    assert (answer.status_code, "尚未接入" in text_of(answer)) == (404, True)
