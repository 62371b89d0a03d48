"""What the pages across the loop show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed, can_manage_people
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE, Role
from saferpractice.changes.models import WORKS_IN_TEAMS
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.presenters import MEANING
from saferpractice.deadlines.rules import (
    ClockKind,
    ObligationState,
    Standing,
    day_label,
    due_label,
    local_time_label,
    standing,
)
from saferpractice.design.navigation import Item
from saferpractice.design.words import tag
from saferpractice.evidence.permissions import check_can_publish
from saferpractice.evidence.presenters import may_reach_inspections, may_read_any
from saferpractice.evidence.presenters.packs import may_use_packs
from saferpractice.evidence.queries.commissioning import is_commissioner
from saferpractice.findings.permissions import check_can_count_conditions
from saferpractice.home.permissions import sees_looks_at_people, sees_schedule
from saferpractice.home.queries import DESK
from saferpractice.home.where import address_of
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import check_can_report_somewhere
from saferpractice.incidents.rules import Answer
from saferpractice.lists.permissions import can_see_lists
from saferpractice.lists.queries import labels_of
from saferpractice.pathways.permissions import can_read_pathways
from saferpractice.trail.models import TrailEntry

IN_SUPERVISION = SEES_INCIDENTS_OF_PLACE | {Role.SUPPORT_WORKER}
"""Roles whose holders supervise, oversee supervision, or have it themselves."""


def ways(person: Person, at: datetime) -> Iterator[Item]:
    """The header's links for ``person``: only where they can go."""
    roles = person.roles_anywhere(at)
    yield Item("My work", reverse("home:my_work"), order=10)
    if roles & DESK:
        yield Item("Duty desk", reverse("home:duty"), order=15)
    if allowed(check_can_report_somewhere, by=person, at=at)[0]:
        yield Item("Report", reverse("incidents:report"), order=20)
    if roles & (SEES_INCIDENTS_OF_PLACE | {Role.REVIEWER}):
        yield Item("Incidents", reverse("home:incidents"), order=30)
    if roles & WORKS_IN_TEAMS:
        yield Item("Changes", reverse("changes:list"), order=35)
        yield Item("Audits", reverse("assurance:audits"), order=37)
        yield Item("Training", reverse("evidence:register"), order=58)
    if allowed(check_can_report_somewhere, by=person, at=at)[0]:
        yield Item("Tracker", reverse("home:tracker"), order=40)
    if roles & IN_SUPERVISION:
        yield Item("Supervision", reverse("assurance:supervision"), order=45)
    if allowed(check_can_count_conditions, by=person, at=at)[0]:
        yield Item("System conditions", reverse("findings:pareto"), order=50)
    if may_read_any(person, at):
        yield Item("Thematic reviews", reverse("evidence:thematic_reviews"), order=55)
        yield Item("Lessons", reverse("evidence:lessons"), order=56)
        yield Item("Bulletins", reverse("evidence:bulletins"), order=56)
    if may_reach_inspections(person, at):
        yield Item("Inspections", reverse("evidence:inspections"), order=58)
    if allowed(check_can_publish, by=person, at=at, provider_id=person.provider_id)[0]:
        yield Item("For commissioners", reverse("evidence:publishing"), order=57)
    if is_commissioner(person, at):
        yield Item("Published quarters", reverse("evidence:commissioner"), order=58)
    if sees_looks_at_people(person, at):
        yield Item("Records held", reverse("home:records"), order=58)
    if sees_schedule(person, at):
        yield Item("Retention", reverse("home:schedule"), order=59)
    if may_use_packs(person, at):
        yield Item("Evidence packs", reverse("evidence:packs"), order=57)
    if can_read_pathways(person, at):
        yield Item("Pathways", reverse("pathways:index"), order=25)
    if can_see_lists(person, at):
        yield Item("Lists", reverse("lists:index"), order=80)
    if can_manage_people(person, at):
        yield Item("Deadlines", reverse("deadlines:days_off"), order=85)
        yield Item("People", reverse("access:people"), order=90)
        yield Item("Who sees what", reverse("home:why_seen"), order=91)
        yield Item("Who supervises", reverse("assurance:arrange"), order=92)
        yield Item("Trail", reverse("home:trail_state"), order=94)


def counted(rows: Sequence[object], most: int) -> str:
    """How many, up to ``most``: "7", or "99+" where the list was cut."""
    return str(len(rows)) if len(rows) < most else f"{most - 1}+"


def who_owes(obligation: Obligation) -> str:
    """The owner's name, or the role with its team."""
    if obligation.owner is not None:
        return obligation.owner.name
    where = f", {obligation.team.name}" if obligation.team else ""
    return f"{Role(obligation.role).label}{where}"


def state_cell(found: Standing) -> Markup:
    """How an obligation stands, beside a column that says when it is due: nothing is said twice."""
    meaning = MEANING[found.state]
    if found.state is ObligationState.LATE:
        return tag(found.sentence, meaning)
    if not found.state.is_settled:
        return tag(found.label, meaning)
    rest = found.sentence.removeprefix("Met ").removeprefix("Cancelled ")
    return Markup("{}<br>{}{}").format(tag(found.label, meaning), rest[:1].upper(), rest[1:])


def moved_words(obligation: Obligation) -> str:
    """When it was due at first and what moved it; "" when nothing did, or the list was read without it."""
    moved = getattr(obligation, "moved", [])
    if not moved:
        return ""
    last = moved[-1].because
    what = "a day off" if last.off else "a working day again"
    return f"Was {due_label(moved[0].was_due_at)}, until {day_label(last.day)} became {what}"


def due_cell(obligation: Obligation) -> Markup:
    """By when, who set that, and what moved it."""
    line = Markup('<br><span class="sp-clock">{}</span>')
    set_by = ClockKind(obligation.clock).set_by
    cell = Markup("By {}").format(due_label(obligation.due_at)) + line.format(set_by[:1].upper() + set_by[1:])
    moved = moved_words(obligation)
    return cell + line.format(moved) if moved else cell


def work_rows(obligations: Iterable[Obligation], at: datetime) -> list[list[Any]]:
    """Rows of a list of work: what, who, due, state."""
    rows: list[list[Any]] = []
    for one in obligations:
        found = standing(one.due_at, one.met_at, one.cancelled_at, at)
        rows.append(
            [
                {"text": one.title, "href": reverse("home:go", args=[one.pk])},
                who_owes(one),
                due_cell(one),
                state_cell(found),
            ]
        )
    return rows


TRACKER_HEADER = (
    "What",
    "Owner",
    "Team",
    "Asked",
    "Due",
    "Moved",
    "Clock",
    "Source of the clock",
    "State",
    "Done",
    "Proven by",
    "Link",
)


def tracker_lines(obligations: Iterable[Obligation], at: datetime, base: str) -> Iterator[list[Any]]:
    """The tracker as rows of a file; moments in London time."""
    for one in obligations:
        found = standing(one.due_at, one.met_at, one.cancelled_at, at)
        yield [
            one.title,
            who_owes(one),
            one.team.name if one.team else "",
            local_time_label(one.opened_at),
            due_label(one.due_at),
            moved_words(one),
            ClockKind(one.clock).label,
            one.clock_source,
            found.sentence,
            local_time_label(one.met_at) if one.met_at else "",
            evidence_words(one),
            f"{base}{address_of(one)}",
        ]


EVIDENCE_WORDS = {
    "triage.triagerecord": "Triage record",
    "triage.thresholddecision": "Threshold decision",
    "triage.safeguardingreferral": "Safeguarding referral",
    "triage.referralacknowledgement": "Acknowledgement by the authority",
    "triage.statutorynotification": "Record of telling the body",
    "triage.partnerescalation": "Record of telling the partner",
    "triage.tierdecision": "Tier decision",
    "triage.safetyactiondone": "Safety action done",
    "reviews.review": "Review opened",
    "reviews.reviewcompletion": "Review completed",
    "reviews.oversightsignoff": "Senior sign-off",
    "reviews.reviewdocument": "Document supplied",
    "changes.operationalchange": "Operational change",
    "changes.golive": "Change live",
    "changes.rolloutproof": "Rollout proof",
    "changes.completionevidence": "Completion evidence",
    "changes.evidencedecision": "Evidence accepted",
    "evidence.trainingattendance": "Attendance at training",
    "evidence.specificationclause": "Clause agreed",
    "assurance.impactplan": "Impact plan",
    "assurance.impactresult": "Results entered",
    "assurance.impactcheck": "Impact check",
    "assurance.auditresult": "Audit result",
}


def evidence_words(obligation: Obligation) -> str:
    """Which record met it, in words; empty while open."""
    if not obligation.met_by_type:
        return obligation.cancelled_because
    words = EVIDENCE_WORDS.get(obligation.met_by_type, obligation.met_by_type.split(".")[-1])
    answer = getattr(obligation, "audit_answer", None)
    return f"{words}: {answer}" if answer else words


def tracker_rows(obligations: Iterable[Obligation], at: datetime) -> list[list[Any]]:
    """Rows of the tracker's table."""
    rows: list[list[Any]] = []
    for one, plain in ((o, standing(o.due_at, o.met_at, o.cancelled_at, at)) for o in obligations):
        rows.append(
            [
                {"text": one.title, "href": reverse("home:go", args=[one.pk])},
                who_owes(one),
                due_cell(one),
                state_cell(plain),
                evidence_words(one) or None,
            ]
        )
    return rows


def story_of(entries: Iterable[TrailEntry]) -> list[dict[str, Any]]:
    """The trail of an incident as plain sentences."""
    return [
        {
            "when": local_time_label(entry.at),
            "who": f"{entry.by_name} ({entry.by_role})" if entry.by_role else entry.by_name,
            "text": entry.sentence[:1].upper() + entry.sentence[1:],
            "by_person": entry.by_id is not None,
        }
        for entry in entries
    ]


def incident_rows(incidents: Sequence[Incident]) -> list[list[Any]]:
    """Rows of one provider's incidents. The words of the report are cut; names of people supported never appear."""
    rows: list[list[Any]] = []
    labels = labels_of("themes", provider_id=incidents[0].provider_id) if incidents else {}
    for one in incidents:
        words = " ".join(one.what_happened.split())
        flags = [tag("Restricted", "restricted")] if one.restricted else []
        if one.still_at_risk != Answer.NO:
            flags.append(tag("At risk when reported", "bad"))
        themes = [labels.get(theme, theme) for theme in one.themes]
        rows.append(
            [
                {"text": one.reference, "href": reverse("home:incident", args=[one.pk])},
                local_time_label(one.recorded_at),
                f"{one.team.name}, {one.team.service.name}",
                Markup("{} {}").format(words[:140] + ("…" if len(words) > 140 else ""), Markup(" ").join(flags)),
                ", ".join(themes) or None,
            ]
        )
    return rows
