"""Signed heads: what is said of a whole trail in a few lines, signed, so that it can be kept by somebody else.

A head is a checkpoint (C2SP ``tlog-checkpoint``) in a signed note (C2SP ``signed-note``) with an Ed25519 signature, so
that programs of others can read it too::

    saferpractice.trail/<provider>
    <entries sealed>
    <root of the Merkle tree, base64>
    head <number>
    newest <hash of the newest entry sealed, hex>
    previous <hash of the head before, hex>
    at <moment, UTC>

    — saferpractice <key id and signature, base64>
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ORIGIN = "saferpractice.trail"
KEY_NAME = "saferpractice"
ED25519 = b"\x01"
SIGNED_BY = "\n— "
SHORTEST_SECRET = 32


class Forged(ValueError):
    """A head is not what one of the known keys signed. The message says why."""


class BadKey(ValueError):
    """A key cannot be read; the message says what it should look like."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is signed of one provider's trail.

    Attributes:
        number: counts the heads of a provider from 1.
        size: how many entries it covers: those of the sequence 1 to ``size``.
        root: hash of the Merkle tree over them, 32 bytes.
        newest: hash of the entry ``size``, lower-case hex.
        previous: hash of the note of the head before (``note_hash``), or 64 zeros.
        at: when it was signed, UTC.
    """

    provider_id: UUID
    number: int
    size: int
    root: bytes
    newest: str
    previous: str
    at: datetime

    def text(self) -> str:
        """The lines that are signed."""
        return (
            f"{ORIGIN}/{self.provider_id}\n{self.size}\n{_to_base64(self.root)}\nhead {self.number}\n"
            f"newest {self.newest}\nprevious {self.previous}\nat {self.at.astimezone(UTC).isoformat()}\n"
        )


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that heads are checked by. ``str`` of it is what others keep."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_to_base64(ED25519 + self.raw)}"

    @classmethod
    def read(cls, text: str) -> PublicKey:
        """A key from its text.

        Raises:
            BadKey: it is not the text of an Ed25519 key.
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, body = rest.partition("+")
        try:
            raw = _from_base64(body)
        except ValueError:
            raw = b""
        key = cls(name, raw[1:])
        if not name or raw[:1] != ED25519 or len(raw) != 33 or key.id.hex() != key_id:
            raise BadKey("A public key looks like name+12345678+base64, on one line.")
        return key

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether ``signature`` is this key's under ``text``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """What signs heads: an Ed25519 key made from a secret by HKDF."""

    def __init__(self, secret: str) -> None:
        """Raises BadKey when the secret is shorter than 32 characters."""
        if len(secret) < SHORTEST_SECRET:
            raise BadKey(f"The key that signs heads is a secret of at least {SHORTEST_SECRET} characters on one line.")
        seed = HKDF(hashes.SHA256(), 32, salt=None, info=b"saferpractice trail head").derive(secret.encode())
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(KEY_NAME, self._key.public_key().public_bytes_raw())

    def sign(self, head: Head) -> str:
        """The head as a signed note."""
        return self.sign_text(head.text())

    def sign_text(self, text: str) -> str:
        """``text`` as a signed note. It ends with a line end, and its first line says what it is: "saferpractice.…".

        Nothing else may begin as a head does, or it could be taken for one.
        """
        return f"{text}{SIGNED_BY}{self.public.name} {_to_base64(self.public.id + self._key.sign(text.encode()))}\n"


def checked_text(note: str, keys: Iterable[PublicKey]) -> str:
    """The text of a signed note, when one of ``keys`` signed it.

    Raises:
        Forged: it is no signed note, or none of the keys signed it.
    """
    text, blank, signatures = note.rpartition("\n" + SIGNED_BY)
    text += "\n"
    if not blank or not note.endswith("\n"):
        raise Forged("it is not a signed note")
    known = {(key.name, key.id): key for key in keys}
    named = False
    for line in (SIGNED_BY[1:] + signatures).splitlines():
        name, _, body = line.removeprefix(SIGNED_BY[1:]).partition(" ")
        try:
            raw = _from_base64(body)
        except ValueError:
            continue
        key = known.get((name, raw[:4]))
        if key is not None and key.signed(text, raw[4:]):
            return text
        named = named or key is not None
    raise Forged("its signature is wrong" if named else "no key that is known here signed it")


def read_head(note: str, keys: Iterable[PublicKey]) -> Head:
    """The head in a signed note, when one of ``keys`` signed it.

    Raises:
        Forged: nobody known signed it, or what they signed is no head.
    """
    text = checked_text(note, keys)
    try:
        origin, size, root, number, newest, previous, at = text[:-1].split("\n")
        head = Head(
            provider_id=UUID(origin.removeprefix(f"{ORIGIN}/")),
            number=int(number.removeprefix("head ")),
            size=int(size),
            root=_from_base64(root),
            newest=newest.removeprefix("newest "),
            previous=previous.removeprefix("previous "),
            at=datetime.fromisoformat(at.removeprefix("at ")),
        )
    except ValueError as error:
        raise Forged("what is signed is not a head") from error
    if head.text() != text or head.number < 1 or head.size < 1:
        raise Forged("what is signed is not a head")
    return head


def note_hash(note: str) -> str:
    """SHA-256 of a signed note, lower-case hex: the next head names it."""
    return hashlib.sha256(note.encode()).hexdigest()


def notes_in(text: str) -> list[str]:
    """The signed heads in a text, such as an e-mail or a file of several; what stands between them is left out."""
    lines = [line.strip().lstrip("> ") for line in text.replace("\r\n", "\n").split("\n")]
    found = []
    for place, line in enumerate(lines):
        if line.startswith(f"{ORIGIN}/") and lines[place + 7 : place + 8] == [""]:
            signature = lines[place + 8 : place + 9]
            if signature and signature[0].startswith(SIGNED_BY[1:]):
                found.append("\n".join(lines[place : place + 9]) + "\n")
    return found


def _to_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _from_base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if _to_base64(raw) != text:
        raise ValueError("not the base64 that was written")
    return raw
