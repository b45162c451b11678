"""A browser without a screen: keeps its cookies, sends the CSRF token, reads what a page says."""

import csv
import html
import io
import re
from types import SimpleNamespace
from typing import Any

from flask import Flask
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

# As a browser posts a form of a page of ours.
FROM_HERE: dict[str, Any] = {"buffered": True, "headers": {"Origin": "http://localhost"}}


class Browser:
    """One person at one browser."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.token = ""
        self.known_as = ("", "")

    def get(self, address: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(address, **{"buffered": True, **options}))

    def post(self, address: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Post a form with the token of the page seen last; redirects are not followed."""
        return self._seen(
            self.client.post(address, data={"csrf_token": self.token, **(data or {})}, **{**FROM_HERE, **options})
        )

    def sign_in(self, username: str, password: str) -> "Browser":
        self.get("/login/built-in")
        answer = self.post("/login/built-in", {"username": username, "password": password})
        assert answer.status_code == 303, f"{username} could not sign in"
        self.get("/nowhere")  # the page that costs least: each has the token of the new session
        self.known_as = (username, password)
        return self

    def comes_back(self) -> "Browser":
        """Sign in anew, as one has to who was away for long."""
        return self.sign_in(*self.known_as)

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and (
            found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
        ):
            self.token = html.unescape(found[1])
        return answer


def saved_as(answer: TestResponse) -> str:
    """The name under which an answer is saved (RFC 6266)."""
    kind, names = parse_options_header(answer.headers["Content-Disposition"])
    assert kind == "attachment"
    return names["filename"]


def rowids(answer: TestResponse) -> list[str]:
    """The values of the check boxes of a list page (`id:version`), in their order."""
    return re.findall(r'name="rowid"[^>]*value="([^"]+)"', answer.text)


def text_of(answer: TestResponse) -> str:
    """What a page says, without its markup, blanks folded."""
    body = re.sub(r"<(script|style|svg|title)\b.*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def table(answer: TestResponse) -> list[dict[str, str]]:
    """The rows of a list page, each by the headings of its columns."""
    rows = re.findall(r'<tr role="row"[^>]*>(.*?)</tr>', answer.text, flags=re.S)
    cells = (re.findall(r'<td[^>]*data-label="([^"]*)"[^>]*>(.*?)</td>', row, flags=re.S) for row in rows)
    return [{html.unescape(head): _plain(cell) for head, cell in row} for row in cells if row]


def heads(answer: TestResponse) -> list[str]:
    """The headings of a list page's columns; the one of the boxes has no text of its own."""
    found = re.findall(r'<th role="columnheader" class="(?!pick)[^>]*>(.*?)</th>', answer.text, flags=re.S)
    return [_plain(head) for head in found]


def tabs(answer: TestResponse) -> dict[str, str]:
    """The tabs of a list page with their numbers."""
    nav = re.search(r'<nav class="tabs".*?</nav>', answer.text, flags=re.S)
    assert nav, "the page has no tabs"
    words = (_plain(link).split() for link in re.findall(r"<a [^>]*>.*?</a>", nav[0], flags=re.S))
    return {" ".join(names): number for *names, number in words}


def links(answer: TestResponse, label: str) -> list[str]:
    """Where the links lead whose text is `label`."""
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', answer.text, flags=re.S)
    return [html.unescape(address) for address, text in found if _plain(text) == label]


def value_of(answer: TestResponse, name: str) -> str:
    """What the form field `name` of a page holds: a text area, an input, or the selected choice of a select box. The
    search on top of every page is passed over."""
    name, content = re.escape(name), re.sub(r'<form class="find".*?</form>', "", answer.text, flags=re.S)
    if area := re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', content, flags=re.S):
        return html.unescape(area[1])
    if box := re.search(rf'<select[^>]* name="{name}".*?</select>', content, flags=re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', box[0])
        return html.unescape(chosen[1]) if chosen else ""
    field = re.search(rf'<input[^>]* name="{name}"[^>]*>', content)
    assert field, f"the page has no field {name}"
    value = re.search(r' value="([^"]*)"', field[0])
    return html.unescape(value[1]) if value else ""


def choices(answer: TestResponse, name: str) -> list[str]:
    """The values that the select box `name` offers."""
    box = re.search(rf'<select[^>]* name="{re.escape(name)}".*?</select>', answer.text, flags=re.S)
    assert box, f"the page has no select box {name}"
    return [html.unescape(value) for value in re.findall(r'<option value="([^"]*)"', box[0])]


def csv_rows(answer: TestResponse) -> list[list[str]]:
    """The lines of a CSV answer, its heading first; the byte-order mark is taken off."""
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def part(answer: Any, begins: str, ends: str) -> Any:
    """The part of a page from a mark to the next one after it, to be asked like a page."""
    start = answer.text.index(begins)
    return SimpleNamespace(text=answer.text[start : answer.text.index(ends, start) + len(ends)])


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())
