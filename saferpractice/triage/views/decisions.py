"""The pages of single decisions: threshold, telling others, referral and its answer, tier, hand-over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.forms import Form
from saferpractice.incidents.looking import open_incident
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import twice_at_once
from saferpractice.triage import operations, presenters
from saferpractice.triage.forms import (
    AcknowledgementForm,
    HandOverForm,
    ReferralForm,
    SafetyActionDoneForm,
    TellDecisionForm,
    ThresholdDecisionForm,
    TierDecisionForm,
    with_values,
)
from saferpractice.triage.models import Submitted
from saferpractice.triage.operations import tests_known
from saferpractice.triage.permissions import (
    check_can_decide_threshold,
    check_can_decide_tier,
    check_can_hand_over,
    check_can_refer,
    check_can_tell,
    check_can_triage,
)
from saferpractice.triage.queries import (
    facts_of,
    find_patterns,
    kinds_of,
    proposal_for,
    referral_of,
    safety_action_of,
    since_not_referred,
    state_of,
    tellings_of,
)
from saferpractice.triage.rules import ThresholdOutcome, check_threshold

Sent = TypeVar("Sent", bound=Submitted)


def _keep(form: Form, do: Callable[[str, dict[str, Any]], Sent]) -> Sent | None:
    """Run an operation for a valid form, once for its key; a refusal goes to its field, and the answer is None."""
    data = dict(form.cleaned_data)
    key = data.pop("submission_key")[:80] or uuid4().hex
    return attempt(form, lambda: twice_at_once(lambda: do(key, data)))


def _only_if(may: bool) -> None:  # noqa: FBT001
    """A form is only shown to those who may send it; who sends it all the same learns nothing."""
    if not may:
        raise Http404


def threshold(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Every threshold decision beside the others, and a new one."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="threshold")
    may, why_not = allowed(check_can_decide_threshold, by=person, at=at, incident=incident)
    state = state_of(incident)
    form = ThresholdDecisionForm(request.POST or None, now=at, initial={"submission_key": uuid4().hex})
    prompts: dict[str, str] = {}
    if request.method == "POST":
        _only_if(may)
        prompts = _second_thoughts(form, state.record, at) if form.is_valid() else {}
        if prompts:
            form.data = with_values(form.data, {"considered": ["yes"]})
        elif form.is_valid() and _keep(
            form,
            lambda key, _: operations.decide_threshold(
                by=person, at=at, incident=incident, choice=form.choice(), submission_key=key
            ),
        ):
            messages.success(request, "The decision is recorded beside the earlier ones.")
            refers = form.cleaned_data["outcome"] is ThresholdOutcome.REFER
            return redirect("triage:referral" if refers else "home:incident", incident.pk)
    return render(
        request,
        "triage/threshold.html",
        {
            "form": form if may else None,
            "why_not": why_not,
            "prompts": prompts,
            "incident": incident,
            "decisions": presenters.threshold_rows(state.thresholds),
            "reading": presenters.record_shown(state.record)["reading"] if state.record else "",
            "referrals": [presenters.referral_shown(row) for row in state.referrals],
            "later": since_not_referred(incident, by=person, at=at),
            "may_hand_over": may,
        },
        status=status_of(form),
    )


def _second_thoughts(form: ThresholdDecisionForm, record: Any, at: datetime) -> dict[str, str]:
    if form.cleaned_data["considered"]:
        return {}
    choice = form.choice()
    checked = check_threshold(
        outcome=choice.outcome,
        rationale=choice.rationale,
        tests=tests_known(record),
        decided_on=local_day(at),
        more_information_by=choice.more_information_by,
    )
    return dict(checked.prompts) if checked.stands else {}


def telling(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Who outside must be told: each duty with its paragraph, clock and state; ``?duty=`` opens one to decide."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="telling others")
    may, why_not = allowed(check_can_tell, by=person, at=at, incident=incident)
    standings = {one.duty.code: one for one in tellings_of(incident, at=at)}
    chosen = standings.get(request.GET.get("duty", ""))
    form = None
    if chosen is not None and may:
        form = TellDecisionForm(
            request.POST or None, now=at, body=chosen.duty.label, initial={"submission_key": uuid4().hex}
        )
    if request.method == "POST":
        if form is None or chosen is None:
            raise Http404
        duty = chosen.duty.code
        if form.is_valid() and _keep(
            form,
            lambda key, _: operations.decide_telling(
                by=person, at=at, incident=incident, telling=form.telling(duty), submission_key=key
            ),
        ):
            messages.success(request, f"Recorded: {chosen.duty.label}.")
            return redirect("triage:telling", incident.pk)
    shown = [presenters.telling_shown(one, incident=incident, at=at, may=may) for one in standings.values()]
    return render(
        request,
        "triage/telling.html",
        {
            "form": form,
            "chosen": presenters.telling_shown(chosen, incident=incident, at=at, may=may) if chosen else None,
            "why_not": why_not,
            "incident": incident,
            "first": [one for one in shown if one["decisions"] or one["likely"]],
            "others": [one for one in shown if not one["decisions"] and not one["likely"]],
            "threshold": presenters.threshold_in_force(state_of(incident)),
        },
        status=status_of(form) if form else 200,
    )


def referral(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """The referrals that were sent, what the authority answered, and one to be sent."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="referral")
    may, why_not = allowed(check_can_refer, by=person, at=at, incident=incident)
    state = state_of(incident)
    refers = state.threshold is not None and state.threshold.outcome == ThresholdOutcome.REFER
    form = ReferralForm(request.POST or None, now=at, initial={"submission_key": uuid4().hex})
    if request.method == "POST":
        _only_if(may)
        if form.is_valid() and _keep(
            form,
            lambda key, data: operations.send_referral(by=person, at=at, incident=incident, submission_key=key, **data),
        ):
            messages.success(request, "The referral is recorded. It is open until the authority acknowledges it.")
            return redirect("home:incident", incident.pk)
    return render(
        request,
        "triage/referral.html",
        {
            "form": form if may and (refers or form.is_bound) else None,
            "why_not": why_not or "Decide to refer first, with the rationale: the referral rests on that decision.",
            "incident": incident,
            "threshold": presenters.threshold_in_force(state),
            "referrals": [presenters.referral_shown(row) for row in state.referrals],
            "may": may,
        },
        status=status_of(form),
    )


def acknowledge(request: HttpRequest, referral_id: UUID) -> HttpResponse:
    """Record the authority's answer to a referral."""
    person, at = person_of(request), clock.now()
    row = referral_of(referral_id)
    if row is None:
        raise Http404
    incident = open_incident(by=person, at=at, incident_id=row.incident_id, page="acknowledgement")
    _only_if(allowed(check_can_refer, by=person, at=at, incident=incident)[0])
    form = AcknowledgementForm(request.POST or None, now=at, initial={"submission_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        kept = _keep(
            form,
            lambda key, data: operations.record_acknowledgement(
                by=person, at=at, referral=row, submission_key=key, **data
            ),
        )
        if kept is not None:
            messages.success(request, "The authority's answer is recorded.")
            return redirect("triage:referral", incident.pk)
    sent = f"Sent to {row.authority} on"
    return _small(request, form, incident, title="The authority's answer", button="Save", lead=sent, moment=row.sent_at)


def tier(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """The tier: what the rules propose now, every decision, and a new one."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="tier")
    may, why_not = allowed(check_can_decide_tier, by=person, at=at, incident=incident)
    state = state_of(incident)
    patterns = find_patterns(incident=incident, at=at)
    proposal = proposal_for(facts_of(incident, state.record, kinds_of(incident, patterns)))
    start = {"submission_key": uuid4().hex, "seen": proposal.tier}
    form = TierDecisionForm(request.POST or None, initial=start)
    if request.method == "POST":
        _only_if(may)
        if form.is_valid() and _keep(
            form,
            lambda key, _: operations.decide_tier(
                by=person, at=at, incident=incident, choice=form.choice(), submission_key=key
            ),
        ):
            messages.success(request, "The tier is decided.")
            return redirect("home:incident", incident.pk)
        form.data = with_values(form.data, {"seen": [proposal.tier.value]})
    return render(
        request,
        "triage/tier.html",
        {
            "form": form if may and state.record else None,
            "why_not": why_not or "Triage the incident first: the tier is proposed from what triage finds.",
            "incident": incident,
            "proposal": presenters.proposal_shown(proposal),
            "patterns": presenters.patterns_shown([*patterns, *presenters.conditions(state)], by=person, at=at),
            "decisions": presenters.tier_rows(state.tiers, state.proposals),
        },
        status=status_of(form),
    )


def hand_over(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Hand an unsure case to the safeguarding lead."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="hand-over")
    _only_if(allowed(check_can_hand_over, by=person, at=at, incident=incident)[0])
    form = HandOverForm(request.POST or None, initial={"submission_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        kept = _keep(
            form,
            lambda key, data: operations.hand_over(by=person, at=at, incident=incident, submission_key=key, **data),
        )
        if kept is not None:
            messages.success(request, "Handed over. The safeguarding lead is told now and decides.")
            return redirect("home:incident", incident.pk)
    return _small(
        request,
        form,
        incident,
        title="Hand to the safeguarding lead",
        button="Hand over",
        lead="They are told at once, at any hour. What is owed keeps its deadline until it is decided.",
    )


def safety_action_done(request: HttpRequest, action_id: UUID) -> HttpResponse:
    """Record that a safety action that was still to be done has been done."""
    person, at = person_of(request), clock.now()
    row = safety_action_of(action_id)
    if row is None:
        raise Http404
    incident = open_incident(by=person, at=at, incident_id=row.triage_record.incident_id, page="safety action")
    _only_if(allowed(check_can_triage, by=person, at=at, incident=incident)[0])
    form = SafetyActionDoneForm(request.POST or None, now=at)
    if request.method == "POST" and form.is_valid():
        kept = attempt(
            form,
            lambda: operations.record_safety_action_done(by=person, at=at, safety_action=row, **form.cleaned_data),
        )
        if kept is not None:
            messages.success(request, "Recorded as done.")
            return redirect("home:incident", incident.pk)
    return _small(
        request, form, incident, title="A safety action is done", button="Save", lead=f"{row.who}: {row.what}"
    )


def _small(
    request: HttpRequest,
    form: Any,
    incident: Incident,
    *,
    title: str,
    button: str,
    lead: str,
    moment: datetime | None = None,
) -> HttpResponse:
    """A page with one small form."""
    return render(
        request,
        "triage/small_form.html",
        {"form": form, "incident": incident, "title": title, "button": button, "lead": lead, "moment": moment},
        status=status_of(form),
    )
