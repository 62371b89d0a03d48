"""What a partner's own pages show: what was shared with it, what is asked of it, and its own part."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from saferpractice.deadlines.rules import local_time_label
from saferpractice.partners.models import Contact
from saferpractice.partners.queries.seeing import Shared, own_parts
from saferpractice.partners.rules import answers_to, field_about, stands_alone
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.presenters import Labels, values_shown
from saferpractice.pathways.queries import Worked, definition_of, worked_by
from saferpractice.pathways.rules.definition import RecordKind


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on a partner's page, with the ways to answer it and its own answers so far."""

    label: str
    when: str
    who: str
    values: list[dict[str, str]]
    notes: list[str] = field(default_factory=list)
    ways: list[dict[str, str]] = field(default_factory=list)
    answers: list[Entry] = field(default_factory=list)
    correct: str = ""


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A case as a partner sees it. ``asked`` is what names it, ``shared`` what was chosen to be shared with it."""

    asked: list[Entry]
    shared: list[Entry]
    own: list[Entry]
    ways: list[dict[str, str]]


def case_seen(case: PathwayCase, contact: Contact, found: Iterable[Shared]) -> CaseSeen:
    """``case`` as ``contact`` sees it, from what they are shown and what their agency wrote."""
    definition, shown, own = definition_of(case), list(found), own_parts(case, contact.agency)
    labels = Labels.of(case.provider_id, worked_by(case), [*(each.row for each in shown), *own])
    page = _Page(case, worked_by(case), labels, own)
    asked = [each for each in shown if definition.kinds[each.row.kind].sharing == "named"]
    return CaseSeen(
        asked=[page.shared(each) for each in asked],
        shared=[page.shared(each) for each in shown if each not in asked],
        own=[page.own(record) for record in own if stands_alone(page.kind_of(record))],
        ways=[
            {"text": kind.label, "href": reverse("partner:write", args=[case.pk, kind.id])}
            for kind in definition.records
            if stands_alone(kind)
        ],
    )


def label_of(case: PathwayCase, row: PathwayRecord) -> str:
    """A record in a line."""
    return f"{definition_of(case).kinds[row.kind].label}, {local_time_label(row.happened_at)}"


def case_rows(cases: Iterable[PathwayCase]) -> list[dict[str, Any]]:
    """The cases a partner sees, each with the way to it."""
    return [
        {
            "reference": case.person_supported.reference,
            "provider": case.provider.name,
            "service": case.team.service.name,
            "href": reverse("partner:case", args=[case.pk]),
        }
        for case in cases
    ]


@dataclass(frozen=True, slots=True)
class _Page:
    case: PathwayCase
    worked: Worked
    labels: Labels
    written: list[PathwayRecord]

    def kind_of(self, row: PathwayRecord) -> RecordKind:
        """What a record is, by the version that was in force when it was written."""
        return self.worked.when_written(row).kinds[row.kind]

    def shared(self, each: Shared) -> Entry:
        code = each.row.kind
        ways, answers = [], []
        for kind in answers_to(self.worked.definition, code):
            name = field_about(kind, code)
            mine = [row for row in self.written if row.kind == kind.id and row.values.get(name) == each.seen.root]
            answers += [self.own(row, beneath=True) for row in mine]
            text = kind.label if not mine else f"{kind.label}, once more"
            ways.append({"text": text, "href": reverse("partner:answer", args=[self.case.pk, kind.id, each.seen.root])})
        notes = ["This was put right since. The newer version was not shared with you."] if each.seen.newer else []
        return self._entry(each.row, notes, ways=ways, answers=answers)

    def own(self, row: PathwayRecord, *, beneath: bool = False) -> Entry:
        """The partner's own record; ``beneath`` what it answers, it need not say which that is."""
        corrected = any(other.corrects_id == row.pk for other in self.written)
        notes = [f"Put right because: {row.reason}"] if row.reason else []
        notes += ["Put right later; this is what was written first."] if corrected else []
        still_asked = row.kind in self.worked.definition.kinds
        correct = "" if corrected or not still_asked else reverse("partner:correct", args=[self.case.pk, row.pk])
        return self._entry(row, notes, without={"record"} if beneath else set(), correct=correct)

    def _entry(self, row: PathwayRecord, notes: list[str], *, without: Collection[str] = (), **more: Any) -> Entry:
        kind, definition = self.kind_of(row), self.worked.when_written(row)
        role = f", {row.decided_by_role}" if row.decided_by_role else ""
        values = values_shown(definition, _without(kind, {"partner", "partners", *without}), row, self.labels)
        when, who = local_time_label(row.happened_at), f"{row.decided_by_name}{role}"
        return Entry(kind.label, when, who, values, notes, **more)


def _without(kind: RecordKind, types: Collection[str]) -> RecordKind:
    """``kind`` without fields of these types. Which other partners have a part in it is not for each to know."""
    return kind.model_copy(update={"fields": tuple(part for part in kind.fields if part.type not in types)})
