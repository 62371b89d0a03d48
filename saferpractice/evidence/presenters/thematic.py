"""What the pages of a thematic review show, to whoever leads and, guarded, to everybody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person
from saferpractice.assurance.rules.charts import Reading
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import day_label
from saferpractice.design.charts import Bar, bar_chart
from saferpractice.design.spc import Dot, Flag, Look, Spc, spc_chart
from saferpractice.evidence.models import ThematicDraft
from saferpractice.evidence.queries.thematic import changes_shown, incidents_shown
from saferpractice.evidence.rules.thematic.draft import CHANGES, CONDITIONS, EQUITY, REPEATS, RISKS
from saferpractice.evidence.rules.thematic.equity import nothing_to_show
from saferpractice.evidence.rules.thematic.repeats import Again
from saferpractice.evidence.rules.thematic.small import FEW, guarded
from saferpractice.evidence.rules.thematic.words import MONTHS_OF_QUARTER
from saferpractice.incidents.models import Incident

NUMBER = {"text": "Incidents", "numeric": True}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section: its caption, its columns, its rows. ``folded`` ones open on demand."""

    caption: str
    columns: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One section as ``person`` may read it."""

    code: str
    title: str
    count: str
    sentences: Sequence[str] = ()
    stands_out: bool = False
    chart: Markup | None = None
    narrow: Markup | None = None
    tables: Sequence[Table] = ()
    links: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def anchor(self) -> str:
        """Its id in the page."""
        return self.code.replace(":", "-")


def sections(draft: ThematicDraft, person: Person, at: datetime, *, numbers: bool) -> list[Shown]:
    """The sections of a draft as ``person`` may read them at ``at``.

    ``numbers`` says whether they read them as they are; else every count is guarded, and what could be added up is
    left out. Incidents and changes are named only where ``person`` may open them now.
    """
    if not numbers:
        return [_guarded(section, person, at) for section in draft.data["sections"]]
    ids = {pk for section in draft.data["sections"] for pk in _incident_ids(section)}
    incidents = incidents_shown(person, at, ids)
    changes = changes_shown(person, at, _change_ids(draft))
    return [_whole(section, incidents, changes) for section in draft.data["sections"]]


def _incident_ids(section: Mapping[str, Any]) -> set[str]:
    earlier = {pk for row in section.get("rows", ()) if isinstance(row, dict) for pk in row.get("earlier", ())}
    return {*section.get("incidents", ()), *earlier}


def _change_ids(draft: ThematicDraft) -> set[str]:
    found: set[str] = set()
    for section in draft.data["sections"]:
        found |= {one["id"] for one in section.get("changes", ())}
        found |= {pk for row in section.get("rows", ()) if isinstance(row, dict) for pk in row.get("after", ())}
    return found


def _whole(
    section: Mapping[str, Any], incidents: Mapping[str, Incident], changes: Mapping[str, OperationalChange]
) -> Shown:
    makers = {
        CONDITIONS: lambda: _conditions(section, incidents),
        REPEATS: lambda: _repeats(section, incidents, changes),
        CHANGES: lambda: _changes(section, changes),
        RISKS: lambda: _risks(section, incidents),
        EQUITY: lambda: _equity(section),
    }
    return makers.get(section["code"], lambda: _counted(section, incidents))()


def _links(ids: Sequence[str], incidents: Mapping[str, Incident]) -> list[dict[str, Any]]:
    found = [incidents[pk] for pk in ids if pk in incidents]
    return [{"text": one.reference, "href": reverse("home:incident", args=[one.pk])} for one in found]


def _counted(section: Mapping[str, Any], incidents: Mapping[str, Incident]) -> Shown:
    title, quarters = section["title"], section["quarters"]
    bars = [Bar(label, count, strong=place == len(quarters) - 1) for place, (label, count) in enumerate(quarters)]
    sentences = [section["said"]["sentence"]] if section["total"] or any(count for _, count in quarters) else []
    if section["dots"]:
        sentences.append("On the chart, Q marks where the quarter begins.")
    if section.get("learnt_late"):
        late = section["learnt_late"]
        sentences.append(
            f"{_incidents(late)} became known in the quarter and happened before it: counted where it happened."
        )
    if section.get("rate") is not None:
        sentences.insert(0, f"That is about {section['rate']} for each 100 people supported.")
    tables = [Table(f"{title}, by quarter", ["Quarter", NUMBER], quarters)]
    if section["total"]:
        tables += [
            Table(f"{title}, by the worse of the two harms", ["Harm", NUMBER], section["harm"], folded=True),
            Table(f"{title}, by team", ["Service", "Team", NUMBER], section["teams"], folded=True),
        ]
    chart, narrow = _chart(section, bars)
    months = [[f"{date.fromisoformat(month):%B %Y}", count] for month, count in section["months"]]
    tables.append(Table(f"{title}, by month", ["Month", NUMBER], months, folded=True))
    return Shown(
        code=section["code"],
        title=title,
        count=_incidents(section["total"]),
        sentences=sentences,
        stands_out=section["said"]["stands_out"],
        chart=chart,
        narrow=narrow,
        tables=tables,
        links=_links(section["incidents"], incidents),
    )


def _chart(section: Mapping[str, Any], bars: Sequence[Bar]) -> tuple[Markup | None, Markup | None]:
    """The months with their limits where the chart has some, else the quarters as bars; the quarter is set apart.

    The second is the same for a phone, where it is another.
    """
    dots = section.get("dots", ())
    if not dots:
        return (bar_chart(bars, f"{section['title']}, by quarter") if any(bar.value for bar in bars) else None), None
    drawn = [
        Dot(
            label=label,
            value=float(value),
            centre=float(centre),
            lower=float(lower),
            upper=float(upper),
            look=Look.ORDINARY if reading == Reading.ORDINARY else Look.NEUTRAL,
            high=reading == Reading.NEUTRAL_HIGH,
        )
        for label, value, centre, lower, upper, reading in dots
    ]
    spc = Spc(
        title=f"{section['title']}, by month",
        description=f"{len(drawn)} months, the last three are the quarter. {section['said']['sentence']}",
        dots=tuple(drawn),
        centre_label="Average",
        flags=(Flag(len(drawn) - MONTHS_OF_QUARTER - 0.5, "Q"),),
        least=0.0,
        whole=True,
    )
    return spc_chart(spc), spc_chart(spc, narrow=True)


def _incidents(count: int) -> str:
    return f"{count:,} {'incident' if count == 1 else 'incidents'}"


def _conditions(section: Mapping[str, Any], incidents: Mapping[str, Incident]) -> Shown:
    rows, total = section["rows"], section["total"]
    columns = ["Condition", {"text": "Findings", "numeric": True}]
    return Shown(
        code=section["code"],
        title=section["title"],
        count=f"{total:,} {'finding' if total == 1 else 'findings'}",
        sentences=["Each finding counts once, however many changes answer it. More can mean better looking."],
        chart=bar_chart([Bar(*row) for row in rows], "Findings by system condition", cumulative=True) if rows else None,
        tables=[Table("Findings by system condition", columns, rows)] if rows else [],
        links=_links(section["incidents"], incidents),
    )


def _repeats(
    section: Mapping[str, Any], incidents: Mapping[str, Incident], changes: Mapping[str, OperationalChange]
) -> Shown:
    rows = [_repeat(row, incidents, changes) for row in section["rows"]]
    counts = [[kind.label, sum(row["kind"] == kind for row in section["rows"])] for kind in Again]
    seen = [row for row in rows if row is not None]
    tables = [Table("What came back, by how it is alike", ["Alike in", {"text": "Times", "numeric": True}], counts)]
    if seen:
        columns = ["Incident", "Alike in", "Earlier", "Came after these changes went live"]
        tables.append(Table("What came back, of what you may open", columns, seen))
    return Shown(
        code=section["code"],
        title=section["title"],
        count=_incidents(section["total"]),
        sentences=[
            f"Incidents of the quarter like one in the {section['days']} days before. One that came after a change "
            "went live does not say that the change failed; it says where to look."
        ],
        tables=tables,
    )


def _repeat(
    row: Mapping[str, Any], incidents: Mapping[str, Incident], changes: Mapping[str, OperationalChange]
) -> list[Any] | None:
    """A repeat in a row, when the reader may open its incident; of the earlier ones and changes those they may open."""
    incident = incidents.get(row["incident"])
    if incident is None:
        return None
    kind = Again(row["kind"])
    about = f": {row['about']}" if row["about"] else ""
    earlier = Markup(", ").join(_link(link) for link in _links(row["earlier"], incidents))
    came_after = [changes[pk] for pk in row["after"] if pk in changes]
    after = Markup(", ").join(
        _link({"text": one.title, "href": reverse("changes:change", args=[one.pk])}) for one in came_after
    )
    return [
        {"text": incident.reference, "href": reverse("home:incident", args=[incident.pk])},
        f"{kind.label}{about}",
        earlier or None,
        after or None,
    ]


def _link(link: Mapping[str, Any]) -> Markup:
    return Markup('<a href="{}">{}</a>').format(link["href"], link["text"])


def _changes(section: Mapping[str, Any], changes: Mapping[str, OperationalChange]) -> Shown:
    columns = ["Verdict", {"text": "Changes", "numeric": True}]
    tables = [Table("Changes by verdict", columns, section["rows"])] if section["rows"] else []
    rows = [
        [
            {"text": changes[one["id"]].title, "href": reverse("changes:change", args=[one["id"]])},
            day_label(date.fromisoformat(one["live_on"])) if one["live_on"] else "Not in use yet",
            one["verdict"],
        ]
        for one in section["changes"]
        if one["id"] in changes
    ]
    if rows:
        tables.append(Table("The changes you may open", ["Change", "In use since", "Did it work?"], rows, folded=True))
    bars = [Bar(word, count) for word, count in section["rows"]]
    return Shown(
        code=section["code"],
        title=section["title"],
        count=f"{section['total']:,} {'change' if section['total'] == 1 else 'changes'}",
        chart=bar_chart(bars, "Changes by verdict") if bars else None,
        tables=tables,
    )


def _risks(section: Mapping[str, Any], incidents: Mapping[str, Incident]) -> Shown:
    rows = [row for row in section["rows"] if row[1]]
    columns = ["What", {"text": "How many", "numeric": True}]
    return Shown(
        code=section["code"],
        title=section["title"],
        count=f"{section['total']:,} open",
        sentences=["As they were on the day the numbers were drawn."],
        tables=[Table("Open risks", columns, rows)] if rows else [],
        links=_links(section["incidents"], incidents),
    )


def _equity(section: Mapping[str, Any]) -> Shown:
    """The same for everybody: it is guarded before it is kept."""
    why_not = nothing_to_show(section)
    people = {"text": "People", "numeric": True}
    tables = [
        Table(f"People by {one['title'].lower()}", [one["title"], people], one["rows"]) for one in section["tables"]
    ]
    return Shown(
        code=section["code"],
        title=section["title"],
        count="",
        sentences=[
            why_not
            or "People with an incident in the quarter, by what is recorded of them. Numbers under five are hidden, "
            "the rest are rounded to five, and more is hidden where one could be worked out. Without the number of "
            "people supported in each group they do not say whose risk is higher."
        ],
        tables=[] if why_not else tables,
    )


def _guarded(section: Mapping[str, Any], person: Person, at: datetime) -> Shown:
    """A section for everybody who works here: no number that could give somebody away, and no name of any record."""
    if section["code"] == EQUITY:
        return _equity(section)
    shown = guarded(section["total"])
    tables = []
    if section["code"] == CONDITIONS:
        rows = [(label, guarded(count)) for label, count in section["rows"]]
        often = [[label, one.words] for label, one in rows if one != FEW]
        seldom = sorted(label for label, one in rows if one == FEW)
        columns = ["Condition", {"text": "Findings", "numeric": True}]
        tables = [Table("Findings by system condition", columns, [*often, *([one, FEW.words] for one in seldom)])]
    if section["code"] == CHANGES:
        mine = changes_shown(person, at, [one["id"] for one in section["changes"]])
        rows_of = [
            [{"text": mine[one["id"]].title, "href": reverse("changes:change", args=[one["id"]])}, one["verdict"]]
            for one in section["changes"]
            if one["id"] in mine
        ]
        tables = [Table("The changes that reach you", ["Change", "Did it work?"], rows_of)] if rows_of else []
    return Shown(
        code=section["code"],
        title=section["title"],
        count=shown.words,
        tables=[one for one in tables if one.rows],
    )


def file_rows(shown: Sequence[Shown]) -> list[tuple[Any, ...]]:
    """Every table of the sections as lines of a file: section, table, what, number."""
    lines: list[tuple[Any, ...]] = []
    for section in shown:
        lines.append((section.title, "", section.title, section.count))
        for table in section.tables:
            lines += [
                (section.title, table.caption, ", ".join(_plain(cell) for cell in row[:-1]), _plain_or_number(row[-1]))
                for row in table.rows
            ]
    return lines


def _plain(cell: Any) -> str:
    text = cell["text"] if isinstance(cell, Mapping) else cell
    return text.striptags() if isinstance(text, Markup) else str("" if text is None else text)


def _plain_or_number(cell: Any) -> Any:
    return cell if isinstance(cell, int) else _plain(cell)
