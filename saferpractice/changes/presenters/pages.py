"""What the pages of one change and of one action show, and what can be done next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.changes.beside import beside
from saferpractice.changes.looking import OpenAction, OpenChange
from saferpractice.changes.models import OperationalChange, RolloutProof
from saferpractice.changes.permissions import (
    check_can_carry,
    check_can_decide_evidence,
    check_can_give_evidence,
    check_can_hand_over_action,
    check_can_prove,
    check_can_see_change,
    check_can_withdraw,
)
from saferpractice.changes.presenters.carried import by_pathway
from saferpractice.changes.presenters.rows import (
    MEANING_OF_ANSWER,
    action_row,
    coverage_rows,
    proof_card,
    state_tag,
    strength_tag,
)
from saferpractice.changes.queries import (
    actions_seen,
    answers_more,
    answers_to,
    coverage_of,
    findings_seen,
    graded,
    kinds_of_proof,
    links_of,
    proofs_of,
    reach_of,
    state_of,
    state_of_action,
)
from saferpractice.changes.rules import BY_USE, ActionState, ChangeState, Graded
from saferpractice.deadlines.rules import local_day
from saferpractice.lists.queries import label_of


@dataclass(frozen=True, slots=True)
class Step:
    """Something that can be done next: where, or why not."""

    text: str
    href: str
    why_not: str = ""
    next: bool = False
    """Whether it is what the change waits for."""


def steps_of(change: OperationalChange, by: Person, at: datetime) -> list[Step]:
    """What can be done with a standing change, each with its page or the reason why not for this person."""
    if hasattr(change, "withdrawal"):
        return []
    may_carry, why_carry = allowed(check_can_carry, by=by, at=at, change=change)
    may_withdraw, why_withdraw = allowed(check_can_withdraw, by=by, at=at, change=change)
    may_prove = may_carry or any(
        allowed(check_can_prove, by=by, at=at, change=change, team=team)[0] for team in reach_of(change)
    )
    wanted = [
        ("Record proof of rollout", "changes:proof", may_prove, why_carry),
        ("Give out an action", "changes:new_action", may_carry, why_carry),
        ("Keep a briefing", "changes:briefing", may_carry, why_carry),
        ("Pass it to another owner", "changes:hand_over", may_carry, why_carry),
        ("Withdraw it", "changes:withdraw", may_withdraw, why_withdraw),
    ]
    if not hasattr(change, "go_live"):
        wanted.insert(0, ("Take it live", "changes:go_live", may_carry, why_carry))
    waits = not hasattr(change, "go_live") or not coverage_of(change).is_proven
    return [
        Step(text, reverse(name, args=[change.pk]), "" if may else why, next=waits and number == 0)
        for number, (text, name, may, why) in enumerate(wanted)
    ]


def change_page(opened: OpenChange, by: Person, at: datetime) -> dict[str, Any]:
    """Everything the page of one change shows to ``by``."""
    change, today = opened.change, local_day(at)
    state = state_of(change)
    recorded = proofs_of(change)
    kinds = _kinds_shown(change, recorded, at)
    findings = findings_seen(change, opened.incidents)
    answers = answers_to(findings)
    return {
        "change": change,
        "state": state_tag(state),
        "standing": state is not ChangeState.WITHDRAWN,
        "strength": strength_tag(change.strength),
        "graded": _graded(change),
        "type": label_of("change-types", change.change_type, provider_id=change.provider_id),
        "steps": steps_of(change, by, at),
        "kinds": list(kinds.values()),
        "coverage": coverage_rows(change, kinds, by, at),
        "rolled_out": coverage_of(change),
        "proofs": [proof_card(row, kinds[row.kind]) for row in recorded],
        "findings": [(finding, answers[finding.pk].state) for finding in findings],
        "answer_meaning": MEANING_OF_ANSWER,
        "more_findings": answers_more(change, opened.incidents),
        "sees_incidents": bool(opened.incidents),
        "actions": [action_row(action, today) for action in actions_seen(change, by, at)],
        "briefings": list(change.briefings.order_by("decided_at", "pk")),
        "handovers": list(change.handovers.select_related("owner", "previous_owner").order_by("decided_at", "pk")),
        "beside": beside(change, by, at),
        "by_pathway": by_pathway(change, by, at),
    }


def _kinds_shown(change: OperationalChange, recorded: Iterable[RolloutProof], at: datetime) -> dict[str, str]:
    """The kinds of proof by code: those in force, and those recorded that no longer are."""
    kinds = {code: kind.label for code, kind in kinds_of_proof(provider_id=change.provider_id, on=local_day(at))}
    for row in recorded:
        if row.kind not in kinds:
            kinds[row.kind] = label_of("rollout-proof-kinds", row.kind, provider_id=change.provider_id)
    if change.use_proofs.exists() or links_of(change):
        kinds[BY_USE] = "Used on a pathway"
    return kinds


def _graded(change: OperationalChange) -> Graded | None:
    """Why the change is as strong as it is; None when the list no longer says what it said on that day."""
    try:
        found = graded(
            change.change_type,
            cannot_be_passed=change.cannot_be_passed,
            provider_id=change.provider_id,
            on=local_day(change.decided_at),
        )
    except KeyError:
        return None
    return found if found.strength == change.strength else None


def action_page(opened: OpenAction, by: Person, at: datetime) -> dict[str, Any]:
    """Everything the page of one action shows to ``by``, and what they may do with it."""
    action = opened.action
    state = state_of_action(action)
    evidence = sorted(action.evidence.all(), key=lambda one: (one.decided_at, one.pk))
    waiting = evidence[-1] if state is ActionState.EVIDENCE_GIVEN else None
    may_give, why_give = allowed(check_can_give_evidence, by=by, at=at, action=action)
    may_pass, why_pass = allowed(check_can_hand_over_action, by=by, at=at, action=action)
    may_decide, why_decide = (False, "")
    if waiting is not None:
        may_decide, why_decide = allowed(check_can_decide_evidence, by=by, at=at, evidence=waiting)
    return {
        "action": action,
        "row": action_row(action, local_day(at)),
        "sees_incident": opened.sees_incident,
        "sees_change": action.change is not None
        and allowed(check_can_see_change, by=by, at=at, change=action.change)[0],
        "evidence": evidence[::-1],
        "waiting": waiting,
        "asks_for_evidence": state in {ActionState.OPEN, ActionState.SENT_BACK},
        "may_give": may_give,
        "why_not_give": why_give,
        "may_decide": may_decide,
        "why_not_decide": why_decide,
        "may_pass": may_pass and not state.is_over,
        "why_not_pass": why_pass,
        "handovers": list(action.handovers.select_related("owner", "previous_owner").order_by("decided_at", "pk")),
        "over": state.is_over,
    }
