"""The data of a pack as files: the whole as JSON, each table as CSV in which a spreadsheet finds nothing to run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from saferpractice.design.exports import csv_lines
from saferpractice.evidence.rendering.wording import said
from saferpractice.evidence.rules.packs.document import (
    Block,
    Cell,
    Chart,
    Cleared,
    Column,
    Facts,
    Missing,
    Note,
    Pack,
    Source,
    Story,
    Subject,
    Table,
    Typed,
    Who,
    Words,
)
from saferpractice.evidence.rules.thematic.small import Guarded

JSON_NAME = "pack.json"
FORMAT = "saferpractice.pack/1"


def data(pack: Pack) -> dict[str, bytes]:
    """File name → content: ``pack.json`` and a CSV file for each table; tables of one name and form share a file.

    Moments are UTC in ISO 8601. A row says the section it stood in and the record it came from. In CSV a text that a
    spreadsheet would run has an apostrophe before it; JSON holds what was written, unchanged.
    """
    files = {JSON_NAME: _encoded(json.dumps(as_json(pack), ensure_ascii=False, indent=1, allow_nan=False) + "\n")}
    for name, columns, tables in _grouped(pack):
        header = ["section", *(column.name for column in columns), "source_kind", "source_reference"]
        files[name] = _encoded("".join(csv_lines(header, _rows(tables))))
    return files


def _encoded(text: str) -> bytes:
    """UTF-8; half of a surrogate pair, which no file can hold, becomes a question mark."""
    return text.encode("utf-8", "replace")


def _grouped(pack: Pack) -> Iterator[tuple[str, tuple[Column, ...], list[tuple[str, Table]]]]:
    """File name, columns and the tables with their sections, in the order in which each first stands in the pack."""
    groups: dict[tuple[str, tuple[Column, ...]], list[tuple[str, Table]]] = {}
    for section in pack.sections:
        for block in section.blocks:
            if isinstance(block, Table | Chart):
                table = block if isinstance(block, Table) else block.table
                groups.setdefault((_file_name(table.name), table.columns), []).append((section.title, table))
    taken: set[str] = set()
    for (name, columns), tables in groups.items():
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name}-{number}"
        taken.add(free)
        yield f"{free}.csv", columns, tables


def _file_name(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-")[:60] or "table"


def _rows(tables: Iterable[tuple[str, Table]]) -> Iterator[list[str | int | float | None]]:
    for section, table in tables:
        for row in table.rows:
            yield [section, *map(_csv_cell, row.cells), row.source.kind.value, row.source.reference]


def _csv_cell(cell: Cell) -> str | int | float | None:
    if cell is None or isinstance(cell, int | float):
        return cell
    return _iso(cell) if isinstance(cell, date) else said(cell)


def _iso(value: date) -> str:
    """A day, or a moment in UTC."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value.isoformat()


def as_json(pack: Pack) -> dict[str, Any]:
    """The pack in JSON's own types, every value with its kind where it is more than a text, a number or a time."""
    return {
        "format": FORMAT,
        "title": pack.title,
        "about": pack.about,
        "provider": pack.provider,
        "disclosure": pack.disclosure.value,
        "made_at": _iso(pack.made_at),
        "made_by": _cell(pack.made_by),
        "sections": [
            {"title": section.title, "level": section.level, "blocks": [_block(block) for block in section.blocks]}
            for section in pack.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Words():
            return {"block": "words", "text": _cell(block.text), "source": _source(block.source)}
        case Note():
            return {"block": "note", "text": block.text}
        case Facts():
            facts = [{"label": fact.label, "value": _cell(fact.value)} for fact in block.facts]
            return {"block": "facts", "facts": facts, "source": _source(block.source)}
        case Table():
            return {"block": "table", **_table(block)}
        case Chart():
            return {
                "block": "chart",
                "title": block.title,
                "description": block.description,
                "table": _table(block.table),
            }
        case Story():
            return {"block": "story", "moments": [_moment(moment) for moment in block.moments]}
        case Missing():
            items = [{"text": _cell(item.text), "source": _source(item.source)} for item in block.items]
            return {"block": "missing", "items": items}


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "caption": table.caption,
        "columns": [
            {"name": column.name, "heading": column.heading, "numeric": column.numeric} for column in table.columns
        ],
        "rows": [{"cells": [_cell(cell) for cell in row.cells], "source": _source(row.source)} for row in table.rows],
    }


def _moment(moment: Any) -> dict[str, Any]:
    return {
        "when": _iso(moment.when),
        "who": _cell(moment.who),
        "what": _cell(moment.what),
        "why": _cell(moment.why),
        "source": _source(moment.source),
    }


def _source(source: Source) -> dict[str, str]:
    return {"kind": source.kind.value, "reference": source.reference}


def _cell(cell: Cell) -> Any:
    match cell:
        case Who():
            return {"role": cell.role, **({"name": cell.name} if cell.name else {})}
        case Subject():
            return {"person_supported": cell.name, "basis": cell.basis, "why": cell.why}
        case Typed():
            return {"typed": cell.text}
        case Cleared():
            return {"cleared": cell.text, "confirmed_by": cell.confirmed_by, "confirmed_at": _iso(cell.confirmed_at)}
        case Guarded():
            return {"guarded": cell.words}
        case date():
            return _iso(cell)
        case _:
            return cell
