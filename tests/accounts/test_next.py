"""`next=` leads back into this site and nowhere else, however it is spelt."""

import re
from collections.abc import Callable

import pytest

from tests.browsing import Browser
from tests.conftest import PASSWORD

LEADING_AWAY = [
    "https://evil.example/",
    "HTTPS://EVIL.EXAMPLE/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:////evil.example",
    "http:\\\\evil.example",
    "/%2f%2fevil.example",
    "%2f%2fevil.example",
    "//%2fevil.example",
    "/%5cevil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x01//evil.example",
    "/\r\nLocation: https://evil.example",
    "/\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "ftp://localhost/",
    "http://localhost@evil.example/",
    "http://localhost:pass@evil.example/",
    "http://localhost.evil.example/",
    "http://localhost:8443/",
    "http://localhost:80:80/",
    "http://localhost\\@evil.example/",
    "http://user@localhost/",
    "//localhost:8443/",
    "//[::1",
    "http://[evil",
    "http://evil\u2100.example/",
    "//evil\u3002example/",
    "http://localhost#@evil.example/",
    "?next=//evil.example",
    "evil.example",
    "",
]
INSIDE = ["/", "/registrations/list/", "/registrations/list/?status=all&sort=-name", "/registrations/list/?q=%E6%AC%A7"]


def stays(location: str | None) -> bool:
    """Whether a browser that follows the header stays here, read as the URL standard does (WHATWG, 4.4)."""
    if location is None or re.search(r"[\r\n]", location):
        return False
    text = re.sub(r"[\t\r\n]", "", location.strip("".join(map(chr, range(33))))).replace("\\", "/")
    return text.startswith("/") and not text.startswith("//")


def _at_the_door(app) -> Callable[[str], str | None]:
    def ask(address: str) -> str | None:
        browser = Browser(app)
        browser.get("/login/built-in", query_string={"next": address})
        form = {"username": "zhang", "password": PASSWORD, "next": address}
        return browser.post("/login/built-in", form).location

    return ask


def _already_in(door: str) -> Callable[..., Callable[[str], str | None]]:
    def opened(app) -> Callable[[str], str | None]:
        browser = Browser(app).sign_in("zhang", PASSWORD)
        return lambda address: browser.get(door, query_string={"next": address}).location

    return opened


def _switching_the_language(app) -> Callable[[str], str | None]:
    browser = Browser(app)
    browser.get("/login/built-in")
    return lambda address: browser.post("/locale", {"locale": "en", "next": address}).location


WAYS = {
    "signing in": _at_the_door,
    "at /login/ when in": _already_in("/login/"),
    "at /login/built-in when in": _already_in("/login/built-in"),
    "switching the language": _switching_the_language,
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def follow(request, app, make) -> Callable[[str], str | None]:
    """Goes one of the ways that take `next`; answers where it leads."""
    make.account("zhang", "unit_administrator", make.unit())
    return request.param(app)


def test_no_spelling_leads_off_the_site(follow):
    assert [address for address in LEADING_AWAY if not stays(follow(address))] == []


def test_a_page_of_this_site_is_where_it_leads(follow):
    assert [follow(address) for address in INSIDE] == INSIDE


def test_a_whole_address_of_this_site_becomes_its_path(follow):
    assert follow("http://localhost/registrations/list/?status=all") == "/registrations/list/?status=all"


@pytest.mark.parametrize("spelling", LEADING_AWAY[:13])
def test_the_judge_of_these_tests_knows_what_leads_away(spelling):
    assert not stays(spelling)
