"""What the pages of the dated lists show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.design.words import localday, tag
from saferpractice.lists.queries import Version
from saferpractice.lists.rules import ListFile
from saferpractice.lists.rules.local_times import UNITS, Bound

NO_LEGAL_ADVICE = "Nothing here is legal advice. Where law and screen disagree, the law wins."
NAMES = {
    "applies_to": "For providers that are",
    "hierarchy": "Place in the hierarchy",
    "when_cannot_be_passed": "Place when it cannot be passed",
    "brief": "Named by the brief",
    "sar_domain": "Domain of safeguarding adult reviews",
    "seips": "SEIPS element",
    "yorkshire": "Yorkshire factor",
    "lfpse": "National code",
    "pett": "Quick scan",
    "due_working_days": "Due, working days from the tier decision",
    "supplied_by": "Supplied by",
    "msp": "Making Safeguarding Personal",
    "sac_row": "Row of the national return",
    "link": "Where to do it",
    "ask": "Question",
    "at_least": "National minimum, years",
    "years": "Kept for, years",
    "afterwards": "What happens then",
}
HIDDEN = {"likely_when", "phrases", "when"}
"""Conditions the software reads. They are shown in words elsewhere, beside the form they work in."""


def state_tag(version: Version, on: date) -> Markup:
    """Where an entry stands on the London day ``on``."""
    if version.taken_off:
        return tag("Taken off", "quiet") if version.valid_from <= on else tag("Taken off later", "waiting")
    if version.in_force:
        return tag("In force", "good")
    if version.valid_from > on:
        return tag("Not yet", "waiting")
    if version.valid_to is not None and version.valid_to < on:
        return tag("Ended", "quiet")
    return tag("Replaced", "quiet")


def validity(version: Version) -> str:
    """From when until when an entry holds."""
    start = f"From {localday(version.valid_from, short=True)}"
    return f"{start} to {localday(version.valid_to, short=True)}" if version.valid_to else start


def source_words(version: Version) -> Markup:
    """Who says so, with the address where one is known, and whether anybody looked it up."""
    named = (
        Markup('<a href="{}" rel="noreferrer">{}</a>').format(version.url, version.source)
        if version.url
        else Markup("{}").format(version.source)
    )
    if version.common:
        return Markup("{} {}").format(named, tag("Not looked up", "warning"))
    return named


def index_rows(lists: Iterable[ListFile], own: Mapping[str, int], on: date) -> list[list[Any]]:
    """Rows of the table of lists."""
    return [
        [
            {"text": listed.title, "href": reverse("lists:one", args=[listed.list_code])},
            sum(1 for entry in listed.entries if entry.holds(on)),
            own.get(listed.list_code, 0),
            _keeper(listed),
        ]
        for listed in lists
    ]


def _keeper(listed: ListFile) -> str:
    if not listed.editable_by_provider:
        return "The same for everybody"
    return "You may set your own" if listed.replaced_only else "You may add your own"


def entry_rows(list_code: str, found: Iterable[Version], on: date) -> list[list[Any]]:
    """Rows of one list: each entry with its dates, and whose it is."""
    return [
        [
            {"text": one.label, "href": reverse("lists:entry", args=[list_code, one.code])},
            Markup("{} {}").format(state_tag(one, on), tag("Your own", "new") if one.own else ""),
            validity(one),
            source_words(one),
            localday(one.checked_on, short=True),
        ]
        for one in found
    ]


def detail_rows(detail: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The further facts of an entry, as the summary macro takes them."""
    rows = []
    for key, value in detail.items():
        if key not in HIDDEN and value not in (None, "", [], {}, ()):
            name = NAMES.get(key, key.replace("_", " ").capitalize())
            rows.append({"key": name, "value": Markup("<br>").join(_lines(value))})
    return rows


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield "Yes" if value else "No"
    elif isinstance(value, Mapping):
        yield from _mapping_lines(value)
    elif isinstance(value, list | tuple):
        for item in value:
            yield "; ".join(_lines(item)) if isinstance(item, Mapping) else str(item)
    else:
        yield str(value)


def _mapping_lines(value: Mapping[str, Any]) -> Iterator[str]:
    if "words" in value and "kind" in value:  # a clock
        yield f"{str(value['kind']).capitalize()}: {value['words']}"
    elif "least" in value or set(value) == {"kind"}:  # a bound
        yield Bound(**value).words.capitalize()
    elif "earliest" in value:
        yield (
            f"From {value['from']}, by {value['due_by']} on the next day"
            if value["from"]
            else "The same day stays the same day at any hour"
        )
        yield f"Bounds: from {value['earliest']} on, by {value['latest']} at the latest"
    elif "amount" in value:
        unit = UNITS[value["kind"]]
        yield f"{value['amount']} {unit[:-1] if value['amount'] == 1 else unit}"
    elif "ask" in value:  # a question
        yield f"{value['ask']}{'' if value.get('required', True) else ' (optional)'}"
    else:
        for key, item in value.items():
            said = "does not matter" if item == "any" else "; ".join(_lines(item))
            yield f"{key.replace('_', ' ')[:1].upper()}{key.replace('_', ' ')[1:]}: {said}"


def version_rows(found: Iterable[Version], on: date) -> list[list[Any]]:
    """Rows of all that stood for one code, newest first."""
    newest = sorted(found, key=lambda one: (one.valid_from, one.own), reverse=True)
    return [
        [
            one.label,
            Markup("{} {}").format(state_tag(one, on), tag("Your own", "new") if one.own else ""),
            validity(one),
            source_words(one),
        ]
        for one in newest
    ]
