"""Time stamps (RFC 3161): somebody who knows nothing of us signs that a signed head was there at a moment.

What is stamped is the note of a head, so that others can check it with their own tools::

    openssl ts -verify -data head.txt -in head.tsr -CAfile root.pem
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.x509 import Certificate
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

ASKED_AS = "application/timestamp-query"
LARGEST_ANSWER = 64 * 1024
"""Bytes: an answer with four certificates is a tenth of it."""
CLOCKS_DIFFER = timedelta(minutes=10)
"""How far the authority's clock and ours may be apart."""
STAMPED_FACT = "timestamp_sha256"
"""The fact of a trail entry that holds the hash of the answer that was kept."""
GRANTED = 0


class NotStamped(ValueError):
    """An answer is no time stamp of this head. The message continues a sentence about the answer, in our words."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an authority is asked: the hash of a note, and a number that no earlier answer can hold."""

    content: bytes
    nonce: int


def request_for(note: str) -> Request:
    """A request for a stamp of ``note``, new each time."""
    built = TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    if built.nonce is None:
        raise AssertionError("a request without a nonce would take an old answer")
    return Request(built.as_bytes(), built.nonce)


def stamped_at(answer: bytes, note: str, roots: Collection[Certificate], *, nonce: int | None = None) -> datetime:
    """The moment (UTC) at which an authority saw ``note``, when a certificate of ``roots`` stands behind it.

    A certificate counts that was valid then: that it ran out since takes nothing away.

    Args:
        nonce: that of the request just made; None for an answer that was kept.

    Raises:
        NotStamped: it is none of this note, answers an earlier request, or nobody trusted signed it.
    """
    if len(answer) > LARGEST_ANSWER:
        raise NotStamped("it is too large for a time stamp")
    response, at = _read(answer)
    if response.tst_info.message_imprint.message != hashlib.sha256(note.encode()).digest():
        raise NotStamped("it stamps something else than this head")
    if nonce is not None and response.tst_info.nonce != nonce:
        raise NotStamped("it answers an earlier request and not this one")
    if not roots:
        raise NotStamped("there is no certificate to check it by")
    try:
        VerifierBuilder(roots=list(roots)).build().verify_message(response, note.encode())
    except (VerificationError, ValueError) as error:
        raise NotStamped("none of the certificates in TRAIL_TIMESTAMPS_CERTIFICATE stands behind it") from error
    return at


def _read(answer: bytes) -> tuple[TimeStampResponse, datetime]:
    try:
        response = decode_timestamp_response(answer)
        if response.status != GRANTED:
            raise NotStamped(f"the authority refused to stamp it (status {response.status})")
        at = response.tst_info.gen_time
    except NotStamped:
        raise
    except ValueError as error:
        raise NotStamped("it is no time stamp") from error
    return response, at if at.tzinfo else at.replace(tzinfo=UTC)


def must_be_now(stamped: datetime, at: datetime) -> None:
    """Raise unless a stamp that was just made says so.

    Raises:
        NotStamped: its moment and ``at`` are further apart than clocks are.
    """
    if abs(stamped - at) > CLOCKS_DIFFER:
        raise NotStamped(
            f"it says {stamped.astimezone(UTC):%Y-%m-%d %H:%M} UTC, and it is {at.astimezone(UTC):%Y-%m-%d %H:%M} here:"
            " one of the clocks is wrong"
        )
