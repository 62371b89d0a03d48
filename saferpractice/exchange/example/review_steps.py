"""Steps of the example in the review and its findings, each through its operation."""

from __future__ import annotations

from uuid import UUID

from saferpractice.exchange.example import shapes
from saferpractice.exchange.example.world import Here, World, upload
from saferpractice.findings import operations as findings
from saferpractice.findings.models import Finding
from saferpractice.reviews import operations as reviews
from saferpractice.reviews.models import Review, TimelineEntry
from saferpractice.reviews.rules import Affected, DecisionView, Verdict


def open_review(world: World, here: Here, says: shapes.ReviewStep) -> None:
    """Open the review."""
    world.reviews[here.incident_key] = reviews.open_review(
        by=here.by,
        at=here.at,
        incident=world.incidents[here.incident_key],
        method=says.method,
        reviewer=world.people[says.reviewer] if says.reviewer else None,
        independence=says.independence,
        despite=says.despite,
    )


def assign_reviewer(world: World, here: Here, says: shapes.ReviewerStep) -> None:
    """Ask somebody to carry out the review."""
    reviews.assign_reviewer(
        by=here.by,
        at=here.at,
        review=world.reviews[here.incident_key],
        person=world.people[says.person],
        independence=says.independence,
        despite=says.despite,
    )


def record_involved(world: World, here: Here, says: shapes.InvolvedStep) -> None:
    """Record who was involved."""
    incident, person = world.incidents[here.incident_key], world.people[says.person]
    reviews.record_involved(by=here.by, at=here.at, incident=incident, person=person, how=says.how)


def offer_support(world: World, here: Here, says: shapes.SupportStep) -> None:
    """Record support offered."""
    reviews.offer_support(
        by=here.by,
        at=here.at,
        review=world.reviews[here.incident_key],
        affected=Affected(says.affected),
        who=says.who,
        offered=says.offered,
        questions=says.questions,
        told=says.told,
    )


def draw_timeline(world: World, here: Here, _says: shapes.DrawStep) -> None:
    """Draw the timeline from the records."""
    reviews.draw_timeline_from_records(by=here.by, at=here.at, review=world.reviews[here.incident_key])


def add_entry(world: World, here: Here, says: shapes.EntryStep) -> None:
    """Add to the timeline by hand."""
    world.entries[says.key] = reviews.add_timeline_entry(
        by=here.by,
        at=here.at,
        review=world.reviews[here.incident_key],
        happened_at=world.moment(says.when),
        precision=says.sure,
        what=says.what,
        source=says.source,
    )


def supply_document(world: World, here: Here, says: shapes.DocumentStep) -> None:
    """Supply a required document."""
    decisions = world.incidents[here.incident_key].threshold_decisions.order_by("decided_at", "pk")
    reviews.supply_document(
        by=here.by,
        at=here.at,
        review=world.reviews[here.incident_key],
        kind=says.kind,
        answers=says.answers,
        views={
            decision.pk: DecisionView(Verdict(view.verdict), view.why)
            for decision, view in zip(decisions, says.views, strict=False)
        },
        text=says.text,
        upload=upload(says.file),
    )


def record_finding(world: World, here: Here, says: shapes.FindingStep) -> None:
    """Record a finding."""
    review = world.reviews[here.incident_key]
    world.findings[says.key] = findings.record_finding(
        by=here.by, at=here.at, review=review, words=_words(world, review, says)
    )


def _words(world: World, review: Review, says: shapes.FindingShape) -> findings.FindingWords:
    return findings.FindingWords(
        condition=says.condition,
        statement=says.statement,
        made_more_likely=says.more_likely,
        reduces_recurrence=says.less_likely,
        evidence=tuple(world.entries[key].pk for key in says.evidence) or _all_that_stand(review),
        kept_reason=says.kept_because,
    )


def _all_that_stand(review: Review) -> tuple[UUID, ...]:
    return tuple(TimelineEntry.objects.standing().filter(review=review).values_list("pk", flat=True))


def rapid_review(world: World, here: Here, says: shapes.RapidStep) -> None:
    """Do a tier A review on one page."""
    review = world.reviews[here.incident_key]
    findings.complete_rapid_review(
        by=here.by,
        at=here.at,
        review=review,
        answers=says.answers,
        words=_words(world, review, says.finding) if says.finding else None,
        summary=says.summary,
        nothing_found_because=says.nothing_found_because,
    )
    if says.finding is not None:
        world.findings[says.finding.key] = Finding.objects.standing().get(review=review)


def complete(world: World, here: Here, says: shapes.CompleteStep) -> None:
    """Complete the review."""
    reviews.complete_review(
        by=here.by,
        at=here.at,
        review=world.reviews[here.incident_key],
        summary=says.summary,
        nothing_found_because=says.nothing_found_because,
    )


def oversee(world: World, here: Here, says: shapes.OversightStep) -> None:
    """Sign off, or send back."""
    reviews.sign_off_oversight(
        by=here.by, at=here.at, review=world.reviews[here.incident_key], accepted=says.accepted, words=says.words
    )
