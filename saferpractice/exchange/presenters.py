"""What the pages of exchange show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Team
from saferpractice.deadlines.rules import day_label, known_label, local_day, local_time_label
from saferpractice.design.words import tag
from saferpractice.exchange.held import kept_apart
from saferpractice.exchange.models import ImportBatch, ImportLine, Integration, IntegrationUse
from saferpractice.exchange.queries import DryRun, Judged, cells_of, standing
from saferpractice.exchange.rules.mapping import LABELS, ImportMapping
from saferpractice.exchange.rules.rows import LISTS
from saferpractice.exchange.rules.states import BatchState, LineState, Standing
from saferpractice.exchange.rules.table import DELIMITERS
from saferpractice.exchange.rules.text import NAMES
from saferpractice.incidents.models import Incident
from saferpractice.incidents.rules import Precision
from saferpractice.lists.queries import label_of

MEANING = {
    BatchState.WORKING: "working",
    BatchState.DONE: "good",
    BatchState.HOLDS: "warning",
    BatchState.STOPPED: "bad",
    BatchState.UNDOING: "working",
    BatchState.UNDONE: "quiet",
}
LINE_MEANING = {
    LineState.IMPORTED: "good",
    LineState.ALREADY: "quiet",
    LineState.HELD: "warning",
    LineState.LEFT_OUT: "quiet",
    LineState.WITHDRAWN: "quiet",
    LineState.STAYS: "warning",
}
CUT = 400


def cut(text: str, length: int = CUT) -> str:
    """``text`` on one line, cut where it is long."""
    words = " ".join(text.split())
    return words if len(words) <= length else f"{words[:length].rstrip()}…"


def how_read(dry: DryRun, encoding: str) -> str:
    """How the file was read, in a sentence."""
    if dry.table is None:
        return ""
    sign = DELIMITERS.get(dry.table.delimiter, "comma")
    words = f"Read as {NAMES.get(encoding, encoding)} with a {sign} between cells, {len(dry.table.columns)} columns."
    if dry.cleaned:
        words += f" Unseen control characters were taken out of {dry.cleaned} {'row' if dry.cleaned == 1 else 'rows'}."
    return words


def unread(dry: DryRun, mapping: ImportMapping) -> list[str]:
    """The columns that no answer reads."""
    return [name for name in dry.table.columns if name not in mapping.read] if dry.table else []


def preview(one: Judged, *, teams: Mapping[UUID, Team], provider_id: UUID) -> list[dict[str, Any]]:
    """A row as it will stand as an incident, for a summary list."""
    report, prepared = one.prepared.report, one.prepared
    if report is None:
        return []
    when = "Not known"
    if report.occurred_at is not None:
        day_only = report.occurred_precision is Precision.DAY
        when = day_label(local_day(report.occurred_at)) if day_only else local_time_label(report.occurred_at)
    team = teams.get(prepared.team) if prepared.team else None
    harm = [
        label_of(LISTS[name], getattr(report, name), provider_id=provider_id)
        for name in ("physical_harm", "psychological_harm")
    ]
    rows = [
        {"key": "Reference at the source", "value": prepared.reference},
        {"key": "What happened", "value": cut(report.what_happened)},
        {"key": "When it happened", "value": when},
        {"key": "Known since", "value": known_label(prepared.known_at) if prepared.known_at else "The import"},
        {"key": "Team", "value": f"{team.name}, {team.service.name}" if team else ""},
        {"key": "Themes", "value": ", ".join(label_of("themes", t, provider_id=provider_id) for t in report.themes)},
        {"key": "Harm", "value": "; ".join(harm)},
        {"key": "Still at risk", "value": report.still_at_risk.label},
        {"key": "Person supported", "value": report.person_reference},
        {"key": "Done at once", "value": cut(report.done_at_once)},
        {"key": "Also known", "value": cut(report.also_known)},
    ]
    return [row for row in rows if row["value"]]


TROUBLE_COLUMNS = ("Row", "Column", "What stands there", "What to do")


def trouble_rows(troubles: Iterable[Judged]) -> Iterator[list[Any]]:
    """Every problem of every row: row number, column, what stands there, what to do."""
    for one in troubles:
        if one.prepared.problems:
            for problem in one.prepared.problems:
                column = problem.column or LABELS.get(problem.answer, "")
                yield [one.row.number, column or None, cut(problem.value, 80) or None, problem.sentence]
        else:
            yield [one.row.number, None, None, f"{one.state.label}. {one.note}"]


def batch_rows(batches: Iterable[ImportBatch]) -> list[list[Any]]:
    """Rows of the list of imports."""
    rows: list[list[Any]] = []
    for batch in batches:
        found = standing(batch)
        rows.append(
            [
                {"text": batch.file_name, "href": reverse("exchange:batch", args=[batch.pk])},
                local_time_label(batch.decided_at),
                batch.decided_by_name,
                counted(found),
                tag(found.state.label, MEANING[found.state]),
            ]
        )
    return rows


def counted(found: Standing) -> str:
    """How many rows are in each state: "116 imported, 3 held back"."""
    parts = [f"{found.count(state):,} {state.label.lower()}" for state in LineState if found.count(state)]
    return ", ".join(parts) or f"0 of {found.rows:,} rows"


def progress_words(found: Standing) -> str:
    """How far it is: "250 of 1,000 rows looked at."."""
    done, rows = found.progress
    return f"{done:,} of {rows:,} rows {'taken back' if found.state is BatchState.UNDOING else 'looked at'}."


def counts(found: Standing) -> list[dict[str, Any]]:
    """The numbers at the top of an import's page."""
    return [
        {"number": f"{found.count(state):,}", "text": state.label.lower(), "meaning": LINE_MEANING[state]}
        for state in LineState
        if found.count(state) or (state is LineState.IMPORTED and not found.count(LineState.WITHDRAWN))
    ]


def held_file(lines: Iterable[ImportLine], width: int) -> Iterator[Sequence[Any]]:
    """The rows held back as rows of a file: number, reason, and the cells as they came."""
    for line in lines:
        cells = cells_of(line)
        yield [line.number, line.reason, *map(kept_apart, cells), *[""] * (width - len(cells))]


def held_rows(lines: Iterable[ImportLine], *, open_to: bool) -> list[list[Any]]:
    """Rows of the quarantine; ``open_to`` correction, each with the way to it."""
    return [
        [
            {"text": f"Row {line.number}", "href": reverse("exchange:line", args=[line.pk])}
            if open_to
            else f"Row {line.number}",
            line.source_reference or None,
            line.reason,
        ]
        for line in lines
    ]


def other_rows(lines: Iterable[ImportLine], incidents: Mapping[UUID, Incident]) -> list[list[Any]]:
    """Rows that were imported, found here already, left out, taken back or stayed."""
    rows: list[list[Any]] = []
    for line in lines:
        incident = incidents.get(line.incident_id) if line.incident_id else None
        shown = {"text": incident.reference, "href": reverse("home:incident", args=[incident.pk])} if incident else None
        state = LineState(line.state)
        rows.append(
            [
                f"Row {line.number}",
                line.source_reference or None,
                shown,
                Markup("{} {}").format(tag(state.label, LINE_MEANING[state]), line.reason),
            ]
        )
    return rows


def integration_rows(integrations: Iterable[Integration]) -> list[list[Any]]:
    """A row for each integration: its name, its services, whether it works, when it was last used."""
    return [
        [
            {"text": one.name, "href": reverse("integrations:one", args=[one.pk])},
            ", ".join(service.name for service in one.services.all()),
            "Revoked" if hasattr(one, "end") else "In use",
            local_time_label(one.last_used_at) if one.last_used_at else "Never",  # type: ignore[attr-defined]
        ]
        for one in integrations
    ]


_WAYS = {"link": "Link opened", "page": "Checklist saved", "call": "Call"}


def use_rows(uses: Iterable[IntegrationUse]) -> list[list[Any]]:
    """A row for each thing an integration asked for."""
    return [
        [
            local_time_label(use.at),
            _WAYS.get(use.way, use.way),
            use.outcome.capitalize(),
            use.by.name if use.by else None,
        ]
        for use in uses
    ]
