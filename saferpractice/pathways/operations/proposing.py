"""Propose a draft, decide on it, and retire a version."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_time_label, working_days
from saferpractice.design.typed import as_written
from saferpractice.pathways.models import (
    PathwayDraft,
    PathwayVersion,
    ProposalDecision,
    VersionProposal,
    VersionRetired,
)
from saferpractice.pathways.operations.drafting import locked, must, must_be_at
from saferpractice.pathways.operations.going_live import take_live
from saferpractice.pathways.permissions import check_can_decide, check_can_draft, check_can_take_back
from saferpractice.pathways.queries import newest_version, standing_of, versions_of
from saferpractice.pathways.rules.versions import Outcome, Step, live_from_problem, why_not
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

DECIDE = "pathways.decide"
"""Somebody other than its authors decides on a proposed version."""
DECIDE_WORKING_DAYS = 5


@operation
def propose(
    *, by: By, at: datetime, draft: PathwayDraft, revision: int, why: str
) -> Entry[VersionProposal] | Already[VersionProposal]:
    """Propose a draft as it stands at ``revision``: from now on it waits for somebody else and cannot be changed.

    Raises:
        Refused: ``by`` may not change pathways here.
        Invalid: no reason, or it says nothing otherwise than the version it was begun from.
        Stale: somebody saved the draft meanwhile, it was proposed already, or a version came since it was begun.
    """
    check_can_draft(by=by, at=at, provider_id=draft.provider_id)
    held = locked(draft)
    waiting = held.proposals.filter(decision__isnull=True).first()
    if waiting is not None and isinstance(by, Person) and waiting.decided_by_id == by.pk:
        return Already(waiting)
    must(Step.PROPOSE, held)
    must_be_at(held, revision)
    _must_be_newest(held.begun_from, held.provider, held.pathway)
    if not as_written(why):
        raise Invalid({"why": "Say why practice should change, and what shows that it should."})
    if held.begun_from is not None and held.begun_from.content == held.content:
        raise Invalid("This says the same as the version in use. Change something before you propose it.")
    proposal = VersionProposal.objects.create(
        provider=held.provider,
        draft=held,
        number=held.proposals.count() + 1,
        pathway=held.pathway,
        title=held.title,
        content=held.content,
        begun_from=held.begun_from,
        why=why.strip(),
        **decided(by, at),
    )
    lead = isinstance(by, Person) and Role.QUALITY_LEAD in by.roles_anywhere(at)
    ledger.open_obligation(
        provider_id=held.provider_id,
        subject=proposal,
        kind=DECIDE,
        title=f"Decide on the proposed version of the pathway “{held.title}”",
        timescale=working_days(DECIDE_WORKING_DAYS),
        clock_source=f"Local standard: {DECIDE_WORKING_DAYS} working days after it was proposed",
        role=Role.SAFEGUARDING_LEAD if lead else Role.QUALITY_LEAD,
        at=at,
    )
    return Entry(result=proposal, subject=proposal, sentence=f"proposed a version of the pathway “{held.title}”")


@operation
def approve(
    *, by: By, at: datetime, proposal: VersionProposal, reason: str, live_from: datetime | None = None
) -> Entry[PathwayVersion] | Already[PathwayVersion]:
    """Approve a proposal: it becomes a version, live at once or from ``live_from``.

    Live at once, everything that follows happens in the same transaction; open cases are moved by ``move_case``.

    Raises:
        Refused: ``by`` may not decide, or worked on it.
        Invalid: no reason, or a moment that has passed.
        Stale: it was decided already, or another version came since the draft was begun.
    """
    check_can_decide(by=by, at=at, proposal=proposal)
    Provider.objects.select_for_update().get(pk=proposal.provider_id)  # one number for each version
    earlier = _decided_by(by, proposal, Outcome.APPROVED)
    if earlier is not None and earlier.version is not None:
        return Already(earlier.version)
    _must_wait(proposal, Step.APPROVE)
    _must_be_newest(proposal.begun_from, proposal.provider, proposal.pathway)
    problems = {"reason": "Say why it is right."} if not as_written(reason) else {}
    if problem := live_from_problem(live_from, at):
        problems["live_from"] = problem
    if problems:
        raise Invalid(problems)
    highest = versions_of(proposal.provider_id, proposal.pathway)
    version = PathwayVersion.objects.create(
        provider_id=proposal.provider_id,
        pathway=proposal.pathway,
        number=highest[0].number + 1 if highest else 1,
        title=proposal.title,
        content=proposal.content,
        live_from=live_from or at,
        **decided(by, at),
    )
    decision = ProposalDecision.objects.create(
        proposal=proposal, outcome=Outcome.APPROVED.value, reason=reason.strip(), version=version, **decided(by, at)
    )
    ledger.meet(subject=proposal, kind=DECIDE, record=decision, at=at)
    if version.live_from <= at:
        take_live(by=by, at=at, version=version)
    when = "at once" if live_from is None else f"from {local_time_label(version.live_from)}"
    return Entry(
        result=version,
        subject=version,
        sentence=f"approved version {version.number} of the pathway “{version.title}”, to go live {when}",
        facts={"live_from": version.live_from},
    )


@operation
def send_back(
    *, by: By, at: datetime, proposal: VersionProposal, reason: str
) -> Entry[ProposalDecision] | Already[ProposalDecision]:
    """Send a proposal back to its authors, who may change the draft and propose it again.

    Raises:
        Refused: ``by`` may not decide, or worked on it.
        Invalid: no reason.
        Stale: it was decided already.
    """
    check_can_decide(by=by, at=at, proposal=proposal)
    return _not_approved(by, at, proposal, Outcome.SENT_BACK, reason)


@operation
def take_back(
    *, by: By, at: datetime, proposal: VersionProposal, reason: str
) -> Entry[ProposalDecision] | Already[ProposalDecision]:
    """Take one's own proposal back before anybody decided on it, to work on the draft again.

    Raises:
        Refused: ``by`` did not work on it.
        Invalid: no reason.
        Stale: it was decided already.
    """
    check_can_take_back(by=by, at=at, proposal=proposal)
    return _not_approved(by, at, proposal, Outcome.TAKEN_BACK, reason)


@operation
def retire_version(
    *, by: By, at: datetime, version: PathwayVersion, reason: str, retired_at: datetime | None = None
) -> Entry[VersionRetired] | Already[VersionRetired]:
    """Take a version out of use, at once or from ``retired_at``; one that is not live yet is called off by that.

    What it replaced does not come back. Cases open on it are worked to their end, and no new one is opened.

    Raises:
        Refused: ``by`` may not change pathways here.
        Invalid: no reason, or a moment that has passed.
        Stale: it is not in use any more.
    """
    check_can_draft(by=by, at=at, provider_id=version.provider_id)
    Provider.objects.select_for_update().get(pk=version.provider_id)
    earlier = VersionRetired.objects.filter(version=version).first()
    if earlier is not None:
        return Already(earlier)
    if problem := why_not(Step.RETIRE, standing_of(version, at)):
        raise Stale(problem)
    problems = {} if as_written(reason) else {"reason": "Say why it is retired, and what holds instead."}
    if problem := live_from_problem(retired_at, at):
        problems["retired_at"] = problem.replace("let it go live", "let it be retired")
    if problems:
        raise Invalid(problems)
    retired = VersionRetired.objects.create(
        version=version, retired_at=retired_at or at, reason=reason.strip(), **decided(by, at)
    )
    when = "" if retired_at is None else f" from {local_time_label(retired_at)}"
    return Entry(
        result=retired,
        subject=version,
        sentence=f"retired version {version.number} of the pathway “{version.title}”{when}",
        facts={"reason": retired.reason},
    )


def _not_approved(
    by: By, at: datetime, proposal: VersionProposal, outcome: Outcome, reason: str
) -> Entry[ProposalDecision] | Already[ProposalDecision]:
    locked(proposal.draft)
    earlier = _decided_by(by, proposal, outcome)
    if earlier is not None:
        return Already(earlier)
    _must_wait(proposal, Step.SEND_BACK if outcome is Outcome.SENT_BACK else Step.TAKE_BACK)
    if not as_written(reason):
        raise Invalid({"reason": "Say why, and what is needed before it can be approved."})
    decision = ProposalDecision.objects.create(
        proposal=proposal, outcome=outcome.value, reason=reason.strip(), **decided(by, at)
    )
    ledger.meet(subject=proposal, kind=DECIDE, record=decision, at=at)
    did = "sent back" if outcome is Outcome.SENT_BACK else "took back"
    return Entry(
        result=decision,
        subject=proposal,
        sentence=f"{did} the proposed version of the pathway “{proposal.title}”",
        facts={"reason": decision.reason},
    )


def _decided_by(by: By, proposal: VersionProposal, outcome: Outcome) -> ProposalDecision | None:
    """The very same decision by the very same person, when the form is sent again."""
    person = by.pk if isinstance(by, Person) else None
    return ProposalDecision.objects.filter(
        proposal=proposal, outcome=outcome.value, decided_by_id=person, decided_by__isnull=False
    ).first()


def _must_wait(proposal: VersionProposal, step: Step) -> None:
    must(step, locked(proposal.draft))
    if ProposalDecision.objects.filter(proposal=proposal).exists():
        raise Stale("This proposal was decided. Look at the newest one of this draft.")


def _must_be_newest(begun_from: PathwayVersion | None, provider: Provider, pathway: str) -> None:
    newest = newest_version(provider.pk, pathway)
    if newest is not None and (begun_from is None or newest.pk != begun_from.pk):
        raise Stale(
            f"Version {newest.number} came since this draft was begun, and would be lost. Compare the two, and go on "
            "from it first."
        )
