"""The charts of a pack about many incidents, each with the table of the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from saferpractice.design.charts import Bar, bar_chart
from saferpractice.evidence.rules.packs.document import Chart, Column, Kind, Source, Table, TableRow
from saferpractice.evidence.rules.packs.facts import Case

REPORTED, CONDITIONS = "incidents.reported", "findings.conditions"


def charts_of(cases: Sequence[Case], period: tuple[date, date]) -> tuple[Chart, ...]:
    """Incidents by month, and system conditions by how often they were found; none where there is nothing to draw."""
    if not cases:
        return ()
    by_month = Counter(case.happened_on.replace(day=1) for case in cases)
    months = [(f"{month:%B %Y}", by_month[month]) for month in _months(*period)]
    found = Counter(one.condition for case in cases for one in case.findings).most_common()
    drawn = [_bars("Incidents by month", ("month", "incidents"), months, measure=REPORTED)]
    if found:
        drawn.append(_bars("Findings by system condition", ("condition", "findings"), found, measure=CONDITIONS))
    return tuple(drawn)


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _bars(title: str, columns: tuple[str, str], rows: Sequence[tuple[str, int]], *, measure: str) -> Chart:
    words = "; ".join(f"{label}: {number}" for label, number in rows)
    source = Source(Kind.MEASURE, measure)
    table = Table(
        name=f"{columns[1]}_by_{columns[0]}",
        caption=title,
        columns=(
            Column(columns[0], columns[0].capitalize()),
            Column(columns[1], columns[1].capitalize(), numeric=True),
        ),
        rows=tuple(TableRow(row, source) for row in rows),
        empty="",
    )
    svg = bar_chart([Bar(label, number) for label, number in rows], title, description=words)
    return Chart(str(svg), title, words, table)
