"""Heads kept outside the database: whoever can change every row there cannot change these.

One file a provider, one signed head a line as JSON text, in the order of their numbers. The files only grow.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from saferpractice.trail.models import Seal
from saferpractice.trail.rules.heads import ORIGIN

LONGEST_LINE = 4096
AT_ONCE = 500


def folder() -> Path:
    """Where the files are (setting ``TRAIL_HEADS``)."""
    return Path(settings.TRAIL_HEADS or Path(settings.DATA_DIR) / "trail-heads")


def file_of(provider_id: UUID) -> Path:
    """The file of one provider's heads."""
    return folder() / f"{provider_id}.jsonl"


def providers() -> set[UUID]:
    """The providers of which heads are kept."""
    found = set()
    for path in folder().glob("*.jsonl"):
        try:
            found.add(UUID(path.stem))
        except ValueError:
            continue
    return found


def keep(provider_id: UUID) -> int:
    """Write the heads that are in the database and not in the file yet; how many.

    Called after they are committed. A worker that dies in between leaves the file behind, and the next call makes up
    for it: so the file never holds a head that the database was not asked to keep.
    """
    path = file_of(provider_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # one worker at a time; the end of the file is read under the lock
        end = _whole_lines_end(path)
        file.truncate(end)  # a line that a power cut left half written
        last = _number_before(path, end)
        waiting = Seal.objects.filter(provider_id=provider_id, number__gt=last).order_by("number")
        notes = list(waiting.values_list("note", flat=True)[:AT_ONCE])
        file.seek(end)
        file.writelines(f"{json.dumps(note, ensure_ascii=False)}\n".encode() for note in notes)
        file.flush()
        os.fsync(file.fileno())
    return len(notes)


def not_kept(provider_id: UUID, upto: int) -> list[tuple[int, int]]:
    """Heads of the database, to the number ``upto``, that the file should hold and does not: first and last of a run.

    None where there is no folder: a database is often verified elsewhere than where its heads are kept. Those behind
    the last in the file may be about to be written, so of those nothing is said.
    """
    if not folder().exists():
        return []
    there = {number_in(note) for note in kept(provider_id) if note.startswith(f"{ORIGIN}/{provider_id}\n")}
    last = max(there, default=upto)
    own = Seal.objects.filter(provider_id=provider_id, number__lte=min(upto, last)).order_by("number")
    runs: list[tuple[int, int]] = []
    for number in own.values_list("number", flat=True).iterator(chunk_size=10_000):
        if number in there:
            continue
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _whole_lines_end(path: Path) -> int:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - LONGEST_LINE))
        tail = file.read()
    return size - len(tail) + tail.rfind(b"\n") + 1


def _number_before(path: Path, end: int) -> int:
    """The number of the head in the last line before ``end``; 0 when there is none or it cannot be read."""
    with path.open("rb") as file:
        file.seek(max(0, end - LONGEST_LINE))
        lines = file.read(end - file.tell()).splitlines()
    return number_in(_note(lines[-1])) if lines else 0


def number_in(note: str) -> int:
    """The number that a head gives itself, checked or not; 0 when it gives none."""
    for line in note.split("\n"):
        if line.startswith("head ") and line[5:].isdecimal():
            return int(line[5:])
    return 0


def _note(line: bytes) -> str:
    try:
        note = json.loads(line)
    except ValueError:
        return ""
    return note if isinstance(note, str) else ""


def kept(provider_id: UUID) -> Iterator[str]:
    """The notes in the file as it is now, oldest first; "" for a line that holds none. What comes later is left out."""
    path = file_of(provider_id)
    if not path.exists():
        return
    end = _whole_lines_end(path)
    with path.open("rb") as file:
        while file.tell() < end:
            yield _note(file.readline())
