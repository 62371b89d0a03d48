"""What is shown around a checklist: last time's answers before it is ticked, and what follows from it after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saferpractice.deadlines.rules import local_time_label
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.queries import definition_of, last_ticked, state_of
from saferpractice.pathways.rules.definition import Definition, RecordKind


@dataclass(frozen=True, slots=True)
class LastTime:
    """The newest checklist: when, by whom, what was ticked."""

    when: str
    who: str
    ticked: tuple[str, ...]
    count: str


def labels_of(definition: Definition, codes: Iterable[str]) -> tuple[str, ...]:
    """Indicators in words, in the order of the checklist."""
    chosen = set(codes)
    return tuple(indicator.label for indicator in definition.indicators if indicator.id in chosen)


def counted(definition: Definition, codes: Iterable[str]) -> str:
    """How many are present: "2 of 5", "none of 5"."""
    number = len(set(codes))
    return f"{number or 'none'} of {len(definition.indicators)}"


def last_time(record: PathwayRecord | None) -> LastTime | None:
    """The newest checklist as a page shows it; None where there is none."""
    if record is None:
        return None
    definition = definition_of(record.case)
    codes = ticked_codes(record, definition)
    return LastTime(
        when=local_time_label(record.happened_at),
        who=record.decided_by_name,
        ticked=labels_of(definition, codes),
        count=counted(definition, codes),
    )


def ticked_codes(record: PathwayRecord, definition: Definition) -> list[str]:
    """The indicators ticked on a record."""
    kind = definition.kinds[record.kind]
    return [code for part in kind.ticks for code in record.values.get(part.id, ())]


def before_ticking(case: PathwayCase | None, kind: RecordKind) -> dict[str, Any]:
    """What a page that writes a record of ``kind`` shows beside the form."""
    return {"last": last_time(last_ticked(case)) if kind.ticks else None}


def written(record: PathwayRecord, at: datetime) -> str:
    """What a person is told after writing: what was written, how many are present, and what is to be done now.

    After a checklist that is the next step; after any other record, everything that it brought about.
    """
    definition = definition_of(record.case)
    kind = definition.kinds[record.kind]
    told = f"Written down: {kind.label}."
    state = state_of(record.case, at)
    if not kind.ticks:
        return " ".join([told, *(each.sentence(at) for each in state.open if str(record.pk) in each.because)])
    codes = ticked_codes(record, definition)
    verb = "are" if len(codes) > 1 else "is"
    return f"{told} {counted(definition, codes).capitalize()} {verb} present. {state.next_step}"
