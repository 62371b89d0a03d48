"""The pathways there are."""

from __future__ import annotations

from functools import cache

from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.reading import load_library


@cache
def library() -> dict[str, Definition]:
    """The pathways that ship with the product, by their codes, read once.

    Raises:
        ListMistakes: a file cannot be used.
    """
    return load_library()
