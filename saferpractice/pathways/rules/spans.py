"""Lengths of time and numbers as a definition writes them: "4 working hours", "same day", "local window"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

from saferpractice.deadlines.rules import LARGEST_AMOUNT, Timescale, TimescaleError, TimescaleKind

_UNITS = {
    "hour": TimescaleKind.CLOCK_HOURS,
    "working hour": TimescaleKind.WORKING_HOURS,
    "working day": TimescaleKind.WORKING_DAYS,
    "day": TimescaleKind.CALENDAR_DAYS,
    "week": TimescaleKind.WEEKS,
}
_COUNTED = re.compile(r"(\d{1,6}) (hour|working hour|working day|day|week)s?")
_LOCAL = re.compile(r"local ([a-z0-9]+(?:-[a-z0-9]+)*)")
_FIELD = re.compile(r"the moment in ([a-z0-9]+(?:-[a-z0-9]+)*)")
HOW_TO = '"same day", or a number with hours, working hours, days, working days or weeks, such as "4 working hours"'


@lru_cache(maxsize=1024)
def read_span(text: str) -> Timescale:
    """The timescale that ``text`` writes: "same day", "4 working hours", "1 week".

    Raises:
        TimescaleError: no timescale; the message says what to write.
    """
    if text == "same day":
        return Timescale(TimescaleKind.SAME_DAY)
    found = _COUNTED.fullmatch(text)
    if not found:
        raise TimescaleError(f'is "{text}". Write {HOW_TO}.')
    kind, amount = _UNITS[found[2]], int(found[1])
    if not 1 <= amount <= LARGEST_AMOUNT[kind]:
        raise TimescaleError(f'is "{text}". Write a number of {found[2]}s from 1 to {LARGEST_AMOUNT[kind]:,}.')
    return Timescale(kind, amount)


def write_span(span: Timescale) -> str:
    """The text that ``read_span`` reads back as ``span``.

    Raises:
        TimescaleError: a date, which a definition does not hold.
    """
    if span.kind is TimescaleKind.SAME_DAY:
        return "same day"
    for word, kind in _UNITS.items():
        if kind is span.kind:
            return f"{span.amount} {word}{'' if span.amount == 1 else 's'}"
    raise TimescaleError("A definition does not name a date.")


@lru_cache(maxsize=1024)
def local_named(text: str) -> str | None:
    """The local value that ``text`` names ("local window"), or None."""
    found = _LOCAL.fullmatch(text)
    return found[1] if found else None


@lru_cache(maxsize=1024)
def field_named(text: str) -> str | None:
    """The field whose moment ``text`` names ("the moment in next-review"), or None."""
    found = _FIELD.fullmatch(text)
    return found[1] if found else None


def _span(text: str) -> str:
    if local_named(text) is None:
        read_span(text)
    return text


def _span_or_field(text: str) -> str:
    return text if field_named(text) else _span(text)


def _local_text(text: str) -> str:
    if local_named(text) is None:
        raise ValueError(f'is "{text}". Write local and the code of a local value of type text.')
    return text


def _count(text: int | str) -> int | str:
    if isinstance(text, str) and local_named(text) is None:
        raise ValueError(f'is "{text}". Write a whole number, or local and the code of a local value.')
    if isinstance(text, int) and not 1 <= text <= 1000:
        raise ValueError(f"is {text}. Write a whole number from 1 to 1,000.")
    return text


Span = Annotated[str, AfterValidator(_span)]
"""A length of time, or the local value that holds one."""
SpanOrField = Annotated[str, AfterValidator(_span_or_field)]
"""A length of time, the local value that holds one, or the field that holds the moment itself."""
LocalText = Annotated[str, AfterValidator(_local_text)]
"""The local value whose text is shown."""
Count = Annotated[int | str, AfterValidator(_count)]
"""A whole number, or the local value that holds one."""
