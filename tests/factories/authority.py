"""A time stamp authority of our own (RFC 3161), which answers as it should or in any way that it should not.

Answers are put together byte by byte: a library that only makes good ones could not make these.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client._rust import parse_timestamp_request

from tests.personas import NOW

SEQUENCE, SET, INTEGER, OCTETS, OID, NULL, MOMENT = 0x30, 0x31, 0x02, 0x04, 0x06, 0x05, 0x18
TST_INFO, SIGNED_DATA = "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.2"
SHA256, ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"
GRANTED, REJECTED = 0, 2


def der(tag: int, *parts: bytes) -> bytes:
    """One value in DER."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(raw)]) + raw + content


def number(value: int) -> bytes:
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    out = bytearray([first * 40 + second])
    for part in rest:
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(0x80 | (part & 0x7F))
        out += bytes(reversed(groups))
    return der(OID, bytes(out))


def set_of(tag: int, members: list[bytes]) -> bytes:
    """DER wants the members of a set in order."""
    return der(tag, *sorted(members))


@dataclass(frozen=True)
class Certified:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def raw(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)


def certified(
    name: str,
    by: Certified | None = None,
    *,
    usages: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.TIME_STAMPING,),
    names: tuple[str, ...] = (),
    until: datetime = NOW + timedelta(days=3650),
    authority: bool | None = None,
) -> Certified:
    """A certificate signed ``by`` another, or by itself: for ``usages``, for servers of ``names``, or an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    issues = not usages if authority is None else authority
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=3650))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=issues, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False
        )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=True)
    return Certified(key, builder.sign(by.key if by else key, hashes.SHA256()))


@cache
def root() -> Certified:
    """The authority's own root, which a provider would put into its settings."""
    return certified("Invented time root", usages=())


@cache
def signing() -> Certified:
    """What the authority signs stamps with."""
    return certified("Invented time stamps", root())


@dataclass(frozen=True)
class Authority:
    """An authority as it answers. ``replace`` what it should get wrong."""

    signs: Certified = field(default_factory=signing)
    shows: tuple[bytes, ...] | None = None
    """The certificates in the answer; the signing one when left out."""
    status: int = GRANTED
    at: datetime = NOW
    nonce: Callable[[int], int | None] = lambda asked: asked
    digest: Callable[[bytes], bytes] = lambda asked: asked
    signature: Callable[[bytes], bytes] = lambda made: made

    def with_(self, **wrong: object) -> Authority:
        return replace(self, **wrong)  # type: ignore[arg-type]

    def answer(self, asked: bytes) -> bytes:
        """The answer to a request."""
        request = parse_timestamp_request(asked)
        if self.status != GRANTED:
            return der(SEQUENCE, der(SEQUENCE, number(self.status)))
        nonce = self.nonce(request.nonce)
        info = der(
            SEQUENCE,
            number(1),
            oid("1.3.6.1.4.1.57264.2"),
            der(
                SEQUENCE,
                der(SEQUENCE, oid(SHA256), der(NULL)),
                der(OCTETS, self.digest(request.message_imprint.message)),
            ),
            number(1234567),
            der(MOMENT, f"{self.at.astimezone(UTC):%Y%m%d%H%M%SZ}".encode()),
            number(nonce) if nonce is not None else b"",
        )
        return der(SEQUENCE, der(SEQUENCE, number(GRANTED)), self.token(info))

    def token(self, info: bytes) -> bytes:
        """What is said of a time, signed (CMS)."""
        sha256 = der(SEQUENCE, oid(SHA256), der(NULL))
        certificate = self.signs.certificate
        attributes = [
            der(SEQUENCE, oid("1.2.840.113549.1.9.3"), der(SET, oid(TST_INFO))),
            der(SEQUENCE, oid("1.2.840.113549.1.9.4"), der(SET, der(OCTETS, hashlib.sha256(info).digest()))),
            der(
                SEQUENCE,
                oid("1.2.840.113549.1.9.16.2.47"),
                der(
                    SET,
                    der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, der(OCTETS, hashlib.sha256(self.signs.raw).digest())))),
                ),
            ),
        ]
        made = self.signs.key.sign(set_of(SET, attributes), ec.ECDSA(hashes.SHA256()))
        signer = der(
            SEQUENCE,
            number(1),
            der(SEQUENCE, certificate.issuer.public_bytes(), number(certificate.serial_number)),
            sha256,
            set_of(0xA0, attributes),
            der(SEQUENCE, oid(ECDSA_SHA256)),
            der(OCTETS, self.signature(made)),
        )
        shown = self.shows if self.shows is not None else (self.signs.raw,)
        signed = der(
            SEQUENCE,
            number(3),
            der(SET, sha256),
            der(SEQUENCE, oid(TST_INFO), der(0xA0, der(OCTETS, info))),
            set_of(0xA0, list(shown)) if shown else b"",
            der(SET, signer),
        )
        return der(SEQUENCE, oid(SIGNED_DATA), der(0xA0, signed))
