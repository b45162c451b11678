"""The provider of 单位登录 as we reach it (OpenID Connect Discovery 1.0): how long we wait, and how many at once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import current_app
from flask_babel import gettext as _
from joserfc.errors import ClaimError as ClaimError
from joserfc.errors import JoseError
from requests import ConnectionError, PreparedRequest, Response, Timeout
from requests import RequestException as RequestException

from app.accounts.sign_on import NotSignedOn

log = logging.getLogger(__name__)
PATIENCE = 5  # seconds that it may be silent
AT_ONCE = 2  # threads of a process that wait for it
QUEUE = 1  # seconds that one more waits for its turn
SILENT = 15  # seconds that nobody asks it again after it did not answer
LONGEST = 1024 * 1024  # bytes that it may answer
# Of the ID token; never `none`, and no secret that both sides know.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")  # of what it tells of itself
FAULTS = (
    AuthlibBaseError,
    JoseError,
    RequestException,
    RuntimeError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)


class Turns:
    """Who may be at the provider now."""

    def __init__(self) -> None:
        self.slots = BoundedSemaphore(AT_ONCE)
        self.silent_until = 0.0  # by this process's own clock


@contextmanager
def at_the_provider() -> Iterator[None]:
    """At the provider's mercy: of this process's threads only AT_ONCE, so that the others go on serving, and none for
    SILENT seconds after it did not answer. Raises NotSignedOn."""
    turns: Turns = current_app.extensions.setdefault("sign_on_turns", Turns())
    if monotonic() < turns.silent_until or not turns.slots.acquire(timeout=QUEUE):
        raise NotSignedOn(_("The sign-on does not answer at present. Try again in a few minutes."), 503)
    try:
        yield
    except FAULTS as error:
        if isinstance(error, ConnectionError | Timeout):
            turns.silent_until = monotonic() + SILENT
        raise _unable(error) from error
    finally:
        turns.slots.release()


class Brief(OAuth2Session):
    """Reads an answer up to LONGEST: nobody fills our memory."""

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        answer: Response = super().send(request, **{**options, "stream": True})
        read = b""
        for part in answer.iter_content(64 * 1024):
            read += part
            if len(read) > LONGEST:
                answer.close()
                raise RequestException("an answer of the provider is too long")
        answer._content = read  # where requests itself keeps it
        return answer


class App(FlaskOAuth2App):
    client_cls = Brief


def client() -> Any:
    """The client, with what the provider tells of itself, asked for once in each process."""
    settings = current_app.config["SIGN_ON"]
    oauth = current_app.extensions.get("sign_on")
    if oauth is None:
        oauth = current_app.extensions["sign_on"] = OAuth(current_app._get_current_object())  # type: ignore[attr-defined]
        oauth.register(
            "provider",
            client_cls=App,
            client_id=settings["client_id"],
            client_secret=settings["client_secret"],
            server_metadata_url=f"{settings['issuer']}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings["scope"],
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE,
            },
        )
    found = oauth.provider
    told = found.load_server_metadata()
    texts = {name: value for name, value in told.items() if isinstance(value, str)}
    if texts.get("issuer", "").rstrip("/") != settings["issuer"] or not texts.keys() >= set(NEEDED):
        current_app.extensions.pop("sign_on", None)  # it may tell better the next time
        raise ValueError("the provider does not say enough of itself, or calls itself otherwise than SIGN_ON_ISSUER")
    told["id_token_signing_alg_values_supported"] = ALGORITHMS
    return found


def known(name: str) -> str | None:
    """What it tells of itself under a name, as far as this process has asked it."""
    oauth = current_app.extensions.get("sign_on")
    found = oauth.provider.server_metadata.get(name) if oauth else None
    return found if isinstance(found, str) else None


def _unable(error: BaseException) -> NotSignedOn:
    log.error("the sign-on does not answer", exc_info=error)
    return NotSignedOn(_("The sign-on does not answer at present. Try again in a few minutes."), 502)
