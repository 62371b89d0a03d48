"""The page of the standard form: fill in, work out, record; or hand over with what is filled in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.looking import open_incident
from saferpractice.incidents.models import Incident
from saferpractice.incidents.presenters import panel as report_panel
from saferpractice.lists.queries import choices
from saferpractice.trail.operations import twice_at_once
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from saferpractice.triage import operations, presenters
from saferpractice.triage.forms import LISTS, RowsForm, WholeForm, as_typed
from saferpractice.triage.models import TriageRecord
from saferpractice.triage.permissions import check_can_hand_over, check_can_triage
from saferpractice.triage.queries import (
    REFERRAL_DUTY,
    duties_of,
    find_patterns,
    state_of,
    submitted,
)
from saferpractice.triage.rules import Duty, check_threshold

SAME_ANSWERS = (
    "still_at_risk",
    "risk_words",
    "needs_care_and_support",
    "abuse_or_neglect",
    "abuse_types",
    "unable_to_protect_self",
    "wishes",
    "family_warning",
    "family_warning_words",
    "healthcare_acts_suspected",
    "prolonged_psychological_harm",
    "multi_agency_breakdown",
    "high_risk_failure",
    "nationally_required",
)


def record(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Triage an incident on one page. "Work out" shows who must be told and the tier; "record" keeps everything."""
    person, at = person_of(request), clock.now()
    incident = open_incident(by=person, at=at, incident_id=incident_id, page="triage")
    if not allowed(check_can_triage, by=person, at=at, incident=incident)[0]:
        raise Http404
    page = _Page(request, person, at, incident)
    if request.method != "POST":
        return page.show(page.fresh())
    if "add_action" in request.POST:
        return page.show(page.one_row_more())
    whole = page.sent()
    if "hand_over" in request.POST:
        return page.hand_over(whole)
    return page.work_out_or_record(whole)


class _Page:
    """One request to the page of the standard form."""

    def __init__(self, request: HttpRequest, person: Person, at: datetime, incident: Incident) -> None:
        self.request, self.person, self.at, self.incident = request, person, at, incident
        day = local_day(at)
        self.lists = {name: choices(name, provider_id=incident.provider_id, on=day) for name in LISTS}
        self.state = state_of(incident)
        self.prompts: dict[str, str] = {}

    def _form(self, **given: Any) -> WholeForm:
        return WholeForm(now=self.at, lists=self.lists, **given)

    def _duties(self, facts: Any = None) -> tuple[Duty, ...]:
        return tuple(duty for duty in duties_of(self.incident, at=self.at, facts=facts) if duty.code != REFERRAL_DUTY)

    def fresh(self) -> WholeForm:
        """An empty form; with what was handed over, or else what the record in force says."""
        handover, latest = self.state.handover, self.state.record
        if handover and handover.so_far and (latest is None or latest.decided_at < handover.decided_at):
            rows = RowsForm.how_many({"rows": (handover.so_far.get("rows") or ["1"])[0]})
            return self._form(key=uuid4().hex, kept=handover.so_far, rows=rows)
        return self._form(key=uuid4().hex, initial=_answers_of(latest) if latest else None)

    def one_row_more(self) -> WholeForm:
        """The form as typed, with one more row for a safety action."""
        rows = RowsForm.how_many(self.request.POST) + 1
        return self._unjudged(self.sent().data, rows=RowsForm.how_many({"rows": rows}))

    def _unjudged(self, data: Any, *, rows: int) -> WholeForm:
        whole = self._form(key=str(data.get("submission_key", "")), kept=as_typed(data), rows=rows)
        whole.keep_second_half(self._duties(), data)
        return whole

    def sent(self) -> WholeForm:
        """The form as it was sent."""
        return self._form(data=self.request.POST, rows=RowsForm.how_many(self.request.POST))

    def hand_over(self, whole: WholeForm) -> HttpResponse:
        """Hand the incident over with what is filled in, judging nothing but the question."""
        asked = whole.ask_to_hand_over()
        if asked.is_valid():
            key = f"{self.request.POST.get('submission_key', '')[:60]}-handover"
            done = attempt(
                asked,
                lambda: operations.hand_over(
                    by=self.person,
                    at=self.at,
                    incident=self.incident,
                    question=asked.cleaned_data["question"],
                    so_far=whole.typed(),
                    submission_key=key,
                ),
            )
            if done is not None:
                messages.success(self.request, "Handed over. The safeguarding lead is told now and decides.")
                return redirect("home:incident", self.incident.pk)
        unjudged = self._unjudged(whole.data, rows=len(whole.actions))
        unjudged.handover = asked
        if asked.sent_before is not None:
            unjudged.say_sent_before(asked.sent_before, key=uuid4().hex)
        return self.show(unjudged)

    def work_out_or_record(self, whole: WholeForm) -> HttpResponse:
        """Judge the first half; when it stands, show or judge the second; when all stands, keep it."""
        if not whole.is_valid():
            whole.ask_about_safety()
            whole.keep_second_half(self._duties(), whole.data)
            return self.show(whole)
        recording = "record" in self.request.POST
        worked = operations.work_out(incident=self.incident, form=whole.triage(), at=self.at)
        whole.offer(
            duties=self._duties(worked.facts),
            proposal=worked.proposal,
            judge=recording,
            again=submitted(TriageRecord, whole.key) is not None,
        )
        if not recording:
            self._judge_first_half(whole, worked)
        elif whole.is_valid() and self._record(whole) is not None:
            messages.success(
                self.request, f"Incident {self.incident.reference} is triaged. What must be done now is below."
            )
            return redirect("home:incident", self.incident.pk)
        return self.show(whole, worked)

    def _record(self, whole: WholeForm) -> TriageRecord | None:
        """Keep everything, once for the form's key; a refusal goes beside its question, and the answer is None."""
        key = whole.key
        try:
            return twice_at_once(
                lambda: operations.record_triage(
                    by=self.person,
                    at=self.at,
                    incident=self.incident,
                    form=whole.triage(),
                    threshold=whole.threshold.choice(),
                    tellings=whole.tellings(),
                    tier=whole.tier_choice(),
                    submission_key=key,
                ),
            )
        except SentBefore as earlier:
            whole.say_sent_before(earlier, key=uuid4().hex)
        except Invalid as invalid:
            for name, sentence in invalid.problems.items():
                whole.add_error(name, sentence)
        except Refused as refused:
            whole.add_error("", refused.sentence)
        return None

    def _judge_first_half(self, whole: WholeForm, worked: operations.Worked) -> None:
        """What the rules ask to put right before anything is kept, and what is worth a second thought."""
        form, threshold = whole.triage(), whole.threshold.choice()
        problems = operations.problems_of_triage(
            incident=self.incident,
            at=self.at,
            form=form,
            threshold=threshold,
            tellings=(),
            tier=None,
            worked=worked,
        )
        for name, sentence in problems.items():
            whole.add_error(name, sentence)
        self.prompts = dict(
            check_threshold(
                outcome=threshold.outcome,
                rationale=threshold.rationale,
                tests=form.tests,
                decided_on=local_day(self.at),
                more_information_by=threshold.more_information_by,
            ).prompts
        )

    def show(self, whole: WholeForm, worked: operations.Worked | None = None) -> HttpResponse:
        """The page; with ``worked`` it shows the proposal."""
        patterns = worked.patterns if worked else find_patterns(incident=self.incident, at=self.at)
        return render(
            self.request,
            "triage/record.html",
            {
                "form": whole,
                "incident": self.incident,
                "report": report_panel(incident=self.incident, by=self.person, at=self.at),
                "patterns": presenters.patterns_shown(patterns, by=self.person, at=self.at),
                "proposal": presenters.proposal_shown(worked.proposal) if worked else None,
                "tells": [(duty, presenters.clocks_shown(duty), whole.tells[duty.code]) for duty in whole.likely],
                "prompts": self.prompts,
                "handed": _handed(self.state),
                "triaged": presenters.who_and_when(self.state.record) if self.state.record else "",
                "may_hand_over": allowed(check_can_hand_over, by=self.person, at=self.at, incident=self.incident)[0],
            },
            status=409 if whole.sent_before else 200,
        )


def _handed(state: Any) -> dict[str, str] | None:
    if state.handover is None:
        return None
    return {"question": state.handover.question, "who": presenters.who_and_when(state.handover)}


def _answers_of(row: TriageRecord) -> dict[str, Any]:
    """A record's answers, to start from when an incident is triaged again."""
    initial = {name: getattr(row, name) for name in SAME_ANSWERS}
    words = "wishes_not_asked" if row.wishes == "not-asked" else "wishes_said"
    return initial | {words: row.wishes_words}
