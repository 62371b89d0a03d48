"""Trails with entries and heads, and what only somebody with full rights over the database can do to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from saferpractice.access.models import Provider
from saferpractice.access.operations import create_service
from saferpractice.config.outgoing import Destination
from saferpractice.evidence.operations.heads import keep_stamp
from saferpractice.trail import outside
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import Seal, TimeStamp, TrailEntry, TrailHead
from saferpractice.trail.reading import entries_after
from saferpractice.trail.rules import Process
from saferpractice.trail.rules.stamps import request_for
from saferpractice.trail.sealing import seal
from saferpractice.trail.verification import Report, verify
from tests.factories.authority import Authority, root
from tests.personas import NOW, SET_UP

WORKER = Process("Safer Practice worker")
STAMPS = Destination.read("http://stamps.example.org/tsr", ("http",))
TABLES = ("trail_trailentry", "trail_seal", "trail_timestamp")


def add_entries(provider: Provider, count: int) -> None:
    """Further entries, through an operation each."""
    for _ in range(count):
        create_service(by=SET_UP, at=NOW, provider=provider, name=f"Service {uuid4()}")


def sealed_trail(provider: Provider, *batches: int) -> None:
    """So many further entries under a head, so many more under the next, and so on; each head kept outside too."""
    for number, count in enumerate(batches):
        add_entries(provider, count)
        assert seal(provider_id=provider.pk, at=NOW + timedelta(minutes=number + 1)) is not None
    outside.keep(provider.pk)


def stamped(head: Seal, authority: Authority | None = None) -> TimeStamp:
    """A time stamp of a head, kept as the worker keeps it; from a good authority, at the moment of the head."""
    answer = (authority or Authority(at=head.at)).answer(request_for(head.note).content)
    moment = authority.at if authority else head.at
    keep_stamp(by=WORKER, at=head.at, seal=head, answer=answer, stamped_at=moment, authority=STAMPS)
    return TimeStamp.objects.get(provider_id=head.provider_id, number=head.number)


def entries_of(provider_id: UUID) -> list[TrailEntry]:
    """All entries in order."""
    return list(TrailEntry.objects.filter(provider_id=provider_id).order_by("sequence"))


def seals_of(provider_id: UUID) -> list[Seal]:
    """All seals in order."""
    return list(Seal.objects.filter(provider_id=provider_id).order_by("number"))


def verified(provider_id: UUID, *notes: str) -> Report:
    """What verifying finds, by our own keys and the certificate of the tests' own time stamp authority."""
    return verify(provider_id, public_keys(), notes, (root().certificate,))


@contextmanager
def unguarded() -> Iterator[None]:
    """With the triggers off, as whoever owns the database can do it."""
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            else:
                for kind in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{kind}")
    yield


def edit(row: Any, **values: Any) -> None:
    """Change columns of a row directly."""
    with unguarded():
        type(row).objects.filter(pk=row.pk).update(**values)


def delete(rows: Any) -> None:
    """Delete the rows of a queryset directly."""
    with unguarded():
        rows._raw_delete(using="default")


def give_numbers(numbers: dict[Any, int]) -> None:
    """Give rows of entries other sequences, all at once."""
    with unguarded():
        for place, pk in enumerate(numbers):
            TrailEntry.objects.filter(pk=pk).update(sequence=10**6 + place)
        for pk, number in numbers.items():
            TrailEntry.objects.filter(pk=pk).update(sequence=number)


def chain_again(provider_id: UUID, after: int) -> None:
    """Make every hash after ``after`` anew, and the trail's own count: what whoever knows this code would do."""
    before = TrailEntry.objects.filter(provider_id=provider_id, sequence=after).values_list("hash", flat=True)
    previous = before.first() or "0" * 64
    last = after
    with unguarded():
        for found in list(entries_after(provider_id, after)):
            own = found.hashed(previous=previous)
            row = TrailEntry.objects.filter(provider_id=provider_id, sequence=found.sequence)
            row.update(previous_hash=previous, hash=own)
            previous, last = own, found.sequence
    TrailHead.objects.filter(provider_id=provider_id).update(sequence=last, hash=previous)
