"""Files and imports for tests, made through the operations. All narratives are invented."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from saferpractice.access.models import Person, Team
from saferpractice.exchange.models import ImportBatch, ImportFile
from saferpractice.exchange.operations import bring_file, carry_on, choose_mapping, start_import
from saferpractice.exchange.queries import shipped_mappings
from saferpractice.exchange.rules.mapping import ImportMapping, mapping_from_data
from tests.personas import NOW

CORONERS = ("id", "date", "area", "receiver", "circumstances", "concerns", "url")
"""The columns of the coroners' table."""
PLAIN = ("Ref", "Date", "Story", "Harm", "Risk")
QUOTES = "She said “I’m fine – really” and left… 😀 £5½"


def coroners_rows(count: int) -> list[list[str]]:
    """Made-up rows of the coroners' shape: long texts, curly quotes, lines, a redaction; the third has no number."""
    return [
        [
            "" if number == 3 else f"2031-{number:04}",
            f"2031-0{1 + number % 9}-{10 + number % 18}",
            "Westmarch and the Vale",
            "Chief Executive, Westmarch Care Trust",
            f"The person was known to the crisis line ({number}).\n\nThe call was “lost”, and [REDACTED] wasn’t told.",
            f"(1) Nobody owned the call back {number}.\n(2) The rota didn’t say who.",
            f"https://coroner.example.org/reports/{number}",
        ]
        for number in range(1, count + 1)
    ]


def csv_text(columns: Sequence[str], rows: Sequence[Sequence[str]], *, delimiter: str = ",", end: str = "\r\n") -> str:
    """A CSV file as a spreadsheet writes it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def plain_rows(count: int, *, first: int = 1) -> list[list[str]]:
    """Made-up rows of a small incident system."""
    return [
        [f"D-{number}", "02/02/2026 14:30", f"Nobody answered the door, visit {number}.", "None", "No"]
        for number in range(first, first + count)
    ]


def plain_mapping(**more: Any) -> ImportMapping:
    """The mapping of ``plain_rows``; ``more`` replaces parts of it, ``answers`` adds to its answers."""
    answers: dict[str, Any] = {
        "what_happened": {"column": "Story"},
        "occurred_at": {"column": "Date", "formats": ["%d/%m/%Y %H:%M", "%d/%m/%Y"]},
        "physical_harm": {"column": "Harm", "translate": {"death": "fatal"}},
        "psychological_harm": {"value": "low"},
        "still_at_risk": {"column": "Risk", "otherwise": "unknown"},
    }
    answers |= more.pop("answers", {})
    data = {"name": "Old system", "source_system": "old-system", "reference": ["Ref"], "answers": answers}
    return mapping_from_data(data | more)


def coroners_mapping() -> ImportMapping:
    """The mapping that ships for the coroners' table."""
    return shipped_mappings()["prevention-of-future-deaths"]


def a_file(
    content: str | bytes,
    *,
    by: Person,
    team: Team | None,
    at: datetime = NOW,
    name: str = "incidents.csv",
    mapping: ImportMapping | None = None,
) -> ImportFile:
    """A file brought, with its mapping chosen when one is given."""
    data = content.encode() if isinstance(content, str) else content
    file = bring_file(by=by, at=at, provider=by.provider, team=team, name=name, source=io.BytesIO(data))
    if mapping is not None:
        choose_mapping(by=by, at=at, file=file, mapping=mapping)
    return file


def an_import(
    content: str | bytes,
    *,
    by: Person,
    team: Team | None,
    at: datetime = NOW,
    mapping: ImportMapping | None = None,
    finish: bool = True,
    name: str = "incidents.csv",
) -> ImportBatch:
    """An import of ``content``, worked through to its end unless ``finish`` is False."""
    mapping = mapping or plain_mapping()
    file = a_file(content, by=by, team=team, at=at, mapping=mapping, name=name)
    batch = start_import(by=by, at=at, file=file, mapping=mapping)
    if finish:
        carry_on(batch=batch, at=at, limit=100_000)
    return batch
