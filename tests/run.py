"""Run everything that is checked, in order. A group that fails does not hide what the next would say.

``python -m tests.run`` runs all groups; name groups to run only those (``python -m tests.run rules sqlite``).
Each pytest group may have ``ARGS`` after ``--``: ``make test ARGS="sqlite -- -k triage"``. The tests of a group are
shared among as many processes as there are cores, up to four, each with its own databases; ``-n 0`` runs them in one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
COUNTS = re.compile(r"(\d+) (passed|failed|error|skipped|xfailed|xpassed)")
NO_TESTS_RAN = 5
PROCESSES = min(os.cpu_count() or 1, 4)


@dataclass(frozen=True)
class Outcome:
    """What became of one group: its exit code (0 is good) and, from pytest, how many tests did what."""

    code: int
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """A named part of ``make test``."""

    name: str
    title: str
    run: Callable[[list[str]], Outcome]


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", **more}


def checks(_args: list[str]) -> Outcome:
    """Format, lint, types, directions of import, missing migrations: all of them, whatever the first says."""
    scratch = tempfile.TemporaryDirectory(prefix="saferpractice-check-")  # reading the settings makes keys
    settings = _environment(DJANGO_SETTINGS_MODULE="tests.settings", DATA_DIR=scratch.name)
    commands: list[tuple[str, list[str]]] = [
        ("ruff check", [str(BIN / "ruff"), "check", "--quiet", "."]),
        ("ruff format", [str(BIN / "ruff"), "format", "--quiet", "--check", "."]),
        ("mypy", [sys.executable, "-m", "mypy", "--no-error-summary"]),
        ("import directions", [str(BIN / "lint-imports"), "--no-logo"]),
        ("django check", [sys.executable, "-m", "saferpractice", "check", "--fail-level", "WARNING"]),
        ("migrations", [sys.executable, "-m", "saferpractice", "makemigrations", "--check", "--dry-run"]),
    ]
    worst = 0
    for name, command in commands:
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
        if done.returncode:
            print(done.stdout + done.stderr, flush=True)
            worst = 1
    scratch.cleanup()
    return Outcome(worst)


def pytest(*arguments: str, database: str = "sqlite") -> Callable[[list[str]], Outcome]:
    """A group of tests on one kind of database."""

    def run(args: list[str]) -> Outcome:
        shared = ["-n", str(PROCESSES), "--dist", "worksteal"] if PROCESSES > 1 else []
        command = [sys.executable, "-m", "pytest", *arguments, *shared, *args]
        last = ""
        with subprocess.Popen(
            command, cwd=ROOT, env=_environment(TEST_DATABASE=database), stdout=subprocess.PIPE, text=True
        ) as process:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                if COUNTS.search(line):
                    last = line
        code = process.returncode
        if code == NO_TESTS_RAN:
            print("No test was found in this group: that is a failure.", flush=True)
        return Outcome(code, {word: int(number) for number, word in COUNTS.findall(last)})

    return run


GROUPS = (
    Group("check", "Format, types, import directions, migrations", checks),
    Group("rules", "Rules and architecture, without a database", pytest("tests/rules", "tests/architecture")),
    Group("sqlite", "Stages on SQLite", pytest("tests/stages")),
    Group("postgresql", "Stages on PostgreSQL", pytest("tests/stages", database="postgresql")),
    Group("journeys-sqlite", "Journeys in Chromium on SQLite", pytest("tests/journeys")),
    Group("journeys-postgresql", "Journeys in Chromium on PostgreSQL", pytest("tests/journeys", database="postgresql")),
)


def main(arguments: list[str]) -> int:
    """Run the groups named, or all; the exit code is 0 only when all of them are good."""
    names, args = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        names, args = arguments[:cut], arguments[cut + 1 :]
    unknown = set(names) - {group.name for group in GROUPS}
    if unknown:
        print(f"No such group: {', '.join(sorted(unknown))}. There are: {', '.join(g.name for g in GROUPS)}.")
        return 2
    times: list[str] = []
    totals: dict[str, int] = {}
    code = 0
    for group in GROUPS:
        if names and group.name not in names:
            continue
        print(f"\n=== {group.title} ===", flush=True)
        started = time.monotonic()
        outcome = group.run(args)
        verdict = "ok" if outcome.code == 0 else "FAILED"
        times.append(f"{time.monotonic() - started:7.1f} s  {verdict:6}  {group.title}")
        for word, number in outcome.counts.items():
            totals[word] = totals.get(word, 0) + number
        if outcome.code:
            code = 1
    print("\n=== Elapsed ===", *times, sep="\n")
    failed = totals.get("failed", 0) + totals.get("error", 0)
    if totals:
        print(f"\n{totals.get('passed', 0)} passed, {failed} failed", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
