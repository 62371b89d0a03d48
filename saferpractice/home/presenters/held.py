"""What is shown of who looked at a person's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.deadlines.rules import day_label, local, local_day, local_time_label
from saferpractice.design.words import tag
from saferpractice.home.models import GatheredRecords
from saferpractice.home.queries import Look
from saferpractice.home.rules.gathered import answer_by

LOOKS_HEADER = ("When (London)", "Who", "Role then", "Record", "What was shown", "Why named on it")


def _page(look: Look) -> str:
    return look.page[:1].upper() + look.page[1:]


def look_rows(looks: Iterable[Look]) -> list[list[Any]]:
    """Rows of the table."""
    return [
        [local_time_label(look.at), look.who, look.role or None, look.record, _page(look), look.purpose or None]
        for look in looks
    ]


def look_lines(looks: Iterable[Look]) -> Iterator[list[Any]]:
    """Lines of the file."""
    for look in looks:
        yield [
            local(look.at).isoformat(sep=" ", timespec="seconds"),
            look.who,
            look.role,
            look.record,
            _page(look),
            look.purpose,
        ]


def gathered_rows(found: Iterable[GatheredRecords], at: datetime) -> list[list[Any]]:
    """Requests that somebody answers: about whom, by when, and how far they are."""
    rows: list[list[Any]] = []
    for one in found:
        last = answer_by(one.asked_on)
        if hasattr(one, "release"):
            state = tag("Released", "good")
        else:
            state = tag("Late", "bad") if last < local_day(at) else tag("Not released", "working")
        about = {"text": one.person_supported.reference, "href": reverse("home:gathered", args=[one.pk])}
        rows.append([about, one.asked_by, day_label(one.asked_on), day_label(last), state])
    return rows
