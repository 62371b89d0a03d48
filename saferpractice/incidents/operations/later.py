"""What is learnt later stands beside the report: corrections, gradings, a withdrawal."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import INCIDENT_WITHDRAWN, local_day
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import (
    Correction,
    HarmGrading,
    Incident,
    Withdrawal,
)
from saferpractice.incidents.operations.shared import is_reporter, says_the_same, who_reports
from saferpractice.incidents.permissions import (
    check_can_correct,
    check_can_decide_access,
    check_can_open,
)
from saferpractice.lists.queries import codes
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def grade_harm(
    *, by: By, at: datetime, incident: Incident, physical_harm: str, psychological_harm: str, reason: str
) -> Entry[HarmGrading] | Already[HarmGrading]:
    """Grade the harm again, with the reason. The earlier grading stays beside it (R7). Sent twice, it is one."""
    check_can_open(by=by, at=at, incident=incident)
    problems = {}
    for name, listed, value in (
        ("physical_harm", "physical-harm", physical_harm),
        ("psychological_harm", "psychological-harm", psychological_harm),
    ):
        if value not in codes(listed, provider_id=incident.provider_id, on=local_day(at)):
            problems[name] = f"Choose the {name.replace('_', ' ')} that fits best."
    if not as_written(reason):
        problems["reason"] = "Say what is known now that changes the grading."
    if problems:
        raise Invalid(problems)
    given, incident = incident, Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    who = who_reports(incident, by, at)
    said = {"physical_harm": physical_harm, "psychological_harm": psychological_harm, "reason": reason.strip()}
    newest = incident.harm_gradings.order_by("-decided_at", "-pk").first()
    if newest is not None and says_the_same(newest, said, who):
        return Already(newest)
    grading = HarmGrading.objects.create(incident=incident, **said, **who)
    Incident.objects.filter(pk=incident.pk).update(physical_harm=physical_harm, psychological_harm=psychological_harm)
    given.refresh_from_db(fields=["physical_harm", "psychological_harm"])
    return Entry(
        result=grading,
        subject=incident,
        story_id=incident.pk,
        sentence="graded the harm again",
        facts={"physical": physical_harm, "psychological": psychological_harm},
        withhold_name=incident.name_withheld and is_reporter(incident, by),
    )


@operation
def correct_report(
    *, by: By, at: datetime, incident: Incident, part: str, text: str, reason: str
) -> Entry[Correction] | Already[Correction]:
    """Put a correction, or something learnt later, beside the report. What was first written stays (R7).

    The very same words again, of the same part and by the same person, are no second correction.
    """
    check_can_correct(by=by, at=at, incident=incident)
    problems = {}
    if not as_written(text):
        problems["text"] = "Enter the correction or what you have learnt."
    if not as_written(reason):
        problems["reason"] = "Say how you know."
    if problems:
        raise Invalid(problems)
    incident = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    who = who_reports(incident, by, at)
    said = {"part": part[:40], "text": text.strip(), "reason": reason.strip()}
    earlier = next((row for row in incident.corrections.filter(**said) if says_the_same(row, said, who)), None)
    if earlier is not None:
        return Already(earlier)
    correction = Correction.objects.create(incident=incident, **said, **who)
    return Entry(
        result=correction,
        subject=incident,
        story_id=incident.pk,
        sentence="added a correction to the report",
        facts={"part": part},
        withhold_name=incident.name_withheld and is_reporter(incident, by),
    )


@operation
def withdraw_incident(*, by: By, at: datetime, incident: Incident, reason: str) -> Entry[Withdrawal]:
    """Withdraw an incident that should not stand. Its row and its trail stay; its obligations are cancelled."""
    check_can_decide_access(by=by, at=at, incident=incident)
    if not as_written(reason):
        raise Invalid({"reason": "Say why this incident should not stand."})
    withdrawal = Withdrawal.objects.create(incident=incident, reason=reason.strip(), **decided(by, at))
    Obligation.objects.open().filter(story_id=incident.pk).update(
        cancelled_at=at, cancelled_because=INCIDENT_WITHDRAWN, next_escalation_at=None
    )
    return Entry(
        result=withdrawal,
        subject=incident,
        story_id=incident.pk,
        sentence=f"withdrew incident {incident.reference}",
        facts={"reason": reason},
    )
