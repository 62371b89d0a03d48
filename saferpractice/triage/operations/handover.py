"""Handing an unsure case to the safeguarding lead, in one step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By
from saferpractice.triage.models import TriageHandover
from saferpractice.triage.operations.again import check_same_form
from saferpractice.triage.operations.common import locked
from saferpractice.triage.operations.obligations import HANDOVER, open_about, standing, within
from saferpractice.triage.permissions import check_can_hand_over
from saferpractice.triage.queries import newest, submitted
from saferpractice.triage.rules import Answer
from saferpractice.triage.rules.form import LONGEST_TEXT


@operation
def hand_over(
    *,
    by: By,
    at: datetime,
    incident: Incident,
    question: str,
    so_far: Mapping[str, Any] | None = None,
    submission_key: str | None = None,
) -> Entry[TriageHandover] | Already[TriageHandover]:
    """Hand an unsure case to the safeguarding lead, who is told at once. What triage owes keeps its deadline.

    It goes to everybody who leads safeguarding over the team and may open the incident; where nobody does, to its
    directors.

    Args:
        question: what the person is unsure about.
        so_far: the form as filled in until now, for the lead to go on from.

    Raises:
        Refused: ``by`` may not triage this incident.
        Invalid: no question, or nobody to hand it to.
    """
    check_can_hand_over(by=by, at=at, incident=incident)
    incident = locked(incident)
    earlier = submitted(TriageHandover, submission_key)
    if earlier is not None:
        check_same_form(
            earlier,
            by,
            incident,
            [
                ("What you are unsure about", earlier.question, question),
                ("What is filled in", *_filled_in(earlier.so_far, dict(so_far or {}))),
            ],
        )
        return Already(earlier)
    if not as_written(question):
        raise Invalid({"question": "Say what you are unsure about. A sentence is enough."})
    if len(question) > LONGEST_TEXT:
        raise Invalid({"question": f"Shorten this to {LONGEST_TEXT:,} characters."})
    role, people = _to_whom(incident, by, at)
    handover = TriageHandover.objects.create(
        incident=incident,
        question=question.strip(),
        so_far=dict(so_far or {}),
        submission_key=submission_key,
        **decided(by, at),
    )
    _oblige(incident, role, at)
    for person in people:
        ledger.tell(
            to=person,
            key=f"handover:{handover.pk}",
            subject=f"Decide: incident {incident.reference} was handed to you",
            body=f"{by.signature(at).name} is unsure about incident {incident.reference} and asks you to decide. "
            "Sign in to Safer Practice and open the incident: what was filled in so far is there.",
            at=at,
        )
    return Entry(
        result=handover,
        subject=incident,
        story_id=incident.pk,
        sentence=f"was unsure and handed the incident to the {role.label.lower()}",
        facts={"told": [person.name for person in people]},
    )


def _filled_in(kept: Mapping[str, Any], typed: Mapping[str, Any]) -> tuple[str, str]:
    """What was handed over and what is filled in now, where they differ; the hidden parts of a form do not count."""
    names = sorted({*kept, *typed} - {"rows", "handover-question", "handover-submission_key", "submission_key"})
    parted = [name for name in names if kept.get(name) != typed.get(name)]
    sides = (
        ", ".join(word for name in parted for word in map(str, side.get(name) or ()) if word) for side in (kept, typed)
    )
    recorded, now = sides
    return recorded, now


def _to_whom(incident: Incident, by: By, at: datetime) -> tuple[Role, list[Person]]:
    place = incident.team.place
    if isinstance(by, Person) and Role.SAFEGUARDING_LEAD in by.roles(place, at):
        raise Invalid("You lead safeguarding here yourself. Decide now, or ask for more information by a day.")
    for role in (Role.SAFEGUARDING_LEAD, Role.DIRECTOR):
        people = [
            person
            for person in Person.objects.holding(role, place, at).prefetch_related("role_assignments")
            if person != by and Incident.objects.visible_to(person, at).filter(pk=incident.pk).exists()
        ]
        if people:
            return role, people
    raise Invalid(
        "Nobody else who leads safeguarding or directs here may open this incident. Decide it yourself, or ask a "
        "director to name somebody on it."
    )


def _oblige(incident: Incident, role: Role, at: datetime) -> None:
    if standing(incident.pk, HANDOVER) is not None:
        return
    latest = newest(incident.triage_records.all())
    still_at_risk = latest.still_at_risk if latest else incident.still_at_risk
    timescale = within(incident, "handover" if still_at_risk == Answer.NO else "handover-at-risk", at)
    open_about(
        incident,
        subject=incident,
        kind=HANDOVER,
        title=f"Decide what was handed to you: incident {incident.reference}",
        timescale=timescale,
        at=at,
        role=role,
        clock_source=f"Local standard: a hand-over is answered {timescale.sentence}, at any hour",
    )
