"""Invented packs to draw, and a PDF read back as what a screen reader and a viewer find in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf

from saferpractice.design.charts import Bar, Interval, bar_chart, interval_chart
from saferpractice.design.spc import Dot, Spc, spc_chart
from saferpractice.evidence.rules.packs.document import (
    Block,
    Cell,
    Chart,
    Column,
    Disclosure,
    Fact,
    Facts,
    Kind,
    Missing,
    Moment,
    Note,
    Pack,
    Section,
    Source,
    Story,
    Table,
    TableRow,
    Typed,
    Who,
    Words,
)

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
INCIDENT = Source(Kind.INCIDENT, "2026-0014")
COLUMNS = (Column("on", "Day"), Column("what", "What was done"), Column("minutes", "Minutes", numeric=True))
CALLED = Typed("Called the duty manager")
NOBODY = Typed("Nobody answered the door.\n\nAnd nobody called.")
REVIEWER = Who("Reviewer", "Wren Ashdown")


def a_table(count: int = 2, name: str = "contacts", what: Cell = CALLED) -> Table:
    rows = tuple(
        TableRow((AT.date() + timedelta(days=n), what, n), Source(Kind.TRIAGE, f"T-{n % 3}")) for n in range(count)
    )
    return Table(name, "Contacts in the week after", COLUMNS, rows, "Nobody was in contact.")


def a_chart(label: str = "Lost contact", svg: str | None = None) -> Chart:
    drawn = svg or str(bar_chart([Bar(label, 12), Bar("Self-neglect", 5, strong=True)], "Incidents by theme"))
    return Chart(drawn, "Incidents by theme", "Lost contact 12, self-neglect 5", a_table(2, "themes"))


def every_chart() -> list[str]:
    """One of each kind of drawing that the product makes."""
    dots = tuple(Dot(f"Week {n}", 3.0 + n % 4, 4.0, 1.0, 8.0) for n in range(20))
    spc = Spc("Triage in time", "Twenty weeks", dots)
    return [
        str(bar_chart([Bar("One", 1)], "Bars")),
        str(interval_chart([Interval("Before", 0.5, 0.2, 0.8)], "Before and after", target=0.9)),
        str(spc_chart(spc)),
        str(spc_chart(spc, narrow=True)),
    ]


def a_story(count: int = 3) -> Story:
    return Story(
        tuple(
            Moment(
                AT + timedelta(minutes=31 * n),
                REVIEWER,
                Typed("Decided on Tier B, structured review"),
                Typed("The same had happened twice") if n else None,
                Source(Kind.REVIEW, f"R-{n}"),
            )
            for n in range(count)
        )
    )


def some_facts(what: Cell = NOBODY) -> Facts:
    return Facts((Fact("Reported", AT), Fact("What happened", what), Fact("Psychological harm", None)), INCIDENT)


def every_block() -> tuple[Block, ...]:
    return (
        Note("What follows was recorded at the time."),
        some_facts(),
        Words(Typed("The door was not answered."), INCIDENT),
        a_story(),
        a_table(),
        a_table(0, "visits"),
        a_chart(),
        Missing((Words("No answer from the partner", INCIDENT),)),
        Missing(()),
        Story(()),
    )


def a_drawn_pack(*blocks: Block, sections: tuple[Section, ...] | None = None, **other: Any) -> Pack:
    """A pack of one section with these blocks; with none, one of every kind."""
    usual: dict[str, Any] = {
        "title": "Evidence pack",
        "about": "Incident 2026-0014",
        "provider": "Example provider",
        "disclosure": Disclosure.FULL,
        "made_at": AT,
        "made_by": Who("Quality lead", "Rowan Ash"),
        "sections": sections or (Section("Contacts", blocks or every_block()),),
    }
    return Pack(**(usual | other))


@dataclass(frozen=True)
class Element:
    """An element of the structure tree of a PDF."""

    tag: str
    node: pikepdf.Dictionary = field(repr=False)
    children: tuple[Element, ...] = ()

    def all(self, tag: str = "") -> Iterator[Element]:
        """This element and those in it, in reading order; those with ``tag`` where one is given."""
        if tag in ("", self.tag):
            yield self
        for child in self.children:
            yield from child.all(tag)

    @property
    def alt(self) -> str:
        return str(self.node.get("/Alt", ""))

    @property
    def title(self) -> str:
        return str(self.node.get("/T", ""))

    def attribute(self, name: str) -> str:
        """The value of an attribute, whichever owner it stands under."""
        given = self.node.get("/A", [])
        for one in [given] if isinstance(given, pikepdf.Dictionary) else list(given):
            if isinstance(one, pikepdf.Dictionary) and name in one:
                return str(one[name])
        return ""


def structure(pdf: pikepdf.Pdf) -> Element:
    """The structure tree: one element, the document."""
    (document,) = _elements(pdf.Root.StructTreeRoot.K)
    return document


def _elements(node: Any) -> list[Element]:
    if isinstance(node, pikepdf.Array):
        return [element for one in node for element in _elements(one)]
    if isinstance(node, pikepdf.Dictionary) and "/S" in node:
        return [Element(str(node.S)[1:], node, tuple(_elements(node.get("/K", []))))]
    return []


def opened(raw: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(raw))


def attachments_of(pdf: pikepdf.Pdf) -> dict[str, bytes]:
    """Name and content of every file attached."""
    return {name: bytes(spec.get_file().read_bytes()) for name, spec in pdf.attachments.items()}


def bookmarks(pdf: pikepdf.Pdf) -> list[tuple[int, str]]:
    """Depth and text of every bookmark, in order."""
    found: list[tuple[int, str]] = []

    def go(items: Any, depth: int) -> None:
        for item in items:
            found.append((depth, item.title))
            go(item.children, depth + 1)

    with pdf.open_outline() as outline:
        go(outline.root, 1)
    return found


def every_object(pdf: pikepdf.Pdf, visit: Callable[[Any], None]) -> None:
    """Show every object and all that is in it to ``visit``, each once."""

    def go(value: Any) -> None:
        visit(value)
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            for key in value.keys():  # noqa: SIM118 (iterating a pikepdf dictionary is not iterating its keys)
                inner = value[key]
                if not getattr(inner, "is_indirect", False):
                    go(inner)
        elif isinstance(value, pikepdf.Array):
            for inner in value:
                if not getattr(inner, "is_indirect", False):
                    go(inner)

    for one in pdf.objects:
        go(one)
