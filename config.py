"""The only reader of the environment. `settings()` turns it into the mapping that Flask is configured with."""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

ROOT = Path(__file__).resolve().parent

PROVINCE = "350000"  # GB/T 2260: 福建省, the province that is served
TIME_ZONE = "Asia/Shanghai"  # what a day is, and every time on screen and in exports; stored times are UTC
MAX_BODY = 32 * 1024 * 1024  # bytes of one request
MAX_FORM = 2 * 1024 * 1024  # bytes of a form without files
MAX_FILE = 20 * 1024 * 1024  # bytes of an attachment
MAX_PIXELS = 40_000_000  # of a picture: A4 at 600 dpi has 35 million
LOOK_MEMORY = 1024 * 1024 * 1024  # bytes of address space to read one attachment in
LOOK_SECONDS = 5  # of a processor to read one attachment in
SITTING_IDLE = timedelta(minutes=30)  # without anything done a sign-in ends
SITTING_LONGEST = timedelta(hours=12)  # and it ends at the latest after
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CLAIMS = ("unit_code", "unit_name", "name", "id_number")  # what 单位登录 says of who comes, and from which unit
LOCK_WAIT = 5  # seconds that a writer waits for another before it is told to try again


class ConfigurationError(click.ClickException):
    """The environment cannot be served with; the message names the variable to set. On a shell it is one line."""


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The configuration of one installation.

    Raises ConfigurationError in production (`DEMO=0`) on a missing or weak `SECRET_KEY` or `DATA_KEY`.
    """
    demo = environ.get("DEMO", "0") == "1"
    data_dir = Path(environ.get("DATA_DIR") or ROOT / "instance").resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database holds names and addresses in clear
    url = environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'titles.sqlite'}"
    keys = _keys(environ, data_dir, demo)
    return {
        "DEMO": demo,
        "DEMO_PASSWORD": environ.get("DEMO_PASSWORD"),
        "DATA_DIR": data_dir,
        "CATALOGUE": ROOT / "app" / "archive" / "catalogue.toml",
        "STORAGE_URL": _storage_url(environ.get("STORAGE_URL") or str(data_dir / "attachments")),
        "SECOND_FACTOR": _roles(environ.get("SECOND_FACTOR", "")),  # the roles that need one
        "SIGN_ON": _sign_on(environ),
        "PORT": int(environ.get("PORT") or 8080),
        "WORKERS": int(environ.get("WORKERS") or 2),
        "PROXIES": int(environ.get("PROXIES") or 0),  # trusted ones in front, each of which adds X-Forwarded-For
        "SECRET_KEY": keys["SECRET_KEY"],
        "DATA_KEY": bytes.fromhex(keys["DATA_KEY"]),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(url),
        "MIGRATION_DATABASE_URL": environ.get("MIGRATION_DATABASE_URL") or url,
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as its session: a page left open over lunch still works
        **FRAMEWORK,
    }


# Flask-AppBuilder: roles are data matched in memory, its tables come from our migrations, its screens stay out.
FRAMEWORK: dict[str, Any] = {
    "APP_NAME": "Title Review Desk",
    "FAB_BASE_TEMPLATE": "frame.html",
    "FAB_CREATE_DB": False,
    "FAB_UPDATE_PERMS": False,
    "FAB_ADD_SECURITY_VIEWS": False,
    "BABEL_DEFAULT_LOCALE": "zh",
    "BABEL_DEFAULT_TIMEZONE": TIME_ZONE,
    "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
    "LANGUAGES": {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
    "RATELIMIT_ENABLED": False,
}


def _roles(text: str) -> frozenset[str]:
    """Names of roles, with commas between them."""
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _sign_on(environ: Mapping[str, str]) -> dict[str, Any] | None:
    """The provider of 单位登录 (OpenID Connect); None without one.

    `claims`: what a claim of ours is called there. `stand_in`: it is the demo's own (run.py).
    """
    issuer = environ.get("SIGN_ON_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOOPBACK):
        raise ConfigurationError("SIGN_ON_ISSUER is no https address: set it to the one that the provider calls itself")
    if not environ.get("SIGN_ON_CLIENT_ID"):
        raise ConfigurationError("SIGN_ON_CLIENT_ID is missing: set it to what the provider calls this installation")
    named = dict(re.findall(r"([a-z_]+)=([^,\s]+)", environ.get("SIGN_ON_CLAIMS", "")))
    if unknown := named.keys() - set(CLAIMS):
        raise ConfigurationError(f"SIGN_ON_CLAIMS names {', '.join(sorted(unknown))}: there are {', '.join(CLAIMS)}")
    return {
        "issuer": issuer,
        "client_id": environ["SIGN_ON_CLIENT_ID"],
        "client_secret": environ.get("SIGN_ON_CLIENT_SECRET") or None,
        "scope": environ.get("SIGN_ON_SCOPE") or "openid profile",
        "claims": {name: name for name in CLAIMS} | named,
        "stand_in": environ.get("SIGN_ON_STAND_IN") == "1",
    }


def _storage_url(url: str) -> str:
    """A directory's whole path, or `s3://bucket/prefix` as its server reads it."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return str(Path(url).resolve())  # every process has the same, wherever it was started
    bucket, *parts = rest.rstrip("/").split("/")
    plain = all(re.fullmatch(r"[\w.-]+", part) and part.strip(".") for part in parts)
    if scheme != "s3" or not re.fullmatch(r"[a-z0-9][a-z0-9.-]+", bucket) or not plain:
        raise ConfigurationError("STORAGE_URL is neither a directory's path nor s3://bucket/prefix: set it to one")
    return url.rstrip("/")


def _engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": LOCK_WAIT}}
    return {"hide_parameters": True, "pool_pre_ping": True}  # a log must not hold what was searched or stored


def _keys(environ: Mapping[str, str], data_dir: Path, demo: bool) -> dict[str, str]:
    """Both keys: from the environment, else from `DATA_DIR/keys`, which a demo writes once."""
    store = data_dir / "keys"
    stored = dict(re.findall(r"^(\w+)=(\w+)$", store.read_text(errors="replace"), re.M)) if store.exists() else {}
    keys = {name: environ.get(name) or stored.get(name, "") for name in ("SECRET_KEY", "DATA_KEY")}
    if store.exists() and not all(keys.values()):
        raise ConfigurationError(f"{store} is damaged: bring back a copy, since numbers were sealed with its DATA_KEY")
    if demo and not all(keys.values()):
        keys = {name: value or secrets.token_hex(32) for name, value in keys.items()}
        _write_private(store, "".join(f"{name}={value}\n" for name, value in keys.items()))
    if len(keys["SECRET_KEY"]) < 32 or len(set(keys["SECRET_KEY"])) < 8:
        raise ConfigurationError("SECRET_KEY is missing or weak: set it to at least 32 random characters")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", keys["DATA_KEY"]) or len(set(keys["DATA_KEY"].lower())) < 6:
        raise ConfigurationError("DATA_KEY is missing or weak: set it to 64 random hexadecimal digits")
    return keys


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
