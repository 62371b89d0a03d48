"""Definitions as people read them, kept in ``printed`` so that every word of them is seen when it changes.

``python -m tests.rules.pathways.printing`` writes those files anew: read what is different before it is committed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from saferpractice.lists.rules.mistakes import parse
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.editing import UNITS, Input, get, sections
from saferpractice.pathways.rules.reading import content_of, load
from saferpractice.pathways.rules.words import in_words
from tests.rules.pathways.cases import LIBRARY

HERE = Path(__file__).resolve().parent
EVERY_PART = load(HERE / "every-part.yaml")
"""An invented definition with every part that one may have."""

FORM = "every-part-form.txt"
"""The file that holds its form."""
MISTAKES = "every-part-mistakes.txt"
"""The file that holds what is said of a mistake in each of its parts."""


def words_of(definition: Definition) -> str:
    """What it says, a line for each sentence."""
    return "".join(f"{said.part} {said.code}: {said.sentence}\n" for said in in_words(definition))


def form_of(content: Mapping[str, Any]) -> str:
    """Its form, a line for each input."""
    return "".join(f"{line}\n" for line in _lines(content))


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    yield f"== Units: {', '.join(f'{unit.value} = {words}' for unit, words in UNITS.items())}"
    for section in sections(content):
        yield f"== {section.title} ({section.code})"
        for item in section.items:
            yield f"-- {item.title or 'no title'} ({item.code})"
            yield from map(_line, item.inputs)


def _line(each: Input) -> str:
    need = "" if each.required else ", may be left empty"
    hint = f" [{each.hint}]" if each.hint else ""
    offers = "".join(f" | {code} = {words}" for code, words in each.choices.items())
    return f"{each.name} ({each.kind}{need}): {each.label}{hint} -> {each.value!r}{offers}"


def mistakes_in(content: dict[str, Any]) -> str:
    """What is said of each part of it that is left empty or is not what stands there, a line for each sentence.

    Of parts that stand in several items of a list, and of what is said of several values, the first stands for all.
    """
    told: dict[str, str] = {}
    places: dict[tuple[str | int, ...], tuple[str | int, ...]] = {}
    for place in _places(content):
        places.setdefault(tuple(0 if isinstance(part, int) else part for part in place), place)
    for place in places.values():
        for wrong in (None, "", []):
            changed = copy.deepcopy(content)
            get(changed, place[:-1])[place[-1]] = wrong
            _, sentences = parse(Definition, changed)
            for sentence in sentences:
                short = re.sub(r'^"[^"]*?([^".\d]*)[.\d]*": (is \S+\. )?', r"\1 ", sentence)
                told.setdefault(short, re.sub(r"\.\d+", ".1", sentence))
    return "".join(f"{sentence}\n" for sentence in told.values())


def _places(found: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where each part of plain data stands, those of a list by their numbers."""
    parts = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for name, part in parts:
        yield (*above, name)
        yield from _places(part, (*above, name))


IN_WORDS = {f"{code}.txt": definition for code, definition in {**LIBRARY, "every-part": EVERY_PART}.items()}
"""The definitions of which the words are kept, by the names of their files."""


def kept(name: str) -> str:
    """A file of ``printed`` as it stands."""
    return (HERE / "printed" / name).read_text()


if __name__ == "__main__":
    words = {name: words_of(definition) for name, definition in IN_WORDS.items()}
    others = {FORM: form_of(content_of(EVERY_PART)), MISTAKES: mistakes_in(content_of(EVERY_PART))}
    for name, text in (words | others).items():
        (HERE / "printed" / name).write_text(text)
