"""Agreeing a change, keeping a briefing beside it, taking it live, passing it on, withdrawing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Role
from saferpractice.changes import following
from saferpractice.changes.models import (
    Briefing,
    ChangeWithdrawal,
    GoLive,
    OperationalChange,
    OwnerHandover,
    TrackedAction,
)
from saferpractice.changes.operations import shared
from saferpractice.changes.operations.again import check_same_briefing, check_same_change
from saferpractice.changes.permissions import check_can_agree, check_can_carry, check_can_withdraw
from saferpractice.changes.queries import answers_to, graded, standing_form, type_of_change
from saferpractice.changes.rules import Answered, ProposedChange, problems_of_change, reminder_in
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day, on_date
from saferpractice.design.typed import as_written
from saferpractice.findings.models import Finding
from saferpractice.findings.operations import ANSWER, ask_for_change
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def agree_change(
    *,
    by: By,
    at: datetime,
    findings: Sequence[Finding],
    proposed: ProposedChange,
    owner: Person,
    reach: Sequence[Team],
    submission_key: str,
    briefing: str = "",
) -> Entry[OperationalChange] | Already[OperationalChange]:
    """Agree a change that answers ``findings`` (R2, R14). The same ``submission_key`` again gives the same change.

    Meets the obligations to answer the findings; opens those to go live on the day and to plan the impact check by
    then. ``briefing`` is a message or reminder to go with it, which is kept beside it.

    Raises:
        Refused: ``by`` may not work on the incident of every finding.
        Invalid: an answer cannot be used; a reminder is no change (R15); ``SentBefore``: the form was sent before with
            other answers.
    """
    check_can_agree(by=by, at=at, findings=findings)
    earlier = OperationalChange.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        check_same_change(
            earlier, by=by, findings=findings, proposed=proposed, owner=owner, reach=reach, briefing=briefing
        )
        return Already(earlier)
    _check_proposal(findings, proposed, owner, reach, at)
    provider_id = findings[0].incident.provider_id
    change = OperationalChange.objects.create(
        provider_id=provider_id,
        title=proposed.title.strip(),
        change_type=proposed.change_type,
        monday=proposed.monday.strip(),
        cannot_be_passed=proposed.cannot_be_passed,
        why_not_passed=proposed.why_not_passed.strip() if proposed.cannot_be_passed else "",
        strength=graded(
            proposed.change_type,
            cannot_be_passed=proposed.cannot_be_passed,
            provider_id=provider_id,
            on=local_day(at),
        ).strength,
        owner=owner,
        go_live_on=proposed.go_live_on,
        submission_key=submission_key,
        **decided(by, at),
    )
    change.findings.add(*findings)
    change.reach.add(*reach)
    incidents = shared.incidents_of(change)
    for finding in findings:
        ledger.meet(subject=finding, kind=ANSWER, record=change, at=at)
    _ask_for_go_live(change, incidents, at)
    shared.tell_owner(owner, by, key=f"change:{change.pk}:owner", what="a change", at=at)
    if as_written(briefing):
        keep_briefing(by=by, at=at, change=change, text=briefing, submission_key=f"{submission_key}:briefing")
    sentence = f"agreed the change “{change.title}”"
    shared.tell_other_stories(by=by, at=at, change=change, incidents=incidents, sentence=sentence)
    return Entry(
        result=change,
        subject=change,
        story_id=incidents[0].pk,
        sentence=sentence,
        facts=_facts(change, findings, reach),
    )


def _facts(change: OperationalChange, findings: Sequence[Finding], reach: Sequence[Team]) -> dict[str, object]:
    return {
        "type": change.change_type,
        "strength": change.strength,
        "owner": change.owner.name,
        "go_live_on": change.go_live_on,
        "reach": [team.name for team in reach],
        "findings": [finding.pk for finding in findings],
    }


def _check_proposal(
    findings: Sequence[Finding], proposed: ProposedChange, owner: Person, reach: Sequence[Team], at: datetime
) -> None:
    """Raise ``Invalid`` with everything that must be put right."""
    if not findings:
        raise Invalid({"findings": "Choose at least one finding that this change answers."})
    provider_id, today = findings[0].incident.provider_id, local_day(at)
    problems = problems_of_change(
        proposed,
        today=today,
        chosen_type=type_of_change(proposed.change_type, provider_id=provider_id, on=today),
        findings=len(findings),
        teams=len(reach),
    )
    reminder = reminder_in(proposed.title, proposed.monday, proposed.change_type)
    if reminder is not None:
        problems.setdefault(reminder.field, reminder.sentence)
    if any(finding.incident.provider_id != provider_id for finding in findings):
        problems["findings"] = "Choose findings of one provider."
    elif Finding.objects.filter(corrects__in=findings).exists():
        problems["findings"] = "One of these findings was corrected by a later one. Choose the later one."
    if any(team.provider_id != provider_id for team in reach):
        problems["reach"] = "Choose teams of this provider."
    cannot_own = shared.owner_problem(owner, [finding.incident for finding in findings], at)
    if cannot_own:
        problems["owner"] = cannot_own
    if problems:
        raise Invalid(problems)


def _ask_for_go_live(change: OperationalChange, incidents: list[Incident], at: datetime) -> None:
    by_the_day = on_date(change.go_live_on)
    shared.ask(
        about=change,
        incidents=incidents,
        kind=shared.GO_LIVE,
        title=f"Take the change live: {change.title}",
        timescale=by_the_day,
        source="The day agreed with the change",
        owner=change.owner,
        at=at,
    )
    hidden = any(incident.restricted for incident in incidents)
    shared.ask(
        about=change,
        incidents=incidents,
        kind=shared.PLAN,
        title=f"Plan the impact check: {change.title}",
        timescale=by_the_day,
        source="Local standard: planned before the change is live, so that the result cannot shape the plan",
        role=Role.SAFEGUARDING_LEAD if hidden else Role.QUALITY_LEAD,
        at=at,
    )


@operation
def keep_briefing(
    *, by: By, at: datetime, change: OperationalChange, text: str, submission_key: str
) -> Entry[Briefing] | Already[Briefing]:
    """Keep a reminder or a message beside a change (R15): it may help, it answers nothing by itself."""
    check_can_carry(by=by, at=at, change=change)
    change = shared.locked(change)
    earlier = Briefing.objects.filter(submission_key=submission_key, change=change).first()
    if earlier is not None:
        check_same_briefing(earlier, by=by, text=text)
        return Already(earlier)
    shared.must_stand(change)
    if not as_written(text):
        raise Invalid({"text": "Enter the message or reminder."})
    if len(text) > 20_000:
        raise Invalid({"text": "Shorten this to 20,000 characters."})
    kept = Briefing.objects.create(change=change, text=text.strip(), submission_key=submission_key, **decided(by, at))
    sentence = f"kept a briefing beside the change “{change.title}”"
    incidents = shared.incidents_of(change)
    shared.tell_other_stories(by=by, at=at, change=change, incidents=incidents, sentence=sentence)
    return Entry(result=kept, subject=change, story_id=incidents[0].pk, sentence=sentence)


@operation
def go_live(*, by: By, at: datetime, change: OperationalChange, live_at: datetime, words: str = "") -> Entry[GoLive]:
    """Record that the change went live at ``live_at``. Proof for every team is then due 10 working days later.

    Raises:
        Refused: ``by`` neither owns the change nor may agree changes about its incidents.
        Invalid: ``live_at`` lies ahead, or before the day the change was agreed.
        Stale: it is live already, or was withdrawn.
    """
    check_can_carry(by=by, at=at, change=change)
    change = shared.locked(change)
    shared.must_stand(change)
    if live_at > at + timedelta(minutes=5):
        raise Invalid({"live_at": "Enter a time that has passed. Record it once the change is live."})
    if local_day(live_at) < local_day(change.decided_at):
        raise Invalid({"live_at": "Enter a day from the day the change was agreed: it cannot go live before that."})
    live = shared.only_once(
        lambda: GoLive.objects.create(change=change, live_at=live_at, words=words.strip(), **decided(by, at)),
        "This change is already recorded as live.",
    )
    incidents = shared.after_go_live(change, live, at)
    sentence = f"took the change “{change.title}” live"
    shared.tell_other_stories(by=by, at=at, change=change, incidents=incidents, sentence=sentence)
    return Entry(result=live, subject=change, story_id=incidents[0].pk, sentence=sentence, facts={"live_at": live_at})


@operation
def withdraw_change(*, by: By, at: datetime, change: OperationalChange, reason: str) -> Entry[ChangeWithdrawal]:
    """Withdraw a change that will not be made or no longer holds. The row stays, with the reason.

    Cancels what was owed about it, its impact checks and its undone actions. A finding that no other standing change
    answers needs one again, and the obligation to answer it is opened anew.
    """
    check_can_withdraw(by=by, at=at, change=change)
    change = shared.locked(change)
    words = shared.reason_given(reason, advice="Say why the change is withdrawn, and what happens instead.")
    withdrawal = shared.only_once(
        lambda: ChangeWithdrawal.objects.create(change=change, reason=words, **decided(by, at)),
        "This change was already withdrawn.",
    )
    because = "The change was withdrawn"
    ledger.cancel(subject=change, kind=None, because=because, at=at)
    for action in change.tracked_actions.all():
        _cancel_action(action, because, at)
    following.tell_withdrawn(change, at)
    for finding in change.findings.select_related("incident__team", "incident__withdrawal"):
        _ask_again(finding, at)
    incidents = shared.incidents_of(change)
    sentence = f"withdrew the change “{change.title}”"
    shared.tell_other_stories(by=by, at=at, change=change, incidents=incidents, sentence=sentence)
    return Entry(
        result=withdrawal, subject=change, story_id=incidents[0].pk, sentence=sentence, facts={"reason": words}
    )


def _cancel_action(action: TrackedAction, because: str, at: datetime) -> None:
    ledger.cancel(subject=action, kind=shared.ACTION, because=because, at=at)
    for evidence in action.evidence.all():
        ledger.cancel(subject=evidence, kind=shared.ACCEPT, because=because, at=at)


def _ask_again(finding: Finding, at: datetime) -> None:
    """Ask for a change again, where the finding as it stands now is answered by none and nobody asks yet."""
    stands = standing_form(finding)
    if stands is None or hasattr(stands.incident, "withdrawal"):
        return
    asked = Obligation.objects.open().filter(subject_id=stands.pk, kind=ANSWER).exists()
    if not asked and answers_to([stands])[stands.pk].state is Answered.NOT_YET:
        ask_for_change(stands, at)


@operation
def hand_over_change(
    *, by: By, at: datetime, change: OperationalChange, owner: Person, reason: str
) -> Entry[OwnerHandover]:
    """Pass a change to another owner. What is still owed about it passes with it; its deadlines do not move."""
    check_can_carry(by=by, at=at, change=change)
    change = shared.locked(change)
    shared.must_stand(change)
    incidents = shared.incidents_of(change)
    problem = shared.owner_problem(owner, incidents, at)
    if change.owner_id == owner.pk:
        problem = f"{owner.name} owns this change already. Choose somebody else."
    if problem:
        raise Invalid({"owner": problem})
    words = shared.reason_given(reason, advice="Say why it passes to somebody else.", most=300)
    handover = OwnerHandover.objects.create(
        change=change, owner=owner, previous_owner=change.owner, reason=words, **decided(by, at)
    )
    OperationalChange.objects.filter(pk=change.pk).update(owner=owner)
    shared.pass_obligations(change, to=owner)
    following.tell_passed_on(change, owner)
    shared.tell_owner(owner, by, key=f"handover:{handover.pk}", what="a change", at=at)
    sentence = f"passed the change “{change.title}” to {owner.name}"
    shared.tell_other_stories(by=by, at=at, change=change, incidents=incidents, sentence=sentence)
    return Entry(result=handover, subject=change, story_id=incidents[0].pk, sentence=sentence)
