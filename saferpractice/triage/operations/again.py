"""A form sent again: the same answers are the same decision, others are held against what is on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import day_label, local_time_label
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import label_of
from saferpractice.trail.refusals import Invalid, SentBefore, differing
from saferpractice.trail.rules import By
from saferpractice.triage.models import PartnerEscalation, StatutoryNotification, Submitted, TierDecision, TriageRecord
from saferpractice.triage.rules import Answer, ThresholdOutcome, TierCode
from saferpractice.triage.rules.form import (
    SafetyAction,
    Telling,
    TellingState,
    ThresholdChoice,
    TierChoice,
    TriageForm,
)

Answers = Iterable[tuple[str, object, object]]
"""A question with the answer on record and the one that is typed now."""


def check_same_form(earlier: Submitted, by: By, incident: Incident, answers: Answers) -> None:
    """Refuse a form key that was used by somebody else, for another incident, or with other answers.

    Raises:
        Invalid: the key is not this person's for this incident.
        SentBefore: it is, and the answers differ.
    """
    same_person = earlier.decided_by_id == (by.pk if isinstance(by, Person) else None)
    if not same_person or getattr(earlier, "incident_id", incident.pk) != incident.pk:
        raise Invalid("This form was already sent. Open the incident again and start a new one.")
    found = tuple(differing((question, _words(recorded), _words(typed)) for question, recorded, typed in answers))
    if found:
        raise SentBefore(
            f"This form was already sent: {earlier.decided_by_name} recorded it on "
            f"{local_time_label(earlier.decided_at)}.",
            found,
        )


def _words(answer: object) -> str:
    """An answer as people read it. Times are told to the minute, as they are typed."""
    if answer is None:
        return ""
    if isinstance(answer, datetime):
        return local_time_label(answer)
    if isinstance(answer, date):
        return day_label(answer)
    if isinstance(answer, Enum):
        return str(getattr(answer, "label", answer.value))
    return str(answer).strip()


def threshold_answers(row: Any, choice: ThresholdChoice | None) -> Answers:
    """The threshold decision: on record, and typed now. Either may be missing."""
    yield "The threshold", ThresholdOutcome(row.outcome) if row else None, choice.outcome if choice else None
    yield "Why", row.rationale if row else None, choice.rationale if choice else None
    yield (
        "By which day it is decided",
        row.more_information_by if row else None,
        choice.more_information_by if choice else None,
    )


def telling_answers(row: StatutoryNotification | PartnerEscalation | None, telling: Telling | None) -> Answers:
    """One decision about telling somebody."""
    label = row.duty_label if row else telling.duty if telling else ""
    yield label, TellingState(row.state) if row else None, telling.state if telling else None
    yield f"{label}: why, or what was said", row.reason if row else None, telling.reason if telling else None
    yield (
        f"{label}: their reference",
        row.their_reference if row else None,
        telling.their_reference if telling else None,
    )
    done = telling.done_at if telling and telling.state is TellingState.DONE else None
    yield f"{label}: when", row.done_at if row else None, done


def tier_answers(row: TierDecision | None, choice: TierChoice | None) -> Answers:
    """The tier decided."""
    yield "The tier", TierCode(row.tier) if row else None, choice.tier if choice else None
    yield "Why that tier", row.reason if row else None, choice.reason if choice else None


QUESTIONS = {
    "still_at_risk": "Still at risk",
    "risk_words": "Who is at risk, and what protects them",
    "no_safety_actions_because": "Why nothing had to be done at once",
    "needs_care_and_support": "Needs for care and support",
    "abuse_or_neglect": "Experiencing, or at risk of, abuse or neglect",
    "unable_to_protect_self": "Cannot protect themselves because of those needs",
    "abuse_types": "Types of abuse or neglect",
    "wishes": "Asked what they want",
    "wishes_words": "What they want, or why they were not asked",
    "family_warning": "A family's or carer's warning",
    "family_warning_words": "What they warned of",
    "prolonged_psychological_harm": "Psychological harm of 28 days or more",
    "healthcare_acts_suspected": "Healthcare acts or omissions",
    "multi_agency_breakdown": "Agencies failed to come together",
    "high_risk_failure": "A safeguard against a high risk failed",
    "nationally_required": "A response that national policy requires",
}
"""What each answer of the standard form is called where two of them are held against each other."""
_LISTED = {"abuse_types": "abuse-types", "wishes": "msp-wishes", "nationally_required": "nationally-required"}
_ANSWERED = frozenset(
    {"still_at_risk", "needs_care_and_support", "abuse_or_neglect", "unable_to_protect_self", "family_warning"}
    | {"prolonged_psychological_harm", "healthcare_acts_suspected", "multi_agency_breakdown", "high_risk_failure"}
)


def triage_answers(
    record: TriageRecord,
    form: TriageForm,
    *,
    threshold: ThresholdChoice | None,
    tellings: Sequence[Telling],
    tier: TierChoice | None,
) -> Answers:
    """Everything the standard form holds: on record, and typed now."""
    provider_id = record.incident.provider_id
    for name, question in QUESTIONS.items():
        listed = _LISTED.get(name)
        recorded, typed = getattr(record, name), getattr(form, name)
        if listed is not None:
            recorded, typed = (_labels(listed, value, provider_id) for value in (recorded, typed))
        elif name in _ANSWERED:
            recorded = Answer(recorded) if recorded else None
        yield question, recorded, typed
    yield from _safety_actions(record, form.safety_actions)
    yield from threshold_answers(record.threshold_decisions.order_by("pk").first(), threshold)
    yield from _tellings(record, tellings)
    decision = TierDecision.objects.filter(proposal__triage_record=record, decided_at=record.decided_at)
    yield from tier_answers(decision.filter(submission_key=None).order_by("pk").first(), tier)


def _labels(list_code: str, value: str | Sequence[str], provider_id: Any) -> str:
    codes = [value] if isinstance(value, str) else dict.fromkeys(value)
    return ", ".join(sorted(label_of(list_code, code, provider_id=provider_id) for code in codes if code))


def _safety_actions(record: TriageRecord, typed: Sequence[SafetyAction]) -> Answers:
    kept: list[Any] = list(record.safety_actions.order_by("pk"))
    for place in range(max(len(kept), len(typed))):
        pair = (rows[place] if place < len(rows) else None for rows in (kept, list(typed)))
        recorded, now = (_action_words(one) for one in pair)
        yield f"Safety action {place + 1}", recorded, now


def _action_words(action: Any) -> str:
    if action is None:
        return ""
    done = f"done {local_time_label(action.done_at)}" if action.done_at else "still to be done"
    return f"{action.what.strip()} ({action.who.strip()}, {done})"


def _tellings(record: TriageRecord, typed: Sequence[Telling]) -> Iterator[tuple[str, object, object]]:
    """Those written with the record: in the same instant, after it, and from no form of their own."""
    kept: dict[str, StatutoryNotification | PartnerEscalation] = {}
    for table in (StatutoryNotification, PartnerEscalation):
        rows = table.objects.filter(
            incident=record.incident_id, decided_at=record.decided_at, submission_key=None, pk__gt=record.pk
        )
        for row in rows.order_by("pk"):
            kept.setdefault(row.duty_code, row)
    now: Mapping[str, Telling] = {telling.duty: telling for telling in typed}
    for code in dict.fromkeys((*kept, *now)):
        yield from telling_answers(kept.get(code), now.get(code))
