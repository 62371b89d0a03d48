"""A pack as PDF/UA-1 and PDF/A-3a in one file, typeset by Typst from a template that is given data only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

from saferpractice.design.drawn import drawing
from saferpractice.evidence.rendering.files import JSON_NAME, data
from saferpractice.evidence.rendering.printing import lines_of, printable
from saferpractice.evidence.rendering.tabulated import Grid, as_grid
from saferpractice.evidence.rendering.wording import checks, cited, cover, levels, said
from saferpractice.evidence.rendering.workshop import NotTypeset, typeset
from saferpractice.evidence.rules.packs.document import (
    Block,
    Cell,
    Chart,
    Facts,
    Missing,
    Note,
    Pack,
    Source,
    Story,
    Table,
    Words,
)

WIDE = 600
"""A drawing with more units across fills the page; a smaller one would have letters too large."""
SHORT, LONGEST = 18, 80
"""Letters: a column of short texts is as wide as they are; beyond so many, a column of prose gets no more room."""
LETTERS_ACROSS, LINES_TOGETHER = 80, 30
"""So many letters fit across a page at least; a table of more lines than so many may break over pages."""
MANY_SECTIONS = 60
FEW_SECTIONS = 4
_FONT = re.compile(r'font-family="[^"]*"')
_VIEW = re.compile(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ')


def pdf(pack: Pack) -> bytes:
    """The pack as one PDF, the same bytes for the same pack: tagged, with its data attached as CSV and JSON.

    Raises:
        NotADrawing: a chart holds more than shapes and words.
        NotTypeset: Typst refused or complained, which is a mistake in the template or in the fonts, or took too long.
    """
    files = data(pack)
    inputs = {"pack": _json(drawn(pack, files)), "files": _json(attached(files))}
    return typeset(inputs, pack.made_at)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def attached(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    """What is attached inside: the whole as JSON, each table as CSV."""
    return [
        {
            "name": name,
            "text": content.decode(),
            "type": "application/json" if name == JSON_NAME else "text/csv",
            "relationship": "source" if name == JSON_NAME else "data",
            "description": "The whole pack as data" if name == JSON_NAME else f"The rows of {name}",
        }
        for name, content in files.items()
    ]


def drawn(pack: Pack, files: Iterable[str]) -> dict[str, Any]:
    """What the template draws: every text as lines that the fonts can print."""
    provider, about = _line(pack.provider), _line(pack.about)
    return {
        "title": _line(pack.title),
        "about": about,
        "provider": provider,
        "level": pack.disclosure.label,
        "running": _short(provider),
        "footer": _short(f"{_line(pack.title)}: {about}"),
        "subtitle": about,
        "cover": [
            *(_fact(fact.label, fact.value) for fact in cover(pack)),
            _fact("Data", f"Attached to this file: {', '.join(files)}"),
        ],
        "contents": 0 if len(pack.sections) < FEW_SECTIONS else 1 if len(pack.sections) > MANY_SECTIONS else 2,
        "sections": [
            {"level": level, "title": _line(section.title), "blocks": list(_blocks(section.blocks))}
            for section, level in zip(pack.sections, levels(pack.sections), strict=True)
        ],
    }


def _blocks(blocks: Iterable[Block]) -> Iterable[dict[str, Any]]:
    for block in blocks:
        match block:
            case Words():
                yield {"kind": "words", "lines": _lines(said(block.text)), "source": _sources(block.source, block.text)}
            case Note():
                yield {"kind": "note", "lines": _lines(block.text)}
            case Facts():
                facts = [_fact(fact.label, fact.value) for fact in block.facts]
                cells = [fact.value for fact in block.facts]
                yield {"kind": "facts", "facts": facts, "source": _sources(block.source, *cells)}
            case Table():
                yield _table(block)
            case Chart():
                yield _chart(block)
                yield _table(block.table)
            case Story():
                yield _story(block)
            case Missing():
                yield _missing(block)


def _story(block: Story) -> dict[str, Any]:
    if not block.moments:
        return {"kind": "note", "lines": ["Nothing is recorded."]}
    return {
        "kind": "story",
        "moments": [
            {
                "when": f"{_text(moment.when)}, {_text(moment.who)}",
                "text": _text(moment.what) + ("" if moment.why is None else f"\nWhy: {_text(moment.why)}"),
                "source": _sources(moment.source, moment.what, moment.why),
            }
            for moment in block.moments
        ],
    }


def _missing(block: Missing) -> dict[str, Any]:
    if not block.items:
        return {"kind": "note", "lines": ["Nothing is missing."]}
    items = [{"text": _text(item.text), "source": _sources(item.source, item.text)} for item in block.items]
    return {"kind": "missing", "items": items}


def _table(table: Table) -> dict[str, Any]:
    return _grid(as_grid(table)) if table.rows else _empty(table.caption, table.empty)


def _empty(caption: str, words: str) -> dict[str, Any]:
    return {"kind": "empty", "caption": _line(caption), "lines": _lines(words)}


def _grid(grid: Grid) -> dict[str, Any]:
    rows = [[_text(cell) for cell in row] for row in grid.rows]
    headings = [_line(name) for name in grid.headings]
    weights = [_weight(column) for column in zip(headings, *rows, strict=True)]
    return {
        "kind": "table",
        "caption": _line(grid.caption),
        "columns": [
            {"numeric": number, "weight": weight} for number, weight in zip(grid.numeric, weights, strict=True)
        ],
        "headings": headings,
        "cells": [cell for row in rows for cell in row],
        "long": sum(_lines_at_most(row, weights) for row in rows) > LINES_TOGETHER,
        "source": f"Source of every row: {_line(grid.source)}" if grid.source else "",
    }


def _weight(column: Sequence[str]) -> int:
    """How much room a column asks for; 0 for as much as its short texts take."""
    longest = max(len(line) for text in column for line in text.split("\n"))
    return 0 if longest <= SHORT else round(10 * sqrt(min(longest, LONGEST)))


def _lines_at_most(row: Sequence[str], weights: Sequence[int]) -> int:
    """How many lines a row takes, rather too many than too few."""
    room = max(LETTERS_ACROSS - SHORT * weights.count(0), SHORT) / (sum(weights) or 1)
    across = [max(weight * room, 2) if weight else SHORT for weight in weights]
    return max(
        sum(1 + int(len(line) / letters) for line in text.split("\n"))
        for text, letters in zip(row, across, strict=True)
    )


def _chart(chart: Chart) -> dict[str, Any]:
    svg = printable(str(drawing(chart.svg)))
    across = _VIEW.search(svg)
    return {
        "kind": "chart",
        "svg": _FONT.sub('font-family="Liberation Sans"', svg),
        "caption": _line(chart.title),
        "alt": f"{_line(chart.title)}. {_line(chart.description)}",
        "width": 100 if across and float(across[1]) > WIDE else 75,
    }


def _fact(label: str, value: Cell) -> dict[str, str]:
    return {"label": _line(label), "text": _text(value)}


def _sources(source: Source, *cells: Cell) -> str:
    """Where a statement comes from and, for confirmed words, who looked through them."""
    return "\n".join(_line(words) for words in (f"Source: {cited(source)}", *checks(cells)))


def _text(cell: Cell) -> str:
    """A value as one text; Typst breaks the line where it says so."""
    return "\n".join(_lines(said(cell)))


def _lines(words: str) -> list[str]:
    return lines_of(words) or (["(nothing that can be printed)"] if words else [])


def _line(text: str) -> str:
    return " ".join(lines_of(text))


def _short(text: str, longest: int = 90) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


__all__ = ["NotTypeset", "pdf"]
