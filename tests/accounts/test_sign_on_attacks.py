"""Attacks on 单位登录: answers that are forged, replayed, of somebody else, or of a provider that is not well. By none
of them does anybody come in."""

import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes, hmac
from flask import Flask, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

from app import clock
from app.accounts import provider as reaching
from app.accounts import sign_on
from app.accounts.models import Account, Sitting
from app.operations.demo.provider.people import PEOPLE, SURVEYORS, Person
from app.tenancy import everything
from tests.browsing import text_of, value_of
from tests.conftest import build, release
from tests.provider import CLIENT, Newcomer, StandIn, key, standing_in

WITHOUT_NUMBER = next(person for person, _note in PEOPLE if not person.id_number)
Claims = dict[str, Any]


@pytest.fixture
def provider() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture
def app(engine, migrated, database, tmp_path, provider) -> Iterator[Flask]:
    """The product, which goes to the provider for 单位登录."""
    app = build(engine, database(migrated), tmp_path, **provider.environment)
    yield app
    release(app)


@pytest.fixture
def newcomer(app: Flask) -> Newcomer:
    return Newcomer(app)


@pytest.fixture
def refused(app: Flask, newcomer: Newcomer) -> Callable[..., str]:
    """Checks that an answer is a page that says so, and that nobody came in; what it says."""

    def check(answer: Any, *statuses: int) -> str:
        assert answer.status_code in statuses, (answer.status, answer.location)
        said = text_of(answer)
        assert "登录" in said and 'role="alert"' in answer.text
        assert rows(app) == (0, 0) and is_out(newcomer)
        return said

    return check


def rows(app: Flask) -> tuple[int, int]:
    """How many accounts there are, and sittings."""
    with app.app_context(), everything("tests") as session:
        count = sa.select(sa.func.count())
        return tuple(session.scalar(count.select_from(model)) for model in (Account, Sitting))


def is_out(newcomer: Newcomer) -> bool:
    return newcomer.browser.get("/account/").status_code != 200


def test_who_is_who_he_says_comes_in(app, newcomer):
    answer = newcomer.signs_on()
    assert (answer.status_code, rows(app)) == (303, (1, 1))
    assert Newcomer(app).signs_on().status_code == 303
    assert rows(app) == (1, 2)


def test_who_has_no_id_number_comes_in_and_may_enter_it_once(app, newcomer):
    for comer in (newcomer, Newcomer(app)):
        assert comer.signs_on(WITHOUT_NUMBER).status_code == 303
    with app.app_context(), everything("tests") as session:
        assert session.scalars(sa.select(Account)).one().id_number is None


def test_what_may_differ_between_providers_is_taken(app, provider, newcomer):
    """A list of one audience, a clock that is a minute off, the party that it was issued to."""
    less = {"exp": -360, "iat": -360}
    provider.forges(lambda head, all: provider.signed(head, {**all, **{n: all[n] + by for n, by in less.items()}}))
    assert newcomer.signs_on().status_code == 303
    provider.forges(lambda head, all: provider.signed(head, all | {"aud": [all["aud"]], "azp": all["aud"]}))
    assert Newcomer(app).signs_on().status_code == 303
    assert rows(app) == (1, 2)


# ---- the ID token ----------------------------------------------------------------------------------------------------


def base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(head: Claims, claims: Claims, signature: bytes = b"") -> str:
    return ".".join([base64(json.dumps(head).encode()), base64(json.dumps(claims).encode()), base64(signature)])


def by_public_key(pem: bool) -> Callable[[StandIn, Claims, Claims], str]:
    """HMAC with what everybody knows: the public key as the secret."""

    def forge(provider: StandIn, head: Claims, claims: Claims) -> str:
        public = provider.state.key
        secret = public.as_pem(private=False) if pem else urlsafe_b64decode(public.as_dict(private=False)["n"] + "==")
        body = unsigned({**head, "alg": "HS256"}, claims).rsplit(".", 1)[0]
        mac = hmac.HMAC(secret, hashes.SHA256())
        mac.update(body.encode())
        return f"{body}.{base64(mac.finalize())}"

    return forge


def by_secret(provider: StandIn, head: Claims, claims: Claims) -> str:
    """HMAC with the client's secret, which OpenID Connect knows but we do not take."""
    body = unsigned({**head, "alg": "HS256"}, claims).rsplit(".", 1)[0]
    mac = hmac.HMAC(CLIENT.client_secret.encode(), hashes.SHA256())
    mac.update(body.encode())
    return f"{body}.{base64(mac.finalize())}"


def by_another_key(**header: Any) -> Callable[[StandIn, Claims, Claims], str]:
    return lambda _provider, head, claims: jwt.encode({**head, **header}, claims, key(1), ["RS256"])


def carrying_its_key(_provider: StandIn, head: Claims, claims: Claims) -> str:
    named = {"alg": "RS256", "jwk": key(1).as_dict(private=False)}
    return jwt.encode(named, claims, key(1), ["RS256"])


def changed_after(_provider: StandIn, head: Claims, claims: Claims) -> str:
    """Another person under the right signature of the first."""
    right = jwt.encode(head, claims, key(), ["RS256"]).split(".")
    return ".".join([right[0], base64(json.dumps({**claims, "sub": "another"}).encode()), right[2]])


def claiming(**changed: Any) -> Callable[[StandIn, Claims, Claims], str]:
    """Signed as it should be, with other claims; those that are None are left out. A function makes one of the old."""

    def forge(provider: StandIn, head: Claims, claims: Claims) -> str:
        said = {name: value(claims) if callable(value) else value for name, value in changed.items()}
        return provider.signed(head, {name: value for name, value in (claims | said).items() if value is not None})

    return forge


FORGERIES = {
    "no token": lambda *_all: None,
    "an empty token": lambda *_all: "",
    "no token at all": lambda *_all: "not a token",
    "a wrong issuer": claiming(iss="https://evil.example"),
    "an issuer that begins alike": claiming(iss=lambda claims: claims["iss"] + ".evil.example"),
    "no issuer": claiming(iss=None),
    "a list of issuers": claiming(iss=lambda claims: [claims["iss"], "https://evil.example"]),
    "another audience": claiming(aud="another"),
    "another audience, for our party": claiming(aud="another", azp=CLIENT.client_id),
    "an audience that begins alike": claiming(aud=CLIENT.client_id + "2"),
    "no audience": claiming(aud=None),
    "an empty audience": claiming(aud=[]),
    "another client's token": claiming(aud="another", azp="another"),
    "another client's, for us as well": claiming(aud=["another", CLIENT.client_id], azp="another"),
    "two audiences and no party": claiming(aud=["another", CLIENT.client_id]),
    "another party": claiming(azp="another"),
    "another nonce": claiming(nonce="another"),
    "an empty nonce": claiming(nonce=""),
    "no nonce": claiming(nonce=None),
    "no nonce, as not supported": claiming(nonce=None, nonce_supported=False),
    "expired": claiming(exp=lambda claims: claims["iat"] - 121, iat=lambda claims: claims["iat"] - 600),
    "no expiry": claiming(exp=None),
    "an expiry in words": claiming(exp="never"),
    "issued in the future": claiming(iat=lambda claims: claims["iat"] + 600, exp=lambda claims: claims["exp"] + 600),
    "not valid yet": claiming(nbf=lambda claims: claims["iat"] + 600),
    "no time": claiming(iat=None),
    "another access token": claiming(at_hash="another"),
    "no subject": claiming(sub=None),
    "an empty subject": claiming(sub=""),
    "a list as subject": claiming(sub=["a", "b"]),
    "a number as subject": claiming(sub=7),
    "a subject that is too long": claiming(sub="a" * 256),
    "a subject that cannot be kept": claiming(sub="a\x00"),
    "a person without a unit": claiming(unit_code=None),
    "a unit with a wrong check character": claiming(unit_code=SURVEYORS[0][:-1] + "A"),
    "a built-in unit": claiming(unit_code="NZ00000007"),
    "a list of units": claiming(unit_code=[SURVEYORS[0]]),
    "a person without a name": claiming(name=None),
    "a name of nothing": claiming(name="\u200b"),
    "a name of two lines": claiming(name="叶文涛\n管理员"),
    "a name that is too long": claiming(name="叶" * 201),
    "a structure as name": claiming(name={"first": "叶"}),
    "another key under the same name": by_another_key(),
    "another key under another name": by_another_key(kid="another"),
    "a key that it carries": carrying_its_key,
    "claims that changed": changed_after,
    "no signature": lambda provider, head, claims: unsigned(head, claims),
    "alg none": lambda provider, head, claims: unsigned({"alg": "none"}, claims),
    "alg None": lambda provider, head, claims: unsigned({**head, "alg": "None"}, claims),
    "no alg": lambda provider, head, claims: unsigned({"typ": "JWT"}, claims),
    "HS256 by the public key": by_public_key(pem=True),
    "HS256 by the public number": by_public_key(pem=False),
    "HS256 by the secret": by_secret,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_nobody_comes_in_by_a_forged_token(provider, newcomer, refused, forge):
    provider.tells(userinfo_endpoint=None)  # the token says all, or nothing does
    provider.forges(lambda head, claims: forge(provider, head, claims))
    refused(newcomer.signs_on(), 400, 403)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_the_provider_cannot_make_us_take_a_weaker_signature(provider, newcomer, refused, algorithm):
    provider.tells(id_token_signing_alg_values_supported=[algorithm])
    forge = by_secret if algorithm == "HS256" else lambda _provider, head, claims: unsigned({"alg": "none"}, claims)
    provider.forges(lambda head, claims: forge(provider, head, claims))
    refused(newcomer.signs_on(), 400)


def test_nobody_comes_in_by_a_token_of_an_earlier_sign_on(app, provider, newcomer):
    seen: list[str] = []
    provider.forges(lambda head, claims: seen.append(provider.signed(head, claims)) or seen[0])
    assert newcomer.signs_on().status_code == 303
    again = Newcomer(app)
    assert again.signs_on().status_code == 400
    assert rows(app) == (1, 1) and is_out(again)


@pytest.mark.parametrize("renamed", [True, False], ids=["of another name", "of the same name"])
def test_keys_may_change_between_two_sign_ons(app, provider, newcomer, renamed):
    assert newcomer.signs_on().status_code == 303
    named = {} if renamed else {"kid": provider.state.key.kid}
    provider.state.key = RSAKey.import_key({**key(1).as_dict(private=True), **named})
    assert Newcomer(app).signs_on().status_code == 303
    assert rows(app) == (1, 2)


def test_a_key_that_was_taken_away_serves_no_more(app, provider, newcomer):
    assert newcomer.signs_on().status_code == 303
    old, provider.state.key = provider.state.key, key(1)
    assert Newcomer(app).signs_on().status_code == 303
    provider.forges(lambda head, claims: jwt.encode({**head, "kid": old.kid}, claims, old, ["RS256"]))
    assert Newcomer(app).signs_on().status_code == 400
    assert rows(app) == (1, 2)


# ---- the way ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [None, "", "another", "a" * 5000], ids=["none", "empty", "another", "long"])
def test_an_answer_that_nobody_waits_for_is_refused(provider, newcomer, refused, state):
    back = newcomer.says(newcomer.goes())
    refused(newcomer.returns(back, state=state), 400)
    assert "token" not in provider.asked


def test_an_answer_is_taken_once(app, provider, newcomer):
    back = newcomer.says(newcomer.goes())
    assert newcomer.returns(back).status_code == 303
    newcomer.browser.client.delete_cookie("session")
    assert newcomer.returns(back).status_code == 400
    assert rows(app) == (1, 1) and provider.asked.count("token") == 1


def test_a_wrong_answer_ends_the_way(provider, newcomer, refused):
    back = newcomer.says(newcomer.goes())
    refused(newcomer.returns(back, code="another"), 400)
    refused(newcomer.returns(back), 400)


def test_a_code_of_another_way_is_refused(app, newcomer, refused):
    """His own state with a code that somebody else's browser got: PKCE."""
    stolen = newcomer.says(newcomer.goes())
    thief = Newcomer(app)
    own = thief.says(thief.goes(), WITHOUT_NUMBER)
    code = stolen.split("code=")[1].split("&")[0]
    refused(thief.returns(own, code=code), 400)


def test_another_browser_cannot_finish_the_way(app, newcomer, refused):
    """Somebody is led to an answer that belongs to another: he would work in the other's account."""
    back = newcomer.says(newcomer.goes())
    victim = Newcomer(app)
    victim.goes()
    refused(victim.returns(back), 400)
    assert is_out(victim)


def test_a_way_ends_after_a_while(newcomer, refused):
    back = newcomer.says(newcomer.goes())
    with clock.frozen(clock.now() + sign_on.ON_THE_WAY + timedelta(seconds=1)):
        refused(newcomer.returns(back), 400)


def test_who_cancels_is_told_that_nothing_happened(provider, newcomer, refused):
    assert "取消" in refused(newcomer.signs_on(None), 400)
    assert "token" not in provider.asked


@pytest.mark.parametrize(
    "changed",
    [
        {"error": "server_error"},
        {"error": "<script>alert(1)</script>", "error_description": "<b>"},
        {"code": None},
        {"code": ""},
        {"iss": "https://evil.example"},
    ],
    ids=["error", "markup", "no code", "empty code", "another issuer"],
)
def test_an_answer_that_is_no_consent_is_refused(newcomer, refused, changed):
    answer = newcomer.returns(newcomer.says(newcomer.goes()), **changed)
    assert "<script>alert" not in answer.text
    refused(answer, 400)


def test_who_signs_out_is_out_here_and_at_the_provider(provider, newcomer):
    newcomer.browser.get(newcomer.signs_on().location, follow_redirects=True)
    page = newcomer.browser.post("/logout/")
    assert page.status_code == 200 and is_out(newcomer)
    assert f"form-action 'self' {provider.issuer}" in page.headers["Content-Security-Policy"]
    given = {name: value_of(page, name) for name in ("id_token_hint", "client_id", "post_logout_redirect_uri")}
    with newcomer.http.post(f"{provider.issuer}/end_session", data=given, timeout=10) as left:
        assert 'href="http://localhost/"' in left.text
    assert not provider.state.tokens


# ---- what the provider says of a person ------------------------------------------------------------------------------


def test_the_userinfo_of_somebody_else_is_refused(provider, newcomer, refused):
    def another(answer: Response) -> None:
        answer.set_data(json.dumps({**answer.get_json(), "sub": "another", "id_number": PEOPLE[0][0].id_number}))

    provider.changed["userinfo"] = another
    refused(newcomer.signs_on(WITHOUT_NUMBER), 400)
    assert "userinfo" in provider.asked


def test_the_userinfo_fills_in_what_the_token_does_not_say(app, provider, newcomer):
    provider.forges(lambda head, claims: provider.signed(head, {n: v for n, v in claims.items() if n != "unit_code"}))
    assert newcomer.signs_on().status_code == 303
    assert rows(app) == (1, 1)


def test_a_person_of_two_units_is_two_accounts(app, newcomer):
    assert newcomer.signs_on(Person(*SURVEYORS, "叶文涛", "350203198406173136")).status_code == 303
    other = Person("12350503488267103B", "另一单位", "叶文涛", "350203198406173136")
    assert Newcomer(app).signs_on(other).status_code == 303
    assert rows(app) == (2, 2)


# ---- a provider that is not well -------------------------------------------------------------------------------------

ENDLESS = 64 * 1024 * 1024


def padded(answer: Response) -> None:
    """What it says is right, and far too long."""
    answer.set_data(answer.get_data().rstrip()[:-1] + b', "more": "' + b"a" * ENDLESS + b'"}')


def says(status: int, text: str) -> Callable[[Response], Response]:
    return lambda _answer: Response(text, status, content_type="application/json")


UNWELL: dict[str, Callable[[Response], Any]] = {
    "500": says(500, '{"error": "server_error"}'),
    "a page": says(200, "<!doctype html><p>Sign in"),
    "nothing": says(200, ""),
    "a list": says(200, "[]"),
    "a word": says(200, '"id_token"'),
    "null": says(200, "null"),
    "deep": says(200, "[" * 100_000),
    "keys that are none": says(200, '{"keys": [7]}'),
    "other types": says(200, '{"access_token": 7, "id_token": {"a": 1}, "token_type": [], "expires_in": "soon"}'),
    "too long": padded,
}


@pytest.mark.parametrize("change", UNWELL.values(), ids=UNWELL)
@pytest.mark.parametrize("endpoint", ["token", "jwks", "userinfo"])
def test_a_provider_that_answers_nonsense_lets_nobody_in(provider, newcomer, refused, endpoint, change):
    provider.changed[endpoint] = change
    refused(newcomer.signs_on(WITHOUT_NUMBER), 400, 502)
    assert endpoint in provider.asked
    provider.changed.clear()
    assert newcomer.signs_on(WITHOUT_NUMBER).status_code == 303  # nothing of it was kept


@pytest.mark.parametrize("change", UNWELL.values(), ids=UNWELL)
def test_nobody_is_sent_to_a_provider_that_cannot_describe_itself(app, provider, newcomer, refused, change):
    provider.changed["described"] = change
    refused(newcomer.browser.get("/login/unit"), 400, 502)
    provider.changed.clear()
    assert newcomer.signs_on().status_code == 303


@pytest.mark.parametrize("left_out", ["authorization_endpoint", "token_endpoint", "jwks_uri", "issuer"])
def test_nobody_is_sent_to_a_provider_that_does_not_say_enough(provider, newcomer, refused, left_out):
    provider.tells(**{left_out: None})
    refused(newcomer.browser.get("/login/unit"), 502)


def test_nobody_is_sent_to_a_provider_that_calls_itself_otherwise(provider, newcomer, refused):
    provider.tells(issuer="https://evil.example")
    refused(newcomer.browser.get("/login/unit"), 502)


def test_a_provider_whose_name_ends_with_a_stroke_is_taken(app, provider, newcomer):
    provider.tells(issuer=provider.issuer + "/")
    assert newcomer.signs_on().status_code == 400
    provider.forges(lambda head, claims: provider.signed(head, claims | {"iss": provider.issuer + "/"}))
    assert newcomer.signs_on().status_code == 303


@pytest.mark.parametrize("endpoint", ["described", "token", "jwks", "userinfo"])
def test_a_slow_provider_is_not_waited_for(monkeypatch, provider, newcomer, refused, endpoint):
    monkeypatch.setattr(reaching, "PATIENCE", 0.3)
    tested = threading.Event()

    def slow(_answer: Response) -> None:
        tested.wait(30)

    provider.changed[endpoint] = slow
    try:
        if endpoint == "described":
            refused(newcomer.browser.get("/login/unit"), 502)
        else:
            refused(newcomer.signs_on(WITHOUT_NUMBER), 502)
    finally:
        tested.set()


def test_a_dead_provider_lets_nobody_in(engine, migrated, database, tmp_path):
    with standing_in() as provider:
        app = build(engine, database(migrated), tmp_path, **provider.environment)
        known, unknown = Newcomer(app), Newcomer(app)
        back = known.says(known.goes())
    assert known.returns(back).status_code == 502
    del app.extensions["sign_on"]  # as in a worker that has not asked yet
    answer = unknown.browser.get("/login/unit")
    assert answer.status_code == 503 and "内置" in text_of(answer)  # nobody waits for it again so soon
    assert rows(app) == (0, 0)
    release(app)
