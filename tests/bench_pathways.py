"""How long the engine takes for one case, and a replay for 100,000: the second part of ``make bench``.

What one case of 50 records takes is compared with merely reading those records from JSON, which whoever asks about
them cannot do without. The replay is worked off by two processes, as the worker and its helper do. Times are those of
the processor, since the machine may be busy with other things. Exit code 1 when a case takes more than half a
millisecond, or the replay more than a minute on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from saferpractice.deadlines.rules import ENGLAND
from saferpractice.pathways.rules.definition import Definition, RecordField
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.reading import load_library
from saferpractice.pathways.rules.timeline import Record
from saferpractice.pathways.rules.values import read_values

NOW = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
MOST_MS, MOST_SECONDS, CORES = 0.5, 60.0, 2
RECORDS_IN_A_CASE = 50
RECORDS_IN_A_TIMELINE = 10
AT_ONCE = 2000
CASES, ROUNDS = 20, 25


def value(rng: random.Random, definition: Definition, part: RecordField, at: datetime) -> Any:
    """Something that might be filled in, as it is kept."""
    match part.type:
        case "indicators":
            return rng.sample([each.id for each in definition.indicators], rng.choice([0, 0, 1, 1, 2, 3]))
        case "moment":
            return (at + timedelta(hours=rng.randint(1, 72))).isoformat()
        case "yes-no":
            return rng.choice(["yes", "no"])
        case "record":
            return str(rng.randint(0, RECORDS_IN_A_CASE))
        case "role" | "partner":
            return "duty_manager"
        case "partners":
            return ["housing"]
        case "contact-method":
            return "phone"
        case "text" | "listed":
            return "Something was said."
    return rng.choice(part.options).id


def timeline(rng: random.Random, definition: Definition, begin: datetime, count: int) -> Iterator[tuple[Any, ...]]:
    """What is written down on a case: the kind, when it happened, when it was written, its values as they are kept.

    One in ten is written a day and more late.
    """
    at = begin
    for _ in range(count):
        at += timedelta(hours=rng.randint(1, 40), minutes=rng.randint(0, 59))
        kind = rng.choice(definition.records)
        late = timedelta(hours=30) if rng.random() < 0.1 else timedelta(minutes=rng.randint(0, 50))
        yield kind.id, at, at + late, {part.id: value(rng, definition, part, at) for part in kind.fields}


def milliseconds(call: Callable[[], object]) -> float:
    """Of the processor."""
    started = time.process_time()
    call()
    return (time.process_time() - started) * 1000


def case_of(definition: Definition, kept: list[tuple[Any, ...]]) -> list[Record]:
    """What was written down as the engine reads it."""
    return [
        Record(
            id=str(number),
            kind=kind,
            happened_at=happened_at,
            recorded_at=recorded_at,
            values=read_values(definition.kinds[kind], values),
        )
        for number, (kind, happened_at, recorded_at, values) in enumerate(kept)
    ]


def measure_one(definition: Definition) -> tuple[float, float, float]:
    """How much is owed in the middle; milliseconds to read one case, and to read only its JSON."""
    rng, at = random.Random(7), NOW + timedelta(days=120)
    kept = [list(timeline(rng, definition, NOW, RECORDS_IN_A_CASE)) for _ in range(CASES)]
    texts = [json.dumps(values) for case in kept for *_, values in case]
    cases = [case_of(definition, case) for case in kept]
    owed = statistics.mean(len(assess(definition, case, at, ENGLAND).owed) for case in cases)
    mine, reading = [], []
    for _ in range(ROUNDS):  # in turns, so that both see the same machine
        mine.append(milliseconds(lambda: [assess(definition, case, at, ENGLAND) for case in cases]) / CASES)
        reading.append(milliseconds(lambda: [json.loads(text) for text in texts]) / CASES)
    return owed, statistics.median(mine), statistics.median(reading)


def measure_engine() -> bool:
    """Print what one case takes under each pathway that ships; whether all keep to their time."""
    print(f"\n| pathway, a case of {RECORDS_IN_A_CASE} records | owed | ms | reading it from JSON, ms | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    in_time = True
    for definition in load_library().values():
        owed, took, base = measure_one(definition)
        print(f"| {definition.title} | {owed:.0f} | {took:.2f} | {base:.3f} | {took / base:.1f} |", flush=True)
        in_time = in_time and took < MOST_MS
    return in_time


def fill(cast: Any, count: int) -> Any:
    """``count`` cases of self-neglect with their records; the version they are worked by."""
    from saferpractice.incidents.models import PersonSupported
    from saferpractice.pathways.models import PathwayCase, PathwayRecord
    from tests.factories.pathways import used

    version, definition = used(cast), load_library()["self-neglect"]
    rng, teams = random.Random(11), [cast.north, cast.south, cast.east]
    by = {"decided_by": cast.worker, "decided_by_name": cast.worker.name, "decided_by_role": "Support worker"}
    numbers = iter(range(count))
    while some := list(islice(numbers, AT_ONCE)):
        people = [PersonSupported(provider=cast.provider, reference=f"B-{number}") for number in some]
        cases = [
            PathwayCase(
                provider=cast.provider,
                team=rng.choice(teams),
                person_supported=person,
                version=version,
                submission_key=person.reference,
                decided_at=NOW + timedelta(hours=rng.randint(0, 24 * 360)),
                **by,
            )
            for person in people
        ]
        records = [
            PathwayRecord(
                case=case,
                kind=kind,
                happened_at=happened_at,
                decided_at=recorded_at,
                values=values,
                submission_key=str(number),
                **by,
            )
            for case in cases
            for number, (kind, happened_at, recorded_at, values) in enumerate(
                timeline(rng, definition, case.decided_at, rng.randint(1, 2 * RECORDS_IN_A_TIMELINE - 1))
            )
        ]
        for model, rows in ((PersonSupported, people), (PathwayCase, cases), (PathwayRecord, records)):
            model._base_manager.bulk_create(rows, batch_size=AT_ONCE)
    return version


def work_off(at: datetime) -> None:
    """Do parts of replays in ``CORES`` processes until none waits."""
    from django.db import connections

    from saferpractice.pathways.operations import carry_on_replays

    connections.close_all()
    workers = []
    for _ in range(CORES):
        worker = os.fork()
        if worker == 0:
            while carry_on_replays(at=at):
                pass
            os._exit(0)
        workers.append(worker)
    for worker in workers:
        if os.waitpid(worker, 0)[1]:
            raise SystemExit("A process that replayed came to grief.")


def measure_replay(timelines: int) -> bool:
    """Print what a replay of so many cases takes; whether it keeps to its time."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from tests.databases import PostgresqlDatabases, PostgresqlServer, SqliteDatabases, in_use
    from tests.factories.replays import a_replay
    from tests.personas import build_cast

    kind, at = settings.TEST_DATABASE, NOW + timedelta(days=500)
    with ExitStack() as ending:
        databases: Any
        if kind == "postgresql":
            server = PostgresqlServer()
            ending.callback(server.stop)
            databases = PostgresqlDatabases(server, settings.DATA_DIR)
        else:
            databases = SqliteDatabases(settings.DATA_DIR)
        with databases.copy() as database, in_use(database):
            cast = build_cast()
            version = fill(cast, timelines)
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")
            started = time.monotonic()
            replay = a_replay(cast, live=version, at=at)
            starting = time.monotonic() - started
            before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            work_off(at)
            clock = time.monotonic() - started
            used_up = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = (used_up.ru_utime + used_up.ru_stime - before.ru_utime - before.ru_stime) / CORES
            replay.refresh_from_db()
            tally = replay.result.tally
    if tally["cases"] != timelines or tally["unread"]:
        raise SystemExit(f"The replay says {tally['cases']:,} cases, {tally['unread']:,} of them unread.")
    print("\n| replay | database | s of each core | s by the clock | s to begin | differ | MB each |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    print(
        f"| {timelines:,} cases, {CORES} processes | {kind} | {seconds:.1f} | {clock:.1f} | {starting:.1f} "
        f"| {tally['differ']:,} | {used_up.ru_maxrss / 1024:.0f} |",
        flush=True,
    )
    return seconds < MOST_SECONDS * timelines / 100_000


def main() -> int:
    """Measure both."""
    parser = argparse.ArgumentParser(prog="tests.bench_pathways", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--timelines", type=int, default=100_000)
    chosen = parser.parse_args()
    in_time = measure_engine()
    in_time = measure_replay(chosen.timelines) and in_time
    if not in_time:
        print(f"A case took more than {MOST_MS} ms, or 100,000 cases more than {MOST_SECONDS:.0f} s on {CORES} cores.")
    return 0 if in_time else 1


if __name__ == "__main__":
    sys.exit(main())
