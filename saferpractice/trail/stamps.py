"""The time stamps that were kept of heads: handed out to prove a moment, and held against the trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.x509 import Certificate
from django.conf import settings

from saferpractice.config.certificates import certificates_in
from saferpractice.trail.models import Seal, TimeStamp
from saferpractice.trail.reading import COLUMNS, Found
from saferpractice.trail.rules import TroubleKind, span
from saferpractice.trail.rules.stamps import CLOCKS_DIFFER, STAMPED_FACT, NotStamped, stamped_at

KEPT_BY = "evidence.keep_stamp"
OPERATION, FACTS = COLUMNS.index("operation"), COLUMNS.index("facts")
Named = Callable[[TroubleKind, int, int, str], None]


def roots() -> tuple[Certificate, ...]:
    """The certificates that must stand behind a stamp (setting ``TRAIL_TIMESTAMPS_CERTIFICATE``); none where not set.

    Raises:
        CertificateFileError: the file cannot be used.
    """
    path = settings.TRAIL_TIMESTAMPS_CERTIFICATE
    return certificates_in(Path(path)) if path else ()


@dataclass(frozen=True, slots=True)
class StampedHead:
    """A head and the stamp on it, as files that any RFC 3161 tool can check: ``head.txt`` and ``head.tsr``."""

    number: int
    note: bytes
    answer: bytes


def stamp_over(provider_id: UUID, size: int) -> StampedHead | None:
    """The earliest stamp on a head that covers the first ``size`` entries; None while there is none.

    It shows that they were written before the moment in it. Reads no secret; checks nothing.
    """
    numbers = Seal.objects.filter(provider_id=provider_id, size__gte=size).order_by("number").values("number")[:1]
    first = TimeStamp.objects.filter(provider_id=provider_id, number__gte=numbers).order_by("number").first()
    if first is None:
        return None
    seal = Seal.objects.get(provider_id=provider_id, number=first.number)
    return StampedHead(first.number, seal.note.encode(), bytes(first.answer))


class Stamps:
    """The stamps of one provider, held against what the trail says was kept.

    What must be there is read before what is there: stamps may be kept meanwhile.
    """

    def __init__(self, provider_id: UUID, trusted: Collection[Certificate]) -> None:
        self.provider_id = provider_id
        self.trusted = trusted
        self.before = set(TimeStamp.objects.filter(provider_id=provider_id).values_list("number", flat=True))
        self.claims: dict[int, str] = {}
        self.holding = 0
        self.unchecked = 0

    def entry(self, entry: Found) -> None:
        """Take in what an entry says was kept."""
        if entry.values[OPERATION] != KEPT_BY:
            return
        try:
            facts = json.loads(entry.values[FACTS])
            self.claims[int(facts["head"])] = str(facts[STAMPED_FACT])
        except (TypeError, ValueError, KeyError):
            return  # such an entry was changed, and that is said of it

    def end(self, name: Named) -> None:
        """No more entries: say what is wrong."""
        found = set()
        for row in TimeStamp.objects.filter(provider_id=self.provider_id).order_by("number").iterator(chunk_size=500):
            if row.number in self.claims or row.number in self.before:
                found.add(row.number)
                self._row(row, name)
        for number in sorted(set(self.claims) - found):
            _bad(name, TroubleKind.MISSING_STAMP, number, "is missing; the trail says that it was kept")

    def _row(self, row: TimeStamp, name: Named) -> None:
        claim = self.claims.get(row.number)
        if claim is None:
            _bad(name, TroubleKind.FORGED_STAMP, row.number, "is forged: the trail says nothing of its being kept")
            return
        if hashlib.sha256(bytes(row.answer)).hexdigest() != claim:
            _bad(name, TroubleKind.FORGED_STAMP, row.number, "is forged: it is not the one that was kept")
            return
        seal = Seal.objects.filter(provider_id=self.provider_id, number=row.number).first()
        if seal is None or not self.trusted:
            self.unchecked += 1  # of a missing head is told where heads are
            return
        try:
            at = stamped_at(bytes(row.answer), seal.note, self.trusted)
        except NotStamped as error:
            _bad(name, TroubleKind.FORGED_STAMP, row.number, f"does not hold: {error}")
            return
        if at != row.stamped_at or at < seal.at - CLOCKS_DIFFER:
            _bad(name, TroubleKind.FORGED_STAMP, row.number, f"does not hold: it says {at:%Y-%m-%d %H:%M} UTC")
            return
        self.holding += 1


def _bad(name: Named, kind: TroubleKind, number: int, words: str) -> None:
    name(kind, number, number, f"the time stamp of {span(number, number, 'head', 'heads')} {words}")
