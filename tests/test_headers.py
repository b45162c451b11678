"""What every answer carries: security headers, a nonce, and nothing inline or from elsewhere."""

import re
from typing import Any

import pytest

from tests.browsing import Browser, rowids

LIST, EXPORT, DECIDE, DOOR = (
    "/registrations/list/",
    "/registrations/export.csv",
    "/registrations/decide",
    "/login/built-in",
)


@pytest.fixture
def desk(make, sign_in) -> Browser:
    """An administrator at a list of two pages."""
    unit = make.unit()
    make.account("zhang", "unit_administrator", unit)
    make.many(30, unit)
    return sign_in("zhang")


@pytest.fixture
def answers(desk, app) -> dict[str, Any]:
    """Every kind of page, by what it is."""
    (first, *_rest) = rowids(desk.get(LIST))
    stranger = Browser(app)
    asked = {"verdict": "return", "rowid": first}
    return {
        "public": stranger.get("/"),
        "doors": stranger.get("/login/"),
        "door": stranger.get(DOOR),
        "wrong password": stranger.post(DOOR, {"username": "zhang", "password": "x"}),
        "list": desk.get(LIST),
        "list in English": (desk.post("/locale", {"locale": "en"}), desk.get(LIST))[1],
        "filtered": desk.get(f"{LIST}?gender=1&q=%3Cb%3E&status=all"),
        "bad filter": desk.get(f"{LIST}?from=%22onload%3D"),
        "empty": desk.get(f"{LIST}?status=passed"),
        "show": desk.get(f"/registrations/show/{first.split(':')[0]}"),
        "ask one": desk.post(DECIDE, asked | {"single": "1"}),
        "ask many": desk.post(DECIDE, asked),
        "beside the field": desk.post(DECIDE, asked | {"opinion": ""}),
        "not found": desk.get("/nowhere"),
        "bad token": desk.client.post("/logout/"),
        "csv": desk.get(EXPORT, buffered=True),
        "health": desk.get("/healthz"),
    }


def test_every_answer_sets_the_security_headers(answers):
    for name, answer in answers.items():
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        assert headers["Cache-Control"] == "no-store", name
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'", name
        assert policy["frame-ancestors"] == "'none'", name
        assert policy["base-uri"] == "'none'", name
        assert re.fullmatch(r"'nonce-[\w-]{20,}'", policy["script-src"]), name
        assert "unsafe" not in headers["Content-Security-Policy"], name


def test_the_nonce_is_new_for_each_answer_and_on_each_script(answers):
    pages = [answer for answer in answers.values() if answer.mimetype == "text/html"]
    nonces = [re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1] for answer in pages]
    assert len(set(nonces)) == len(nonces)
    for answer, nonce in zip(pages, nonces, strict=True):
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert scripts
        assert [script for script in scripts if f'nonce="{nonce}"' not in script] == []


def test_no_page_has_inline_style_or_script_or_an_address_elsewhere(answers):
    bad = r"""<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|(?:src|href|action)=["'](?!/(?!/)|\#)"""
    pages = {name: answer for name, answer in answers.items() if answer.mimetype == "text/html"}
    assert len(pages) > 10
    tags = {name: re.findall(r"<[a-z][^>]*>", answer.text) for name, answer in pages.items()}
    outside_values = {name: [re.sub(r' value="[^"]*"', "", tag) for tag in found] for name, found in tags.items()}
    assert {name: hit for name, found in outside_values.items() if (hit := re.findall(bad, "".join(found)))} == {}


def test_the_style_sheet_and_the_script_load_nothing_from_elsewhere(app):
    browser = Browser(app)
    for file in ("style.css", "desk.js", "favicon.svg"):
        text = browser.get(f"/static/{file}", buffered=True).text
        found = re.findall(r"@import|url\(\s*['\"]?(?:https?:)?//|https?://(?!www\.w3\.org/)", text)
        assert found == [], file


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(app):
    (cookie,) = Browser(app).get(DOOR).headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
