"""What the pages of how practice works show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.words import Said, in_words

PARTS = {
    "indicators": "What staff look for",
    "records": "What is written down",
    "obligations": "What must be done, by whom, by when",
    "escalation": "Who is told when it is late",
    "closing": "When a case may be closed",
    "supervision": "Supervision",
    "measures": "How it is shown to work",
    "local": "What a service sets for itself",
}
"""The parts of a definition in the order in which they are read, with their headings."""


def index_rows(definitions: Iterable[Definition], used: Iterable[PathwayVersion]) -> list[list[Any]]:
    """A row for each pathway: its name, whom it is for, which version is in use."""
    link = Markup('<a href="{}">{}</a>')
    numbers = {version.pathway: version.number for version in used}
    return [
        [
            link.format(reverse("pathways:one", args=[definition.pathway]), definition.title),
            definition.applies_to,
            f"Version {numbers[definition.pathway]}" if definition.pathway in numbers else "Not in use",
        ]
        for definition in definitions
    ]


def parts(definition: Definition) -> list[tuple[str, str, list[Said]]]:
    """The definition in plain English: code, heading and sentences of each part that says something."""
    said = in_words(definition)
    found = [(part, heading, [each for each in said if each.part == part]) for part, heading in PARTS.items()]
    return [part for part in found if part[2]]
