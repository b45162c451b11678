"""Uses a running product once, as a unit's administrator would. Standard library only.

usage: DEMO_PASSWORD=… python .ci/use_once.py http://127.0.0.1:PORT
Exit 1 at the first thing that is not as promised (shared/contract.md), with what came instead.
"""

import csv
import io
import os
import sys
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

USER = "unit.public"
COLUMNS = ["姓名", "性别", "证件号码", "手机号码", "政治面貌", "邮箱", "注册时间", "审核状态"]


class LoginForm(HTMLParser):
    """The form that asks for a password: its address and its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self._action = ""
        self._fields: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._action, self._fields = given.get("action") or "", {}
        elif tag == "input" and self._fields is not None and given.get("name"):
            self._fields[str(given["name"])] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._fields is not None:
            if "password" in self._fields:
                self.action, self.fields = self._action, self._fields
            self._fields = None


class Browser:
    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), ProxyHandler({}))

    def open(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        """(status, path where it ended, body); redirects are followed."""
        body = urlencode(data).encode() if data is not None else None
        request = Request(urljoin(self.base, path), body, {"Accept-Language": "zh-CN"})
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, urlsplit(answer.url).path, answer.read()
        except HTTPError as error:
            return error.code, urlsplit(error.url).path, error.read()


def expect(true: object, what: str, body: bytes = b"") -> None:
    if true:
        print(f"  ok    {what}")
        return
    print(f"  WRONG {what}")
    if body:
        print(body[:3000].decode("utf-8", "replace"))
    sys.exit(1)


def main() -> None:
    base, password = sys.argv[1], os.environ["DEMO_PASSWORD"]
    print(f"using {base} once as {USER}")
    browser = Browser(base)

    status, _, body = browser.open("/healthz")
    expect(status == 200, f"GET /healthz: {status}", body)

    status, _, body = browser.open("/")
    expect(status == 200 and "登录" in body.decode(), f"GET / before login: {status}, shows 登录", body)

    status, ended, body = browser.open("/registrations/export.csv")
    expect(status in (401, 403) or "/login" in ended, f"an export before login: {status} at {ended}", body)

    status, ended, body = browser.open("/login/built-in")
    form = LoginForm()
    form.feed(body.decode())
    expect(
        status == 200 and {"username", "password", "csrf_token"} <= form.fields.keys(),
        f"GET /login/built-in: {status}, a form of {', '.join(form.fields) or 'nothing'}",
        body,
    )
    data = {**form.fields, "username": USER, "password": password}
    status, ended, body = browser.open(urljoin(urljoin(base, ended), form.action), data)
    expect(status == 200 and "/login" not in ended, f"POST the login: {status} at {ended}", body)

    status, ended, body = browser.open("/registrations/list/")
    page = body.decode()
    expect(
        status == 200 and ended == "/registrations/list/" and "人员注册审核" in page and "待审核" in page,
        f"GET /registrations/list/: {status} at {ended}, shows 人员注册审核 and 待审核",
        body,
    )

    status, _, body = browser.open("/registrations/export.csv")
    expect(
        status == 200 and body.startswith(b"\xef\xbb\xbf"),
        f"GET export.csv: {status}, with a BOM",
        body[:300],
    )
    head, *rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    expect(set(COLUMNS) <= set(head), f"its columns: {'、'.join(head)}")
    expect(rows and all(len(row) == len(head) for row in rows), f"its rows: {len(rows)}")


if __name__ == "__main__":
    main()
