"""How long verifying a trail takes, and how much memory: a part of ``make bench``.

What verifying a million entries takes is compared with merely reading the same rows through the same driver and hashing
as many bytes twice, which nobody who checks hashes can do without. Exit code 1 when it takes a minute or more for a
million entries (fewer in proportion), or when its memory grows with the number of entries. An edited entry is put
in at the end and must be found: a verification that is quick because it looks at nothing would show here.

Python's memory is watched for a hundredth and a tenth of the entries: watching makes it six times as slow. For all of
them the largest size of the process says whether anything is kept. What is going on is said as it goes.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

NOW = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
MOST_SECONDS_A_MILLION = 60.0
MOST_GROWTH_KB = 2048
"""Kilobytes that the peak of a tenth of the entries may lie above the peak of a hundredth."""
MOST_RESIDENT_KB = 16 * 1024
"""Kilobytes that verifying all of them may add to the process: for a million entries, 16 bytes of each."""
AT_ONCE = 5000
WORDS = "recorded that the person was seen at home, is safe tonight, and agreed to a visit tomorrow morning"


@dataclass(frozen=True)
class Measured:
    """What was measured on one database. Seconds; kilobytes of Python's memory, and of the process for ``grew``."""

    database: str
    entries: int
    heads: int
    took: float
    baseline: float
    small_peak: float
    peak: float
    grew: float

    @property
    def in_time(self) -> bool:
        """Whether it keeps to a minute for a million entries."""
        return self.took < MOST_SECONDS_A_MILLION * self.entries / 1_000_000

    @property
    def in_bounds(self) -> bool:
        """Whether ten times the entries take no more memory."""
        return self.peak - self.small_peak <= MOST_GROWTH_KB and self.grew <= MOST_RESIDENT_KB


def made_up(provider_id: UUID, count: int) -> Iterator[Any]:
    """``count`` chained entries, hashed as operations hash them."""
    from saferpractice.trail.models import TrailEntry
    from saferpractice.trail.rules import GENESIS, About, Signature, content_hash, entry_hash

    previous, by = GENESIS, Signature(uuid4(), "Wren Ashdown", "Support worker")
    for number in range(1, count + 1):
        about = About("incidents.incident", uuid4(), uuid4())
        at, salt, facts = NOW + timedelta(seconds=number), f"{number:032x}", {"tier": "B", "number": number}
        own = entry_hash(
            previous=previous,
            provider_id=provider_id,
            sequence=number,
            at=at,
            operation="incidents.report_incident",
            signature=by,
            about=about,
            content=content_hash(salt=salt, sentence=WORDS, facts=facts),
        )
        yield TrailEntry(
            provider_id=provider_id,
            sequence=number,
            at=at,
            operation="incidents.report_incident",
            by_id=by.id,
            by_name=by.name,
            by_role=by.role,
            subject_type=about.subject_type,
            subject_id=about.subject_id,
            story_id=about.story_id,
            sentence=WORDS,
            facts=facts,
            salt=salt,
            previous_hash=previous,
            hash=own,
        )
        previous = own


def fill(provider_id: UUID, count: int) -> None:
    """Write a trail of ``count`` entries and seal it."""
    from django.db import transaction

    from saferpractice.config.planning import renew_statistics
    from saferpractice.trail import outside
    from saferpractice.trail.models import TrailEntry, TrailHead
    from saferpractice.trail.sealing import seal

    entries = made_up(provider_id, count)
    while some := list(islice(entries, AT_ONCE)):
        with transaction.atomic():
            TrailEntry.objects.bulk_create(some, batch_size=1000)
        newest = some[-1]
    TrailHead.objects.create(provider_id=provider_id, sequence=count, hash=newest.hash)
    renew_statistics()  # as the database's own housekeeping does within a minute
    while seal(provider_id=provider_id, at=NOW, most=max(1, count // 40)):
        pass
    outside.keep(provider_id)


def seconds(call: Callable[[], object]) -> float:
    """Of the processor and the database together."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def only_read_and_hash(provider_id: UUID) -> int:
    """The baseline: the same rows in the same pages, their columns joined and hashed twice; nothing is checked."""
    from saferpractice.trail.reading import BEFORE_ALL, entries_after

    count = 0
    for entry in entries_after(provider_id, BEFORE_ALL):
        raw = "\n".join(map(str, entry.values)).encode()
        hashlib.sha256(raw).digest()
        hashlib.sha256(raw).digest()
        count += 1
    return count


def peak_of(call: Callable[[], object]) -> float:
    """The most memory that Python held at once during ``call``, in kilobytes."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1024
    finally:
        tracemalloc.stop()


def resident() -> float:
    """The largest size of this process so far, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform != "darwin" else 1024)


def measure(kind: str, count: int) -> Measured:
    """On the database in use: time in turns with the baseline, then memory, then whether an edit is found."""
    from saferpractice.trail.keys import public_keys
    from saferpractice.trail.models import TrailEntry
    from saferpractice.trail.rules import TroubleKind
    from saferpractice.trail.verification import verify
    from tests.factories.trail import edit, seals_of

    def timed(what: str, call: Callable[[], object]) -> float:
        took = seconds(call)
        print(f"{kind}: {what} in {took:.0f} s", file=sys.stderr)
        return took

    fewest, few, many = uuid4(), uuid4(), uuid4()
    sizes = max(AT_ONCE, count // 100), max(2 * AT_ONCE, count // 10), count  # less than a page says nothing of memory
    for provider_id, size in zip((fewest, few, many), sizes, strict=True):
        timed(f"{size:,} entries written and sealed", lambda: fill(provider_id, size))  # noqa: B023 (called at once)
    keys = public_keys()

    def verified(provider_id: UUID) -> None:
        report = verify(provider_id, keys)
        if not report.whole:
            raise SystemExit(f"a trail that nobody touched is not whole: {report.troubles[:3]}")

    baseline = timed("only reading and hashing", lambda: only_read_and_hash(many))
    before = resident()
    took = timed("verifying", lambda: verified(many))
    grew = resident() - before
    small_peak, peak = peak_of(lambda: verified(fewest)), peak_of(lambda: verified(few))
    changed = TrailEntry.objects.filter(provider_id=few).order_by("-sequence")[1]
    edit(changed, sentence="recorded nothing")
    found = verify(few, keys).troubles
    if [(one.kind, one.first) for one in found] != [(TroubleKind.EDITED, changed.sequence)]:
        raise SystemExit("an edited entry was not found")
    return Measured(kind, count, len(seals_of(many)), took, baseline, small_peak, peak, grew)


def on_a_database(count: int) -> Measured:
    """In a process of its own for each kind of database."""
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import override_settings, setup_test_environment

    from tests.databases import PostgresqlDatabases, PostgresqlServer, SqliteDatabases, in_use

    setup_test_environment(debug=False)
    with ExitStack() as ending:
        databases: Any
        if settings.TEST_DATABASE == "postgresql":
            server = PostgresqlServer()
            ending.callback(server.stop)
            databases = PostgresqlDatabases(server, settings.DATA_DIR)
        else:
            databases = SqliteDatabases(settings.DATA_DIR)
        database = ending.enter_context(databases.copy())
        heads = ending.enter_context(tempfile.TemporaryDirectory())
        ending.enter_context(in_use(database))
        ending.enter_context(override_settings(TRAIL_HEADS=heads))
        return measure(settings.TEST_DATABASE, count)


def said(found: Measured) -> str:
    """As Markdown."""
    rate = found.entries / found.took
    return (
        "\n| verifying a trail | entries | heads | s | entries a second | only reading and hashing, s | ratio "
        "| memory, a hundredth, KB | memory, a tenth, KB | process grew, all, KB |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        f"| {found.database} | {found.entries:,} | {found.heads} | {found.took:.1f} | {rate:,.0f} "
        f"| {found.baseline:.1f} | {found.took / found.baseline:.1f} | {found.small_peak:,.0f} | {found.peak:,.0f} "
        f"| {found.grew:,.0f} |"
    )


def judged(found: Measured) -> list[str]:
    """What is not as it must be."""
    wrong = []
    if not found.in_time:
        wrong.append(f"Verifying on {found.database} takes longer than a minute for a million entries")
    if not found.in_bounds:
        wrong.append(f"Verifying on {found.database} takes more memory for more entries")
    return wrong


def main(arguments: list[str]) -> int:
    """Measure on the database that ``TEST_DATABASE`` names, print it, and judge."""
    parser = argparse.ArgumentParser(prog="bench_trail", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    chosen = parser.parse_args(arguments)
    found = on_a_database(chosen.entries)
    print(said(found), flush=True)
    for line in judged(found):
        print(line)
    return 1 if judged(found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
