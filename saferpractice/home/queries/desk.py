"""What the duty desk shows, and the flags that escalations raise on people's own pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person, Team
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Escalation, EscalationSeen, Obligation
from saferpractice.home.queries.work import named_stories, not_kept_from, to_do, tracked
from saferpractice.home.rules import Sphere, Weight, belongs, horizon
from saferpractice.incidents.models import Incident
from saferpractice.incidents.rules import Answer
from saferpractice.lists.queries import shipped
from saferpractice.pathways.models import CaseObligation, PathwayCase
from saferpractice.pathways.queries import worked_by
from saferpractice.pathways.rules.definition import Obligation as Asked
from saferpractice.triage.models import TriageRecord

DESK = frozenset({Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.DIRECTOR})
"""Who has a duty desk: those who decide today, over the place where they hold the role."""
MAY_KNOW = frozenset({Role.SAFEGUARDING_LEAD, Role.DIRECTOR})
"""Who is told that something restricted is late, though they may not open it."""
SPHERES = (Sphere.DECISIONS, Sphere.PATHWAYS)
OF_CASE = ("case__person_supported", "case__version", "case__team")
MOST_ON_DESK = 300
"""Rows read at most, soonest due first: a desk with more is a list, and the tracker is that list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFilter:
    """What the desk is asked to show."""

    team_id: UUID | None = None
    sphere: Sphere | None = None
    escalated: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The newest level of an escalation: when it came, and who was told."""

    level: int
    at: datetime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnDesk:
    """One thing to decide, with what places it. ``case`` and ``asked`` are there for what a pathway asks for."""

    obligation: Obligation
    weight: Weight
    incident: Incident | None
    case: PathwayCase | None
    asked: Asked | None
    because: tuple[str, ...]
    told: Told | None


def has_desk(person: Person, at: datetime) -> bool:
    """Whether ``person`` decides anywhere."""
    return bool(person.roles_anywhere(at) & DESK)


def desk_teams(person: Person, at: datetime) -> QuerySet[Team]:
    """The teams whose decisions are on the desk of ``person``, by service and name."""
    return teams_covered(person, at, DESK).select_related("service").order_by("service__name", "name")


def desk(person: Person, at: datetime, wanted: DeskFilter) -> list[OnDesk]:
    """What needs a decision today in the teams of ``person``, the gravest first (see ``Weight``).

    Nothing of an incident they are kept from, and of a restricted one only what they are named on.
    """
    teams = list(desk_teams(person, at).values_list("pk", flat=True))
    named = list(named_stories(person, at))
    kinds = Q()
    for sphere in (wanted.sphere,) if wanted.sphere else SPHERES:
        for start in sphere.starts:
            kinds |= Q(kind__startswith=start)
    found = Obligation.objects.open().filter(kinds, provider_id=person.provider_id, team_id__in=teams)
    found = found.filter(Q(restricted=False) | Q(story_id__in=named))
    found = found.filter(Q(due_at__lte=horizon(at)) | Q(urgent=True) | Q(escalated_level__gte=1))
    if wanted.team_id is not None:
        found = found.filter(team_id=wanted.team_id)
    if wanted.escalated:
        found = found.filter(escalated_level__gte=1)
    rows = not_kept_from(found, person).select_related("team", "owner").order_by("-urgent", "due_at", "pk")
    return sorted(_weighed(list(rows[:MOST_ON_DESK]), at), key=lambda one: one.weight.place)


def _weighed(rows: Sequence[Obligation], at: datetime) -> list[OnDesk]:
    stories = {row.story_id for row in rows if row.story_id}
    incidents = Incident.objects.in_bulk(stories)
    at_risk = {pk: one.still_at_risk for pk, one in incidents.items()} | _triaged(stories)
    owed = CaseObligation.objects.filter(pk__in=[row.subject_id for row in rows if Sphere.PATHWAYS.holds(row.kind)])
    cases = {one.pk: one for one in owed.select_related(*OF_CASE).prefetch_related("case__moves__to_version")}
    told = _told(rows)
    found = []
    for row in rows:
        incident, of_case = incidents.get(row.story_id) if row.story_id else None, cases.get(row.subject_id)
        risk = row.urgent or (incident is not None and at_risk[incident.pk] != Answer.NO)
        if not belongs(row.due_at, urgent=row.urgent, escalated=row.pk in told, at=at):
            continue
        case = of_case.case if of_case else None
        found.append(
            OnDesk(
                obligation=row,
                weight=Weight(risk, _harm(incident), row.due_at, row.pk),
                incident=incident,
                case=case,
                asked=worked_by(case).definition.owed.get(of_case.code) if case and of_case else None,
                because=tuple(of_case.because) if of_case else (),
                told=told.get(row.pk),
            )
        )
    return found


def _triaged(stories: set[UUID]) -> dict[UUID, str]:
    """Whether somebody is still at risk as the newest triage of each incident says."""
    found = TriageRecord.objects.filter(incident_id__in=stories).order_by("decided_at", "pk")
    return dict(found.values_list("incident_id", "still_at_risk"))


def _harm(incident: Incident | None) -> int | None:
    """The worse of the two levels of harm; None where there is no incident, or none of its grades is national."""
    if incident is None:
        return None
    given = (("physical-harm", incident.physical_harm), ("psychological-harm", incident.psychological_harm))
    levels = [entry.detail["level"] for name, code in given for entry in shipped(name).entries if entry.code == code]
    return max(levels, default=None)


def _told(rows: Sequence[Obligation]) -> dict[UUID, Told]:
    late = [row.pk for row in rows if row.escalated_level >= 1]
    found = Escalation.objects.filter(obligation_id__in=late, level__gte=1).order_by("level")
    return {
        one.obligation_id: Told(one.level, one.at, tuple(sorted(person.name for person in one.told.all())))
        for one in found.prefetch_related("told")
    }


@dataclass(frozen=True, slots=True)
class Flag:
    """An escalation that ``person`` was told of and has not seen yet. ``open`` says whether they may follow it.

    Of something restricted they may know only that it is late."""

    escalation: Escalation
    obligation: Obligation
    open: bool


def flags(person: Person, at: datetime, most: int = 20) -> list[Flag]:
    """What ``person`` was told is late and still is, and they have not said that they saw it: the newest level of each.

    It stops by itself when the work is met or cancelled, when the role through which they were told ends, and when
    they are kept from the incident.
    """
    if not person.is_active:
        return []
    seen = EscalationSeen.objects.filter(person=person).values("escalation_id")
    late = not_kept_from(Obligation.objects.late(at), person)
    rows = Escalation.objects.filter(told=person, level__gte=1, obligation__in=late.values("pk"))
    newest = {one.obligation_id: one for one in rows.select_related("obligation__team").order_by("level")}
    unseen = Escalation.objects.filter(pk__in=[one.pk for one in newest.values()]).exclude(pk__in=seen)
    found = list(unseen.select_related("obligation__team").order_by("-at", "pk")[:most])
    if not found:
        return []
    about = [one.obligation_id for one in found]
    may = set(tracked(person, at).filter(pk__in=about).values_list("pk", flat=True))
    may |= set(to_do(person, at).filter(pk__in=about).values_list("pk", flat=True))
    return [
        Flag(one, one.obligation, one.obligation_id in may)
        for one in found
        if one.obligation_id in may or _knows(person, at, one.obligation)
    ]


def _knows(person: Person, at: datetime, obligation: Obligation) -> bool:
    return (
        obligation.restricted
        and obligation.team is not None
        and bool(person.roles(obligation.team.place, at) & MAY_KNOW)
    )


def escalation_told(person: Person, escalation_id: UUID) -> Escalation | None:
    """An escalation of which ``person`` was told, or None."""
    found = Escalation.objects.filter(pk=escalation_id, told=person, obligation__provider_id=person.provider_id)
    return found.select_related("obligation").first()
