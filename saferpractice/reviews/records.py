"""What the records of the earlier stages say happened, as entries a timeline can take over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models

from saferpractice.deadlines.rules import is_midnight
from saferpractice.incidents.models import Incident
from saferpractice.incidents.rules import Precision
from saferpractice.lists.queries import label_of
from saferpractice.reviews.models import Review, TimelineEntry
from saferpractice.triage.models import ImmediateSafetyAction, SafeguardingReferral, TellingOthers
from saferpractice.triage.rules import ThresholdOutcome


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing a record says. ``from_type`` and ``from_id`` name the record, so that it is drawn once."""

    happened_at: datetime
    precision: str
    what: str
    source: str
    from_type: str
    from_id: UUID


def drawn_from(incident: Incident, builds_on: Review | None) -> list[Drawn]:
    """Everything the records of ``incident`` say, and what the review it builds on put together, oldest first."""
    found = [
        *_report(incident),
        *_triage(incident),
        *_decisions(incident),
        *_telling(incident),
        *(_earlier(builds_on) if builds_on else ()),
    ]
    return sorted(found, key=lambda one: (one.happened_at, one.from_type, str(one.from_id)))


def _exact(row: models.Model, at: datetime, what: str, source: str, part: str = "") -> Drawn:
    kind = row._meta.label_lower + (f"#{part}" if part else "")
    return Drawn(at, Precision.EXACT, what, source, kind, row.pk)


def _report(incident: Incident) -> Iterator[Drawn]:
    source = f"Report of incident {incident.reference}"
    if incident.occurred_at is not None and incident.occurred_precision != Precision.UNKNOWN:
        yield Drawn(
            incident.occurred_at,
            incident.occurred_precision,
            incident.what_happened,
            source,
            "incidents.incident#occurred",
            incident.pk,
        )
    if incident.known_at < incident.recorded_at:
        known = Precision.DAY if is_midnight(incident.known_at) else Precision.EXACT
        yield Drawn(
            incident.known_at,
            known,
            "The service came to know of it.",
            source,
            "incidents.incident#known",
            incident.pk,
        )
    said = f"Reported. Done at once: {incident.done_at_once}" if incident.done_at_once else "Reported."
    yield _exact(incident, incident.recorded_at, said, source, "reported")
    for correction in incident.corrections.all():
        yield _exact(
            correction,
            correction.decided_at,
            f"Added to the report: {correction.text}\nHow it is known: {correction.reason}",
            f"Correction to the report, by {correction.decided_by_name}",
        )
    for grading in incident.harm_gradings.order_by("decided_at", "id")[1:]:
        yield _exact(
            grading,
            grading.decided_at,
            f"Harm graded again: {_harm(incident, grading.physical_harm, grading.psychological_harm)}. "
            f"Why: {grading.reason}",
            f"Grading of harm, by {grading.decided_by_name}",
        )


def _harm(incident: Incident, physical: str, psychological: str) -> str:
    levels = (("physical-harm", physical), ("psychological-harm", psychological))
    words = [label_of(listed, code, provider_id=incident.provider_id) for listed, code in levels]
    return ", ".join(word[:1].lower() + word[1:] for word in words)


def _triage(incident: Incident) -> Iterator[Drawn]:
    for record in incident.triage_records.all():
        warned = (
            f"\nA family's or carer's warning: {record.family_warning_words}" if record.family_warning_words else ""
        )
        wishes = f"\nThe person's wishes: {record.wishes_words}" if record.wishes_words else ""
        yield _exact(
            record, record.decided_at, f"Triaged.{wishes}{warned}", f"Triage record, by {record.decided_by_name}"
        )
    for action in ImmediateSafetyAction.objects.filter(triage_record__incident=incident).select_related(
        "triage_record", "done"
    ):
        later = getattr(action, "done", None)
        done_at = later.done_at if later is not None else action.done_at
        if done_at is None:
            continue
        note = f". {later.note}" if later is not None and later.note else ""
        by = later.decided_by_name if later is not None else action.triage_record.decided_by_name
        # Its own key is a number: the record's id, with the number as part, names it.
        yield _exact(
            action.triage_record,
            done_at,
            f"Done to keep people safe: {action.what} ({action.who}){note}",
            f"Triage record, by {by}",
            f"safety-{action.pk}",
        )


def outcome_words(outcome: str) -> str:
    """A threshold outcome in words, to follow a colon."""
    known = outcome in ThresholdOutcome.__members__.values()
    return ThresholdOutcome(outcome).label.lower() if known else outcome


def _decisions(incident: Incident) -> Iterator[Drawn]:
    for decision in incident.threshold_decisions.all():
        yield _exact(
            decision,
            decision.decided_at,
            f"Safeguarding threshold decided: {outcome_words(decision.outcome)}. Why: {decision.rationale}",
            f"Threshold decision, by {decision.decided_by_name} ({decision.decided_by_role})",
        )
    for tier in incident.tier_decisions.all():
        why = f" Why: {tier.reason}" if tier.reason else ""
        yield _exact(
            tier, tier.decided_at, f"Tier {tier.tier} review decided.{why}", f"Tier decision, by {tier.decided_by_name}"
        )


def _telling(incident: Incident) -> Iterator[Drawn]:
    for referral in SafeguardingReferral.objects.filter(incident=incident).prefetch_related("acknowledgements"):
        yield _exact(
            referral,
            referral.sent_at,
            f"Concern sent to {referral.authority}, {referral.how}.",
            f"Referral, by {referral.decided_by_name}",
        )
        for answer in referral.acknowledgements.all():
            words = f" {answer.answer}" if answer.answer else ""
            yield _exact(
                answer,
                answer.received_at,
                f"{referral.authority} acknowledged the concern.{words}",
                f"Acknowledgement {answer.authority_reference}",
            )
    told: list[TellingOthers] = [*incident.statutory_notifications.all(), *incident.partner_escalations.all()]
    for row in told:
        if row.done_at is not None:
            yield _exact(
                row,
                row.done_at,
                f"Told: {row.duty_label}." + (f" {row.reason}" if row.reason else ""),
                f"Record of telling others, by {row.decided_by_name} ({row.paragraph})",
            )


def _earlier(review: Review) -> Iterator[Drawn]:
    """What was written by hand, or put right, in the review this one builds on; its records are drawn afresh."""
    for entry in TimelineEntry.objects.standing().filter(review=review, from_id__isnull=True):
        yield Drawn(
            entry.happened_at,
            entry.precision,
            entry.what,
            f"{entry.source} (from the tier {review.tier} review)"[:300],
            entry._meta.label_lower,
            entry.pk,
        )
