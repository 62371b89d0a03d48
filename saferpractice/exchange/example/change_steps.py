"""Steps of the example from the change to the verdict, each through its operation."""

from __future__ import annotations

from decimal import Decimal

from saferpractice.assurance import operations as assurance
from saferpractice.assurance.rules import Direction, Kind
from saferpractice.changes import operations as changes
from saferpractice.changes.rules import ProposedChange, ProposedProof
from saferpractice.exchange.example import shapes
from saferpractice.exchange.example.world import Here, World, upload


def agree(world: World, here: Here, says: shapes.AgreedChangeStep) -> None:
    """Agree a change."""
    world.changes[says.key] = changes.agree_change(
        by=here.by,
        at=here.at,
        findings=[world.findings[key] for key in says.findings],
        proposed=ProposedChange(
            title=says.title,
            change_type=says.type,
            monday=says.monday,
            cannot_be_passed=says.cannot_be_passed,
            why_not_passed=says.why_not_passed,
            go_live_on=world.calendar.day(says.live_on),
        ),
        owner=world.people[says.owner],
        reach=[world.teams[key] for key in says.reach],
        submission_key=here.submission_key,
        briefing=says.briefing,
    )


def keep_briefing(world: World, here: Here, says: shapes.BriefingStep) -> None:
    """Keep a message beside a change."""
    changes.keep_briefing(
        by=here.by, at=here.at, change=world.changes[says.change], text=says.text, submission_key=here.submission_key
    )


def go_live(world: World, here: Here, says: shapes.LiveStep) -> None:
    """Take a change live."""
    changes.go_live(by=here.by, at=here.at, change=world.changes[says.change], live_at=here.at, words=says.words)


def prove(world: World, here: Here, says: shapes.ProofStep) -> None:
    """Record proof of rollout."""
    changes.record_proof(
        by=here.by,
        at=here.at,
        change=world.changes[says.change],
        teams=[world.teams[key] for key in says.teams],
        proof=ProposedProof(
            kind=says.kind,
            held_on=world.calendar.day(says.held),
            reached=says.reached,
            needed=says.needed,
            who=says.who,
            words=says.words,
            no_previous_because=says.no_previous_because,
        ),
        submission_key=here.submission_key,
        upload=upload(says.file),
        previous=upload(says.previous),
    )


def withdraw(world: World, here: Here, says: shapes.WithdrawChangeStep) -> None:
    """Withdraw a change."""
    changes.withdraw_change(by=here.by, at=here.at, change=world.changes[says.change], reason=says.reason)


def give_action(world: World, here: Here, says: shapes.ActionStep) -> None:
    """Give somebody one thing to do, for a change or for the plan of the review."""
    world.actions[says.key] = changes.add_action(
        by=here.by,
        at=here.at,
        what=says.what,
        owner=world.people[says.owner],
        due_on=world.calendar.day(says.due),
        submission_key=here.submission_key,
        change=world.changes[says.change] if says.change else None,
        review=None if says.change else world.reviews[here.incident_key],
    )


def give_evidence(world: World, here: Here, says: shapes.EvidenceStep) -> None:
    """Give evidence that an action is done."""
    world.evidence[says.action] = changes.give_evidence(
        by=here.by,
        at=here.at,
        action=world.actions[says.action],
        words=says.words,
        record=says.record,
        upload=upload(says.file),
    )


def decide_evidence(world: World, here: Here, says: shapes.EvidenceDecisionStep) -> None:
    """Accept the newest evidence, or send it back."""
    changes.decide_evidence(
        by=here.by, at=here.at, evidence=world.evidence[says.action], accepted=says.accepted, reason=says.reason
    )


def plan(world: World, here: Here, says: shapes.PlanStep) -> None:
    """Declare how a change will be judged."""
    day = world.calendar.day
    world.plans[says.key] = assurance.declare_plan(
        by=here.by,
        at=here.at,
        change=world.changes[says.change],
        declared=assurance.Declared(
            measure=says.measure,
            definition=says.definition,
            serves=says.serves,
            kind=Kind(says.kind),
            direction=Direction(says.direction),
            exposure=says.exposure,
            counts_incidents=says.counts_incidents,
            baseline_from=day(says.baseline.first),
            baseline_to=day(says.baseline.last),
            roll_in_from=day(says.roll_in.first),
            roll_in_to=day(says.roll_in.last),
            smallest_effect=Decimal(says.smallest_effect),
            looks=tuple(day(look) for look in says.looks),
            primary=says.primary,
        ),
        submission_key=here.submission_key,
    )


def enter_result(world: World, here: Here, says: shapes.ResultStep) -> None:
    """Enter what was counted."""
    declared = world.plans[says.plan]
    assurance.enter_result(
        by=here.by,
        at=here.at,
        plan=declared,
        look=declared.looks.order_by("on")[says.look - 1] if says.look else None,
        count=says.count,
        out_of=Decimal(says.out_of),
        source=says.source,
        index_events=says.index_events,
    )
