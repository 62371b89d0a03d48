"""What pages show of findings: the words, what they rest on, wording that points at a person, the Pareto."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any

from markupsafe import Markup, escape

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.charts import Bar
from saferpractice.design.typed import as_written
from saferpractice.findings.models import Finding
from saferpractice.findings.permissions import check_can_correct_finding
from saferpractice.findings.queries import (
    ConditionCount,
    entry_as_it_stands,
    findings_of_incident,
    found_before_seen,
)
from saferpractice.findings.rules import BlameMatch, blame_in, causation_hints
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import label_of
from saferpractice.reviews.models import Review, TimelineEntry
from saferpractice.reviews.presenters import when_words

FIELDS = {
    "statement": "The statement",
    "made_more_likely": "What made it more likely",
    "reduces_recurrence": "What would make it less likely",
}


def condition_words(finding: Finding) -> str:
    """The system condition in words."""
    return label_of("system-conditions", finding.condition, provider_id=finding.incident.provider_id)


def marked(text: str, matches: Sequence[BlameMatch]) -> Markup:
    """``text``, escaped, with the words that point at a person marked."""
    parts, reached = [], 0
    for match in matches:
        parts += [escape(text[reached : match.start]), Markup("<mark>{}</mark>").format(text[match.start : match.end])]
        reached = match.end
    return Markup("").join([*parts, escape(text[reached:])])


def wording(texts: dict[str, str]) -> list[dict[str, Any]]:
    """What is worth a second thought in each text: the words marked, and the question to ask instead (R13)."""
    found = []
    for name, text in texts.items():
        matches = blame_in(text)
        if matches:
            questions = list(dict.fromkeys(match.question for match in matches))
            found.append({"label": FIELDS.get(name, name), "text": marked(text, matches), "questions": questions})
    return found


def hints_for(statement: str) -> list[str]:
    """What would make a statement of a cause better, by the five rules. Never blocks."""
    if not as_written(statement):
        return []
    return [hint.hint for hint in causation_hints(statement, {match.kind for match in blame_in(statement)})]


def finding_shown(finding: Finding, *, by: Person, at: datetime) -> dict[str, Any]:
    """One finding as pages show it, with the earlier incidents of the condition that ``by`` may open."""
    return {
        "finding": finding,
        "condition": condition_words(finding),
        "evidence": [evidence_shown(entry) for entry in finding.evidence.all()],
        "who": f"{finding.decided_by_name}, {local_time_label(finding.decided_at)}",
        "kept": sorted({one["words"] for one in finding.blaming_words}),
        "before": found_before_seen(
            incident=finding.incident, condition=finding.condition, by=by, at=finding.decided_at
        ),
        "hints": hints_for(finding.statement),
        "put_right": finding.corrects,
        "may_correct": allowed(check_can_correct_finding, by=by, at=at, finding=finding)[0],
    }


def evidence_shown(entry: TimelineEntry) -> dict[str, str]:
    """A timeline entry a finding rests on; where it was put right since, what stands now and why."""
    now = entry_as_it_stands(entry)
    changed = now.pk != entry.pk
    return {
        "when": when_words(entry),
        "what": entry.what,
        "since": f"{when_words(now)}: {now.what}" if changed else "",
        "why": now.reason if changed else "",
    }


def findings_shown(findings: Sequence[Finding], *, by: Person, at: datetime) -> list[dict[str, Any]]:
    """Findings as pages show them."""
    return [finding_shown(one, by=by, at=at) for one in findings]


def rapid_prefill(review: Review) -> dict[str, str]:
    """What the report and triage already say was done at once, so that nobody types it twice."""
    incident = review.incident
    done = [incident.done_at_once] if incident.done_at_once else []
    triage = incident.triage_records.order_by("-decided_at", "-id").first()
    if triage is not None:
        done += [
            f"{action.what} ({action.who}"
            + (f", {local_time_label(action.done_at)})" if action.done_at else ", still to be done)")
            for action in triage.safety_actions.all()
        ]
    return {"immediate-actions-answer_done": "\n".join(done)}


def bars(counted: Sequence[ConditionCount]) -> list[Bar]:
    """The Pareto as a chart."""
    return [Bar(one.label, one.row.count) for one in counted]


def pareto_rows(counted: Sequence[ConditionCount]) -> list[list[str | int]]:
    """The Pareto as a table: condition, findings, share, share so far."""
    return [[one.label, one.row.count, percent(one.row.share), percent(one.row.cumulative)] for one in counted]


def percent(share: Fraction) -> str:
    """A share as a whole percentage, halves rounded up: 1 of 8 is "13%"."""
    return f"{floor(share * 100 + Fraction(1, 2))}%"


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """The findings as the incident page shows them; None while there is no review."""
    findings = findings_of_incident(incident)
    review = incident.reviews.order_by("-decided_at", "-id").first()
    if review is None:
        return None
    for finding in findings:
        finding.incident = incident
    return {
        "incident": incident,
        "review": review,
        "findings": findings_shown(findings, by=by, at=at),
        "nothing_found": any(
            one.completion.nothing_found_because for one in incident.reviews.filter(completion__isnull=False)
        ),
    }
