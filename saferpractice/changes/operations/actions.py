"""Tracked actions: given out, evidenced, accepted or sent back, passed on (R11, R35)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.files.base import File

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import Place, Role
from saferpractice.changes.models import (
    CompletionEvidence,
    EvidenceDecision,
    OperationalChange,
    OwnerHandover,
    TrackedAction,
)
from saferpractice.changes.operations import shared
from saferpractice.changes.operations.again import check_same_action
from saferpractice.changes.permissions import (
    check_can_carry,
    check_can_decide_evidence,
    check_can_give_evidence,
    check_can_hand_over_action,
    check_can_plan,
    check_leads_provider,
)
from saferpractice.changes.queries import state_of_action
from saferpractice.changes.rules import ActionState, problems_of_action, problems_of_evidence
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day, on_date, working_days
from saferpractice.design.typed import as_written
from saferpractice.files.storage import keep_file
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import supply_from_record
from saferpractice.reviews.rules import Record
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By


@operation
def add_action(
    *,
    by: By,
    at: datetime,
    what: str,
    owner: Person,
    due_on: date,
    submission_key: str,
    change: OperationalChange | None = None,
    review: Review | None = None,
) -> Entry[TrackedAction] | Already[TrackedAction]:
    """Give somebody one thing to do by a day, for a change or for a review's action plan (R11, R35).

    The same ``submission_key`` again gives the same action. The owner is told, and owes it until its evidence is
    given. An action of a review is the action plan that a formal investigation requires.

    Raises:
        Refused: ``by`` may neither carry the change nor plan the review.
        Invalid: an answer cannot be used.
        Stale: the change was withdrawn.
    """
    incident = _home_of(by, at, change, review)
    earlier = TrackedAction.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        check_same_action(earlier, by=by, what=what, owner=owner, due_on=due_on)
        return Already(earlier)
    problems = problems_of_action(what=what, due_on=due_on, today=local_day(at))
    cannot_own = shared.owner_problem(owner, [incident], at)
    if cannot_own:
        problems["owner"] = cannot_own
    if problems:
        raise Invalid(problems)
    action = TrackedAction.objects.create(
        provider_id=incident.provider_id,
        incident=incident,
        change=change,
        review=review,
        what=what.strip(),
        owner=owner,
        due_on=due_on,
        submission_key=submission_key,
        **decided(by, at),
    )
    _ask_for(action, at)
    if review is not None:
        supply_from_record(by=by, at=at, review=review, record=Record.TRACKED_ACTIONS, row=action)
    shared.tell_owner(owner, by, key=f"action:{action.pk}:owner", what="an action", at=at)
    return Entry(
        result=action,
        subject=action,
        story_id=incident.pk,
        sentence=f"gave {owner.name} an action, due {due_on.day} {due_on:%B %Y}",
        facts={"what": action.what, "due_on": due_on},
    )


@operation
def add_meeting_action(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    decision_id: UUID,
    what: str,
    owner: Person,
    due_on: date,
    submission_key: str,
) -> Entry[TrackedAction] | Already[TrackedAction]:
    """Give somebody one thing to do by a day because a quality meeting decided so (R35, R36). It has no incident.

    ``decision_id`` is the decision of the meeting. The same ``submission_key`` again gives the same action.

    Raises:
        Refused: ``by`` leads neither safeguarding nor quality nor directs, over the whole provider.
        Invalid: an answer cannot be used.
    """
    check_leads_provider(by=by, at=at, provider_id=provider.pk, to_do="give out an action of a quality meeting")
    earlier = TrackedAction.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        check_same_action(earlier, by=by, what=what, owner=owner, due_on=due_on)
        return Already(earlier)
    problems = problems_of_action(what=what, due_on=due_on, today=local_day(at))
    cannot_own = shared.owner_problem(owner, [], at, provider.pk)
    if cannot_own:
        problems["owner"] = cannot_own
    if problems:
        raise Invalid(problems)
    action = TrackedAction.objects.create(
        provider=provider,
        decision_id=decision_id,
        what=what.strip(),
        owner=owner,
        due_on=due_on,
        submission_key=submission_key,
        **decided(by, at),
    )
    _ask_for(action, at)
    shared.tell_owner(owner, by, key=f"action:{action.pk}:owner", what="an action", at=at)
    return Entry(
        result=action,
        subject=action,
        sentence=f"gave {owner.name} an action of a quality meeting, due {due_on.day} {due_on:%B %Y}",
        facts={"what": action.what, "due_on": due_on, "decision": decision_id},
    )


def _home_of(by: By, at: datetime, change: OperationalChange | None, review: Review | None) -> Incident:
    """Check who asks, and say which incident the action belongs to."""
    if change is not None and review is None:
        check_can_carry(by=by, at=at, change=change)
        shared.must_stand(shared.locked(change))
        return shared.incidents_of(change)[0]
    if review is not None and change is None:
        check_can_plan(by=by, at=at, review=review)
        return review.incident
    raise ValueError("an action belongs to a change or to a review, and to one of them")


def _incidents_of(action: TrackedAction) -> list[Incident]:
    """The incident an action is about; none for one that a quality meeting gave out."""
    return [action.incident] if action.incident is not None else []


def _ask_for(action: TrackedAction, at: datetime) -> None:
    """The owner owes the action by its day. Asked again after evidence was sent back, the day does not move."""
    shared.ask(
        about=action,
        incidents=_incidents_of(action),
        provider_id=action.provider_id,
        kind=shared.ACTION,
        title=action.what,
        timescale=on_date(action.due_on),
        source="The day agreed with the action",
        owner=action.owner,
        at=at,
    )


@operation
def give_evidence(
    *,
    by: By,
    at: datetime,
    action: TrackedAction,
    words: str,
    record: str = "",
    upload: File[bytes] | None = None,
) -> Entry[CompletionEvidence] | Already[CompletionEvidence]:
    """Give what shows that an action is done: words, with a file or a record. Somebody else then decides on it.

    Raises:
        Refused: ``by`` neither owns the action nor may work on its incident.
        Invalid: there is nothing behind the words.
        Stale: evidence already waits, or was accepted, or the change was withdrawn.
    """
    check_can_give_evidence(by=by, at=at, action=action)
    action = _locked(action)
    state = state_of_action(action)
    if state is ActionState.EVIDENCE_GIVEN:
        waiting = action.evidence.latest("decided_at", "pk")
        if isinstance(by, Person) and waiting.decided_by_id == by.pk and waiting.words == words.strip():
            return Already(waiting)
        raise Stale("Evidence for this action already waits to be decided on.")
    if state.is_over:
        raise Stale(f"This action needs no more evidence: {state.label.lower()}.")
    problems = problems_of_evidence(words=words, has_file=upload is not None, record=record)
    if problems:
        raise Invalid(problems)
    person = by if isinstance(by, Person) else None
    file = None
    if upload is not None:
        file = keep_file(upload=upload, by=person, at=at, provider_id=action.provider_id, story_id=action.incident_id)
    evidence = CompletionEvidence.objects.create(
        action=action, words=words.strip(), file=file, record=record.strip(), **decided(by, at)
    )
    ledger.meet(subject=action, kind=shared.ACTION, record=evidence, at=at)
    shared.ask(
        about=evidence,
        incidents=_incidents_of(action),
        provider_id=action.provider_id,
        kind=shared.ACCEPT,
        title=f"Decide on evidence: {action.what}",
        timescale=working_days(shared.ACCEPT_WORKING_DAYS),
        source=f"{shared.LOCAL}: {shared.ACCEPT_WORKING_DAYS} working days",
        role=_who_decides(action, by, at),
        at=at,
    )
    return Entry(
        result=evidence,
        subject=action,
        story_id=action.incident_id,
        sentence="gave evidence that an action is done",
        facts={"action": action.what, "sha256": file.sha256 if file else None, "record": evidence.record},
    )


def _who_decides(action: TrackedAction, by: By, at: datetime) -> Role:
    """The first role of which somebody can see the action and neither owns the action nor gave the evidence."""
    place = action.incident.team.place if action.incident is not None else Place(action.provider_id)
    for role in (Role.QUALITY_LEAD, Role.SAFEGUARDING_LEAD, Role.DIRECTOR):
        for person in Person.objects.holding(role, place, at):
            judges_own = person.pk == action.owner_id or (isinstance(by, Person) and person.pk == by.pk)
            if not judges_own and TrackedAction.objects.visible_to(person, at).filter(pk=action.pk).exists():
                return role
    return Role.QUALITY_LEAD


@operation
def decide_evidence(
    *, by: By, at: datetime, evidence: CompletionEvidence, accepted: bool, reason: str = ""
) -> Entry[EvidenceDecision]:
    """Accept completion evidence, or send it back with what is lacking. Decided once, by somebody else.

    Sent back, the owner owes the action again, by the day it always had.

    Raises:
        Refused: ``by`` owns the action, gave the evidence, or is not senior for the incident's place.
        Invalid: sent back without saying what is lacking.
        Stale: somebody decided meanwhile, or the change was withdrawn.
    """
    # Locked first: an action that passes to somebody at this moment must not be judged by its new owner.
    action = _locked(evidence.action)
    evidence = action.evidence.get(pk=evidence.pk)
    check_can_decide_evidence(by=by, at=at, evidence=evidence)
    if state_of_action(action) is ActionState.WITHDRAWN:
        raise Stale("The change this action belongs to was withdrawn. There is nothing to decide any more.")
    if not accepted and not as_written(reason):
        raise Invalid({"reason": "Say what is lacking, so that the owner knows what to do."})
    decision = shared.only_once(
        lambda: EvidenceDecision.objects.create(
            evidence=evidence, accepted=accepted, reason=reason.strip(), **decided(by, at)
        ),
        "Somebody else decided on this evidence meanwhile. Look at their decision first.",
    )
    ledger.meet(subject=evidence, kind=shared.ACCEPT, record=decision, at=at)
    if not accepted:
        # From when the action was given out, so that its day does not move.
        _ask_for(action, action.decided_at)
        ledger.tell(
            to=action.owner,
            key=f"evidence:{evidence.pk}:sent-back",
            subject="Evidence you are waiting on was sent back",
            body="Evidence for an action you own was sent back. Sign in to Safer Practice and open your work to see "
            "what is lacking.",
            at=at,
        )
    return Entry(
        result=decision,
        subject=action,
        story_id=action.incident_id,
        sentence="accepted the evidence for an action" if accepted else "sent back the evidence for an action",
        facts={"action": action.what, "reason": decision.reason},
    )


@operation
def hand_over_action(
    *, by: By, at: datetime, action: TrackedAction, owner: Person, reason: str
) -> Entry[OwnerHandover]:
    """Pass an action to another owner. What is still owed passes with it; its day does not move."""
    check_can_hand_over_action(by=by, at=at, action=action)
    action = _locked(action)
    if state_of_action(action).is_over:
        raise Stale("This action is over. There is nothing to pass on.")
    problem = shared.owner_problem(owner, _incidents_of(action), at, action.provider_id)
    if action.owner_id == owner.pk:
        problem = f"{owner.name} owns this action already. Choose somebody else."
    if problem:
        raise Invalid({"owner": problem})
    words = shared.reason_given(reason, advice="Say why it passes to somebody else.", most=300)
    handover = OwnerHandover.objects.create(
        action=action, owner=owner, previous_owner=action.owner, reason=words, **decided(by, at)
    )
    TrackedAction.objects.filter(pk=action.pk).update(owner=owner)
    shared.pass_obligations(action, to=owner)
    shared.tell_owner(owner, by, key=f"handover:{handover.pk}", what="an action", at=at)
    return Entry(
        result=handover,
        subject=action,
        story_id=action.incident_id,
        sentence=f"passed an action from {handover.previous_owner.name} to {owner.name}",
        facts={"action": action.what},
    )


def _locked(action: TrackedAction) -> TrackedAction:
    """The action with its row locked, so that evidence and decisions come one after the other."""
    return TrackedAction.objects.select_for_update(of=("self",)).select_related("incident__team").get(pk=action.pk)
