"""What makes an entry of a timeline usable."""

from __future__ import annotations

from datetime import datetime, timedelta

from saferpractice.design.typed import as_written

LONGEST_ENTRY = 10_000
LONGEST_SOURCE = 300
ENTRY_PRECISIONS = ("exact", "about", "day")
"""How sure a time can be. An entry without any time cannot stand in a timeline."""


def problems_of_entry(
    *, happened_at: datetime | None, precision: str, what: str, source: str, at: datetime
) -> dict[str, str]:
    """What must be put right before the entry can stand: field name to a sentence. ``at`` is now (UTC)."""
    found: dict[str, str] = {}
    if happened_at is None:
        found["happened_at"] = "Enter the day and time. If it is not known exactly, enter the best you know and say so."
    elif happened_at > at + timedelta(minutes=5):
        found["happened_at"] = "Enter a time that has passed. This one is in the future."
    if precision not in ENTRY_PRECISIONS:
        found["precision"] = "Say how well the time is known."
    if not as_written(what):
        found["what"] = "Enter what happened, or what was known, at that time."
    elif len(what) > LONGEST_ENTRY:
        found["what"] = f"Shorten this to {LONGEST_ENTRY:,} characters, and attach the document as a file."
    if not as_written(source):
        found["source"] = "Say where this comes from, for example “care record, note of 3 March”."
    elif len(source) > LONGEST_SOURCE:
        found["source"] = f"Shorten this to {LONGEST_SOURCE} characters."
    return found
