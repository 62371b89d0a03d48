"""What a reader sees of a value, a source, and who made a pack: the same words in the PDF, the page and the CSV."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from saferpractice.design.words import localday, localtime
from saferpractice.evidence.rules.packs.document import (
    Cell,
    Cleared,
    Fact,
    Kind,
    Pack,
    Section,
    Source,
    Subject,
    Typed,
    Who,
)
from saferpractice.evidence.rules.thematic.small import Guarded

NOTHING = "Not recorded"
DECIMALS = 2

_KINDS = {
    Kind.INCIDENT: "Incident",
    Kind.TRIAGE: "Triage",
    Kind.REVIEW: "Review",
    Kind.FINDING: "Finding",
    Kind.CHANGE: "Operational change",
    Kind.TRACKED_ACTION: "Tracked action",
    Kind.AUDIT: "Audit",
    Kind.IMPACT: "Impact check",
    Kind.SUPERVISION: "Supervision",
    Kind.THEMATIC: "Thematic review",
    Kind.CASE: "Case",
    Kind.MEASURE: "Measure",
    Kind.PUBLISHED: "Published quarter",
}


def said(cell: Cell) -> str:
    """A value in words. Days and moments are in London; None says that nothing was recorded; 0 is a number."""
    match cell:
        case None:
            return NOTHING
        case Typed():
            return cell.text
        case Cleared():
            return cell.text
        case Who():
            return f"{cell.name}, {cell.role}" if cell.name else cell.role
        case Subject():
            reasons = "; ".join(part for part in (cell.basis, cell.why) if part)
            return f"{cell.name} ({reasons})" if reasons else cell.name
        case Guarded():
            return cell.words
        case datetime():
            return localtime(cell)
        case date():
            return localday(cell)
        case bool():
            return "Yes" if cell else "No"
        case float():
            return f"{round(cell, DECIMALS):,}"
        case int():
            return f"{cell:,}"
        case _:
            return cell


def checks(cells: Iterable[Cell]) -> list[str]:
    """Who looked through confirmed words for what tells who a person is, and when; each said once."""
    said_of = (
        f"Looked through for names by {cell.confirmed_by}, {localday(cell.confirmed_at)}"
        for cell in cells
        if isinstance(cell, Cleared)
    )
    return list(dict.fromkeys(said_of))


def cited(source: Source) -> str:
    """A source as it is printed: "Incident 2026-0014"."""
    return f"{_KINDS[source.kind]} {source.reference}"


def levels(sections: tuple[Section, ...]) -> list[int]:
    """The level of each section's heading, 1 or 2; the first is 1, whatever it says: headings leave no level out."""
    return [1 if number == 0 else min(max(section.level, 1), 2) for number, section in enumerate(sections)]


def cover(pack: Pack) -> list[Fact]:
    """What stands under the title."""
    return [
        Fact("Provider", pack.provider),
        Fact("Who it is for", pack.disclosure.label),
        Fact("Made by", pack.made_by),
        Fact("Made on", pack.made_at),
    ]
