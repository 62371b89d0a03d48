"""What a person must settle before words leave the provider: each thing in them that could tell who somebody is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from saferpractice.evidence.rules.identifiers import Identifier, identifiers_in

Found = Mapping[str, tuple[Identifier, ...]]
"""By where it stands ("title", "pathway"): what was found there, each text once."""


def found_in(texts: Iterable[tuple[str, str]], known: Collection[str]) -> Found:
    """What could tell who somebody is in ``texts`` (where, text). Places without any are left out."""
    found: dict[str, dict[str, Identifier]] = {}
    for where, text in texts:
        for one in identifiers_in(text, known):
            found.setdefault(where, {}).setdefault(key_of(one.text), one)
    return {where: tuple(each.values()) for where, each in found.items()}


def key_of(text: str) -> str:
    """What two ways to write the same word have in common: a person settles it once."""
    return " ".join(text.split()).casefold()


def unsettled(found: Found, stays: Collection[str]) -> Found:
    """What is left of ``found`` without what a person said names nobody (``stays``)."""
    settled = {key_of(text) for text in stays}
    left = {where: tuple(one for one in each if key_of(one.text) not in settled) for where, each in found.items()}
    return {where: each for where, each in left.items() if each}


def sentence_for(identifiers: Iterable[Identifier]) -> str:
    """What to do about them, for beside the field."""
    words = [f"“{' '.join(one.text.split())}” ({one.kind.value})" for one in identifiers]
    named = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
    return f"{named} may tell who somebody is. Take it out, or tick below that it names nobody."


def problems(found: Found, stays: Collection[str], fields: Collection[str]) -> dict[str, str]:
    """A sentence for each field with something unsettled; what stands elsewhere (a pathway, a verdict) is said for all.

    ``fields`` are the places that can be typed in.
    """
    left = unsettled(found, stays)
    said = {where: sentence_for(each) for where, each in left.items() if where in fields}
    elsewhere = [one for where, each in left.items() if where not in fields for one in each]
    if elsewhere:
        once = {key_of(one.text): one for one in elsewhere}
        said["stays"] = f"In what is published with it: {sentence_for(once.values())}"
    return said
