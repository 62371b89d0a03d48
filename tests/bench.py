"""How long pages take at 1,000 and at 100,000 incidents, on SQLite and on PostgreSQL: ``make bench``.

Each page is compared with a bare Django view that only sends the same statements to the same database, so that the
ratio says what permissions, forms, templates and the trail cost, whatever the machine. The sizes take turns. Exit
code 1 when a page at the largest size takes more than 1.5 times as long as at the smallest. The pages of measures count
rows, three obligations for each incident, so they may grow: on PostgreSQL they must stay below 400 ms.

Then the pathway engine and a replay of 100,000 cases (``tests/bench_pathways.py``), verifying a trail of a million
entries (``tests/bench_trail.py``), charts beside those of another package (``tests/bench_charts.py``), and drawing a
pack of 200 incidents (``tests/bench_packs.py``).

``make bench ARGS="--sizes 1000,10000 --databases sqlite --rounds 20"`` for a shorter look.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests import bench_charts, bench_packs

GROWTH_ALLOWED = 1.5
COUNTING_P95 = 400.0
"""Milliseconds within which a page that counts every row of a provider answers, at any size, on PostgreSQL."""
COUNTS = "Measures"
"""What the names of such pages begin with."""
OBLIGATIONS_AN_INCIDENT = 3
OPEN_FOR = timedelta(days=60)
HISTORY = timedelta(days=540)
PASSES = 4
"""Small and large take turns this often, so that a machine that is busy for a while is busy for both."""
NOISE_MS = 2.0
"""A page may be this much slower whatever its ratio: below it, the machine is measured, not the page."""


@dataclass(frozen=True)
class Measured:
    """One page at one size on one database; times in milliseconds."""

    database: str
    incidents: int
    page: str
    p50: float
    p95: float
    bare_p50: float
    statements: int

    @property
    def ratio(self) -> float:
        """How many times the bare view's time."""
        return self.p50 / self.bare_p50


@dataclass(frozen=True)
class Page:
    """What is measured: ``visit`` asks for it once and returns the answer's status."""

    name: str
    visit: Callable[[], int]


# --- filling the database -------------------------------------------------------------------------------------------


def rows_of(models: list[Any]) -> dict[Any, set[Any]]:
    """The keys of all rows, by model."""
    return {model: set(model._default_manager.values_list("pk", flat=True)) for model in models}


@contextmanager
def new_rows(into: list[Any]) -> Iterator[None]:
    """Collect into ``into`` every row that is written meanwhile and can be copied: its key is a UUID."""
    from django.apps import apps
    from django.db.models import UUIDField

    models = [
        model
        for model in apps.get_models(include_auto_created=False)
        if model.__module__.startswith("saferpractice.") and isinstance(model._meta.pk, UUIDField)
    ]
    before = rows_of(models)
    yield
    for model in models:
        into += [row for row in model._default_manager.all() if row.pk not in before[model]]


class Copier:
    """Writes an example incident, with all that was written with it, again and again at other times."""

    def __init__(self, example: list[Any], first_sequence: int) -> None:
        self.example = example
        self.ids = {row.pk for row in example}
        self.sequence = first_sequence
        self.number = 0

    def copies(self, age: timedelta) -> list[Any]:
        """One more copy, ``age`` before the example; what was to be done is done when it is old."""
        self.number += 1
        new = {old: uuid4() for old in self.ids}
        return [self._copy(row, new, age) for row in self.example]

    def _copy(self, row: Any, new: dict[UUID, UUID], age: timedelta) -> Any:
        values = {}
        for column in row._meta.concrete_fields:
            value = getattr(row, column.attname)
            if isinstance(value, datetime):
                value -= age
            elif isinstance(value, UUID):
                value = new.get(value, value)
            values[column.attname] = value
        copy = type(row)(**values)
        for name in ("reference", "submission_key", "key"):
            if name in values and row._meta.model_name != "personsupported":
                setattr(copy, name, f"copy-{self.number}-{row.pk.hex[-6:]}"[:30])
        if row._meta.model_name == "personsupported":
            copy.reference = f"P-{self.number}-{row.pk.hex[-6:]}"
        if row._meta.model_name == "trailentry":
            self.sequence += 1
            copy.sequence = self.sequence
        if row._meta.model_name == "outboxmessage":
            copy.sent_at = copy.send_after
        if row._meta.model_name == "obligation" and age > OPEN_FOR:
            copy.met_at, copy.met_by_type, copy.met_by_id, copy.next_escalation_at = copy.due_at, "bench", row.pk, None
        return copy


def fill(cast: Any, size: int, at: datetime) -> None:
    """``size`` incidents over eighteen months, in three teams; those of the last two months still to be worked on."""
    from saferpractice.trail.models import TrailEntry, TrailHead
    from tests.factories.incidents import an_incident

    reporters = [(cast.worker, cast.north), (cast.worker, cast.south), (cast.worker_elsewhere, cast.east)]
    examples: list[list[Any]] = []
    for reporter, team in reporters:
        rows: list[Any] = []
        with new_rows(rows):
            member = reporter if team is not cast.south else cast.lead
            an_incident(by=member, team=team, at=at, person_reference=f"P-{team.pk.hex[-6:]}")
        examples.append(rows)
    head = TrailHead.objects.get(provider_id=cast.provider.pk)
    copiers = [Copier(rows, 0) for rows in examples]
    sequence = head.sequence
    waiting: dict[Any, list[Any]] = {}
    for number in range(size - len(examples)):
        copier = copiers[number % len(copiers)]
        copier.sequence = sequence
        for row in copier.copies(age=HISTORY * ((number + 1) / size)):
            waiting.setdefault(type(row), []).append(row)
        sequence = copier.sequence
        if number % 2000 == 1999:
            write(waiting, in_order_of=examples[0])
    write(waiting, in_order_of=examples[0])
    newest = TrailEntry.objects.filter(provider_id=cast.provider.pk).order_by("-sequence")[0]
    TrailHead.objects.filter(provider_id=cast.provider.pk).update(sequence=newest.sequence, hash=newest.hash)


def write(waiting: dict[Any, list[Any]], *, in_order_of: list[Any]) -> None:
    """Insert what waits, parents before children, and empty it."""
    from django.db import connection, transaction

    order = list(dict.fromkeys(type(row) for row in sorted(in_order_of, key=lambda row: _depth(type(row)))))
    with transaction.atomic():
        for model in order:
            model._base_manager.bulk_create(waiting.pop(model, []), batch_size=2000)
        connection.check_constraints()


def _depth(model: Any, seen: tuple[Any, ...] = ()) -> int:
    parents = {f.related_model for f in model._meta.concrete_fields if f.is_relation and f.related_model not in seen}
    return 1 + max((_depth(parent, (*seen, model)) for parent in parents - {model}), default=0)


# --- measuring ------------------------------------------------------------------------------------------------------


def pages(cast: Any, at: datetime) -> list[Page]:
    """The pages people use most, each asked for by somebody who uses it."""
    from django.conf import settings
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    from saferpractice.incidents.models import Incident

    def signed_in(person: Any) -> Client:
        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    worker, manager, quality = signed_in(cast.worker), signed_in(cast.duty_manager), signed_in(cast.quality_lead)
    incident = Incident.objects.filter(team=cast.north).order_by("-recorded_at")[0]

    def get(client: Client, name: str, *arguments: Any) -> Page | None:
        try:
            address = reverse(name, args=arguments)
        except NoReverseMatch:
            return None
        return Page("", lambda: client.get(address).status_code)

    def send_report() -> int:
        answers = {
            "submission_key": uuid4().hex,
            "still_at_risk": "no",
            "what_happened": "Nobody answered the door at the second visit this week.",
            "occurred_precision": "unknown",
            "team": str(cast.north.pk),
            "person_reference": "P-1042",
            "physical_harm": "none",
            "psychological_harm": "low",
            "themes": ["lost-contact"],
            "done_at_once": "Called the duty manager.",
        }
        return worker.post(reverse("incidents:report"), answers).status_code

    wanted = {
        "Front page, a worker": get(worker, "home:my_work"),
        "Front page, a duty manager": get(manager, "home:my_work"),
        "Report form": get(worker, "incidents:report"),
        "Report sent": Page("", send_report),
        "Triage form": get(manager, "triage:record", incident.pk),
        "Incidents": get(manager, "home:incidents"),
        "Incident and its story": get(manager, "home:incident", incident.pk),
        "Tracker": get(quality, "home:tracker"),
        "Measures of a provider": get(quality, "assurance:measures"),
        "Measures: a share in time": get(quality, "assurance:measure", "self-neglect.same-day-consultation"),
        "Measures: a time, open ones censored": get(quality, "assurance:measure", "loop.triage.time"),
        "Measures: asked for again": get(quality, "assurance:measure", "lost-contact.tell-leadership.again-rate"),
        "Measures: records complete": get(quality, "assurance:measure", "exploitation.shared-decision"),
        "Measures: incidents of a theme": get(quality, "assurance:measure", "incidents.theme.lost-contact"),
    }
    for name, page in wanted.items():
        if page is None:
            print(f"(no page yet: {name})", file=sys.stderr)
    return [Page(name, page.visit) for name, page in wanted.items() if page]


Statement = tuple[str, Any, bool]
NOT_REPLAYED = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")


def statements_of(visit: Callable[[], int]) -> tuple[list[Statement], bool]:
    """The statements a page sends, and whether it writes. What it wrote is taken back."""
    from django.db import connection, transaction

    seen: list[Statement] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(NOT_REPLAYED):
            seen.append((sql, params, many))
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(keep):
        visit()
        transaction.set_rollback(True)
    return seen, any(sql.startswith(("INSERT", "UPDATE", "DELETE")) for sql, _, _ in seen)


def bare_view(statements: list[Statement], writes: bool) -> Callable[[], None]:
    """A view that does nothing but send ``statements``, with one commit if the page makes one."""
    from django.db import connection, transaction
    from django.http import HttpRequest, HttpResponse
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_commit (at double precision)")

    def send() -> None:
        with connection.cursor() as cursor:
            for sql, params, many in statements:
                (cursor.executemany if many else cursor.execute)(sql, params)
                if sql.startswith("SELECT"):
                    cursor.fetchall()

    def view(_request: HttpRequest) -> HttpResponse:
        if not writes:
            send()
            return HttpResponse("done")
        with transaction.atomic():
            mark = transaction.savepoint()
            send()  # taken back, so that the next round may insert the same rows; the commit below stays
            transaction.savepoint_rollback(mark)
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO bench_commit VALUES (%s)", [time.monotonic()])
        return HttpResponse("done")

    return lambda: view(request) and None


def timed(call: Callable[[], Any]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


@dataclass
class Times:
    """What was measured of one page at one size so far, in milliseconds, and the statements it sends."""

    page: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    statements: int = 0

    def summed_up(self, database: str, incidents: int, page: str) -> Measured:
        """The middle and the slow end of all rounds."""
        return Measured(
            database,
            incidents,
            page,
            p50=statistics.median(self.page),
            p95=statistics.quantiles(self.page, n=20)[-1],
            bare_p50=statistics.median(self.bare),
            statements=self.statements,
        )


def measure(page: Page, rounds: int, into: Times) -> None:
    """Visit ``page`` and its bare view, in turns where that can be, so that both see the same machine."""
    for _ in range(3):
        status = page.visit()
        if status not in {200, 302}:
            raise SystemExit(f"{page.name}: the page answered {status}; there is nothing to measure")
    statements, writes = statements_of(page.visit)
    bare = bare_view(statements, writes)
    into.statements = len(statements)
    if writes:  # what the page writes would be in the bare view's way: its rounds come first
        into.bare += [timed(bare) for _ in range(rounds)]
        into.page += [timed(page.visit) for _ in range(rounds)]
        return
    for _ in range(rounds):
        into.page.append(timed(page.visit))
        into.bare.append(timed(bare))


def measure_all(sizes: list[int], rounds: int) -> list[Measured]:
    """In a process of its own for each kind of database."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_test_environment

    from saferpractice.jobs.sweeps import tidy
    from tests import bench_measures
    from tests.databases import PostgresqlDatabases, PostgresqlServer, SqliteDatabases, in_use
    from tests.personas import build_cast

    setup_test_environment(debug=False)
    kind = settings.TEST_DATABASE
    at = datetime.now(tz=UTC)
    with ExitStack() as ending:
        databases: Any
        if kind == "postgresql":
            server = PostgresqlServer()
            ending.callback(server.stop)
            databases = PostgresqlDatabases(server, settings.DATA_DIR)
        else:
            databases = SqliteDatabases(settings.DATA_DIR)
        made = [(size, ending.enter_context(databases.copy())) for size in sizes]
        casts: dict[int, Any] = {}
        for size, database in made:
            with in_use(database):
                started = time.monotonic()
                casts[size] = build_cast()
                fill(casts[size], size, at)
                bench_measures.fill(casts[size], OBLIGATIONS_AN_INCIDENT * size, HISTORY, at)
                if connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute("VACUUM ANALYZE")  # as its own housekeeping does within a minute
                else:
                    tidy(at)  # as the worker does when it starts
                print(f"{kind}: {size:,} incidents in {time.monotonic() - started:.0f} s", file=sys.stderr)
        found: dict[tuple[int, str], Times] = {}
        for _ in range(PASSES):
            for size, database in made:
                with in_use(database):
                    for page in pages(casts[size], at):
                        measure(page, -(-rounds // PASSES), found.setdefault((size, page.name), Times()))
    return [times.summed_up(kind, size, name) for (size, name), times in found.items()]


# --- saying it ------------------------------------------------------------------------------------------------------


def grown(found: list[Measured]) -> list[str]:
    """Pages that take too much longer at the largest size than at the smallest."""
    slow = []
    for small in found:
        same = [m for m in found if (m.database, m.page) == (small.database, small.page)]
        large = max(same, key=lambda m: m.incidents)
        if small is not min(same, key=lambda m: m.incidents) or small is large or small.page.startswith(COUNTS):
            continue
        if large.p50 > small.p50 * GROWTH_ALLOWED and large.p50 - small.p50 > NOISE_MS:
            slow.append(f"{small.page} on {small.database}: {small.p50:.1f} ms → {large.p50:.1f} ms")
    return slow


def too_slow(found: list[Measured]) -> list[str]:
    """Pages that count, and take longer on PostgreSQL than they may."""
    counting = (m for m in found if m.page.startswith(COUNTS) and m.database == "postgresql")
    return [f"{m.page} at {m.incidents:,}: {m.p95:.0f} ms" for m in counting if m.p95 > COUNTING_P95]


def table(found: list[Measured]) -> str:
    """As Markdown."""
    lines = [
        "| page | database | incidents | p50 ms | p95 ms | bare view p50 ms | ratio | statements |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for m in sorted(found, key=lambda m: (m.page, m.database, m.incidents)):
        lines.append(
            f"| {m.page} | {m.database} | {m.incidents:,} | {m.p50:.1f} | {m.p95:.1f} "
            f"| {m.bare_p50:.1f} | {m.ratio:.1f} | {m.statements} |"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Measure on each database in turn, print one table, and judge the growth."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="1000,100000")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--timelines", type=int, default=100_000, help="cases to replay; 0 leaves that out")
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries to verify; 0 leaves that out")
    parser.add_argument("--charts", default="1,100,2000", help="how many series to read at once; nothing leaves it out")
    parser.add_argument("--packed", type=int, default=200, help="incidents in a pack to draw; 0 leaves that out")
    parser.add_argument("--in-this-process", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    sizes = [int(size) for size in chosen.sizes.split(",")]
    if chosen.in_this_process:
        print(json.dumps([asdict(measured) for measured in measure_all(sizes, chosen.rounds)]))
        return 0
    found: list[Measured] = []
    late = False
    for kind in chosen.databases.split(","):
        command = [sys.executable, "-m", "tests.bench", "--in-this-process", "--sizes", chosen.sizes]
        done = subprocess.run(
            [*command, "--rounds", str(chosen.rounds)],
            env={**os.environ, "TEST_DATABASE": kind, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"The measuring on {kind} failed.", file=sys.stderr)
            return 1
        found += [Measured(**values) for values in json.loads(done.stdout.splitlines()[-1])]
        late |= bool(chosen.timelines) and not bench_part(kind, "bench_pathways", "--timelines", chosen.timelines)
        late |= bool(chosen.entries) and not bench_part(kind, "bench_trail", "--entries", chosen.entries)
    print(table(found))
    late |= bool(chosen.charts) and bench_charts.main(["--series", chosen.charts]) != 0
    late |= bool(chosen.packed) and bench_packs.main(["--incidents", str(chosen.packed)]) != 0
    slow = grown(found)
    for line in slow:
        print(f"Grows more than {GROWTH_ALLOWED} times: {line}")
    over = too_slow(found)
    for line in over:
        print(f"Takes more than {COUNTING_P95:.0f} ms: {line}")
    return 1 if slow or late or over else 0


def bench_part(kind: str, module: str, option: str, count: int) -> bool:
    """Measure one of the other parts in a process of its own; whether it keeps to its times."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.{module}", option, str(count)],
        env={**os.environ, "TEST_DATABASE": kind, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False,
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
