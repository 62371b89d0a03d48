"""The tier of review: proposed by the written rules, decided by a person, either way with the rule that fired (R8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.deadlines import ledger
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By
from saferpractice.triage.models import RepeatedPattern, TierDecision, TierProposal, TriageRecord
from saferpractice.triage.operations.again import check_same_form, tier_answers
from saferpractice.triage.operations.common import locked
from saferpractice.triage.operations.obligations import DECIDE_TIER, ask_for_review, ask_for_tier
from saferpractice.triage.permissions import check_can_decide_tier, check_can_propose_tier_again
from saferpractice.triage.queries import (
    FoundPattern,
    facts_of,
    find_patterns,
    kinds_of,
    newest,
    proposal_for,
    submitted,
    tier_of,
)
from saferpractice.triage.queries.patterns import MOST_KEPT
from saferpractice.triage.rules import Proposal, RepeatKind, SituationFacts, TierCode
from saferpractice.triage.rules.form import TierChoice, problems_of_tier


@operation
def decide_tier(
    *,
    by: By,
    at: datetime,
    incident: Incident,
    choice: TierChoice,
    submission_key: str | None = None,
) -> Entry[TierDecision] | Already[TierDecision]:
    """Decide the tier, as proposed or, with a reason, a lighter or heavier one. Earlier decisions stay (R7).

    The rules are asked again first: when what is known has changed since the last proposal, the new proposal is
    kept too. Opens the obligation to open the review.

    Raises:
        Refused: ``by`` may not decide this.
        Invalid: the incident was not triaged, a departure lacks its reason, or the proposal is not the one seen.
    """
    check_can_decide_tier(by=by, at=at, incident=incident)
    incident = locked(incident)
    earlier = submitted(TierDecision, submission_key)
    if earlier is not None:
        check_same_form(earlier, by, incident, tier_answers(earlier, choice))
        return Already(earlier)
    record = newest(incident.triage_records.all())
    last = newest(incident.tier_proposals.all())
    if record is None or last is None:
        raise Invalid("Triage the incident first: the tier is proposed from what triage finds.")
    patterns = find_patterns(incident=incident, at=at)
    facts = facts_of(incident, record, kinds_of(incident, patterns))
    proposal = proposal_for(facts)
    problems = problems_of_tier(choice, proposed=proposal.tier, why=proposal.why)
    if problems:
        raise Invalid(problems)
    if last.facts != facts.as_data() or last.rule_id != proposal.rule_id:
        keep_patterns(incident, _not_kept(incident, patterns), by, at)
        last = keep_proposal(incident, record, proposal=proposal, facts=facts, by=by, at=at)
    decision = keep_decision(incident, last, choice, by=by, at=at, submission_key=submission_key)
    return Entry(
        result=decision,
        subject=incident,
        story_id=incident.pk,
        sentence=tier_sentence(choice, proposal),
        facts={"tier": choice.tier, "proposed": proposal.tier, "rule": proposal.rule_id},
    )


def tier_sentence(choice: TierChoice, proposal: Proposal) -> str:
    """How the story tells the decision."""
    name = choice.tier.label[:1].lower() + choice.tier.label[1:]
    if choice.tier is proposal.tier:
        return f"chose {name}, as the rules propose"
    return f"chose {name}, where the rules propose tier {proposal.tier.value}"


def keep_patterns(incident: Incident, patterns: Iterable[FoundPattern], by: By, at: datetime) -> None:
    """Keep the repeats found, with the newest of the earlier incidents."""
    links = RepeatedPattern.earlier.through
    for pattern in patterns:
        row = RepeatedPattern.objects.create(
            incident=incident,
            kind=pattern.kind,
            what=pattern.what,
            window_days=pattern.window_days,
            how_many=pattern.how_many,
            **decided(by, at),
        )
        links.objects.bulk_create(links(repeatedpattern_id=row.pk, incident_id=one) for one in pattern.newest)


def _not_kept(incident: Incident, patterns: Iterable[FoundPattern]) -> list[FoundPattern]:
    kept = set(incident.repeated_patterns.values_list("kind", "what", "how_many"))
    return [pattern for pattern in patterns if (pattern.kind.value, pattern.what, pattern.how_many) not in kept]


def keep_proposal(
    incident: Incident, record: TriageRecord | None, *, proposal: Proposal, facts: SituationFacts, by: By, at: datetime
) -> TierProposal:
    """Keep what the rules proposed, which fired, and on which facts."""
    return TierProposal.objects.create(
        incident=incident,
        triage_record=record,
        tier=proposal.tier,
        rule_id=proposal.rule_id,
        why=proposal.why,
        table_version=proposal.table_version,
        fired=[
            {"rule": one.rule_id, "tier": one.tier.value, "label": one.label, "why": one.why, "leaning": one.leaning}
            for one in proposal.fired
        ],
        facts=facts.as_data(),
        **decided(by, at),
    )


def keep_decision(
    incident: Incident,
    proposal: TierProposal,
    choice: TierChoice,
    *,
    by: By,
    at: datetime,
    submission_key: str | None = None,
) -> TierDecision:
    """Keep the decision, and ask for the review it calls for."""
    before = tier_of(incident)
    decision = TierDecision.objects.create(
        incident=incident,
        proposal=proposal,
        tier=choice.tier,
        reason=choice.reason.strip(),
        submission_key=submission_key,
        **decided(by, at),
    )
    ledger.meet(subject=incident, kind=DECIDE_TIER, record=decision, at=at)
    ask_for_review(incident, choice.tier, before, at)
    return decision


@operation
def propose_tier_again(
    *, by: By, at: datetime, incident: Incident, condition: str, earlier: Sequence[Incident]
) -> Entry[TierProposal | None] | Already[TierProposal | None]:
    """Ask the rules again because a review found a system condition that earlier reviews had found too (R10).

    When that raises the tier above the one decided, the obligation to decide it again is opened; nobody's decision
    is changed. The same condition with the same earlier incidents again does nothing.

    Args:
        condition: the system condition in words.
        earlier: the incidents whose reviews found it before, newest first, within the provider's window.

    Raises:
        Refused: ``by`` may not open the incident.
    """
    check_can_propose_tier_again(by=by, at=at, incident=incident)
    incident = locked(incident)
    others = tuple(dict.fromkeys(one.pk for one in earlier if one.pk != incident.pk))
    known = incident.repeated_patterns.filter(kind=RepeatKind.SYSTEM_CONDITION, what=condition[:200])
    if not others or known.filter(how_many=len(others)).exists():
        return Already(newest(incident.tier_proposals.all()))
    pattern = FoundPattern(
        kind=RepeatKind.SYSTEM_CONDITION,
        what=condition[:200],
        window_days=incident.provider.repeat_window_days,
        how_many=len(others),
        newest=others[:MOST_KEPT],
    )
    keep_patterns(incident, [pattern], by, at)
    record = newest(incident.triage_records.all())
    facts = facts_of(incident, record, kinds_of(incident, find_patterns(incident=incident, at=at)))
    proposal = keep_proposal(incident, record, proposal=proposal_for(facts), facts=facts, by=by, at=at)
    decided_tier = tier_of(incident)
    if decided_tier is not None and TierCode(proposal.tier) > decided_tier:
        ask_for_tier(incident, at, again=True)
    return Entry(
        result=proposal,
        subject=incident,
        story_id=incident.pk,
        sentence=f"found the same system condition as in {len(others)} earlier "
        f"{'review' if len(others) == 1 else 'reviews'}; the rules propose tier {proposal.tier}",
        facts={"condition": condition, "proposed": proposal.tier, "rule": proposal.rule_id},
    )
