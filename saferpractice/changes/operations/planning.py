"""Supplying the tracked action plan that a formal investigation requires (R11)."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.changes.models import ActionPlan
from saferpractice.changes.permissions import check_can_plan
from saferpractice.changes.queries import planned_actions
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import supply_from_record
from saferpractice.reviews.rules import Record
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def supply_action_plan(
    *, by: By, at: datetime, review: Review, words: str = ""
) -> Entry[ActionPlan] | Already[ActionPlan]:
    """Supply the review's actions, as they stand now, as the document "tracked action plan" (R11).

    Its actions are those given out for the review, and for the standing changes that answer its findings; each has
    one owner and a day already. The same actions with the same words again add nothing.

    Raises:
        Refused: ``by`` may not plan the review.
        Invalid: there is no action to track.
    """
    check_can_plan(by=by, at=at, review=review)
    actions = list(planned_actions(review))
    if not actions:
        raise Invalid("Give out at least one action first: a plan without an action has nothing to track.")
    newest = review.action_plans.order_by("-decided_at", "-pk").first()
    if newest is not None and newest.words == words.strip() and set(newest.actions.all()) == set(actions):
        return Already(newest)
    plan = ActionPlan.objects.create(review=review, words=words.strip(), **decided(by, at))
    plan.actions.add(*actions)
    supply_from_record(by=by, at=at, review=review, record=Record.TRACKED_ACTIONS, row=plan)
    return Entry(
        result=plan,
        subject=review.incident,
        story_id=review.incident_id,
        sentence="supplied the tracked action plan",
        facts={"review": review.pk, "actions": [action.pk for action in actions]},
    )
