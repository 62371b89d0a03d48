"""Definitions read from files or forms, whole or refused with every mistake named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saferpractice.lists.rules.files import read_yaml
from saferpractice.lists.rules.mistakes import ListMistakes, Mistake, parse
from saferpractice.pathways.rules.checking import problems
from saferpractice.pathways.rules.definition import Definition

LIBRARY = Path(__file__).resolve().parent.parent / "library"
"""The pathways that ship with the product."""


def definition_from_data(data: object, *, name: str) -> Definition:
    """The definition that ``data`` (as read from YAML or JSON) describes; ``name`` says where it came from.

    Raises:
        ListMistakes: every mistake found, with what to write instead.
    """
    if not isinstance(data, Mapping):
        sentence = "Begin with pathway, title, about, applies_to, source, records, obligations and closing."
        raise ListMistakes([Mistake(name, "file", sentence)])
    definition, wrong = parse(Definition, data)
    if definition is None:
        raise ListMistakes([Mistake(name, "definition", sentence) for sentence in wrong])
    mistakes = problems(definition, name)
    if mistakes:
        raise ListMistakes(mistakes)
    return definition


def kept_definition(content: Mapping[str, Any], *, name: str) -> Definition:
    """The definition of a version on record. It was whole by the checks of its day, and must stay readable.

    A check that came later keeps nobody from the cases that are worked by it.

    Raises:
        ListMistakes: it is not a definition at all.
    """
    definition, wrong = parse(Definition, content)
    if definition is None:
        raise ListMistakes([Mistake(name, "definition", sentence) for sentence in wrong])
    return definition


def content_of(definition: Definition) -> dict[str, Any]:
    """``definition`` as plain data to keep, which ``kept_definition`` reads back."""
    return definition.model_dump(mode="json", by_alias=True, exclude_unset=True)


def load(path: Path) -> Definition:
    """The definition in the YAML file at ``path``.

    Raises:
        ListMistakes: the file is not a usable definition.
    """
    data = read_yaml(path)
    if isinstance(data, Mapping) and data.get("pathway") not in (None, path.stem):
        raise ListMistakes([Mistake(path.name, "definition", f'"pathway": Write {path.stem}, the name of the file.')])
    return definition_from_data(data, name=path.name)


def load_library(folder: Path = LIBRARY) -> dict[str, Definition]:
    """Every definition in ``folder`` by its code.

    Raises:
        ListMistakes: every mistake in every file.
    """
    found: dict[str, Definition] = {}
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found[path.stem] = load(path)
        except ListMistakes as wrong:
            mistakes += wrong.mistakes
    if mistakes:
        raise ListMistakes(mistakes)
    return found
