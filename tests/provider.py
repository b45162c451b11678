"""The stand-in of 单位登录 (app/operations/demo/provider), served in a thread, and a person who signs on through it.

Each answer of it can be changed on its way out (`changed`), so that a test can play a provider, or somebody between,
who lies.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask, Response, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app.operations.demo.provider.__main__ import Quiet
from app.operations.demo.provider.pages import serving
from app.operations.demo.provider.people import PEOPLE, Person
from app.operations.demo.provider.server import Client, Provider, new_key
from tests.browsing import Browser

CLIENT = Client("a-client-of-tests", "a secret: with+odd %characters")
Change = Callable[[Response], Response | None]


@cache
def key(number: int = 0) -> RSAKey:
    """Keys take long to make: each is made once."""
    return new_key()


class StandIn:
    """A running provider. `state` is what it knows; `changed[endpoint]` changes what it answers there."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.state = Provider(issuer, CLIENT, key())
        self.changed: dict[str, Change] = {}
        self.asked: list[str] = []
        self.app = serving(self.state)
        self.app.before_request(self._noted)
        self.app.after_request(self._change)

    @property
    def environment(self) -> dict[str, str]:
        """What the product is told of it."""
        return {
            "SIGN_ON_ISSUER": self.issuer,
            "SIGN_ON_CLIENT_ID": CLIENT.client_id,
            "SIGN_ON_CLIENT_SECRET": CLIENT.client_secret,
            "SIGN_ON_STAND_IN": "1",
        }

    def forges(self, forge: Callable[[dict[str, str], dict[str, Any]], str | None]) -> None:
        """Answer the token endpoint with the ID token that `forge(header, claims)` makes of the right one; with none
        where it makes None."""

        def change(answer: Response) -> None:
            body = answer.get_json()
            if "id_token" in body:
                right = jwt.decode(body["id_token"], self.state.key, ["RS256"])
                body["id_token"] = forge(dict(right.header), dict(right.claims))
                answer.set_data(self.app.json.dumps({name: text for name, text in body.items() if text is not None}))

        self.changed["token"] = change

    def tells(self, **changed: Any) -> None:
        """Tell of itself otherwise than it is; what is None is not told."""

        def change(answer: Response) -> None:
            told = {**answer.get_json(), **changed}
            answer.set_data(self.app.json.dumps({name: value for name, value in told.items() if value is not None}))

        self.changed["described"] = change

    def signed(self, header: dict[str, str], claims: dict[str, Any]) -> str:
        return jwt.encode(header, claims, self.state.key, ["RS256"])

    def _noted(self) -> None:
        self.asked.append(request.endpoint or request.path)

    def _change(self, answer: Response) -> Response:
        change = self.changed.get(request.endpoint or "")
        return (change and change(answer)) or answer


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """A provider on a free port of the loopback address."""
    server = make_server("127.0.0.1", 0, Flask("nobody"), threaded=True, request_handler=Quiet)
    provider = StandIn(f"http://127.0.0.1:{server.server_port}")
    server.app = provider.app
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Newcomer:
    """Somebody at a browser who signs on: out to the provider, and back."""

    def __init__(self, app: Flask) -> None:
        self.browser = Browser(app)
        self.http = requests.Session()
        self.http.trust_env = False

    def goes(self, **options: Any) -> str:
        """Where the product sends him: the address at the provider."""
        answer = self.browser.get("/login/unit", **options)
        assert answer.status_code in (302, 303), text if (text := answer.text) else answer.status
        return answer.location

    def says(self, address: str, person: Person | None = PEOPLE[0][0], **fields: str) -> str:
        """Where the provider sends him back to; without a person he cancels."""
        form = {"cancel": "1"} if person is None else person.claims()
        with self.http.post(address, data={**form, **fields}, allow_redirects=False, timeout=10) as answer:
            assert answer.status_code == 302, answer.text
            return answer.headers["Location"]

    def returns(self, address: str, **changed: str | None) -> TestResponse:
        """Come back to the product; `changed` parameters are others than the provider gave, or none."""
        parts = urlsplit(address)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        query = {name: value for name, value in {**given, **changed}.items() if value is not None}
        return self.browser.get(parts.path, query_string=query)

    def signs_on(self, person: Person | None = PEOPLE[0][0]) -> TestResponse:
        return self.returns(self.says(self.goes(), person))
