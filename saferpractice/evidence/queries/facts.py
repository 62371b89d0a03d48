"""The facts a thematic review is drawn from. They count everything, also what only named people may open: nothing here
is scoped, and nothing here is shown before the rules have made numbers of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from saferpractice.access.models import Provider
from saferpractice.assurance.models import ImpactCheck, ImpactPlan
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import ACTION
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import end_of_day, local_day
from saferpractice.evidence.rules.thematic.draft import MONTHS_SHOWN, REQUIRED_THEMES
from saferpractice.evidence.rules.thematic.facts import Changed, Found, Happened, Labels, OpenRisks, QuarterFacts
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.incidents.queries import characteristics_of, groups_recorded
from saferpractice.incidents.rules import UNGROUPED, Answer
from saferpractice.lists.queries import choices, labels_of, shipped
from saferpractice.reviews.models import ReviewCompletion
from saferpractice.triage.models import TriageRecord

HARMS = ("No harm", "Low harm", "Moderate harm", "Severe harm", "The person died")
"""The worse of the two national levels, by its number."""
DUTIES = {
    "triage.": "decisions of triage",
    "pathways.": "what pathways ask for",
    "reviews.": "reviews and their documents",
    "findings.": "answers to findings",
    "changes.": "changes and their rollout",
    "assurance.": "checks whether changes worked",
}
"""What is owed, by how its kind begins."""


def facts_of(provider: Provider, quarter: Quarter, *, at: datetime, supported: int | None = None) -> QuarterFacts:
    """Everything the draft of ``quarter`` is drawn from, as the records are at ``at``."""
    recorded_since = _recorded_since(provider, quarter)
    incidents = _incidents(provider, quarter)
    here = [one for one in incidents if quarter.holds(_happened_on(one))]
    return QuarterFacts(
        quarter=quarter,
        drawn_on=local_day(at),
        recorded_since=recorded_since,
        repeat_days=provider.repeat_window_days,
        labels=_labels(provider, local_day(at), incidents),
        incidents=tuple(_happened(one) for one in incidents),
        findings=_findings(incidents, quarter),
        changes=_changes(provider, quarter),
        risks=_risks(provider, at),
        groups=_groups(provider, {one.person_supported_id for one in here if one.person_supported_id}, local_day(at)),
        supported=supported,
    )


def _recorded_since(provider: Provider, quarter: Quarter) -> date:
    first = happened(provider).order_by("happened").first()
    return min(_happened_on(first), quarter.first) if first else quarter.first


def happened(provider: Provider) -> QuerySet[Any]:
    """The standing incidents of a provider, each with when it ``happened`` as measures have it."""
    standing = Incident.objects.standing().filter(provider=provider)
    return standing.annotate(happened=Coalesce("occurred_at", "known_at"))


def _incidents(provider: Provider, quarter: Quarter) -> list[Incident]:
    """Those the charts reach back to, and as far before the quarter as a repeat may lie."""
    reach = max(timedelta(days=31 * (MONTHS_SHOWN - 2)), timedelta(days=provider.repeat_window_days))
    within = Q(happened__gte=quarter.starts_at - reach, happened__lt=quarter.ends_at)
    learnt = Q(known_at__gte=quarter.starts_at, known_at__lt=quarter.ends_at, happened__lt=quarter.ends_at)
    found = happened(provider).filter(within | learnt)
    return list(found.select_related("team__service").order_by("happened", "pk"))


def harm_level(incident: Incident) -> int:
    """The worse of the two levels of harm as graded now; one that is on no list counts as none."""
    given = (("physical-harm", incident.physical_harm), ("psychological-harm", incident.psychological_harm))
    levels = [entry.detail["level"] for name, code in given for entry in shipped(name).entries if entry.code == code]
    return max(levels, default=0)


def _happened_on(one: Incident) -> date:
    """The London day on which it happened; where nobody knows, the one on which it became known."""
    return local_day(one.occurred_at or one.known_at)


def _happened(one: Incident) -> Happened:
    return Happened(
        id=str(one.pk),
        on=_happened_on(one),
        known_on=local_day(one.known_at),
        themes=frozenset(one.themes),
        harm=harm_level(one),
        team=one.team.name,
        service=one.team.service.name,
        person=str(one.person_supported_id) if one.person_supported_id else None,
    )


def _findings(incidents: Iterable[Incident], quarter: Quarter) -> tuple[Found, ...]:
    found = Finding.objects.standing().counted_once().filter(incident__in=[one.pk for one in incidents])
    return tuple(
        Found(
            id=str(one.pk),
            incident=str(one.incident_id),
            condition=one.condition,
            found_on=local_day(one.decided_at),
        )
        for one in found.filter(decided_at__lt=quarter.ends_at).order_by("decided_at", "pk")
    )


def _changes(provider: Provider, quarter: Quarter) -> tuple[Changed, ...]:
    found = OperationalChange.objects.standing().filter(provider=provider, decided_at__lt=quarter.ends_at)
    changes = list(found.select_related("go_live").prefetch_related("findings").order_by("decided_at", "pk"))
    verdicts = verdicts_of(changes)
    planned = set(
        ImpactPlan.objects.filter(change__in=changes, primary=True, replaced_by__isnull=True).values_list(
            "change_id", flat=True
        )
    )
    return tuple(
        Changed(
            id=str(one.pk),
            incidents=frozenset(str(finding.incident_id) for finding in one.findings.all()),
            agreed_on=local_day(one.decided_at),
            live_on=local_day(one.go_live.live_at) if hasattr(one, "go_live") else None,
            verdict=verdicts.get(one.pk, ""),
            planned=one.pk in planned,
        )
        for one in changes
    )


def verdicts_of(changes: Iterable[OperationalChange]) -> dict[UUID, str]:
    """The verdict on record for each of these changes, in its words: the newest of its primary plan's latest look."""
    checks = ImpactCheck.objects.filter(plan__change__in=list(changes), plan__primary=True).select_related("plan")
    found: dict[UUID, str] = {}
    for check in checks.order_by("look__on", "decided_at", "pk"):
        exploratory = " (exploratory)" if check.exploratory else ""
        found[check.plan.change_id] = f"{check.verdict}{exploratory}"
    return found


def _risks(provider: Provider, at: datetime) -> OpenRisks:
    late = Obligation.objects.late(at).filter(provider=provider)
    kinds = Counter(late.values_list("kind", flat=True))
    actions = kinds.pop(ACTION, 0)
    duties = {words: sum(n for kind, n in kinds.items() if kind.startswith(start)) for start, words in DUTIES.items()}
    return OpenRisks(late_actions=actions, late_duties=duties, at_risk=_still_at_risk(provider, at))


def _still_at_risk(provider: Provider, at: datetime) -> tuple[str, ...]:
    """Incidents without a complete review after which the newest triage, or else the report, does not rule risk out."""
    reviewed = ReviewCompletion.objects.filter(review__incident=OuterRef("pk"))
    since = end_of_day(local_day(at) - timedelta(days=365))
    open_ones = Incident.objects.standing().filter(~Exists(reviewed), provider=provider, known_at__gte=since)
    said = dict(open_ones.values_list("pk", "still_at_risk"))
    triaged = TriageRecord.objects.filter(incident__in=open_ones.values("pk")).order_by("decided_at", "pk")
    said |= dict(triaged.values_list("incident_id", "still_at_risk"))
    return tuple(sorted(str(pk) for pk, answer in said.items() if answer != Answer.NO))


def _labels(provider: Provider, on: date, incidents: Iterable[Incident]) -> Labels:
    themes = {one.code: one.label for one in choices("themes", provider_id=provider.pk, on=on)}
    known = labels_of("themes", provider_id=provider.pk)
    for code in (*REQUIRED_THEMES, *sorted({theme for one in incidents for theme in one.themes})):
        themes.setdefault(code, known.get(code, code))
    groups = groups_recorded(provider.pk, on)
    return Labels(
        themes=themes,
        conditions=labels_of("system-conditions", provider_id=provider.pk),
        harms=HARMS,
        groups={what.label: {**labels, **UNGROUPED} for what, labels in groups.items()},
    )


def _groups(provider: Provider, people: set[UUID], on: date) -> dict[str, dict[str, str]]:
    """By characteristic in words: the group of each person of whom one is recorded that still is on the list."""
    listed = groups_recorded(provider.pk, on)
    recorded = characteristics_of(people)
    return {
        what.label: {
            str(person): answers[what]
            for person, answers in recorded.items()
            if answers.get(what) in {*labels, *UNGROUPED}
        }
        for what, labels in listed.items()
    }
