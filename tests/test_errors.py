"""Bad input, line by line: a clear answer of the right status, and nothing lost or half done."""

import io
import re
import tracemalloc
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.review.models import Submission
from tests.browsing import Browser, links, rowids, text_of, value_of
from tests.conftest import PASSWORD

LIST, EXPORT, DECIDE, DOOR = (
    "/registrations/list/",
    "/registrations/export.csv",
    "/registrations/decide",
    "/login/built-in",
)
REQUEST_ID = re.compile(r"请求编号 ([0-9a-f]{16})")


@pytest.fixture
def desk(make, sign_in) -> Browser:
    """An administrator at a list of 30, which is two pages."""
    unit = make.unit()
    make.account("zhang", "unit_administrator", unit)
    make.many(30, unit)
    return sign_in("zhang")


def waiting(make) -> int:
    return make.read(sa.select(sa.func.count(Submission.id)).where(Submission.status == "pending"))[0][0]


# ---- what the address asks for ---------------------------------------------------------------------------------------

BAD_QUERIES = [
    *("page=abc", "page=0", "page=-1", "page=1.5", "page=%EF%BC%91", "page=1e3", "page=" + "9" * 40),
    *("status=xyz", "status=Pending", "status=%E5%BE%85%E5%AE%A1%E6%A0%B8"),
    *("sort=xyz", "sort=id_number", "sort=--name", "sort=name;drop", "sort=submitted_at,name"),
    *("sort=-", "status=all&sort=-", "sort=decided_at", "sort=-decided_at", "status=all&sort=decided_at"),
    *("gender=7", "political_status=99", "from=tomorrow", "to=2026-02-30"),
]


@pytest.mark.parametrize("query", BAD_QUERIES, ids=lambda query: query[:30])
def test_a_question_that_no_page_of_ours_asks_is_400(desk, query):
    assert desk.get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize("page", ["3", "1000", "999999999", "1000000000", "1000000001"])
def test_a_page_past_the_end_is_not_found_and_leads_to_the_last(desk, page):
    answer = desk.get(f"{LIST}?sort=-name&page={page}")
    assert answer.status_code == 404
    (last,) = links(answer, "前往最后一页")
    assert last == f"{LIST}?sort=-name&page=2"
    assert len(rowids(desk.get(last))) == 5


@pytest.mark.parametrize(
    ("name", "value"), [("gender", "7"), ("political_status", "99"), ("from", "tomorrow"), ("to", "2026-02-30")]
)
def test_an_unknown_value_of_a_filter_is_answered_beside_it_and_kept(desk, name, value):
    answer = desk.get(f"{LIST}?{name}={value}&sort=name")
    assert answer.status_code == 400
    assert f'id="filter-{name}-error"' in answer.text
    assert f'aria-describedby="filter-{name}-error"' in answer.text
    assert value_of(answer, name) == value


def test_a_parameter_that_nobody_knows_is_passed_over(desk):
    answer = desk.get(f"{LIST}?_flt_0_password=x&_l_=en&page_size=1000&_oc_=id")
    assert (answer.status_code, len(rowids(answer))) == (200, 25)


# ---- NUL -------------------------------------------------------------------------------------------------------------

NUL_ADDRESSES = [
    *("/%00", "/registrations/list/%00", "/registrations/show/1%00", "/static/%00", "/login/%00"),
    *(f"{LIST}?q=%00", f"{LIST}?q=a%00b", f"{LIST}?%00=1", f"{LIST}?a%00b=1", f"{LIST}?status=pending%00"),
    *(f"{LIST}?gender=%00", f"{LIST}?page=1%00", f"{LIST}?unknown=%00", f"{LIST}?q=1&q=%00", f"{EXPORT}?q=%00"),
    *("/registrations/show/1?q=%00", "/?a=%00", "/login/?next=%00", f"{DOOR}?next=%00", "/healthz?%00"),
]


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "stranger"])
def test_nul_in_an_address_is_400(app, desk, signed_in):
    browser = desk if signed_in else Browser(app)
    assert [address for address in NUL_ADDRESSES if browser.get(address).status_code != 400] == []


NUL_FORMS: list[tuple[str, dict[str, Any]]] = [
    ("/registrations/search", {"q": "\x00"}),
    ("/registrations/search", {"q": "人", "query": "status=all&q=\x00"}),
    ("/registrations/search", {"q": "人", "query": "gender=%00"}),
    ("/registrations/search", {"q": "人", "query": "status=%00"}),
    ("/registrations/search", {"\x00": "1"}),
    (DECIDE, {"verdict": "pass\x00", "opinion": "同意", "rowid": "1:1"}),
    (DECIDE, {"verdict": "pass", "opinion": "同意", "rowid": "1:1\x00"}),
    (DECIDE, {"verdict": "pass", "opinion": "同意", "all": "1", "seen_at": "\x00"}),
    (DECIDE, {"verdict": "pass", "opinion": "同意", "all": "1", "query": "q=%00"}),
    (DECIDE, {"verdict": "pass", "opinion": "同\x00意", "all": "1"}),
    (DECIDE, {"verdict": "pass", "opinion": "同意", "all": "1", "a\x00b": "1"}),
    ("/role", {"grant": "1\x00"}),
    ("/locale", {"locale": "en\x00"}),
    ("/locale", {"locale": "en", "next": "/\x00"}),
    ("/logout/", {"\x00": "\x00"}),
    (DOOR, {"username": "\x00", "password": PASSWORD}),
]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_nul_in_a_form_is_400_and_nothing_is_done(make, desk, content_type):
    refused = [
        (address, form)
        for address, form in NUL_FORMS
        if desk.post(address, form, content_type=content_type).status_code != 400
    ]
    assert refused == []
    assert waiting(make) == 30


def test_what_is_no_utf8_is_no_fault_of_ours(desk):
    addresses = [f"{LIST}?q=%ff%fe", "/registrations/%ff/", f"{LIST}?%ff=1", f"{LIST}?q=%ED%A0%80"]
    assert [address for address in addresses if desk.get(address).status_code >= 500] == []


# ---- forms that come from elsewhere ----------------------------------------------------------------------------------

POSTS = ["/registrations/search", DECIDE, "/role", "/locale", "/logout/", DOOR]


@pytest.mark.parametrize("address", POSTS)
@pytest.mark.parametrize("token", [None, "", "forged", "IjEi.Z.x"])
def test_without_the_right_token_nothing_is_done(make, desk, address, token):
    form = {"all": "1", "verdict": "pass", "opinion": "同意", "locale": "en", "username": "zhang", "password": PASSWORD}
    answer = desk.client.post(address, data=form if token is None else form | {"csrf_token": token})
    assert answer.status_code == 400
    assert "请重新打开页面后再操作" in text_of(answer)
    assert waiting(make) == 30
    assert '<html lang="zh-CN">' in desk.get(LIST).text


def test_the_token_of_another_session_is_forged(app, desk):
    other = Browser(app)
    other.get(DOOR)
    answer = desk.client.post("/logout/", data={"csrf_token": other.token})
    assert (answer.status_code, desk.get(LIST).status_code) == (400, 200)


def test_a_refusal_speaks_the_readers_language(desk):
    desk.post("/locale", {"locale": "en"})
    answers = [desk.client.post("/logout/"), desk.get("/%00"), desk.get("/nowhere"), desk.get(f"{LIST}?page=abc")]
    told = [(answer.status_code, "Back to the start" in text_of(answer)) for answer in answers]
    assert told == [(400, True), (400, True), (404, True), (400, True)]
    assert {re.search('<html lang="([^"]*)"', answer.text)[1] for answer in answers} == {"en"}


# ---- bodies that are too large ---------------------------------------------------------------------------------------

HUGE = 300 * 1024 * 1024


class Endless(io.RawIOBase):
    """A body of HUGE bytes that is made while it is read."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), HUGE - self.given)
        buffer[:size] = b"a" * size
        self.given += size
        return size


@pytest.mark.parametrize("address", [DECIDE, DOOR, "/registrations/search", "/nowhere", LIST])
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
@pytest.mark.parametrize("announced", [True, False], ids=["with a length", "in chunks"])
def test_a_body_of_300_mb_is_413_and_never_in_memory(make, desk, address, content_type, announced):
    body = Endless()
    environ = EnvironBuilder(address, method="POST", content_type=content_type).get_environ()
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(HUGE) if announced else "", "wsgi.input_terminated": True}
    environ["HTTP_COOKIE"] = f"session={desk.client.get_cookie('session').value}"
    tracemalloc.start()
    try:
        chunks, status, _headers = run_wsgi_app(desk.client.application, environ)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert status[:3] in ("413", "411")[: 1 if announced else 2]  # without a length it may be refused for that
    assert "没有保存任何内容" in b"".join(chunks).decode()
    assert body.given <= 1024 * 1024
    assert peak < 4 * 1024 * 1024
    assert waiting(make) == 30


FORM = 2 * 1024 * 1024  # bytes that a form without files may have


def posted(browser: Browser, body: str) -> Any:
    """Send a form's body as it is, with the token of the page seen last."""
    body += f"&csrf_token={browser.token}"
    return browser.client.post(DECIDE, data=body, content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize("field", ["opinion", "rowid", "nobody"])
def test_a_form_of_more_than_2_mb_is_413_and_nothing_is_done(make, desk, field):
    body = f"all=1&verdict=pass&opinion=1&seen_at=2099-01-01T00:00:00%2B00:00&{field}="
    answer = posted(desk, body + "a" * FORM)
    assert (answer.status_code, waiting(make)) == (413, 30)


def test_it_is_refused_before_it_is_read(desk):
    body = Endless()
    environ = EnvironBuilder(DECIDE, method="POST", content_type="application/x-www-form-urlencoded").get_environ()
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(FORM + 1)}
    environ["HTTP_COOKIE"] = f"session={desk.client.get_cookie('session').value}"
    _chunks, status, _headers = run_wsgi_app(desk.client.application, environ)
    assert (status[:3], body.given) == ("413", 0)


def test_a_form_that_is_nearly_as_large_is_read_and_what_was_typed_comes_back(make, desk):
    opinion = "a" * (FORM - 1000)
    answer = posted(desk, f"all=1&verdict=pass&seen_at=2099-01-01T00:00:00%2B00:00&opinion={opinion}")
    assert (answer.status_code, value_of(answer, "opinion") == opinion, waiting(make)) == (400, True, 30)


# ---- the pages of errors ---------------------------------------------------------------------------------------------


@pytest.fixture
def faulty(app, make, sign_in) -> Browser:
    """A reader of an app with two addresses that break."""

    def fault() -> str:
        raise ZeroDivisionError("a secret of the inside")

    def busy() -> str:
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    app.add_url_rule("/fault", view_func=fault)
    app.add_url_rule("/busy", view_func=busy)
    make.account("zhang", "unit_administrator", make.unit())
    return sign_in("zhang")


ERRORS = {400: f"{LIST}?page=abc", 404: "/nowhere", 405: "/logout/", 500: "/fault", 503: "/busy"}


@pytest.mark.parametrize(("status", "address"), ERRORS.items())
def test_an_error_page_is_chinese_and_carries_the_id_of_the_request(faulty, status, address):
    answer = faulty.get(address)
    said = text_of(answer)
    assert answer.status_code == status
    (number,) = REQUEST_ID.findall(said)
    assert number == answer.headers["X-Request-Id"]
    own = said.replace(number, "").replace("English", "").replace("zhang", "")
    assert re.findall(r"[A-Za-z]+", own) == []
    assert links(answer, "返回首页") == ["/"]


def test_each_request_has_an_id_of_its_own(faulty):
    ids = {faulty.get("/nowhere").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


def test_a_fault_tells_nothing_of_the_inside(faulty):
    answer = faulty.get("/fault")
    assert [word for word in ("secret", "ZeroDivision", "Traceback", "site-packages") if word in answer.text] == []


def test_the_page_of_an_unknown_address_is_not_for_guessing(app):
    """A stranger learns no more from an address of ours than from none."""
    browser = Browser(app)
    assert browser.get("/nowhere").status_code == 404
    assert [browser.get(f"/registrations/show/{pk}").status_code for pk in (1, 999_999)] == [302, 302]
