"""A lesson as a file that another installation can read and check: canonical JSON in a signed note.

::

    saferpractice.lesson/1
    <the lesson, canonical JSON on one line>
    key <the public key it is signed by>

    — saferpractice <key id and signature, base64>
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from saferpractice.lists.rules.details import Code
from saferpractice.lists.rules.mistakes import ListMistakes, Shape, parse
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.trail.rules import BadKey, Forged, PublicKey, Signer
from saferpractice.trail.rules.heads import checked_text

ORIGIN = "saferpractice.lesson/1"
LARGEST = 400_000
"""Bytes. The largest pathway that ships takes a twentieth of it."""
MOST_MISTAKES = 10
_TURNS_TEXT_ROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
VerdictWords = Literal["Improved", "Got worse", "No worthwhile change", "Not shown"]


class Counted(Shape):
    """How often, out of how many: ``out_of`` is a decimal as text."""

    count: int = Field(ge=0, le=10**9, description="a whole number")
    out_of: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$")] = Field(
        description="a number as text"
    )


class VerdictPart(Shape):
    """The verdict of the newest impact check, as it stood when the lesson was published."""

    word: VerdictWords = Field(description="the verdict")
    sentence: Words = Field(description="the verdict in a sentence")
    measure: Line = Field(description="what was measured")
    looked_on: date = Field(description="the day of the look")
    before: Counted = Field(description="the baseline")
    after: Counted = Field(description="what was counted afterwards")
    exploratory: bool = Field(description="true when the plan was shaped after results could be seen")


class PathwayPart(Shape):
    """The version of a pathway that carried the change out."""

    code: Code = Field(description="the code of the pathway")
    title: Line = Field(description="its title")
    version: int = Field(ge=1, le=100_000, description="a whole number")
    live_on: date = Field(description="the day from which it was worked by")
    definition: dict[str, Any] = Field(description="the definition")


class Bundle(Shape):
    """A lesson: what went wrong, what is different now, what a check showed, and by which pathway it is carried out."""

    lesson: UUID = Field(description="the id of the lesson")
    provider: Line = Field(description="who publishes it")
    published_on: date = Field(description="the day it was published")
    title: Line = Field(description="a title")
    problem: Words = Field(description="what went wrong before")
    change: Words = Field(description="what is different now")
    advice: Annotated[str, StringConstraints(max_length=4000)] = Field(description="advice, or nothing")
    strength: Line = Field(description="the strength of the change")
    verdict: VerdictPart = Field(description="what a check showed")
    pathway: PathwayPart | None = Field(description="the pathway version, or null")

    @property
    def proven(self) -> bool:
        """Whether it is shown to have worked: by a plan that nobody shaped after results could be seen."""
        return self.verdict.word == "Improved" and not self.verdict.exploratory


class BadFile(ValueError):
    """A file is no lesson that can be used. ``sentence`` says what to do, ``details`` what is wrong in it."""

    def __init__(self, sentence: str, details: tuple[str, ...] = ()) -> None:
        self.sentence, self.details = sentence, details
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Read:
    """A lesson whose signature fits the key it names. Whose key that is, a person has to find out."""

    bundle: Bundle
    key: PublicKey
    note: str
    definition: Definition | None

    @property
    def sha256(self) -> str:
        """Hash of the whole file, lower-case hex."""
        return hashlib.sha256(self.note.encode()).hexdigest()


def fingerprint(key: PublicKey) -> str:
    """A key in 32 hex digits in groups of four, for two people to compare over the telephone."""
    digits = hashlib.sha256(key.raw).hexdigest()[:32]
    return " ".join(digits[place : place + 4] for place in range(0, 32, 4))


def same_fingerprint(typed: str, key: PublicKey) -> bool:
    """Whether what somebody typed is the fingerprint of ``key``, whatever its blanks and capitals."""
    return "".join(typed.split()).lower() == fingerprint(key).replace(" ", "")


def canonical(data: Any) -> str:
    """``data`` as JSON of which there is one for each value: keys sorted, no blanks, ASCII, no decimals.

    Raises:
        ValueError: it holds what JSON has no word for.
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def plain_bundle(bundle: Bundle) -> dict[str, Any]:
    """The lesson as plain data to keep."""
    return bundle.model_dump(mode="json")


def kept_bundle(content: dict[str, Any]) -> Bundle:
    """The lesson in ``plain_bundle``.

    Raises:
        BadFile: it is no lesson.
    """
    found, wrong = parse(Bundle, content)
    if found is None:
        raise BadFile("This is not a whole lesson.", tuple(wrong[:MOST_MISTAKES]))
    return found


def hash_of(bundle: Bundle) -> str:
    """SHA-256 of the lesson as it is signed, lower-case hex: the same for the lesson here and in a file."""
    return hashlib.sha256(canonical(plain_bundle(bundle)).encode()).hexdigest()


def signed_bundle(content: dict[str, Any], signer: Signer) -> str:
    """The file: ``content`` (``plain_bundle``) signed."""
    return signer.sign_text(f"{ORIGIN}\n{canonical(content)}\nkey {signer.public}\n")


NOT_A_LESSON = "This file is not a lesson from Safer Practice. Ask for the file again, and upload it as it came."
CHANGED = "This file is not what was signed. It was changed on its way: ask whoever sent it for a new one."


def key_named_in(note: str) -> PublicKey:
    """The key that a file signed here (``signed_bundle``) names."""
    return PublicKey.read(note.split("\n")[2].removeprefix("key "))


def read_bundle(raw: bytes) -> Read:
    """The lesson in a file, when its signature fits the key it names and all of it can be used here.

    Raises:
        BadFile: with a sentence on what to do.
    """
    if len(raw) > LARGEST:
        raise BadFile(f"A lesson is smaller than {LARGEST // 1000} kilobytes. This file is something else.")
    try:
        note = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadFile(NOT_A_LESSON) from None
    note = note.rstrip("\n") + "\n"
    lines = note.split("\n")
    if len(lines) != 6 or lines[0] != ORIGIN or not lines[2].startswith("key ") or lines[3]:
        newer = lines[0].startswith("saferpractice.lesson/") and lines[0] != ORIGIN
        raise BadFile(
            "This lesson was made by a newer version. Update Safer Practice first." if newer else NOT_A_LESSON
        )
    try:
        key = PublicKey.read(lines[2].removeprefix("key "))
        checked_text(note, [key])
    except (BadKey, Forged):
        raise BadFile(CHANGED) from None
    data = _data(lines[1])
    bundle = kept_bundle(data)
    return Read(bundle, key, note, _definition(bundle))


def _data(line: str) -> dict[str, Any]:
    """The plain data on a line of JSON, if it is the one way to write it, and all its text can be shown and kept."""
    try:
        data = json.loads(line)
        if not isinstance(data, dict) or canonical(data) != line:
            raise BadFile(NOT_A_LESSON)
        texts = list(texts_in(data))
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, BadFile) else BadFile(NOT_A_LESSON) from None
    if any(cannot_be_shown(text) for text in texts):
        raise BadFile("This file holds characters that cannot be seen or that turn text round. It is not taken.")
    return data


def cannot_be_shown(text: str) -> bool:
    """Whether ``text`` holds a character that no file may hold: one that cannot be seen, or that turns text round."""
    return any(
        one in _TURNS_TEXT_ROUND or (unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t") for one in text
    )


def _definition(bundle: Bundle) -> Definition | None:
    if bundle.pathway is None:
        return None
    try:
        definition = definition_from_data(bundle.pathway.definition, name="The pathway")
    except ListMistakes as wrong:
        details = tuple(str(mistake) for mistake in wrong.mistakes[:MOST_MISTAKES])
        raise BadFile("The pathway in this file cannot be used here.", details) from None
    if definition.pathway != bundle.pathway.code or definition.title != bundle.pathway.title:
        raise BadFile("The pathway in this file is not the one that the lesson names.")
    return definition


def texts_in(data: Any) -> Iterator[str]:
    """Every text in plain data, names of parts among them, in no order that matters."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield name
            yield from texts_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_in(value)
    elif isinstance(data, str):
        yield data
