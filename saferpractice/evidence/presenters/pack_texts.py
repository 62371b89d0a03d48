"""What the page shows on which a person looks through the texts of a pack: record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from saferpractice.evidence.queries.packs import Text
from saferpractice.evidence.rendering.wording import cited
from saferpractice.evidence.rules.packs.document import Kind, Source
from saferpractice.evidence.rules.packs.facts import Said

OF_AN_INCIDENT = frozenset({Kind.INCIDENT, Kind.TRIAGE, Kind.REVIEW, Kind.FINDING})
"""Kinds of records whose references begin with that of their incident."""
PARTS = {
    "what": "What was written down",
    "words": "What was said",
    "text": "What was added",
    "rationale": "Why",
    "reason": "Why",
    "risk_words": "Who was still at risk",
    "done_at_once": "What was done at once",
    "also_known": "What else was known",
    "wishes_words": "What the person wishes",
    "family_warning_words": "A warning of family or a carer",
    "no_safety_actions_because": "Why nothing was done at once",
    "independence": "Why the reviewer is independent",
    "despite": "Why this reviewer nevertheless",
    "offered": "What support was offered",
    "questions": "What they want answered",
    "told": "What they were told",
    "nothing_found_because": "Why nothing was found",
    "statement": "What was found",
    "made_more_likely": "What made it more likely",
    "reduces_recurrence": "What would make it less likely",
    "monday": "What is different",
    "sentence": "What the audit found",
    "wording": "What is talked about",
}


def part_words(part: str) -> str:
    """What part of a record a text is, as a heading."""
    return PARTS.get(part) or part.replace("_", " ").capitalize()


def group_of(source: Source) -> str:
    """Where a text is looked for: the incident whose story it is part of, or its own record."""
    if source.kind in OF_AN_INCIDENT:
        return f"Incident {source.reference.partition(' ')[0]}"
    return cited(source)


def grouped(texts: Sequence[tuple[Text, Any]]) -> list[dict[str, Any]]:
    """The texts of a page under the records they are of, in their order; each with the form that stands below it."""
    runs = groupby(texts, key=lambda one: group_of(one[0].said.source))
    return [
        {
            "heading": heading,
            "anchor": anchor(heading),
            "cards": [_card(text, form) for text, form in listed],
        }
        for heading, listed in runs
    ]


def anchor(heading: str) -> str:
    """The id of a group on its page."""
    return heading.lower().replace(" ", "-")


def heading_of(said: Said) -> str:
    """What a text is, below the record it is of: "What happened", "Review R1: Summary"."""
    kind, _, within = cited(said.source).partition(f" {said.source.reference.partition(' ')[0]}")
    of = f"{kind}{within}" if said.source.kind in OF_AN_INCIDENT - {Kind.INCIDENT} else ""
    return f"{of}: {part_words(said.part)}" if of else part_words(said.part)


def _card(text: Text, form: Any) -> dict[str, Any]:
    return {
        "form": form,
        "key": text.said.key,
        "heading": heading_of(text.said),
        "shown": shown(text),
        "kinds": text.marked.kinds,
        "confirmed": text.confirmed,
        "original": text.said.text if text.marked.found else "",
    }


def places(texts: Sequence[Text], at_once: int) -> list[dict[str, Any]]:
    """Every record with a text, in their order: on which page of ``at_once`` texts it begins, and how many wait."""
    found: dict[str, dict[str, Any]] = {}
    for number, text in enumerate(texts):
        heading = group_of(text.said.source)
        place = found.setdefault(
            heading,
            {"text": heading, "anchor": anchor(heading), "page": number // at_once + 1, "all": 0, "open": 0},
        )
        place["all"] += 1
        place["open"] += text.confirmed is None
    return list(found.values())


def shown(text: Text) -> Markup:
    """A text as it would go out, with what was masked set apart."""
    words, place, parts = text.said.text, 0, list[Markup]()
    for one in text.marked.found:
        parts += [escape(words[place : one.start]), Markup("<mark>{}</mark>").format(one.kind.mask)]
        place = one.end
    return Markup("").join([*parts, escape(words[place:])]).replace("\n", Markup("<br>"))


def counts(texts: Sequence[Text]) -> Mapping[str, int]:
    """How many texts there are, with something found, and still to be decided about."""
    return {
        "all": len(texts),
        "found": sum(bool(text.marked.found) for text in texts),
        "open": sum(text.confirmed is None for text in texts),
    }
