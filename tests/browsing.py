"""A browser without a screen: keeps its cookies, sends the CSRF token, reads what a page says."""

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class Browser:
    """One person at one browser."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.token = ""

    def get(self, address: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(address, **options))

    def post(self, address: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Post a form with the token of the page seen last; redirects are not followed."""
        return self._seen(self.client.post(address, data={"csrf_token": self.token, **(data or {})}, **options))

    def sign_in(self, username: str, password: str) -> "Browser":
        self.get("/login/built-in")
        answer = self.post("/login/built-in", {"username": username, "password": password})
        assert answer.status_code == 303, f"{username} could not sign in"
        self.get("/registrations/list/")
        return self

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and (
            found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
        ):
            self.token = html.unescape(found[1])
        return answer


def rowids(answer: TestResponse) -> list[str]:
    """The values of the check boxes of a list page (`id:version`), in their order."""
    return re.findall(r'name="rowid"[^>]*value="([^"]+)"', answer.text)


def text_of(answer: TestResponse) -> str:
    """What a page says, without its markup, blanks folded."""
    body = re.sub(r"<(script|style|svg|title)\b.*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
