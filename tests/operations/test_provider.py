"""The demo's stand-in of 单位登录: it keeps to OpenID Connect, says what it is, and comes and goes with the product."""

import hashlib
import html
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from stdnum.cn import ric, uscc

from app.operations.demo.load import COMPANY
from app.operations.demo.provider.people import PEOPLE, Person, invented_code
from app.operations.demo.provider.server import is_loopback
from config import ROOT
from tests.conftest import KEYS
from tests.provider import CLIENT, StandIn, standing_in

BACK = "http://localhost:8080/login/unit/back"
VERIFIER = "v" * 43
WANTED = {
    "response_type": "code",
    "client_id": CLIENT.client_id,
    "redirect_uri": BACK,
    "scope": "openid profile",
    "state": "a state",
    "nonce": "a nonce",
    "code_challenge": urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode(),
    "code_challenge_method": "S256",
}
MARK = "演示用的统一身份认证（不是闽政通）"


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def ask(**changed: str | None) -> str:
    """The address of /authorize, with other parameters than WANTED, or without."""
    return "/authorize?" + urlencode(
        {name: value for name, value in {**WANTED, **changed}.items() if value is not None}
    )


def sent(answer: requests.Response) -> dict[str, str]:
    """What the system that asked is sent."""
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def come(provider: StandIn, http: requests.Session, form: dict[str, str] | None = None, **changed: str | None) -> str:
    """Come as the first of PEOPLE, or as the form says: the code."""
    address = provider.issuer + ask(**changed)
    answer = sent(http.post(address, data=form or {"person": "0"}, allow_redirects=False, timeout=10))
    assert answer["state"] == WANTED["state"]
    return answer["code"]


def redeem(provider: StandIn, http: requests.Session, code: str, /, **changed: Any) -> requests.Response:
    """Ask the token endpoint; `auth` is the client's name and secret, None for none."""
    auth = changed.pop("auth", (CLIENT.client_id, CLIENT.client_secret))
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return http.post(f"{provider.issuer}/token", data={**asked, **changed}, auth=auth, timeout=10)


def tokens(provider: StandIn, http: requests.Session, **form: str) -> dict[str, Any]:
    answer = redeem(provider, http, come(provider, http, form))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_describes_itself(provider, http):
    said = http.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=10).json()
    assert said["issuer"] == provider.issuer
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["id_token_signing_alg_values_supported"] == ["RS256"]
    ends = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
    assert all(urlsplit(said[end]).netloc == urlsplit(provider.issuer).netloc for end in ends)


def test_its_keys_are_public_ones(provider, http):
    (key,) = http.get(f"{provider.issuer}/jwks", timeout=10).json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}


@pytest.mark.parametrize("number", range(len(PEOPLE)))
def test_a_person_comes_with_one_click_and_is_described_in_token_and_userinfo(provider, http, number):
    person = PEOPLE[number][0]
    assert f'name="person" value="{number}"' in http.get(provider.issuer + ask(), timeout=10).text
    given = tokens(provider, http, person=str(number))
    keys = KeySet.import_key_set(http.get(f"{provider.issuer}/jwks", timeout=10).json())
    claims = jwt.decode(given["id_token"], keys, ["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (provider.issuer, CLIENT.client_id, WANTED["nonce"])
    assert 0 < claims["exp"] - claims["iat"] <= 300
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    info = http.get(f"{provider.issuer}/userinfo", headers=bearer, timeout=10).json()
    assert info == person.claims() and info.items() <= claims.items()


def test_anybody_comes_from_any_unit(provider, http):
    form = {"unit_code": "91350102046302701W", "unit_name": "<某单位> & 分公司", "name": "王一", "id_number": ""}
    claims = jwt.decode(tokens(provider, http, **form)["id_token"], provider.state.key, ["RS256"]).claims
    assert {name: claims.get(name, "") for name in form} == form
    again = jwt.decode(tokens(provider, http, **form)["id_token"], provider.state.key, ["RS256"]).claims
    assert again["sub"] == claims["sub"]


@pytest.mark.parametrize("missing", ["unit_code", "unit_name", "name"])
def test_who_says_too_little_is_asked_again_and_nothing_typed_is_lost(provider, http, missing):
    form = {"unit_code": "91350102046302701W", "unit_name": "某单位", "name": "王一", "id_number": "7", missing: " "}
    answer = http.post(provider.issuer + ask(), data=form, allow_redirects=False, timeout=10)
    assert answer.status_code == 400 and "请填写" in answer.text
    assert all(f'value="{value}"' in answer.text for value in form.values())


def test_who_cancels_goes_back_with_nothing(provider, http):
    answer = http.post(provider.issuer + ask(), data={"cancel": "1"}, allow_redirects=False, timeout=10)
    back = sent(answer)
    assert (back["error"], back["state"]) == ("access_denied", WANTED["state"]) and "code" not in back


def test_it_asks_every_time(provider, http):
    tokens(provider, http, person="0")
    answer = http.get(provider.issuer + ask(), allow_redirects=False, timeout=10)
    assert answer.status_code == 200 and "选择以谁的身份登录" in answer.text
    assert sent(http.get(provider.issuer + ask(prompt="none"), allow_redirects=False, timeout=10))["error"]


@pytest.mark.parametrize("path", ["/", "/end_session", ask(), ask(client_id="another")])
def test_each_page_says_what_it_is_and_needs_no_script(provider, http, path):
    answer = http.get(provider.issuer + path, timeout=10)
    assert MARK in html.unescape(answer.text) and "<script" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")


ELSEWHERE = [
    "https://evil.example/login/unit/back",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.1@evil.example/",
    "http://evil.example\\@127.0.0.1/",
    "http://evil.example#@127.0.0.1/",
    "//127.0.0.1/",
    "javascript://127.0.0.1/%0aalert(1)",
    "http://127.0.0.1:port/",
    "http://127.0.0.1/\r\nX: y",
    "http://[::1",
    "127.0.0.1",
    "",
]


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_led_elsewhere(provider, http, address, method):
    data = {"person": "0"} if method == "POST" else None
    url = provider.issuer + ask(redirect_uri=address)
    answer = http.request(method, url, data=data, allow_redirects=False, timeout=10)
    assert answer.status_code == 400 and "Location" not in answer.headers and "不能登录" in answer.text


def test_every_spelling_of_this_machine_is_led_back_to():
    assert all(map(is_loopback, [BACK, "http://127.0.0.1:8080/a?b=c", "http://[::1]:8080/", "https://localhost/"]))


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"scope": "openid profile", "nonce": ""},
        {"nonce": None},
        {"response_type": "token"},
        {"response_type": "code id_token"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_asked_wrongly_is_answered_with_an_error(provider, http, changed, method):
    data = {"person": "0"} if method == "POST" else None
    back = sent(http.request(method, provider.issuer + ask(**changed), data=data, allow_redirects=False, timeout=10))
    assert back["error"] and back["state"] == WANTED["state"] and "code" not in back


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"code_verifier": WANTED["code_challenge"]},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": ""},
        {"code": "another"},
        {"grant_type": "password"},
        {"grant_type": "client_credentials"},
        {"auth": (CLIENT.client_id, "wrong")},
        {"auth": ("another", CLIENT.client_secret)},
        {"auth": None},
        {"auth": None, "client_id": CLIENT.client_id},
        {"auth": None, "client_id": CLIENT.client_id, "client_secret": "wrong"},
    ],
    ids=str,
)
def test_a_code_is_redeemed_with_all_that_belongs_to_it(provider, http, changed):
    answer = redeem(provider, http, come(provider, http), **changed)
    assert answer.status_code in (400, 401) and answer.json()["error"] and "id_token" not in answer.json()


def test_a_code_is_redeemed_with_the_secret_in_the_form(provider, http):
    named = {"auth": None, "client_id": CLIENT.client_id, "client_secret": CLIENT.client_secret}
    assert "id_token" in redeem(provider, http, come(provider, http), **named).json()


def test_a_code_serves_once(provider, http):
    code = come(provider, http)
    assert redeem(provider, http, code).status_code == 200
    assert redeem(provider, http, code).json()["error"] == "invalid_grant"


def test_a_code_that_was_tried_wrongly_serves_no_more(provider, http):
    code = come(provider, http)
    redeem(provider, http, code, code_verifier="w" * 43)
    assert redeem(provider, http, code).json()["error"] == "invalid_grant"


def test_a_code_serves_for_a_minute(provider, http, monkeypatch):
    code = come(provider, http)
    later = provider.state.codes[code].until + 1
    monkeypatch.setattr("app.operations.demo.provider.server.time.monotonic", lambda: later)
    assert redeem(provider, http, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("bearer", ["", "Bearer ", "Bearer another", "Basic YTpi"])
def test_userinfo_is_for_who_has_a_token(provider, http, bearer):
    answer = http.get(f"{provider.issuer}/userinfo", headers={"Authorization": bearer}, timeout=10)
    assert answer.status_code == 401 and "sub" not in answer.json()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_leaving_shows_a_page_that_leads_back_and_ends_the_token(provider, http, method):
    given = tokens(provider, http)
    back = "http://localhost:8080/"
    said = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": back, "state": "a b"}
    sending = {"params": said} if method == "GET" else {"data": said}
    answer = http.request(method, f"{provider.issuer}/end_session", allow_redirects=False, timeout=10, **sending)
    assert answer.status_code == 200 and "已退出" in answer.text
    assert re.findall(r'<a [^>]*href="([^"]*)"', answer.text) == [f"{back}?state=a+b"]
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    assert http.get(f"{provider.issuer}/userinfo", headers=bearer, timeout=10).status_code == 401


@pytest.mark.parametrize("address", ELSEWHERE)
def test_leaving_leads_nowhere_else(provider, http, address):
    said = {"id_token_hint": tokens(provider, http)["id_token"], "post_logout_redirect_uri": address}
    answer = http.get(f"{provider.issuer}/end_session", params=said, allow_redirects=False, timeout=10)
    assert answer.status_code == 200 and "<a " not in answer.text


@pytest.mark.parametrize("hint", ["", "no token", "a.b.c"])
def test_leaving_leads_back_only_who_shows_a_token_of_ours(provider, http, hint):
    said = {"id_token_hint": hint, "post_logout_redirect_uri": "http://localhost:8080/", "client_id": CLIENT.client_id}
    answer = http.get(f"{provider.issuer}/end_session", params=said, allow_redirects=False, timeout=10)
    assert answer.status_code in (200, 400) and "<a " not in answer.text


def test_it_answers_to_its_own_name_alone(provider, http):
    answer = http.get(f"{provider.issuer}/", headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 400


def test_whoever_is_ready_is_in_order():
    people = [person for person, _note in PEOPLE]
    assert all(uscc.is_valid(person.unit_code) for person in people)
    assert all(ric.is_valid(person.id_number) for person in people if person.id_number)
    units = [person.unit_code for person in people]
    assert COMPANY in units and max(map(units.count, units)) == 2
    assert len({person.sub for person in people}) == len(people) and not all(person.id_number for person in people)
    assert uscc.is_valid(invented_code())
    assert Person("a", "b", "c", "d").sub == Person("a", "another name", "a married name", "d").sub


def test_the_product_imports_nothing_of_it():
    asked = "import app, sys; sys.exit(any('demo.provider' in name for name in sys.modules))"
    subprocess.run([sys.executable, "-c", asked], cwd=ROOT, check=True)


# ---- with the product ------------------------------------------------------------------------------------------------


@pytest.fixture
def installation(
    engine: Any, with_demo: str, demo_data: Path, database: Callable[[str], str], tmp_path: Path
) -> dict[str, str]:
    """What a demo of its own is told, which is loaded already."""
    folder = {"DATA_DIR": str(shutil.copytree(demo_data, tmp_path / "data")), "DEMO": "1"}
    return {**os.environ, **KEYS, **engine.environment(database(with_demo)), **folder}


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A port that is taken."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held


@pytest.fixture
def run(installation: dict[str, str], door: socket.socket) -> Iterator[Any]:
    """Starts `python run.py` in a process group of its own."""
    started: list[subprocess.Popen[str]] = []
    port = {"PORT": str(door.getsockname()[1])}

    def start(**environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=ROOT,
            env={**installation, **port, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def says(stream: Any, mark: str) -> str:
    """The line that has the mark."""
    for line in stream:
        if mark in line:
            return line
    pytest.fail(f"no line with {mark}")


def issuer_of(process: subprocess.Popen[str]) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", says(process.stdout, "单位登录 · a stand-in"))
    assert found
    return found[0]


def everybody_ended(process: subprocess.Popen[str]) -> bool:
    """Whether all that were started let go of the log within ten seconds."""
    while select.select([process.stderr], [], [], 10)[0]:
        if not os.read(process.stderr.fileno(), 65536):
            return True
    return False


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda end: end.name)
def test_it_starts_with_the_product_and_ends_with_it(run, door, http, end):
    door.close()
    process = run()
    issuer = issuer_of(process)
    says(process.stderr, "Booting worker")
    assert http.get(f"{issuer}/.well-known/openid-configuration", timeout=30).json()["issuer"] == issuer
    process.send_signal(end)
    assert process.wait(30) == (-signal.SIGKILL if end == signal.SIGKILL else 0)
    assert everybody_ended(process)
    with pytest.raises(requests.ConnectionError):
        http.get(issuer, timeout=10)


def test_a_busy_port_is_said_and_nothing_is_left_behind(run, http):
    process = run()
    issuer = issuer_of(process)
    says(process.stderr, "Connection in use")
    assert process.wait(30) == 1
    assert everybody_ended(process)
    with pytest.raises(requests.ConnectionError):
        http.get(issuer, timeout=10)


def test_nobody_stands_in_for_a_provider_that_is_configured(run):
    process = run(SIGN_ON_ISSUER="https://provider.example", SIGN_ON_CLIENT_ID="us")
    says(process.stderr, "Starting gunicorn")
    process.send_signal(signal.SIGKILL)
    assert "单位登录" not in process.stdout.read()
