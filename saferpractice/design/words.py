"""Numbers, moments and text as the pages say them. Times are shown in Europe/London, whatever is stored."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

LONDON = ZoneInfo("Europe/London")


def localday(value: date | datetime | None, *, short: bool = False, none: str = "") -> str:
    """A day as "23 November 2026" ("23 Nov 2026" when short). A moment is taken to London first."""
    if value is None:
        return none
    day = _in_london(value).date() if isinstance(value, datetime) else value
    return f"{day.day} {day:%b} {day.year}" if short else f"{day.day} {day:%B} {day.year}"


def localtime(value: datetime | None, *, short: bool = False, none: str = "") -> str:
    """A moment as "23 November 2026, 2:05am" in London; in the hour that happens twice, the zone is added."""
    if value is None:
        return none
    return f"{localday(value, short=short)}, {clock(value)}"


def clock(value: datetime) -> str:
    """The time of day in London: "2:05am", "12pm"; "1:30am GMT" where the clocks make it ambiguous."""
    local = _in_london(value)
    hour = local.hour % 12 or 12
    minute = f":{local.minute:02}" if local.minute else ""
    text = f"{hour}{minute}{'am' if local.hour < 12 else 'pm'}"
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{text} {local.tzname()}" if twice else text


def ago(value: datetime | date | None, now: datetime) -> str:
    """How long before (or after) ``now``, in the largest sensible unit: "3 days ago", "in 2 hours", "today"."""
    if value is None:
        return ""
    if not isinstance(value, datetime):
        return _days((value - _in_london(now).date()).days)
    gap = value - now
    size = abs(gap)
    if size < timedelta(minutes=1):
        return "just now"
    if size < timedelta(hours=1):
        return _direction(plural(int(size.total_seconds() // 60), "minute"), gap)
    if size < timedelta(days=1):
        return _direction(plural(int(size.total_seconds() // 3600), "hour"), gap)
    return _days((_in_london(value).date() - _in_london(now).date()).days)


def _days(days: int) -> str:
    if days == 0:
        return "today"
    if abs(days) == 1:
        return "tomorrow" if days > 0 else "yesterday"
    text = plural(abs(days), "day")
    return f"in {text}" if days > 0 else f"{text} ago"


def _direction(text: str, gap: timedelta) -> str:
    return f"in {text}" if gap > timedelta(0) else f"{text} ago"


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 day", "2 days", "3 enquiries" (``many`` where adding s is wrong)."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def python_text(text: str) -> str:
    """A text as a Python program writes it, quotes, backslashes and unseen characters too: a program shown works."""
    return repr(text)


def number_asked(text: str, otherwise: int, *, digits: int = 5) -> int:
    """A number out of an address; ``otherwise`` where it is none, or longer than so many digits.

    Python reads no number of thousands of digits, and a database none of twenty: an address may hold either.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else otherwise


def lower_first(text: str) -> str:
    """A label inside a sentence: "Tier B, structured review" gives "tier B, …"; an abbreviation stays as it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def lines(value: Any) -> Markup:
    """What a person typed, as escaped paragraphs: a blank line starts a paragraph, a single one a line."""
    paragraphs = [part for part in re.split(r"\n\s*\n", str(value or "").replace("\r\n", "\n").strip()) if part]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in paragraph.split("\n")))
        for paragraph in paragraphs
    )


def width_class(cell: Any) -> str:
    """How a table cell may break: a short text stays on one line, a very long word may break
    anywhere, prose gets room."""
    text = cell.get("text", "") if isinstance(cell, dict) else cell
    if hasattr(text, "__html__") or text is None:
        return ""
    said = str(text)
    if len(said) <= 16:
        return " sp-short"
    long_word = any(len(word) > 24 for word in said.split())
    return (" sp-long" if long_word else "") + (" sp-prose" if len(said) > 40 else "")


_COLOURS = {
    "bad": "red",
    "good": "green",
    "waiting": "yellow",
    "working": "blue",
    "warning": "orange",
    "quiet": "grey",
    "new": "aqua-green",
    "restricted": "purple",
}


def tag_colour(meaning: str) -> str:
    """The NHS tag colour of a meaning, so that one meaning has one colour on every page.

    Raises ``KeyError`` for a meaning that has no colour.
    """
    return _COLOURS[meaning]


def tag(text: str, meaning: str) -> Markup:
    """A word in a coloured tag, as the templates' own macro draws it; ``meaning`` as ``tag_colour`` takes it."""
    return Markup('<strong class="nhsuk-tag nhsuk-tag--{}">{}</strong>').format(tag_colour(meaning), text)


def _in_london(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return value.astimezone(LONDON)


def utc(value: datetime) -> datetime:
    """The same moment in UTC."""
    return value.astimezone(UTC)
