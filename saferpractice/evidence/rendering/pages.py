"""A pack as one HTML file that fetches nothing, runs nothing, and reads well on a phone, on paper and aloud."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from saferpractice.design.drawn import drawing
from saferpractice.design.words import lines
from saferpractice.evidence.rendering.places import DATA
from saferpractice.evidence.rendering.printing import readable
from saferpractice.evidence.rendering.tabulated import as_grid
from saferpractice.evidence.rendering.wording import checks, cited, cover, levels, said
from saferpractice.evidence.rules.packs.document import Cell, Fact, Pack, Section

Entry = tuple[int, str, list[tuple[int, str]]]


def html(pack: Pack) -> str:
    """The pack as one page, the same text for the same pack.

    Raises:
        NotADrawing: a chart holds more than shapes and words.
    """
    parts = [
        (number, level, section)
        for number, (level, section) in enumerate(zip(levels(pack.sections), pack.sections, strict=True), start=1)
    ]
    return _template().render(
        pack=pack, cover=[(fact.label, fact.value) for fact in cover(pack)], parts=parts, contents=_contents(parts)
    )


def _contents(parts: Iterable[tuple[int, int, Section]]) -> list[Entry]:
    """Sections of level 1, each with those under it."""
    found: list[Entry] = []
    for number, level, section in parts:
        if level == 1:
            found.append((number, section.title, []))
        else:
            found[-1][2].append((number, section.title))
    return found


@cache
def _template() -> Template:
    style = (DATA / "pack.css").read_text("utf-8")
    env = Environment(
        autoescape=True,
        loader=FileSystemLoader(DATA),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    env.globals.update(
        as_grid=as_grid,
        checks=checks,
        cited=cited,
        drawing=drawing,
        kind_of=lambda block: type(block).__name__,
        pairs_of=lambda facts: [(fact.label, fact.value) for fact in facts],
        said=said,
        style=style,
        style_hash=style_hash(style),
        text=readable,
        values_of=_values,
        written=written,
    )
    return env.get_template("pack.html")


def written(cell: Cell) -> Markup:
    """A value as escaped paragraphs."""
    return lines(readable(said(cell)))


def style_hash(style: str) -> str:
    """What a content policy names a style sheet by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _values(facts: Iterable[Fact]) -> list[Any]:
    return [fact.value for fact in facts]
