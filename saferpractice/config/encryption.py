"""Text encrypted in the database: AES-256-GCM, bound to the row it belongs to, with keys that can be rotated."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = "v1"
NONCE_BYTES = 12
SHORTEST_SECRET = 32


class CannotDecrypt(ValueError):
    """The text was changed, moved from another row, or encrypted under a key that is not here."""


class KeyringError(ValueError):
    """The secrets cannot be used; the message says what to write instead."""


@dataclass(frozen=True)
class Keyring:
    """Keys for text and for look-ups, newest first; each derived from a secret by HKDF with its purpose."""

    text_keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    index_key: bytes = field(repr=False)

    @classmethod
    def from_secrets(cls, secret_texts: str) -> Keyring:
        """A ring from secrets separated by commas, newest first.

        To rotate, put a new secret in front: new text is encrypted under it and old text stays readable under the
        others. The last secret makes the blind index, so that look-ups go on working. Taking it away makes every
        index stored so far useless, and text encrypted under it unreadable.

        Raises:
            KeyringError: there is no secret, or one is shorter than 32 characters.
        """
        parts = [part.strip() for part in secret_texts.split(",") if part.strip()]
        if not parts or any(len(part) < SHORTEST_SECRET for part in parts):
            raise KeyringError(
                f"FIELD_KEY must hold one or more secrets of at least {SHORTEST_SECRET} characters, "
                "separated by commas, the newest first."
            )
        return cls(tuple((_key_id(part), _derive(part, b"text")) for part in parts), _derive(parts[-1], b"index"))


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"saferpractice " + purpose).derive(secret.encode())


def _key_id(secret: str) -> str:
    return hashlib.sha256(_derive(secret, b"key id")).hexdigest()[:8]


@lru_cache(maxsize=4)
def _ring(secret_texts: str) -> Keyring:
    return Keyring.from_secrets(secret_texts)


def keyring() -> Keyring:
    """The ring of the running system (setting ``FIELD_KEY``). Raises KeyringError when the setting cannot be used."""
    return _ring(settings.FIELD_KEY)


def encrypt(text: str, context: str, ring: Keyring | None = None) -> str:
    """``text`` as a token that only ``decrypt`` with the same ``context`` opens.

    The token is ASCII, about a third longer than the text, and different each time. Random nonces of 96 bits are
    safe for about 4,000 million texts under one key (NIST SP 800-38D, section 8.3).

    Args:
        context: what it belongs to, for example "incidents.personsupported:<id>"; moving the token to another row
            makes it unreadable there.
        ring: the keys; those of the running system when left out.
    """
    key_id, key = (ring or keyring()).text_keys[0]
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), context.encode())
    return f"{VERSION}.{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(token: str, context: str, ring: Keyring | None = None) -> str:
    """The text of a token. Never returns anything but what was encrypted for ``context``.

    Raises:
        CannotDecrypt: the message says whether the key is missing or the text was changed; it shows neither.
    """
    version, key_id, body = _parts(token)
    if version != VERSION:
        raise CannotDecrypt("This is not encrypted text, or a newer version of the software encrypted it.")
    key = dict((ring or keyring()).text_keys).get(key_id)
    if key is None:
        raise CannotDecrypt("This was encrypted under a secret that FIELD_KEY no longer holds. Put the secret back.")
    try:
        raw = _strict_base64(body)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
    except (ValueError, InvalidTag) as error:
        raise CannotDecrypt("This encrypted text was changed, or belongs to something else.") from error


def _parts(token: str) -> tuple[str, str, str]:
    version, _, rest = token.partition(".")
    key_id, _, body = rest.partition(".")
    return version, key_id, body


def _strict_base64(body: str) -> bytes:
    """The bytes of ``body``. Python drops characters it does not know; here they are a ValueError."""
    raw = base64.urlsafe_b64decode(body.encode())
    if base64.urlsafe_b64encode(raw).decode() != body:
        raise ValueError("not the base64 that was written")
    return raw


def blind_index(text: str, purpose: str, ring: Keyring | None = None) -> str:
    """A keyed hash by which equal texts can be found without being stored.

    Texts are equal whatever their capitals, width, accents' spelling (NFKC) and runs of spaces. Whoever indexes a
    number takes the spaces out first. Different purposes give hashes that cannot be compared.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    normal = " ".join(unicodedata.normalize("NFKC", folded).split())
    return hmac.new((ring or keyring()).index_key, f"{purpose}\n{normal}".encode(), hashlib.sha256).hexdigest()
