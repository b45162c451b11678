"""The keys that are made of DATA_KEY, and the check that a database was written with the same one."""

import base64
import hmac
import os
from typing import Any

import click
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from flask_appbuilder.models.sqla import Model
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Mapped, mapped_column

from config import ConfigurationError

_CHECK = "data_key_check"


class KeyMismatch(click.ClickException):
    """The database was written under another DATA_KEY. On a shell it is one line."""


class KeyRing:
    """Seals with AES-256-GCM (NIST SP 800-38D) under a key id, indexes with HMAC-SHA256; both derived by HKDF."""

    def __init__(self, data_key: bytes) -> None:
        self._aead = AESGCM(_derive(data_key, b"seal"))
        self._index_key = _derive(data_key, b"index")
        self.key_id = _derive(data_key, b"id")[:4]

    def seal(self, value: str, purpose: str) -> bytes:
        """The sealed form of `value`: key id, nonce and ciphertext, bound to `purpose` (a column's name)."""
        nonce = os.urandom(12)
        return self.key_id + nonce + self._aead.encrypt(nonce, value.encode(), purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> str:
        """The value again. Raises KeyMismatch when it was sealed under another key or for another purpose."""
        try:
            return self._aead.decrypt(sealed[4:16], sealed[16:], purpose.encode()).decode()
        except (InvalidTag, ValueError):  # the latter when it is cut short
            raise KeyMismatch(f"a sealed value ({purpose}) does not open with this DATA_KEY") from None

    def index(self, value: bytes, size: int = 16) -> str:
        """A keyed digest of `size` bytes, as URL-safe text: equal values have equal ones, nothing leads back."""
        tag = hmac.digest(self._index_key, value, "sha256")[:size]
        return base64.urlsafe_b64encode(tag).rstrip(b"=").decode()


class Installation(Model):
    """What is said once about this database."""

    __tablename__ = "installation"
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    value: Mapped[bytes] = mapped_column(sa.LargeBinary, nullable=False)


def key_ring() -> KeyRing:
    """The key ring of the running app."""
    ring: KeyRing | None = current_app.extensions.get("sealing")
    if ring is None:
        ring = current_app.extensions["sealing"] = KeyRing(current_app.config["DATA_KEY"])
    return ring


def digest(content: bytes) -> str:
    """A keyed digest of what was received, for the test of sameness (plain ones could be guessed: numbers are few)."""
    return key_ring().index(b"content:" + content, 32)


def check_key(session: Any) -> None:
    """Prove that DATA_KEY opens what is stored here; on a new database remember it. Raises KeyMismatch."""
    try:
        stored = session.get(Installation, _CHECK)
    except (OperationalError, ProgrammingError) as error:
        if "no such table" not in str(error) and not isinstance(error, ProgrammingError):
            raise
        raise ConfigurationError("the database is not migrated: run flask db upgrade") from error
    if stored is None:
        session.add(Installation(key=_CHECK, value=key_ring().seal(_CHECK, _CHECK)))
        session.commit()
    else:
        key_ring().unseal(stored.value, _CHECK)


def _derive(data_key: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"titles/" + use).derive(data_key)
