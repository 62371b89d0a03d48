"""The example provider: invented people and incidents, loaded through operations, to try the product with.

The content is in ``example-data/*.yml``; the modules here only read it (``reading``) and walk it (``loading``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from saferpractice.exchange.example.loading import CannotLoad, Loaded, address, is_loaded, load
from saferpractice.exchange.example.reading import Example, ExampleMistakes, read_example

__all__ = [
    "CannotLoad",
    "Example",
    "ExampleMistakes",
    "Loaded",
    "SignIn",
    "is_loaded",
    "load",
    "shipped_example",
    "sign_ins",
]


class SignIn(NamedTuple):
    """Somebody of the example who can sign in, and what to try first as them."""

    role: str
    name: str
    email: str
    password: str
    try_first: str


@cache
def shipped_example() -> Example:
    """The example that comes with the product. Read once for each process.

    Raises:
        ExampleMistakes: the files were changed and cannot be used; every mistake with what to write.
    """
    return read_example(Path(settings.BASE_DIR) / "example-data")


def sign_ins() -> list[SignIn]:
    """Who of the example signs in. One password for all of them, because everybody knows it."""
    shipped = shipped_example()
    return [
        SignIn(
            person.role.label,
            person.name,
            address(file, person.name),
            shipped.provider.password,
            person.sign_in.try_first,
        )
        for file in (shipped.provider, shipped.neighbour)
        if file is not None
        for person in file.people
        if person.sign_in is not None
    ]
