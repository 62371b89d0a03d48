"""Every decision about the incidents of a pack, with who made it, when and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.decisions import Decided
from saferpractice.evidence.queries.packs.naming import Labels, said, staff
from saferpractice.evidence.rules.packs.document import Kind, Source
from saferpractice.evidence.rules.packs.facts import Happening
from saferpractice.incidents.models import Correction, HarmGrading, Incident, RestrictionDecision
from saferpractice.incidents.rules import PART_WORDS
from saferpractice.reviews.models import OversightSignOff, ReviewerAssignment, SupportOffer
from saferpractice.reviews.records import outcome_words
from saferpractice.triage.models import (
    ImmediateSafetyAction,
    PartnerEscalation,
    ReferralAcknowledgement,
    RepeatedPattern,
    SafeguardingReferral,
    StatutoryNotification,
    TellingOthers,
    ThresholdDecision,
    TierDecision,
    TierProposal,
    TriageHandover,
    TriageRecord,
)
from saferpractice.triage.rules import RepeatKind
from saferpractice.triage.rules.form import TellingState


@dataclass(frozen=True, slots=True)
class Reader:
    """How one kind of row is read: the rows of some incidents, the incident of a row, and what it says."""

    rows: Callable[[list[UUID]], QuerySet[Any]]
    incident: Callable[[Any], UUID]
    make: Callable[[Any, Source, Labels], Iterator[Happening]]
    kind: Kind = Kind.TRIAGE


def decisions_of(incidents: Sequence[Incident], labels: Labels) -> dict[UUID, tuple[Happening, ...]]:
    """The decisions about each incident, by its id, oldest first; one read for each kind of decision."""
    references = {incident.pk: incident.reference for incident in incidents}
    found: dict[UUID, list[Happening]] = {pk: [] for pk in references}
    for reader in READERS:
        for row in reader.rows(list(references)):
            pk = reader.incident(row)
            found[pk] += reader.make(row, Source(reader.kind, references[pk]), labels)
    return {pk: tuple(sorted(happenings, key=lambda one: one.at)) for pk, happenings in found.items()}


def _happening(row: Decided, label: str, source: Source, **more: Any) -> Happening:
    return Happening(**{"at": row.decided_at, "by": staff(row), "label": label, "source": source, **more})


def _corrected(row: Correction, source: Source, labels: Labels) -> Iterator[Happening]:
    yield _happening(
        row,
        f"Added to the report: {PART_WORDS.get(row.part, row.part).lower()}.",
        source,
        what=said(row, "text", source),
        why=said(row, "reason", source),
    )


def _graded(row: HarmGrading, source: Source, labels: Labels) -> Iterator[Happening]:
    physical = labels.of("physical-harm", row.physical_harm).lower()
    psychological = labels.of("psychological-harm", row.psychological_harm).lower()
    words = f"Harm graded: {physical}, {psychological}."
    yield _happening(row, words, source, why=said(row, "reason", source))


def _restricted(row: RestrictionDecision, source: Source, labels: Labels) -> Iterator[Happening]:
    words = "Restricted to named people." if row.restricted else "Opened again to everybody who leads there."
    yield _happening(row, words, source, why=said(row, "reason", source))


def _triaged(row: TriageRecord, source: Source, labels: Labels) -> Iterator[Happening]:
    types = ", ".join(labels.of("abuse-types", code).lower() for code in row.abuse_types)
    answers = (
        f"Needs care and support: {row.needs_care_and_support}. "
        f"Abuse or neglect: {row.abuse_or_neglect}{f' ({types})' if types else ''}. "
        f"Somebody still at risk: {row.still_at_risk}."
    )
    yield _happening(row, f"Triaged. {answers}", source, why=said(row, "no_safety_actions_because", source))
    for label, part in (
        ("What the person wishes:", "wishes_words"),
        ("A warning of family or a carer:", "family_warning_words"),
        ("Who is still at risk:", "risk_words"),
    ):
        words = said(row, part, source)
        if words is not None:
            yield _happening(row, label, source, what=words)


def _kept_safe(row: ImmediateSafetyAction, source: Source, labels: Labels) -> Iterator[Happening]:
    later = getattr(row, "done", None)
    done_at = later.done_at if later is not None else row.done_at
    signed = later if later is not None else row.triage_record
    what = said(row, "what", source)
    if what is None:
        return
    # Its own key is a number; with the record it belongs to it is the action's alone.
    what = type(what)(source=source, record=f"{row.triage_record_id}#{row.pk}", part="what", text=what.text)
    yield Happening(
        at=done_at or row.triage_record.decided_at,
        by=staff(signed),
        label="Done to keep people safe:" if done_at else "To be done to keep people safe:",
        source=source,
        what=what,
        why=said(later, "note", source) if later is not None else None,
    )


def _threshold(row: ThresholdDecision, source: Source, labels: Labels) -> Iterator[Happening]:
    words = f"Safeguarding threshold decided: {outcome_words(row.outcome)}."
    yield _happening(row, words, source, why=said(row, "rationale", source))


def _referred(row: SafeguardingReferral, source: Source, labels: Labels) -> Iterator[Happening]:
    yield _happening(row, "Concern sent to the local authority.", source, at=row.sent_at)


def _acknowledged(row: ReferralAcknowledgement, source: Source, labels: Labels) -> Iterator[Happening]:
    words = "The local authority acknowledged the concern."
    yield _happening(row, words, source, at=row.received_at, what=said(row, "answer", source))


def _telling(row: TellingOthers, source: Source, labels: Labels) -> Iterator[Happening]:
    state = TellingState(row.state).label
    words = f"{row.duty_label}: {state[:1].lower()}{state[1:]} ({row.paragraph})."
    yield _happening(row, words, source, at=row.done_at or row.decided_at, why=said(row, "reason", source))


def _repeated(row: RepeatedPattern, source: Source, labels: Labels) -> Iterator[Happening]:
    kind = RepeatKind(row.kind)
    many = f"{row.how_many} earlier {'incident' if row.how_many == 1 else 'incidents'} within {row.window_days} days."
    # What repeats is a person's reference where the person is the same, and that is nobody's business outside.
    what = "" if kind is RepeatKind.PERSON else f" ({row.what})"
    yield _happening(row, f"Found to repeat: {kind.label.lower()}{what}, {many}", source)


def _proposed(row: TierProposal, source: Source, labels: Labels) -> Iterator[Happening]:
    words = f"The rules propose tier {row.tier} (rule {row.rule_id}, table {row.table_version})."
    yield _happening(row, words, source)


def _tier(row: TierDecision, source: Source, labels: Labels) -> Iterator[Happening]:
    departs = " This departs from what the rules propose." if row.tier != row.proposal.tier else ""
    yield _happening(row, f"Tier {row.tier} decided.{departs}", source, why=said(row, "reason", source))


def _handed(row: TriageHandover, source: Source, labels: Labels) -> Iterator[Happening]:
    words = "Handed to the safeguarding lead with a question:"
    yield _happening(row, words, source, what=said(row, "question", source))


def _assigned(row: ReviewerAssignment, source: Source, labels: Labels) -> Iterator[Happening]:
    words = f"A reviewer was asked to carry out the tier {row.review.tier} review."
    yield _happening(row, words, source, what=said(row, "independence", source), why=said(row, "despite", source))


def _signed(row: OversightSignOff, source: Source, labels: Labels) -> Iterator[Happening]:
    words = "Senior oversight: accepted." if row.accepted else "Senior oversight: sent back."
    yield _happening(row, words, source, what=said(row, "words", source))


def _supported(row: SupportOffer, source: Source, labels: Labels) -> Iterator[Happening]:
    whom = {"person": "the person supported", "family": "the family", "staff": "staff"}.get(row.affected, row.affected)
    yield _happening(row, f"Support offered to {whom}:", source, what=said(row, "offered", source))
    for label, part in (("What they want answered:", "questions"), ("What they were told:", "told")):
        words = said(row, part, source)
        if words is not None:
            yield _happening(row, label, source, what=words)


def _own(table: Any) -> Callable[[list[UUID]], QuerySet[Any]]:
    return lambda ids: table.objects.filter(incident__in=ids).order_by("decided_at", "pk")


def _of_reviews(table: Any) -> Callable[[list[UUID]], QuerySet[Any]]:
    return lambda ids: (
        table.objects.filter(review__incident__in=ids).select_related("review").order_by("decided_at", "pk")
    )


def _safety(ids: list[UUID]) -> QuerySet[ImmediateSafetyAction]:
    found = ImmediateSafetyAction.objects.filter(triage_record__incident__in=ids)
    return found.select_related("triage_record", "done").order_by("pk")


def _answers(ids: list[UUID]) -> QuerySet[ReferralAcknowledgement]:
    found = ReferralAcknowledgement.objects.filter(referral__incident__in=ids)
    return found.select_related("referral").order_by("decided_at", "pk")


def _by_itself(row: Any) -> UUID:
    return row.incident_id  # type: ignore[no-any-return]


def _by_review(row: Any) -> UUID:
    return row.review.incident_id  # type: ignore[no-any-return]


READERS: tuple[Reader, ...] = (
    Reader(_own(Correction), _by_itself, _corrected, Kind.INCIDENT),
    Reader(_own(HarmGrading), _by_itself, _graded, Kind.INCIDENT),
    Reader(_own(RestrictionDecision), _by_itself, _restricted, Kind.INCIDENT),
    Reader(_own(TriageRecord), _by_itself, _triaged),
    Reader(_safety, lambda row: row.triage_record.incident_id, _kept_safe),
    Reader(_own(ThresholdDecision), _by_itself, _threshold),
    Reader(_own(SafeguardingReferral), _by_itself, _referred),
    Reader(_answers, lambda row: row.referral.incident_id, _acknowledged),
    Reader(_own(StatutoryNotification), _by_itself, _telling),
    Reader(_own(PartnerEscalation), _by_itself, _telling),
    Reader(_own(RepeatedPattern), _by_itself, _repeated),
    Reader(_own(TierProposal), _by_itself, _proposed),
    Reader(lambda ids: _own(TierDecision)(ids).select_related("proposal"), _by_itself, _tier),
    Reader(_own(TriageHandover), _by_itself, _handed),
    Reader(_of_reviews(ReviewerAssignment), _by_review, _assigned, Kind.REVIEW),
    Reader(_of_reviews(OversightSignOff), _by_review, _signed, Kind.REVIEW),
    Reader(_of_reviews(SupportOffer), _by_review, _supported, Kind.REVIEW),
)
