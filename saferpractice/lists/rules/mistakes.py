"""Mistakes in a list file, each as a sentence that says what to write instead."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails


class Shape(BaseModel):
    """What every part of a list file is: closed, exact, and not to be changed once read."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


ShapeType = TypeVar("ShapeType", bound=Shape)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to put right: the file, the entry's code (or what else it is about), and what to write."""

    file: str
    entry: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}, {self.entry}: {self.sentence}"


class ListMistakes(ValueError):
    """A list cannot be used. ``mistakes`` holds every one found, not only the first."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def parse(shape: type[ShapeType], data: Mapping[str, Any], *, under: str = "") -> tuple[ShapeType | None, list[str]]:
    """``data`` as ``shape``, or None and a sentence for each mistake. ``under`` names where ``data`` stands."""
    try:
        # Through JSON, because only there does strict mode take a list for a tuple and text for a date.
        plain = json.dumps(data, default=_as_text)
    except (TypeError, ValueError, RecursionError):
        return None, ["Use words as names, and no anchor that holds itself: this cannot be read as plain data."]
    try:
        return shape.model_validate_json(plain), []
    except ValidationError as error:
        wrong = [problem for problem in error.errors() if not _said_of_its_items(problem)]
        return None, list(dict.fromkeys(_sentence(shape, problem, under) for problem in wrong))


def _said_of_its_items(problem: ErrorDetails) -> bool:
    """Whether a list is called empty only because a mistake is said of each of its items."""
    return problem["type"] == "too_short" and bool(problem["input"])


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _sentence(shape: type[Shape], problem: ErrorDetails, under: str) -> str:
    path = [part for part in problem["loc"] if part not in _NO_PLACES]
    where = ".".join(part for part in (under, *map(_counted, path)) if part)
    return f'"{where}": {_advice(shape, problem, path)}' if where else _advice(shape, problem, path)


_NO_PLACES = {"[key]", "int", "str"}
"""What pydantic adds to a place: that it is a name, or which of several types was tried."""


def _counted(part: int | str) -> str:
    return str(part + 1) if isinstance(part, int) else part


_DAY = "is {given!r}. Write a day like 2026-11-23, without quotes."
_LIST = "is {given!r}. Write a list: one line each, beginning with a hyphen."
_PARTS = "is {given!r}. Write the parts it holds on lines of their own: {meaning}."
_EMPTY = "is empty. Write {meaning}."
_ADVICE = {
    "missing": "is missing. Write {meaning}.",
    "literal_error": "is {given!r}. Write {expected}.",
    "string_type": "is {given!r}. Write text; put it in quotes if it is one word such as no, on or a number.",
    "string_too_short": _EMPTY,
    "too_short": _EMPTY,
    "string_too_long": "is {length} characters long. Write {max_length} at most.",
    "string_pattern_mismatch": "is {given!r}. Write {meaning}.",
    "bool_type": "is {given!r}. Write true or false.",
    "int_type": "is {given!r}. Write a whole number, without quotes.",
    "greater_than_equal": "is {given!r}. Write a number that is at least {ge}.",
    "less_than_equal": "is {given!r}. Write a number that is at most {le}.",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "tuple_type": _LIST,
    "dict_type": _PARTS,
    "model_type": _PARTS,
    "value_error": "{error}",
}
"""By pydantic's name for what is wrong."""


def _advice(shape: type[Shape], problem: ErrorDetails, path: Sequence[int | str]) -> str:
    kind, given, context = problem["type"], problem["input"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_word(shape, path)
    template = _EMPTY if given is None else _ADVICE.get(kind, "is {given!r}. {message}.")
    return template.format(
        **{**context, "expected": str(context.get("expected")).replace("'", "")},
        given=given,
        length=len(str(given)),
        meaning=_meaning(shape, path),
        message=problem["msg"],
    )


def _unknown_word(shape: type[Shape], path: Sequence[int | str]) -> str:
    known = list(_names(_shape_at(shape, path[:-1])))
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    if close:
        return f'is not a word that stands here. Did you mean "{close[0]}"?'
    return f"is not a word that stands here. Take it out; this place holds {', '.join(known)}."


def _meaning(shape: type[Shape], path: Sequence[int | str]) -> str:
    """What belongs at ``path``: the description written beside the field."""
    fields = _names(_shape_at(shape, path[:-1])) if path else {}
    description = fields.get(str(path[-1])) if path else None
    if description is None and path and isinstance(path[-1], int):
        return _meaning(shape, path[:-1])
    return description or "what belongs here"


def _names(shape: type[BaseModel] | None) -> dict[str, str | None]:
    """The fields of ``shape`` by the names a file uses, each with its description."""
    fields = shape.model_fields if shape else {}
    return {field.alias or name: field.description for name, field in fields.items()}


def _shape_at(shape: type[BaseModel], path: Sequence[int | str]) -> type[BaseModel] | None:
    """The shape reached from ``shape`` along ``path`` (field names, and places in lists or mappings)."""
    found: type[BaseModel] | None = shape
    for part in path:
        by_name = {field.alias or name: field for name, field in found.model_fields.items()} if found else {}
        if part in by_name:
            found = _shape_within(by_name[str(part)].annotation)
    return found


def _shape_within(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for inner in map(_shape_within, get_args(annotation)) if inner), None)
