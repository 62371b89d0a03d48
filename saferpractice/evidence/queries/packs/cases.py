"""The incidents of a pack with their reviews, timelines, findings and learning, in a fixed number of reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Count

from saferpractice.config import encryption
from saferpractice.deadlines.rules import day_label, local_day, local_time_label
from saferpractice.evidence.queries.learning import learning_facts_of
from saferpractice.evidence.queries.packs.decided import decisions_of
from saferpractice.evidence.queries.packs.naming import Labels, Roles, said, staff
from saferpractice.evidence.rules import LearningFacts, Supply, assess_learning
from saferpractice.evidence.rules.packs.document import Kind, Source
from saferpractice.evidence.rules.packs.facts import (
    Case,
    Condition,
    Happening,
    Lacking,
    Learning,
    Reviewed,
    Said,
    Staff,
    Supplied,
    Supported,
    part_reference,
    short_reference,
)
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.queries import name_context
from saferpractice.incidents.rules import Precision
from saferpractice.reviews.models import RequiredDocument, Review, ReviewDocument, TimelineEntry
from saferpractice.trail.rules import NAME_WITHHELD
from saferpractice.triage.models import TierDecision

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parts:
    """What was read of the incidents, each by the incident's id."""

    decisions: dict[UUID, tuple[Happening, ...]]
    reviews: dict[UUID, tuple[Reviewed, ...]]
    timeline: dict[UUID, tuple[Happening, ...]]
    findings: dict[UUID, tuple[Condition, ...]]
    learning: dict[UUID, Learning]
    tiers: dict[UUID, str]


def cases_of(incidents: Sequence[Incident], labels: Labels, roles: Roles, *, names: bool) -> tuple[Case, ...]:
    """Every one of ``incidents``, in their order. ``names`` says whether the people supported are read by name."""
    reviews = _reviews(incidents)
    findings = _findings(incidents)
    facts = learning_facts_of(incidents)
    answering = {one.id: one.changes for fact in facts.values() for one in fact.findings}
    numbered = {finding.pk: reference for finding, reference in findings}
    parts = Parts(
        decisions=decisions_of(incidents, labels),
        reviews=_reviewed(reviews, labels),
        timeline=_timelines(reviews),
        findings=_grouped(
            ((one.incident_id, _condition(one, reference, answering, labels)) for one, reference in findings),
        ),
        learning={incident.pk: _learning(incident, facts[incident.pk], reviews, numbered) for incident in incidents},
        tiers=_tiers(incidents),
    )
    return tuple(_case(incident, parts, labels, roles, names=names) for incident in incidents)


def _grouped(rows: Iterable[tuple[UUID, T]]) -> dict[UUID, tuple[T, ...]]:
    found: dict[UUID, list[T]] = defaultdict(list)
    for pk, row in rows:
        found[pk].append(row)
    return {pk: tuple(listed) for pk, listed in found.items()}


def _case(incident: Incident, parts: Parts, labels: Labels, roles: Roles, *, names: bool) -> Case:
    source, pk = Source(Kind.INCIDENT, incident.reference), incident.pk
    return Case(
        source=source,
        service=incident.team.service.name,
        team=incident.team.name,
        person=_person(incident.person_supported, names=names),
        reporter=_reporter(incident, roles),
        occurred=_occurred(incident),
        happened_on=local_day(incident.occurred_at or incident.known_at),
        known_at=incident.known_at,
        recorded_at=incident.recorded_at,
        themes=tuple(labels.of("themes", theme) for theme in incident.themes),
        physical=labels.of("physical-harm", incident.physical_harm),
        psychological=labels.of("psychological-harm", incident.psychological_harm),
        restricted=incident.restricted,
        tier=parts.tiers.get(pk, ""),
        reported=tuple(_reported(incident, source)),
        decisions=parts.decisions.get(pk, ()),
        timeline=parts.timeline.get(pk, ()),
        reviews=parts.reviews.get(pk, ()),
        findings=parts.findings.get(pk, ()),
        learning=parts.learning[pk],
    )


def _reported(incident: Incident, source: Source) -> Iterable[tuple[str, Said]]:
    for label, part in (
        ("What happened", "what_happened"),
        ("What was done at once", "done_at_once"),
        ("What else was known", "also_known"),
        ("Who was still at risk", "risk_words"),
    ):
        words = said(incident, part, source)
        if words is not None:
            yield label, words


def _person(person: PersonSupported | None, *, names: bool) -> Supported | None:
    if person is None:
        return None
    name = encryption.decrypt(person.name_encrypted, name_context(person)) if names and person.name_encrypted else ""
    return Supported(person.reference, name)


def _reporter(incident: Incident, roles: Roles) -> Staff:
    if incident.name_withheld:
        return Staff(NAME_WITHHELD, NAME_WITHHELD)
    if incident.reporter is None:
        return Staff(f"Imported from {incident.source_system}" if incident.source_system else "", "An imported record")
    return Staff(incident.reporter.name, roles.of(incident.reporter.pk))


def _occurred(incident: Incident) -> str:
    """When it happened, as well as it is known."""
    if incident.occurred_at is None:
        return "Not known"
    if incident.occurred_precision == Precision.DAY:
        return day_label(local_day(incident.occurred_at))
    about = "About " if incident.occurred_precision == Precision.ABOUT else ""
    return about + local_time_label(incident.occurred_at)


def _tiers(incidents: Sequence[Incident]) -> dict[UUID, str]:
    """The tier in force of each incident."""
    rows = TierDecision.objects.filter(incident__in=incidents).order_by("decided_at", "pk")
    return dict(rows.values_list("incident_id", "tier"))


# ---- reviews


def _reviews(incidents: Sequence[Incident]) -> list[tuple[Review, Source]]:
    """The reviews of the incidents, oldest first, each with its reference."""
    return _numbered(
        Review.objects.filter(incident__in=incidents).select_related("completion").order_by("decided_at", "pk"),
        incidents,
        lambda review: review.incident_id,
        Kind.REVIEW,
        "R",
    )


def _numbered(
    rows: Iterable[T], incidents: Sequence[Incident], of: Callable[[T], UUID], kind: Kind, letter: str
) -> list[tuple[T, Source]]:
    """Rows with their references: the first of an incident is number 1, whatever became of it since."""
    references = {incident.pk: incident.reference for incident in incidents}
    counts: dict[UUID, int] = defaultdict(int)
    found = []
    for row in rows:
        counts[of(row)] += 1
        found.append((row, Source(kind, part_reference(references[of(row)], letter, counts[of(row)]))))
    return found


def _reviewed(reviews: Sequence[tuple[Review, Source]], labels: Labels) -> dict[UUID, tuple[Reviewed, ...]]:
    ids = [review.pk for review, _ in reviews]
    required = _grouped((row.review_id, row) for row in RequiredDocument.objects.filter(review__in=ids))
    supplied = {
        (row.review_id, row.kind): row
        for row in ReviewDocument.objects.filter(review__in=ids).order_by("decided_at", "pk")
    }
    return _grouped(
        (review.incident_id, _one_review(review, source, required.get(review.pk, ()), supplied, labels))
        for review, source in reviews
    )


def _one_review(
    review: Review,
    source: Source,
    required: Sequence[RequiredDocument],
    supplied: dict[tuple[UUID, str], ReviewDocument],
    labels: Labels,
) -> Reviewed:
    completion = getattr(review, "completion", None)
    return Reviewed(
        source=source,
        tier=review.tier,
        method=labels.of("review-methods", review.method),
        opened_at=review.decided_at,
        due_at=review.due_at,
        completed_at=completion.decided_at if completion else None,
        completed_by=staff(completion) if completion else None,
        summary=said(completion, "summary", source) if completion else None,
        nothing_found=said(completion, "nothing_found_because", source) if completion else None,
        documents=tuple(_document(one, supplied.get((review.pk, one.kind))) for one in required),
    )


def _document(required: RequiredDocument, supplied: ReviewDocument | None) -> Supplied:
    if supplied is None:
        return Supplied(required.label, None, None)
    return Supplied(required.label, supplied.decided_at, staff(supplied))


def _timelines(reviews: Sequence[tuple[Review, Source]]) -> dict[UUID, tuple[Happening, ...]]:
    """What happened, as the newest review of each incident put it together."""
    newest = {review.incident_id: (review, source) for review, source in reviews}
    of_review = {review.pk: (incident, source) for incident, (review, source) in newest.items()}
    entries = TimelineEntry.objects.standing().filter(review__in=list(of_review))
    return _grouped((of_review[one.review_id][0], _entry(one, of_review[one.review_id][1])) for one in entries)


def _entry(one: TimelineEntry, source: Source) -> Happening:
    return Happening(at=one.happened_at, by=staff(one), label="", source=source, what=said(one, "what", source))


# ---- findings and learning


def _findings(incidents: Sequence[Incident]) -> list[tuple[Finding, Source]]:
    """The standing findings of the incidents; their numbers count the corrected ones too, and so never move."""
    every = Finding.objects.filter(incident__in=incidents).select_related("corrected_by")
    rows = every.annotate(rests_on=Count("evidence")).order_by("decided_at", "pk")
    numbered = _numbered(rows, incidents, lambda finding: finding.incident_id, Kind.FINDING, "F")
    return [(finding, source) for finding, source in numbered if not hasattr(finding, "corrected_by")]


def _condition(finding: Finding, source: Source, answering: dict[str, tuple[str, ...]], labels: Labels) -> Condition:
    return Condition(
        source=source,
        condition=labels.of("system-conditions", finding.condition),
        at=finding.decided_at,
        by=staff(finding),
        statement=said(finding, "statement", source),
        more_likely=said(finding, "made_more_likely", source),
        recurrence=said(finding, "reduces_recurrence", source),
        rests_on=finding.rests_on,  # type: ignore[attr-defined]
        changes=tuple(short_reference(Kind.CHANGE, pk) for pk in answering.get(str(finding.pk), ())),
    )


SENTENCES = {
    Supply.TRIAGE: "Triage the incident.",
    Supply.OPEN_REVIEW: "Open the review that its tier asks for.",
    Supply.REVIEW: "Complete the review with every document it requires.",
    Supply.FINDING: "Record the system conditions behind the incident.",
    Supply.CORRECTION: "Answer both questions of the finding, and say what it rests on.",
    Supply.NEW_CHANGE: "Agree a change that answers the finding.",
    Supply.CHANGE: "Take the change live.",
    Supply.PROOF: "Prove that the change reached every team it is for.",
    Supply.NEW_PLAN: "Plan how to check whether the change worked.",
    Supply.PLAN: "Check whether the change worked: no verdict has been reached yet.",
}
"""What is missing, without the words of the record that it is missing of: those may name somebody."""


def _learning(
    incident: Incident,
    facts: LearningFacts,
    reviews: Sequence[tuple[Review, Source]],
    findings: dict[UUID, Source],
) -> Learning:
    found = assess_learning(facts)
    sources = {str(review.pk): source for review, source in reviews} | {
        str(pk): source for pk, source in findings.items()
    }
    for change in facts.changes:
        sources[change.id] = Source(Kind.CHANGE, short_reference(Kind.CHANGE, change.id))
        if change.plan is not None:
            sources[change.plan] = Source(Kind.IMPACT, short_reference(Kind.IMPACT, change.plan))
    own = Source(Kind.INCIDENT, incident.reference)
    missing = [Lacking(SENTENCES[one.supply], sources.get(one.about, own)) for one in found.missing]
    return Learning(
        defensible=found.defensible,
        sentence=found.sentence,
        steps=tuple((step.step.label, step.present) for step in found.steps),
        missing=tuple(dict.fromkeys(missing)),
    )
