"""The structured log, and the request id that leads from an error page to it."""

import re

import pytest

SECRET = "350102199303030020"


def shown_id(answer) -> str:
    """The request number on an error page."""
    return re.search(r"<code[^>]*>([0-9a-f]+)</code>", answer.text)[1]


def test_a_request_is_one_line(log, app):
    app.test_client().get("/healthz")
    (line,) = log.lines()
    assert (line["level"], line["logger"], line["method"], line["path"], line["status"], line["user"]) == (
        "info",
        "access",
        "GET",
        "/healthz",
        200,
        None,
    )


def test_a_line_says_when_and_how_long(log, app):
    app.test_client().get("/healthz")
    (line,) = log.lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", line["at"]) and line["ms"] >= 0


def test_the_line_names_the_account(log, make, sign_in):
    account = make.account("zhang", "unit_administrator", make.unit())
    sign_in("zhang").get("/registrations/list/")
    assert log.lines(path="/registrations/list/")[-1]["user"] == account


def test_each_request_has_an_id_of_its_own(app):
    client = app.test_client()
    assert len({client.get("/healthz").headers["X-Request-Id"] for _ in range(5)}) == 5


def test_the_id_is_not_the_callers(app):
    answer = app.test_client().get("/healthz", headers={"X-Request-Id": "chosen\u00e9"})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing/here", 404), ("/registrations/decide", 405), ("/healthz?x=%00", 400)]
)
def test_an_error_page_shows_the_id_that_the_header_and_the_log_have(log, app, path, status):
    answer = app.test_client().get(path)
    (line,) = log.lines(logger="access")
    assert (line["status"], line["request"], answer.headers["X-Request-Id"]) == (
        status,
        shown_id(answer),
        shown_id(answer),
    )


@pytest.fixture
def fault(app, make, sign_in):
    """Somebody signed in, in an app of which `/fault` raises."""

    def view():
        raise RuntimeError("a fault\nin two lines: {}")

    app.add_url_rule("/fault", "fault", view)
    make.account("zhang", "unit_administrator", make.unit())
    return sign_in("zhang")


def test_a_fault_is_logged_under_the_id_of_its_page(log, fault):
    answer = fault.get("/fault")
    (line,) = log.lines(level="error")
    assert (answer.status_code, line["request"]) == (500, shown_id(answer))


def test_a_fault_is_logged_with_its_traceback_in_one_line(log, fault):
    fault.get("/fault")
    (line,) = log.lines(level="error")
    assert line["exception"].startswith("Traceback") and "in two lines: {}" in line["exception"]


def test_a_fault_tells_the_reader_nothing_of_the_program(fault):
    assert "RuntimeError" not in fault.get("/fault").text


@pytest.mark.parametrize(
    "path", ["/healthz?q={}", "/nothing?q={}", "/registrations/list/?q={}", "/?{}", "/static/style.css?v={}"]
)
def test_no_line_holds_a_query_string(log, app, path):
    app.test_client().get(path.format(SECRET)).close()
    assert SECRET not in log.text


@pytest.mark.parametrize("path", ["/registrations/list/?q={}", "/fault?q={}"])
def test_no_line_holds_a_query_string_of_somebody_signed_in(log, fault, path):
    fault.get(path.format(SECRET))
    assert SECRET not in log.text


def test_no_line_holds_what_was_posted(log, app):
    app.test_client().post("/login/built-in", data={"username": SECRET, "password": "geheim" + SECRET})
    assert SECRET not in log.text


@pytest.mark.parametrize("path", ["/a%0Ab", "/a%22%7D%0A%7B%22x", "/\u4e2d%E2%80%A8", "/%ff"])
def test_no_path_breaks_a_line(log, app, path):
    app.test_client().get(path)
    assert len(log.lines(logger="access")) == 1


def test_static_files_are_not_logged(log, app):
    app.test_client().get("/static/style.css").close()
    assert log.text == ""
