"""A verdict as plain data, for storing and for the trail."""

from __future__ import annotations

import dataclasses
from datetime import date
from enum import Enum

from saferpractice.assurance.rules.verdict import Verdict


def as_record(verdict: Verdict) -> dict[str, object]:
    """The verdict as text, whole numbers, true, false, None, lists and dictionaries only.

    A number with decimals becomes text of twelve significant digits: the trail's entries carry no floats, so that the
    same verdict always gives the same bytes.
    """
    return {name: _plain(value) for name, value in dataclasses.asdict(verdict).items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return format(value, ".12g") if isinstance(value, float) else value
