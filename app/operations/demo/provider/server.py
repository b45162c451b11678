"""What a sign-on consists of: codes, tokens and keys, on authlib's server side."""

import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, InvalidRequestError, TokenMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Flask
from joserfc.jwk import KeySet, RSAKey

from config import LOOPBACK

from .people import Person

CODE_SECONDS = 60
TOKEN_SECONDS = 300


def is_loopback(address: str) -> bool:
    """Whether a web address is of this very machine, in the way every browser reads it."""
    try:
        parts = urlsplit(address)
        named = parts.scheme in ("http", "https") and parts.hostname in LOOPBACK and parts.port != 0
    except ValueError:
        return False
    return named and not re.search(r"[^!-~]|[\\@#]", address)


class Loopback:
    """All the addresses that are led back to, which nobody could list."""

    def __contains__(self, address: str) -> bool:
        return is_loopback(address)


@dataclass(frozen=True)
class Client(ClientMixin):
    """The one system that people come for."""

    client_id: str
    client_secret: str

    @property
    def client_metadata(self) -> dict[str, Any]:
        return {"post_logout_redirect_uris": Loopback()}

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(name for name in (scope or "").split() if name in ("openid", "profile"))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_loopback(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.client_secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in Codes.TOKEN_ENDPOINT_AUTH_METHODS

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What was given out for a person, and until when it holds."""

    person: Person
    scope: str
    until: float  # by time.monotonic()

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return self.until < time.monotonic()


@dataclass(frozen=True, kw_only=True)
class Code(Issued, AuthorizationCodeMixin):
    redirect_uri: str
    nonce: str
    code_challenge: str
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None  # the moment of the token: authlib sets it

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Token(Issued, TokenMixin):
    def is_revoked(self) -> bool:
        return False


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


@dataclass
class Provider:
    """What is known while it runs."""

    issuer: str
    client: Client
    key: RSAKey = field(default_factory=new_key)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)

    def keep_code(self, name: str, code: Code) -> None:
        self.codes = {**_living(self.codes), name: code}

    def keep_token(self, name: str, token: Token) -> None:
        self.tokens = {**_living(self.tokens), name: token}

    def forget(self, sub: str | None) -> None:
        """The person has signed out."""
        self.tokens = {name: token for name, token in self.tokens.items() if token.person.sub != sub}


def _living(issued: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in issued.items() if not one.is_expired()}


class Codes(AuthorizationCodeGrant):
    """A code serves once, whether or not what comes with it is right."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = request.payload.data
        kept = Code(
            person=request.user,
            scope=request.scope,
            until=time.monotonic() + CODE_SECONDS,
            redirect_uri=request.payload.redirect_uri,
            nonce=asked["nonce"],
            code_challenge=asked["code_challenge"],
        )
        self.server.provider.keep_code(code, kept)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found: Code | None = self.server.provider.codes.pop(code, None)
        return None if found is None or found.is_expired() else found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        pass  # it went when it was asked for

    def authenticate_user(self, authorization_code: Code) -> Person:
        return authorization_code.person


class Challenge(CodeChallenge):
    """PKCE, of every client and by S256 alone (RFC 7636); authlib asks it of clients without a secret only."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A code_challenge by S256 is required")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):
    DEFAULT_EXPIRES_IN = TOKEN_SECONDS

    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False  # who goes back and picks another person comes with the same

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self.provider.key

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": "RS256", "kid": self.provider.key.kid or ""}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": client.client_id}

    def generate_user_info(self, user: Person, scope: str) -> dict[str, str]:
        return user.claims()


class Bearer(BearerTokenValidator):
    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider

    def authenticate_token(self, token_string: str) -> Token | None:
        return self.provider.tokens.get(token_string)


class EndSession(EndSessionEndpoint):
    """Leaving (RP-Initiated Logout 1.0): where to go on to is believed of one who shows his ID token."""

    def get_server_jwks(self) -> KeySet:
        return KeySet([self.server.provider.key])

    def get_algorithms(self) -> list[str]:
        return ["RS256"]

    def end_session(self, end_session_request: Any) -> None:
        if end_session_request.id_token_claims:
            self.server.provider.forget(end_session_request.id_token_claims.get("sub"))


class Server(AuthorizationServer):
    def __init__(self, app: Flask, provider: Provider) -> None:
        self.provider = provider
        super().__init__(app, self._client, self._keep)
        self.register_grant(Codes, [IdToken(provider), Challenge(required=True)])
        self.register_endpoint(EndSession)

    def _client(self, client_id: str) -> Client | None:
        return self.provider.client if client_id == self.provider.client.client_id else None

    def _keep(self, token: dict[str, Any], request: Any) -> None:
        until = time.monotonic() + TOKEN_SECONDS
        kept = Token(person=request.user, scope=token["scope"], until=until)
        self.provider.keep_token(token["access_token"], kept)
