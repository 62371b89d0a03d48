"""Text encrypted in the database: AES-256-GCM, bound to the row it belongs to, with keys that can be rotated."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = "v1"


class CannotDecrypt(ValueError):
    """The text was changed, moved from another row, or encrypted under a key that is not here."""


@dataclass(frozen=True)
class Keyring:
    """Keys for text and for look-ups, newest first; each derived from a secret by HKDF with its purpose."""

    text_keys: tuple[tuple[str, bytes], ...]
    index_key: bytes

    @classmethod
    def from_secrets(cls, secret_texts: str) -> Keyring:
        """A ring from secrets separated by commas, newest first. The last secret keeps the blind index stable.

        Raises:
            ValueError: there is no secret, or one is shorter than 32 characters.
        """
        parts = [part.strip() for part in secret_texts.split(",") if part.strip()]
        if not parts or any(len(part) < 32 for part in parts):
            raise ValueError("FIELD_KEY must hold one or more secrets of at least 32 characters, separated by commas")
        return cls(tuple((_key_id(part), _derive(part, b"text")) for part in parts), _derive(parts[-1], b"index"))


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"saferpractice " + purpose).derive(secret.encode())


def _key_id(secret: str) -> str:
    return hashlib.sha256(_derive(secret, b"key id")).hexdigest()[:8]


@lru_cache(maxsize=4)
def _ring(secret_texts: str) -> Keyring:
    return Keyring.from_secrets(secret_texts)


def keyring() -> Keyring:
    """The ring of the running system (setting ``FIELD_KEY``)."""
    return _ring(settings.FIELD_KEY)


def encrypt(text: str, context: str, ring: Keyring | None = None) -> str:
    """``text`` as a token that only ``decrypt`` with the same ``context`` opens.

    Args:
        context: what it belongs to, for example "incidents.personsupported:<id>"; moving the token to another row
            makes it unreadable there.
    """
    key_id, key = (ring or keyring()).text_keys[0]
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), context.encode())
    return f"{VERSION}.{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(token: str, context: str, ring: Keyring | None = None) -> str:
    """The text of a token.

    Raises:
        CannotDecrypt: never returns anything but what was encrypted.
    """
    try:
        version, key_id, body = token.split(".")
        raw = base64.urlsafe_b64decode(body.encode())
        key = dict((ring or keyring()).text_keys)[key_id]
        if version != VERSION:
            raise CannotDecrypt("this text was encrypted by a newer version")
        return AESGCM(key).decrypt(raw[:12], raw[12:], context.encode()).decode()
    except (ValueError, KeyError, InvalidTag) as error:
        raise CannotDecrypt("this text was changed, or its key is not here") from error


def blind_index(text: str, purpose: str, ring: Keyring | None = None) -> str:
    """A keyed hash by which equal texts (whatever capitals and spaces) can be found without being stored."""
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hmac.new((ring or keyring()).index_key, f"{purpose}\n{normal}".encode(), hashlib.sha256).hexdigest()
