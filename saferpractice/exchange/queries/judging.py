"""What would become of each row of a file, and nothing written."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Team
from saferpractice.deadlines.rules import local_day
from saferpractice.exchange.held import as_uploaded
from saferpractice.exchange.models import ImportFile
from saferpractice.exchange.rules.mapping import ImportMapping, column_problems
from saferpractice.exchange.rules.rows import LISTS, Known, Prepared, prepare, values_to_translate
from saferpractice.exchange.rules.states import LineState
from saferpractice.exchange.rules.table import Table, TableRow, open_table
from saferpractice.exchange.rules.text import FileProblem
from saferpractice.exchange.staging import text_of
from saferpractice.incidents.models import Incident
from saferpractice.incidents.rules import Answer
from saferpractice.lists.queries import choices

FIRST_ROWS = 5
MOST_PROBLEMS = 100
MOST_VALUES = 40
_TOGETHER = 400
SAID_OTHERWISE = "It is here, and the file now words it otherwise. Add what is new to the incident as a correction."


def same_reference(number: int) -> str:
    """Why a row is held back whose reference an earlier row of the file has with other words."""
    return f"Row {number} of this file has the same reference and says something else. Give each its own reference."


def known_for(*, provider_id: UUID, team: Team | None, at: datetime) -> Known:
    """What rows are judged against: the provider's lists and teams as they are at ``at``."""
    codes: dict[str, dict[str, str]] = {
        "still_at_risk": {word.casefold(): one.value for one in Answer for word in (one.value, one.label)}
    }
    codes["still_at_risk"] |= {"y": "yes", "n": "no", "true": "yes", "false": "no", "not known": "unknown"}
    for answer, list_code in LISTS.items():
        listed = choices(list_code, provider_id=provider_id, on=local_day(at))
        codes[answer] = {one.label.casefold(): one.code for one in listed} | {one.code: one.code for one in listed}
    teams: dict[str, list[UUID]] = defaultdict(list)
    for one in Team.objects.filter(provider_id=provider_id).select_related("service"):
        for name in (one.name, f"{one.service.name} / {one.name}"):
            teams[name.casefold()].append(one.pk)
    return Known(at=at, codes=codes, teams=teams, default_team=team.pk if team else None)


def table_of(file: ImportFile, mapping: ImportMapping | None = None) -> Table:
    """The file as a table, read as it streams. A file of rows held back is as the source wrote it.

    Raises:
        FileProblem: it cannot be read as one, or ``mapping`` reads columns it does not have.
    """
    table = as_uploaded(open_table(text_of(file), mapping.sign if mapping else None))
    problems = column_problems(mapping, table) if mapping else []
    if problems:
        raise FileProblem(" ".join(problems))
    return table


@dataclass(frozen=True, slots=True)
class Judged:
    """What would become of one row. ``note`` says why when it is not simply imported."""

    row: TableRow
    prepared: Prepared
    state: LineState
    note: str = ""


@dataclass(slots=True)
class DryRun:
    """A whole file judged. ``problem`` is set when it cannot be imported at all; ``noted`` counts rows to look at."""

    table: Table | None = None
    problem: str = ""
    rows: int = 0
    cleaned: int = 0
    noted: int = 0
    counts: dict[LineState, int] = field(default_factory=lambda: dict.fromkeys(LineState, 0))
    first: list[Judged] = field(default_factory=list)
    troubles: list[Judged] = field(default_factory=list)

    @property
    def usable(self) -> int:
        """How many rows would become incidents."""
        return self.counts[LineState.IMPORTED]


def dry_run(*, file: ImportFile, mapping: ImportMapping, at: datetime) -> DryRun:
    """Judge every row of ``file`` and write nothing. Keeps the first rows, and the first that would be held back."""
    result = DryRun()
    try:
        result.table = table_of(file, mapping)
        for one in judged(table=result.table, mapping=mapping, file=file, at=at):
            result.rows += 1
            result.cleaned += one.row.cleaned
            result.counts[one.state] += 1
            if one.state is LineState.IMPORTED and len(result.first) < FIRST_ROWS:
                result.first.append(one)
            result.noted += bool(one.note)
            if one.note and len(result.troubles) < MOST_PROBLEMS:
                result.troubles.append(one)
    except FileProblem as problem:
        result.problem = problem.sentence
    else:
        if not result.rows:
            result.problem = "The file has a heading and no rows under it."
    return result


def judged(*, table: Table, mapping: ImportMapping, file: ImportFile, at: datetime) -> Iterator[Judged]:
    """What would become of each row of ``table``, in order."""
    known = known_for(provider_id=file.provider_id, team=file.team, at=at)
    seen: dict[str, tuple[int, int]] = {}
    prepared = ((row, prepare(row, table.columns, mapping, known)) for row in table.rows)
    while together := list(itertools.islice(prepared, _TOGETHER)):
        here = _here(file.provider_id, mapping.source_system, (one.reference for _, one in together))
        for row, one in together:
            yield _judge(row, one, here, seen)


def _here(provider_id: UUID, source_system: str, references: Iterable[str]) -> dict[str, str]:
    """The references that are incidents already, each with what happened."""
    found = Incident.objects.standing().filter(
        provider_id=provider_id, source_system=source_system, source_reference__in=[one for one in references if one]
    )
    return dict(found.values_list("source_reference", "what_happened"))


def _judge(row: TableRow, one: Prepared, here: dict[str, str], seen: dict[str, tuple[int, int]]) -> Judged:
    if one.report is None:
        return Judged(row, one, LineState.HELD, one.reason)
    words = one.report.what_happened.strip()
    if one.reference in here:
        note = "" if here[one.reference] == words else SAID_OTHERWISE
        return Judged(row, one, LineState.ALREADY, note)
    if one.reference in seen:
        number, fingerprint = seen[one.reference]
        if fingerprint == hash(words):
            return Judged(row, one, LineState.ALREADY, f"The same as row {number}.")
        return Judged(row, one, LineState.HELD, same_reference(number))
    seen[one.reference] = (row.number, hash(words))
    return Judged(row, one, LineState.IMPORTED)


def untranslated(*, file: ImportFile, mapping: ImportMapping, at: datetime) -> dict[str, list[str]]:
    """For each coded answer, the file's values that mean nothing here yet; at most forty of each are worth asking.

    Raises:
        FileProblem: the file cannot be read.
    """
    table = table_of(file, mapping)
    known = known_for(provider_id=file.provider_id, team=file.team, at=at)
    rows = (dict(zip(table.columns, row.cells, strict=True)) for row in table.rows if not row.trouble)
    return {answer: found[:MOST_VALUES] for answer, found in values_to_translate(rows, mapping, known).items()}
