"""What pages show of triage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import ClockKind, day_label, due_label, local_day, local_time_label, standing
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import label_of
from saferpractice.triage.beside import ChangedAfter, changed_after
from saferpractice.triage.models import (
    PartnerEscalation,
    RepeatedPattern,
    StatutoryNotification,
    ThresholdDecision,
    TierDecision,
    TierProposal,
    TriageRecord,
)
from saferpractice.triage.permissions import check_can_decide_threshold, check_can_hand_over, check_can_triage
from saferpractice.triage.queries import (
    FoundPattern,
    TellingStanding,
    TriageState,
    decided_for,
    facts_of,
    proposal_for,
    seen,
    state_of,
    tellings_of,
)
from saferpractice.triage.rules import (
    Answer,
    CareActTests,
    Duty,
    Proposal,
    RepeatKind,
    ThresholdOutcome,
    TierCode,
    care_act_reading,
    lfpse_reading,
)
from saferpractice.triage.rules.form import TellingState

SHOWN_AT_ONCE = 5
"""Earlier incidents listed under a pattern; the rest is a number."""
OUTCOME_MEANING = {
    ThresholdOutcome.REFER: "working",
    ThresholdOutcome.DO_NOT_REFER: "quiet",
    ThresholdOutcome.MORE_INFORMATION: "waiting",
}
TELLING_MEANING = {None: "warning", TellingState.REQUIRED: "waiting", TellingState.DONE: "good"}
CLOCK_MEANING = {"law": "bad", "contract": "working", "local": "quiet"}


def who_and_when(row: Any) -> str:
    """Who decided a row, in which role, and when: as it was then."""
    role = f", {row.decided_by_role[:1].lower()}{row.decided_by_role[1:]}" if row.decided_by_role else ""
    return f"{row.decided_by_name}{role}, {local_time_label(row.decided_at)}"


def proposal_shown(proposal: Proposal) -> dict[str, Any]:
    """The proposed tier with the rule that fired, the others that did, and what is not known and could raise it."""
    first = proposal.fired[0]
    return {
        "tier": proposal.tier.label,
        "rule": first.label,
        "why": proposal.why,
        "leaning": first.leaning,
        "also": [one.label for one in proposal.fired[1:] if one.tier is proposal.tier],
        "missing": [one.sentence for one in proposal.missing],
        "source": proposal.source,
    }


def patterns_shown(
    patterns: Iterable[FoundPattern | RepeatedPattern], *, by: Person, at: datetime
) -> list[dict[str, Any]]:
    """Repeats as ``by`` may see them: earlier incidents, what was decided then and changed after, how it worked (R10).

    Of the incidents they may not open, only the number.
    """
    found = [seen(pattern, by=by, at=at) for pattern in patterns]
    shown = {one.pk: one for pattern in found for one in pattern.incidents[:SHOWN_AT_ONCE]}
    decided = decided_for(shown.values())
    changed = changed_after(list(shown), by=by, at=at)
    return [
        {
            "sentence": pattern.kind.sentence(
                what=pattern.what, how_many=pattern.how_many, window_days=pattern.window_days
            ),
            "incidents": [
                _earlier(one, *decided[one.pk], changed[one.pk]) for one in pattern.incidents[:SHOWN_AT_ONCE]
            ],
            "more": max(0, len(pattern.incidents) - SHOWN_AT_ONCE) + pattern.older,
            "hidden": pattern.hidden,
        }
        for pattern in found
        if pattern.how_many
    ]


def _earlier(
    incident: Incident, tier: TierCode | None, outcome: ThresholdOutcome | None, changed: list[ChangedAfter]
) -> dict[str, Any]:
    decided = [f"tier {tier.value}" if tier else "", outcome.label.lower() if outcome else ""]
    return {
        "reference": incident.reference,
        "href": reverse("home:incident", args=[incident.pk]),
        "when": day_label(local_day(incident.occurred_at or incident.known_at)),
        "team": incident.team.name,
        "decided": ", ".join(word for word in decided if word) or "not triaged yet",
        "changed": changed,
    }


def due_shown(obligation: Obligation, at: datetime) -> dict[str, str]:
    """An open obligation: by when, how it stands, and whether law, contract or a local standard sets the time."""
    kind = ClockKind(obligation.clock)
    where = standing(obligation.due_at, obligation.met_at, obligation.cancelled_at, at)
    return {
        "by": due_label(obligation.due_at),
        "sentence": where.sentence,
        "late": "yes" if obligation.due_at < at else "",
        "clock": kind.label,
        "set_by": kind.set_by,
        "meaning": CLOCK_MEANING[kind.value],
        "source": obligation.clock_source,
    }


def clocks_shown(duty: Duty) -> list[dict[str, str]]:
    """The clocks of a duty, law first: who set each, and its words."""
    return [
        {"clock": ClockKind(one.kind).label, "meaning": CLOCK_MEANING[one.kind], "words": one.words}
        for one in duty.clocks
    ]


def telling_shown(one: TellingStanding, *, incident: Incident, at: datetime, may: bool) -> dict[str, Any]:
    """One duty on the telling page: why, by which paragraph and clock, where it stands, and every decision."""
    duty, state = one.duty, one.state
    return {
        "code": duty.code,
        "label": duty.label,
        "kind": duty.kind.label,
        "hint": duty.hint,
        "trigger": duty.trigger,
        "paragraph": duty.paragraph,
        "link": duty.link,
        "clocks": clocks_shown(duty),
        "state": state.label if state else "Not decided yet" if duty.likely else "",
        "meaning": TELLING_MEANING.get(state, "quiet"),
        "likely": duty.likely,
        "due": due_shown(one.obligation, at) if one.obligation else None,
        "decisions": [telling_row(row) for row in one.decisions],
        "href": f"{reverse('triage:telling', args=[incident.pk])}?duty={duty.code}#decide" if may else "",
        "do": _next_step(state),
    }


def _next_step(state: TellingState | None) -> str:
    if state is None:
        return "Decide"
    return "Record that they were told" if state is TellingState.REQUIRED else "Decide again"


def telling_row(row: StatutoryNotification | PartnerEscalation) -> dict[str, str]:
    """One decision about telling somebody, in words."""
    state = TellingState(row.state)
    told = f"on {local_time_label(row.done_at)}" if row.done_at else ""
    reference = f"reference {row.their_reference}" if row.their_reference else ""
    return {
        "state": state.label,
        "facts": ", ".join(word for word in (told, reference) if word),
        "reason": row.reason,
        "who": who_and_when(row),
    }


def threshold_rows(decisions: Iterable[ThresholdDecision]) -> list[dict[str, Any]]:
    """Every threshold decision, the one in force first."""
    return [
        {
            "outcome": ThresholdOutcome(row.outcome).label,
            "meaning": OUTCOME_MEANING[ThresholdOutcome(row.outcome)],
            "by_day": day_label(row.more_information_by) if row.more_information_by else "",
            "rationale": row.rationale,
            "who": who_and_when(row),
            "in_force": place == 0,
        }
        for place, row in enumerate(decisions)
    ]


def threshold_in_force(state: TriageState) -> dict[str, Any] | None:
    """The threshold decision in force; None while there is none."""
    return threshold_rows(state.thresholds)[0] if state.thresholds else None


def tier_rows(decisions: Iterable[TierDecision], proposals: Iterable[TierProposal]) -> list[dict[str, Any]]:
    """Every tier decision beside the proposal it followed or departed from, the one in force first."""
    proposed = {row.pk: row for row in proposals}
    return [
        {
            "tier": TierCode(row.tier).label,
            "proposed": TierCode(proposed[row.proposal_id].tier).label,
            "why": proposed[row.proposal_id].why,
            "departs": row.tier != proposed[row.proposal_id].tier,
            "reason": row.reason,
            "who": who_and_when(row),
            "in_force": place == 0,
        }
        for place, row in enumerate(decisions)
    ]


def tests_of(record: TriageRecord) -> CareActTests:
    """The Care Act answers of a record."""
    return CareActTests(
        needs_care_and_support=Answer(record.needs_care_and_support),
        abuse_or_neglect=Answer(record.abuse_or_neglect),
        unable_to_protect_self=Answer(record.unable_to_protect_self or Answer.UNKNOWN),
    )


def record_shown(record: TriageRecord) -> dict[str, Any]:
    """One filled-in form in words."""
    provider_id = record.incident.provider_id
    return {
        "who": who_and_when(record),
        "still_at_risk": Answer(record.still_at_risk),
        "risk_words": record.risk_words,
        "actions": [_action_shown(action) for action in record.safety_actions.all()],
        "no_actions": record.no_safety_actions_because,
        "reading": care_act_reading(tests_of(record)).sentence,
        "abuse": ", ".join(label_of("abuse-types", code, provider_id=provider_id) for code in record.abuse_types),
        "wishes": label_of("msp-wishes", record.wishes, provider_id=provider_id),
        "wishes_words": record.wishes_words,
        "family": record.family_warning_words,
        "lfpse": lfpse_reading(Answer(record.healthcare_acts_suspected)).sentence,
        "required": label_of("nationally-required", record.nationally_required, provider_id=provider_id)
        if record.nationally_required
        else "",
    }


def _action_shown(action: Any) -> dict[str, Any]:
    done = getattr(action, "done", None)
    done_at = action.done_at or (done.done_at if done else None)
    return {
        "what": action.what,
        "who": action.who,
        "done": local_time_label(done_at) if done_at else "",
        "href": reverse("triage:safety_action_done", args=[action.pk]),
    }


def rules_say_more(incident: Incident, state: TriageState) -> str:
    """A sentence when the rules would now propose a heavier tier than the one in force; else empty."""
    if state.record is None or state.tier is None:
        return ""
    proposal = proposal_for(facts_of(incident, state.record, {RepeatKind(row.kind) for row in state.patterns}))
    if proposal.tier <= TierCode(state.tier.tier) or (
        state.proposal and proposal.tier <= TierCode(state.proposal.tier)
    ):
        return ""
    return f"The rules now propose {proposal.tier.label}. {proposal.why}"


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """Triage on the incident's page: what was decided, by whom, what is owed, and the next step for ``by``."""
    state = state_of(incident)
    may, why_not = allowed(check_can_triage, by=by, at=at, incident=incident)
    tellings = tellings_of(incident, at=at)
    told = [one for one in tellings if one.state is not None]
    return {
        "incident": incident,
        "may": may,
        "why_not": why_not,
        "may_hand_over": may and allowed(check_can_hand_over, by=by, at=at, incident=incident)[0],
        "may_decide": allowed(check_can_decide_threshold, by=by, at=at, incident=incident)[0],
        "record": record_shown(state.record) if state.record else None,
        "earlier_records": [record_shown(row) for row in state.records[1:]],
        "handover": {"question": state.handover.question, "who": who_and_when(state.handover)}
        if state.handover
        else None,
        "threshold": threshold_in_force(state),
        "thresholds": len(state.thresholds),
        "refers": state.threshold is not None and state.threshold.outcome == ThresholdOutcome.REFER,
        "referrals": [referral_shown(row) for row in state.referrals],
        "tier": tier_rows(state.tiers, state.proposals)[0] if state.tiers else None,
        "tiers": len(state.tiers),
        "proposed": TierCode(state.proposal.tier).label if state.proposal else "",
        "more": rules_say_more(incident, state),
        "patterns": patterns_shown(newest_patterns(state), by=by, at=at),
        "told": [telling_shown(one, incident=incident, at=at, may=may) for one in told],
        "undecided": [one.duty.label for one in tellings if one.state is None and one.duty.likely],
    }


def conditions(state: TriageState) -> list[RepeatedPattern]:
    """The system conditions that reviews found again, each as it was counted last."""
    return [row for row in newest_patterns(state) if row.kind == RepeatKind.SYSTEM_CONDITION]


def newest_patterns(state: TriageState) -> list[RepeatedPattern]:
    """Each repeat once, as it was counted last."""
    found: dict[tuple[str, str], RepeatedPattern] = {}
    for row in state.patterns:
        found.setdefault((row.kind, row.what), row)
    return sorted(found.values(), key=lambda row: list(RepeatKind).index(RepeatKind(row.kind)))


def referral_shown(row: Any) -> dict[str, Any]:
    """A referral and the authority's answers to it."""
    return {
        "authority": row.authority,
        "how": row.how,
        "sent": local_time_label(row.sent_at),
        "who": who_and_when(row),
        "answers": [
            {
                "reference": answer.authority_reference,
                "answer": answer.answer,
                "received": local_time_label(answer.received_at),
                "who": who_and_when(answer),
            }
            for answer in sorted(row.answers, key=lambda one: one.received_at)
        ],
        "href": reverse("triage:acknowledge", args=[row.pk]),
    }
