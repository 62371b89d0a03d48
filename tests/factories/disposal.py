"""Incidents whose time is over, with something in every part of their story, and their disposal step by step."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from saferpractice.access.decisions import decided
from saferpractice.access.looks import record_look
from saferpractice.access.models import Person, Team
from saferpractice.changes.models import OperationalChange
from saferpractice.config.models import new_id
from saferpractice.home.models import (
    DisposalCertificate,
    DisposalDecision,
    DisposalProposal,
    DisposalStop,
    ProposedIncident,
)
from saferpractice.home.operations import decide_disposal, dispose, end_hold, propose_disposal
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import correct_report, decide_restriction, keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.pathways.models import CaseClosing
from saferpractice.trail.rules import Process
from tests.factories.assurance import FIRST_LOOK, LAST_LOOK, a_plan, counted
from tests.factories.changes import a_briefing_held, a_finding, a_live_change, a_template_in_use
from tests.factories.held import released
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case, a_record
from tests.factories.retention import a_hold, at_rest
from tests.factories.reviews import a_review, an_entry, completed
from tests.factories.triage import a_referral, a_triage
from tests.personas import NOW, Cast

WORKER = Process("Safer Practice worker")
DUE = datetime(2057, 3, 6, 10, 0, tzinfo=NOW.tzinfo)
"""More than twenty years after everything here: whatever its kind, its time is over."""
REASON = "Looked at by two of us. Nobody needs it any more."

_keys = count()


def proposed(
    incident: Incident, by: Person, *, at: datetime = DUE, key: str | None = None, reason: str = REASON
) -> DisposalProposal:
    """Its disposal, proposed."""
    return propose_disposal(
        by=by, at=at, incident=incident, reason=reason, submission_key=key or f"disposal-{next(_keys)}"
    )


def approved(incident: Incident, cast: Cast, *, at: datetime = DUE) -> DisposalProposal:
    """Its disposal, proposed by the lead and approved by the director."""
    proposal = proposed(incident, cast.lead, at=at)
    decide_disposal(by=cast.director, at=at, proposal=proposal, approved=True, reason=REASON)
    return DisposalProposal.objects.get(pk=proposal.pk)


def done(proposal: DisposalProposal, *, at: datetime = DUE) -> DisposalCertificate | DisposalStop:
    """What the worker makes of it."""
    return dispose(by=WORKER, at=at, proposal=proposal)


def disposed(incident: Incident, cast: Cast, *, at: datetime = DUE) -> DisposalCertificate:
    """Proposed, approved and disposed of."""
    made = done(approved(incident, cast, at=at), at=at)
    assert isinstance(made, DisposalCertificate), made.why
    return made


def a_whole_story(cast: Cast, word: str, *, person: str, at: datetime = NOW) -> Incident:
    """An incident with ``word`` in every part that somebody typed, from its report to the last look, all of it over."""
    say = f"{word} was said here."
    incident = an_incident(
        by=cast.worker, team=cast.north, at=at - timedelta(hours=2), what_happened=say, done_at_once=say,
        also_known=say, person_reference=person, person_name=f"{word} Example",
    )  # fmt: skip
    a_triage(by=cast.lead, at=at, incident=incident, wishes_words=say, family_warning_words=say)
    a_referral(by=cast.lead, at=at, incident=incident)
    correct_report(by=cast.lead, at=at, incident=incident, part="what_happened", text=say, reason=say)
    for restricted in (True, False):
        decide_restriction(by=cast.lead, at=at, incident=incident, restricted=restricted, reason=say)
    keep_from(by=cast.lead, at=at, incident=incident, person=cast.worker_elsewhere, because=KeptFromReason.RELATIVE)
    review = a_review(cast, "B", incident=incident, at=at)
    an_entry(review, by=cast.reviewer, at=at, what=say, source=say)
    finding = a_finding(cast, review=review, at=at, statement=f"The form did not ask about {word}.")
    completed(review, cast, at=at)
    a_change_that_is_over(cast, finding, say, at)
    _the_case(cast, incident, say, at)
    hold = a_hold(by=cast.lead, incident=incident, at=at, reason=say)
    end_hold(by=cast.lead, at=at, hold=hold, reason=say)
    record_look(by=cast.lead, at=at, page="incident", story_id=incident.pk, detail=say)
    assert incident.person_supported_id is not None
    released(incident.person_supported_id, by=cast.lead, at=at)
    at_rest(incident)
    return Incident.objects.get(pk=incident.pk)


def a_change_that_is_over(cast: Cast, finding: Any, say: str, at: datetime = NOW) -> OperationalChange:
    """A change that was proven to reach everybody and looked at for the last time, with ``say`` in its words."""
    change = a_live_change(cast, findings=[finding], at=at, title=say, monday=say, briefing=say)
    for team in (cast.north, cast.south):
        a_briefing_held(cast, change, team, at=at)
    a_template_in_use(cast, change, [cast.north], at=at, new=say.encode())
    plan = a_plan(by=cast.quality_lead, change=change, at=at)
    for look in (None, FIRST_LOOK, LAST_LOOK):
        counted(by=cast.quality_lead, plan=plan, count=30, out_of=100, look=look)
    return change


def _the_case(cast: Cast, incident: Incident, say: str, at: datetime) -> None:
    case = a_case(cast, incident=incident, by=cast.lead, at=at, person=str(incident.person_supported))
    a_record(case, "checklist", 1, by=cast.lead, present=("infection-risk", "refusal-of-care"))
    CaseClosing.objects.create(case=case, reason=say, **decided(cast.lead, at))


def on_record(team: Team, *, by: Person, at: datetime = NOW) -> DisposalProposal:
    """A proposal about an incident that is not there any more, as if it had been made."""
    proposal = DisposalProposal.objects.create(
        provider=team.provider, reason=REASON, submission_key=f"on-record-{next(_keys)}", **decided(by, at)
    )
    ProposedIncident.objects.create(
        proposal=proposal, incident_id=new_id(), reference=f"2001-{next(_keys):05}", team=team, code="incident",
        years=10, kept_until=at.date(), counted_on=at.date() - timedelta(days=3660),
    )  # fmt: skip
    return proposal


def certified(team: Team, *, by: Person, at: datetime = NOW) -> DisposalCertificate:
    """What is left of a disposal, as if it had been done."""
    proposal = on_record(team, by=by, at=at)
    DisposalDecision.objects.create(proposal=proposal, approved=True, reason=REASON, **decided(by, at))
    return DisposalCertificate.objects.create(
        proposal=proposal, provider=team.provider, files=0, rows_sha256="0" * 64, emptied_sha256="0" * 64,
        counts={"incidents_incident": 1}, emptied={}, **decided(WORKER, at),
    )  # fmt: skip
