"""List files: dated entries with their source, loaded whole or refused with every mistake named."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, StringConstraints, model_validator

from saferpractice.lists.rules.details import DETAILS, REFERENCES
from saferpractice.lists.rules.mistakes import ListMistakes, Mistake, Shape, parse

DATA = Path(__file__).resolve().parent.parent / "data"
"""The lists that ship with the product."""
EARLIEST, LATEST = date(1983, 1, 1), date(2100, 1, 1)
"""A day outside these is a slip of the keyboard: the oldest law relied on is the Mental Health Act 1983."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
CODE_MEANING = "a short code in small letters, digits and hyphens, such as self-neglect"


class Source(Shape):
    """Where an entry comes from."""

    title: Label = Field(description='the title of the document, or "the brief"')
    url: str | None = Field(
        default=None, pattern=r"^https?://\S+$", description="the address of the page, beginning with https://"
    )

    def __str__(self) -> str:
        return f"{self.title}, {self.url}" if self.url else self.title


class Entry(Shape):
    """One dated entry of a list. ``valid_to`` is the last day it holds; None while it still does."""

    code: Code = Field(description=CODE_MEANING)
    label: Label = Field(description="the words people read, plainly")
    hint: str = Field(default="", max_length=4000, description="a sentence of help under the label")
    detail: dict[str, Any] = Field(default_factory=dict, description="the further facts that this list holds")
    source: Source = Field(description="the source: a title, and a url where there is one")
    checked_on: date = Field(description="the day somebody last checked this against its source, like 2026-11-23")
    knowledge: Literal["checked", "common"] = Field(
        default="checked", description="checked, or common for professional knowledge that nobody has looked up"
    )
    valid_from: date = Field(description="the first day this holds, like 2015-04-01")
    valid_to: date | None = Field(default=None, description="the last day this holds, when it has ended")

    @model_validator(mode="after")
    def _dates_are_sane(self) -> Self:
        for name in ("checked_on", "valid_from", "valid_to"):
            day = getattr(self, name)
            if day is not None and not EARLIEST <= day < LATEST:
                raise ValueError(f'"{name}" is {day}. Write a day between {EARLIEST} and {LATEST}.')
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(
                f'"valid_to" is {self.valid_to}, before "valid_from". Write {self.valid_from} or a later day, '
                "or leave it out while the entry still holds."
            )
        return self

    def holds(self, on: date) -> bool:
        """Whether the entry is in force on the day ``on``."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class ListFile(Shape):
    """One list: its header, and its entries in the order people see them."""

    list_code: Code = Field(alias="list", description="the list's code, which is also the file's name")
    title: Label = Field(description="what the list holds, as a page heading")
    version: int = Field(ge=1, description="a whole number, one more at each change")
    editable_by_provider: bool = Field(description="true when a provider may add entries or replace them, else false")
    replaced_only: bool = Field(
        default=False, description="true when a provider may replace entries, and neither add nor end any"
    )
    about: str = Field(default="", description="what a reader of the list should know first")
    groups: dict[str, tuple[Label, ...]] = Field(
        default_factory=dict, description="named groups of words that phrases refer to with @"
    )
    entries: tuple[Entry, ...] = Field(default=(), description="the entries, a list")

    def entry(self, code: str, on: date) -> Entry | None:
        """The entry with ``code`` in force on the day ``on``."""
        return next((entry for entry in current(self.entries, on) if entry.code == code), None)


def current(entries: Iterable[Entry], on: date) -> tuple[Entry, ...]:
    """The entries in force on the day ``on`` (a day in Europe/London), in their order."""
    return tuple(entry for entry in entries if entry.holds(on))


def load(path: Path) -> ListFile:
    """The list in the YAML file at ``path``.

    Raises:
        ListMistakes: the file is not a usable list; every mistake is named with what to write instead.
    """
    data = read_yaml(path)
    if isinstance(data, Mapping) and data.get("list") not in (None, path.stem):
        raise ListMistakes([Mistake(path.name, "header", f'"list": Write {path.stem}, the name of the file.')])
    return list_from_data(data, name=path.name)


def read_yaml(path: Path) -> object:
    """What the YAML file at ``path`` holds; a key written twice is refused.

    Raises:
        ListMistakes: the file cannot be read as YAML; the message says where.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_ExactLoader)  # noqa: S506 a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        sentence = f"cannot be read as YAML. {' '.join(str(error).split())}."
        raise ListMistakes([Mistake(path.name, "file", sentence)]) from None


def load_folder(folder: Path = DATA) -> dict[str, ListFile]:
    """Every list in ``folder`` by its code; what one list says of another is checked too.

    Raises:
        ListMistakes: every mistake in every file.
    """
    lists: dict[str, ListFile] = {}
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            lists[path.stem] = load(path)
        except ListMistakes as found:
            mistakes += found.mistakes
    mistakes += _dangling(lists)
    if mistakes:
        raise ListMistakes(mistakes)
    return lists


def list_from_data(data: object, *, name: str) -> ListFile:
    """The list that ``data`` (as read from YAML or JSON) describes; ``name`` says where it came from.

    Raises:
        ListMistakes: every mistake found.
    """
    if not isinstance(data, Mapping):
        sentence = "Begin the file with list, title, version, editable_by_provider and entries."
        raise ListMistakes([Mistake(name, "file", sentence)])
    rows = data.get("entries")
    header, wrong = parse(ListFile, {key: value for key, value in data.items() if key != "entries"})
    mistakes = [Mistake(name, "header", sentence) for sentence in wrong]
    if not isinstance(rows, list) or not rows:
        mistakes.append(Mistake(name, "header", '"entries": Write at least one entry, beginning with a hyphen.'))
        rows = []
    entries: list[Entry] = []
    for number, row in enumerate(rows, start=1):
        code = str(row.get("code")) if isinstance(row, Mapping) and row.get("code") else f"entry {number}"
        entry, wrong = _entry(str(data.get("list")), row)
        mistakes += [Mistake(name, code, sentence) for sentence in wrong]
        if entry:
            entries.append(entry)
    mistakes += [Mistake(name, code, sentence) for code, sentence in _twice(entries)]
    if header is None or mistakes:
        raise ListMistakes(mistakes)
    return header.model_copy(update={"entries": tuple(entries)})


def entry_from_data(list_code: str, data: Mapping[str, Any]) -> Entry:
    """One entry of the list ``list_code``, as a provider typed it or a database kept it.

    Raises:
        ListMistakes: every mistake in it.
    """
    entry, wrong = _entry(list_code, data)
    if entry is None:
        raise ListMistakes([Mistake(list_code, str(data.get("code") or "new entry"), sentence) for sentence in wrong])
    return entry


def _entry(list_code: str, row: object) -> tuple[Entry | None, list[str]]:
    if not isinstance(row, Mapping):
        return None, ["Write the entry as lines of code, label, source, checked_on and valid_from."]
    entry, wrong = parse(Entry, row)
    shape = DETAILS.get(list_code)
    if shape is not None and isinstance(row.get("detail", {}), Mapping):
        _, in_detail = parse(shape, row.get("detail", {}), under="detail")
        wrong = [*wrong, *in_detail]
    return (None, wrong) if wrong else (entry, [])


def _twice(entries: Sequence[Entry]) -> Iterable[tuple[str, str]]:
    """A code may stand again for a later time (a law replaced), never twice for one day."""
    by_code: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_code[entry.code].append(entry)
    for code, same in by_code.items():
        same.sort(key=lambda entry: entry.valid_from)
        for earlier, later in itertools.pairwise(same):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                yield (
                    code,
                    f"This code stands twice on {later.valid_from}. Give one of them another code, "
                    f'or end the earlier with "valid_to" before {later.valid_from}.',
                )


def _dangling(lists: Mapping[str, ListFile]) -> Iterable[Mistake]:
    for (list_code, key), target in REFERENCES.items():
        if list_code not in lists or target not in lists:
            continue
        known = {entry.code for entry in lists[target].entries}
        for entry in lists[list_code].entries:
            named = entry.detail.get(key)
            if named is not None and named not in known:
                sentence = f'"detail.{key}": is {named!r}. Write a code that stands in {target}.yml.'
                yield Mistake(f"{list_code}.yml", entry.code, sentence)


_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _ExactLoader(_SafeLoader):  # type: ignore[misc, valid-type]
    """YAML's safe loader, which otherwise keeps the last of two equal keys without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'"{key}" is written twice: keep one', key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping
