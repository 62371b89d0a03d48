"""A random draw that anybody can repeat: the list is frozen and hashed first, the seed is known only afterwards.

Pure: no database, no clock, no randomness. The idea is Rivest's consistent sampling (2018), with a keyed hash.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass

METHOD = "keyed-draw/1"
"""The version of the method, kept with every draw. Another way of ranking is another version."""


class NoSeed(ValueError):
    """A draw without a seed would be known before it is made."""


class TwiceOnList(ValueError):
    """A record stands on the list twice, and so would have two chances."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A record in the order of a draw. ``rank`` counts from 1; it is ranked by ``digest``, lower-case hex."""

    rank: int
    record_id: str
    digest: str


def frozen_list(record_ids: Iterable[str]) -> tuple[str, ...]:
    """The ids in the one order in which a list is hashed.

    Raises:
        TwiceOnList: an id stands on it twice.
    """
    ordered = tuple(sorted(record_ids))
    if len(set(ordered)) != len(ordered):
        raise TwiceOnList("A record can stand on a list once only.")
    return ordered


def list_hash(record_ids: Iterable[str]) -> str:
    """SHA-256, in lower-case hex, of the sorted ids in UTF-8, one a line, no line end after the last."""
    return hashlib.sha256("\n".join(frozen_list(record_ids)).encode()).hexdigest()


def digest_of(seed: str, record_id: str) -> str:
    """HMAC-SHA-256 with the seed as key and the id as message, both in UTF-8, in lower-case hex."""
    return hmac.new(seed.encode(), record_id.encode(), hashlib.sha256).hexdigest()


def ranked(seed: str, record_ids: Iterable[str]) -> tuple[Ranked, ...]:
    """Every record of a list in the order of the draw: by digest, ascending. The first n are a sample of n.

    The order of the list does not matter, more records drawn keep those drawn before, and one more record on the
    list never reshuffles the others.

    Raises:
        NoSeed: the seed is empty.
        TwiceOnList: an id stands on the list twice.
    """
    if not seed:
        raise NoSeed("Give the draw a seed.")
    ordered = sorted((digest_of(seed, one), one) for one in frozen_list(record_ids))
    return tuple(Ranked(rank, one, digest) for rank, (digest, one) in enumerate(ordered, start=1))


def next_in_rank(order: Iterable[Ranked], after: int, usable: Collection[str], wanted: int = 1) -> tuple[Ranked, ...]:
    """The next ``wanted`` records after the rank ``after`` that are ``usable`` still; fewer where there are no more."""
    return tuple(one for one in order if one.rank > after and one.record_id in usable)[:wanted]
