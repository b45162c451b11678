"""单位登录: OpenID Connect Core 1.0 by the code flow with PKCE (RFC 7636), one provider by configuration.

The province's platform differs from any other only in the configuration: its issuer, what this installation is called
there, and the names of the claims that say who comes from which unit. An answer is taken once, by the browser that set
out for it.
"""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import SignOn
from app.accounts.sittings import digest
from app.sealing import seal_numbers, unseal_numbers
from app.typed import can_be_kept, is_blank, line_problem, resident_fault, unit_code_fault

log = logging.getLogger(__name__)
ON_THE_WAY = timedelta(minutes=15)  # how long somebody may take at the provider
CARRIED = 64 * 1024  # characters of a form that is carried through
LEEWAY = 120  # seconds that its clock and ours may differ
NAME_LENGTH, SUBJECT_LENGTH = 200, 255
BROWSER = "browser"  # of the cookie: which browser set out


class NotSignedOn(Exception):
    """Nobody comes in by this answer; `code` is the status, the message is for the reader."""

    def __init__(self, message: str, code: int = 400) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Comer:
    """Who comes, as the provider says. `unit_code` is a unified social credit code (GB 32100)."""

    issuer: str
    subject: str
    unit_code: str
    unit_name: str
    name: str
    id_number: str | None  # GB 11643
    id_token: str


def _provider() -> Any:
    """The module that reaches it: what it stands on takes long to load, and is loaded when somebody signs on."""
    from app.accounts import provider

    return provider


def is_there() -> bool:
    return current_app.config["SIGN_ON"] is not None


def is_stand_in() -> bool:
    """Whether the provider is the demo's own."""
    return is_there() and current_app.config["SIGN_ON"]["stand_in"]


# ---- there -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """A way to the provider: its address, and what is known of it until somebody comes back."""

    address: str
    state: str
    facts: dict[str, str]


def way_to(cookie: Any, redirect_uri: str, onwards: str, kept: Mapping[str, Any] | None) -> Way:
    """`onwards` is where to go on to after it, `kept` a form that is sent again then. Raises NotSignedOn when the
    provider does not answer, or the form is too long. It may ask the provider: no transaction is open."""
    provider = _provider()
    carried = json.dumps(kept and {name: kept[name] for name in ("action", "fields")})
    if len(carried) > CARRIED:
        told = _("What you wrote is too long to be carried through the single sign-on. Copy it first, then sign in.")
        raise NotSignedOn(told, 413)
    with provider.at_the_provider():
        made = provider.client().create_authorization_url(redirect_uri, ui_locales="zh-CN")
    cookie.setdefault(BROWSER, secrets.token_urlsafe(16))
    facts = {name: made[name] for name in ("nonce", "code_verifier")}
    facts |= {"redirect_uri": redirect_uri, "onwards": onwards, "browser": cookie[BROWSER], "kept": carried}
    return Way(str(made["url"]), made["state"], facts)


def remember(session: Session, way: Way) -> None:
    """Somebody sets out. The caller has begun to write, and commits."""
    sealed, expires_at = seal_numbers(way.facts), clock.now() + ON_THE_WAY
    session.add(SignOn(key=digest(way.state), sealed=sealed, expires_at=expires_at))
    session.flush()


# ---- and back --------------------------------------------------------------------------------------------------------


def take(session: Session, cookie: Mapping[str, Any], state: str) -> dict[str, str]:
    """What is known of the way that an answer ends; it is taken once. The caller has begun to write, and commits at
    once. Raises NotSignedOn for a way that nobody is on, or another browser is."""
    gone = sa.delete(SignOn).where(SignOn.key == digest(state)).returning(SignOn.sealed, SignOn.expires_at)
    row = session.execute(gone).first()
    facts = unseal_numbers(row.sealed) if row else {}
    if row is None or row.expires_at < clock.now() or facts["browser"] != cookie.get(BROWSER):
        log.info("an answer of the sign-on that nobody here waits for")
        raise NotSignedOn(_("This sign-in was finished already, took too long, or began elsewhere. Begin it again."))
    return facts


def comer(way: Mapping[str, str], answer: Mapping[str, str]) -> Comer:
    """Who comes by the provider's answer to a way. Raises NotSignedOn. It asks the provider: no transaction is open."""
    settings, provider = current_app.config["SIGN_ON"], _provider()
    if "error" in answer:
        log.info("the sign-on answers %s", answer["error"][:80])
        if answer["error"] == "access_denied":
            raise NotSignedOn(_("The sign-in was cancelled. Nothing was changed."))
        raise NotSignedOn(_("The sign-on refused. Begin again; if it persists, ask those who run it."))
    if answer.get("iss", settings["issuer"]).rstrip("/") != settings["issuer"]:  # RFC 9207: of another provider
        raise _refused("an answer of another issuer")
    with provider.at_the_provider():
        try:
            token, claims = _ask(way, answer.get("code", ""))
        except provider.RequestException:
            raise
        except provider.FAULTS as error:
            raise _refused(str(error), error) from error
    return _read(settings, claims, token)


def _ask(way: Mapping[str, str], code: str) -> tuple[str, dict[str, Any]]:
    """The ID token for a code, and its claims with those of the userinfo endpoint."""
    client = _provider().client()
    sent = {"code": code, "code_verifier": way["code_verifier"]}
    token = client.fetch_access_token(way["redirect_uri"], **sent)
    claims = dict(_proved(client, token, way["nonce"]))
    named = current_app.config["SIGN_ON"]["claims"].values()
    if client.server_metadata.get("userinfo_endpoint") and not all(name in claims for name in named):
        more = dict(client.userinfo(token=token))
        if more.get("sub") != claims["sub"]:
            raise ValueError("the userinfo is of somebody else")
        claims = more | claims
    return token["id_token"], claims


def _proved(client: Any, token: Any, nonce: str) -> Any:
    """The claims of the ID token, once its signature, issuer, audience, times and nonce are right."""
    if not token.get("id_token"):
        raise ValueError("there is no ID token")
    provider = _provider()
    right = {"iss": client.server_metadata["issuer"], "aud": client.client_id}

    def parsed() -> Any:
        options = {name: {"essential": True, "value": value} for name, value in right.items()}
        return client.parse_id_token(token, nonce=nonce, claims_options=options, leeway=LEEWAY)

    try:
        return parsed()
    except (provider.ClaimError, provider.RequestException):
        raise
    except (
        provider.FAULTS
    ):  # perhaps of a key that came since under the same name, or the keys that we have are not to be read
        client.fetch_jwk_set(force=True)
        return parsed()


def _read(settings: Mapping[str, Any], claims: Mapping[str, Any], id_token: str) -> Comer:
    """Who the claims say comes. Raises NotSignedOn when they do not say it."""
    texts = {name: value for name, value in claims.items() if isinstance(value, str)}
    said = {name: texts.get(of, "").strip() for name, of in settings["claims"].items()}
    subject, code = texts.get("sub", ""), said["unit_code"].upper()
    if not subject or len(subject) > SUBJECT_LENGTH or not can_be_kept(subject):
        raise _refused("no subject that can be kept")
    if code.startswith("NZ") or unit_code_fault(code):
        log.info("the sign-on names no unit")
        told = _("The sign-on does not say from which unit you come. Sign in there as your unit, not as a person.")
        raise NotSignedOn(told, 403)
    if not _is_line(said["name"]):
        raise NotSignedOn(_("The sign-on does not say your name. Complete it there, then come back."), 403)
    number = said["id_number"].upper()
    return Comer(
        settings["issuer"],
        subject,
        code,
        said["unit_name"] if _is_line(said["unit_name"]) else "",
        said["name"],
        number if resident_fault(number, clock.today()) is None else None,
        id_token,
    )


def _is_line(text: str) -> bool:
    return not is_blank(text) and can_be_kept(text) and line_problem(text, NAME_LENGTH) is None


def _refused(why: str, error: BaseException | None = None) -> NotSignedOn:
    log.warning("an answer of the sign-on is not taken: %s", why, exc_info=error)
    return NotSignedOn(_("The answer of the sign-on cannot be trusted, so nobody was signed in. Begin again."))


# ---- and out again ---------------------------------------------------------------------------------------------------


def proof_of(comer: Comer) -> bytes:
    """What a sitting keeps, sealed, to end the sign-on at the provider as well: whichever worker is asked to, none has
    to ask the provider first."""
    return seal_numbers({"id_token": comer.id_token, "end": _provider().known("end_session_endpoint") or ""})


def farewell(proof: bytes, back: str) -> tuple[str, dict[str, str]] | None:
    """Where to end the sign-on at the provider, and what to post there (RP-Initiated Logout 1.0: an ID token holds a
    number, which no address should); None when the provider has no such place."""
    kept = unseal_numbers(proof)
    client_id = current_app.config["SIGN_ON"]["client_id"]
    fields = {"id_token_hint": kept["id_token"], "client_id": client_id, "post_logout_redirect_uri": back}
    return (kept["end"], fields) if kept["end"] else None


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def forget(session: Session) -> int:
    """Remove the ways that nobody came back on; how many."""
    gone = sa.delete(SignOn).where(SignOn.expires_at < clock.now())
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]
