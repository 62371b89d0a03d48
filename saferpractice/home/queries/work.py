"""Reads across the loop, scoped to the person asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.queries import team_ids_seen, teams_covered
from saferpractice.access.rules import SENIOR, Place, Role
from saferpractice.assurance.models import AuditResult
from saferpractice.deadlines.models import MovedDeadline, Obligation, Obligations
from saferpractice.files.models import StoredFile
from saferpractice.home.rules import Cursor, Sort, Sphere, Which
from saferpractice.incidents.models import Incident, KeptFrom, NamedAccess
from saferpractice.trail.models import TrailEntry

PAGE = 25
MOVES = Prefetch("moves", queryset=MovedDeadline.objects.select_related("because").order_by("at"), to_attr="moved")
"""Why a deadline is not when it was first said to be."""


def _held_through_a_role(person: Person, at: datetime) -> Q:
    """Obligations of a role that ``person`` holds over the team they belong to."""
    found = Q(pk__in=[])
    for role in sorted(person.roles_anywhere(at)):
        teams = list(teams_covered(person, at, frozenset({role})).values_list("pk", flat=True))
        if teams:
            found |= Q(role=role, team_id__in=teams)
        if any(h.role is role and h.holds(at) and h.place.service_id is None for h in person.holdings()):
            found |= Q(role=role, team__isnull=True)
    return found


def named_stories(person: Person, at: datetime) -> QuerySet[NamedAccess, UUID]:
    """The ids of the incidents on which ``person`` is named at ``at``."""
    holds = Q(until_at__isnull=True) | Q(until_at__gt=at)
    return NamedAccess.objects.filter(holds, person=person, from_at__lte=at).values_list("incident_id", flat=True)


def not_kept_from(found: Obligations, person: Person) -> Obligations:
    """``found`` without what belongs to an incident that ``person`` must not read."""
    kept = list(KeptFrom.objects.filter(person=person).values_list("incident_id", flat=True))
    return found.exclude(story_id__in=kept) if kept else found


def to_do(person: Person, at: datetime) -> Obligations:
    """What ``person`` must do: owned by name, or through a role they hold. Soonest first.

    One about a restricted incident shows only to its owner and to people named on that incident.
    """
    through_role = _held_through_a_role(person, at) & (Q(restricted=False) | Q(story_id__in=named_stories(person, at)))
    found = Obligation.objects.open().filter(Q(owner=person) | through_role, provider_id=person.provider_id)
    if not person.is_active:
        return found.none()
    return not_kept_from(found, person).select_related("team", "owner").order_by("due_at", "pk")


def tracked(person: Person, at: datetime) -> Obligations:
    """Every obligation ``person`` may know of: their own, and those of the incidents they may open."""
    if not person.is_active:
        return Obligation.objects.none()
    may = Q(owner=person) | Q(story_id__in=named_stories(person, at))
    teams = team_ids_seen(person, at)
    if teams:
        may |= Q(team_id__in=teams, restricted=False)
    may |= _held_through_a_role(person, at) & Q(restricted=False)
    if person.roles(Place(person.provider_id), at) & SENIOR:
        may |= Q(team__isnull=True, story_id__isnull=True, restricted=False)  # what a quality meeting gave out
    found = Obligation.objects.filter(may, provider_id=person.provider_id)
    return not_kept_from(found, person)


def with_audit_answers(found: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """``found``, each that an audit met with what the audit answered (``audit_answer``)."""
    results = AuditResult.objects.filter(pk=OuterRef("met_by_id"))
    return found.annotate(audit_answer=Subquery(results.values("answer")[:1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerFilter:
    """What the tracker is asked to show."""

    which: Which = Which.OPEN
    sphere: Sphere | None = None
    team_id: UUID | None = None
    owner_id: UUID | None = None
    words: str = ""
    sort: Sort = Sort.DUE


def filtered(found: Obligations, wanted: TrackerFilter, at: datetime) -> Obligations:
    """``found`` narrowed to what is wanted and put in order."""
    match wanted.which:
        case Which.OPEN:
            found = found.open()
        case Which.LATE:
            found = found.late(at)
        case Which.WEEK:
            found = found.open().filter(due_at__gte=at, due_at__lt=at + timedelta(days=7))
        case Which.MET:
            found = found.filter(met_at__isnull=False)
        case Which.CANCELLED:
            found = found.filter(cancelled_at__isnull=False)
    if wanted.sphere is not None:
        starts = Q()
        for start in wanted.sphere.starts:
            starts |= Q(kind__startswith=start)
        found = found.filter(starts)
    if wanted.team_id is not None:
        found = found.filter(team_id=wanted.team_id)
    if wanted.owner_id is not None:
        found = found.filter(owner_id=wanted.owner_id)
    for word in wanted.words.split()[:6]:
        told = Q(title__icontains=word) | Q(owner__name__icontains=word) | Q(team__name__icontains=word)
        of_incident = Incident.objects.filter(reference__icontains=word).values("pk")
        found = found.filter(told | Q(story_id__in=of_incident))
    order = {Sort.DUE: ("due_at", "pk"), Sort.DUE_LAST: ("-due_at", "-pk"), Sort.NEWEST: ("-opened_at", "-pk")}
    return found.select_related("team", "owner").prefetch_related(MOVES).order_by(*order[wanted.sort])


def page_of(found: Obligations, sort: Sort, after: Cursor | None) -> tuple[list[Obligation], Cursor | None]:
    """One page after a cursor, and the cursor of the next page (None at the end). No row is counted or skipped."""
    column = "opened_at" if sort is Sort.NEWEST else "due_at"
    if after is not None:
        way = "gt" if sort is Sort.DUE else "lt"
        found = found.filter(
            Q(**{f"{column}__{way}": after.moment}) | Q(**{column: after.moment, f"pk__{way}": after.id})
        )
    rows = list(found[: PAGE + 1])
    if len(rows) <= PAGE:
        return rows, None
    last = rows[PAGE - 1]
    return rows[:PAGE], Cursor(getattr(last, column), last.pk)


def story_obligations(incident: Incident) -> Obligations:
    """The obligations of one incident, in the order in which they were due."""
    found = Obligation.objects.filter(story_id=incident.pk).select_related("owner", "team")
    return found.prefetch_related(MOVES).order_by("due_at", "pk")


def incident_of(obligation: Obligation) -> Incident | None:
    """The incident a piece of work belongs to, to judge by; a page must still open it, which checks who asks."""
    if obligation.story_id is None:
        return None
    return Incident.objects.select_related("team__service").filter(pk=obligation.story_id).first()


def at_risk_now(person: Person, at: datetime) -> list[Obligation]:
    """What cannot wait: somebody may still be at risk, and ``person`` is to decide. At most ten, soonest first."""
    return sorted(_each_way(person, at, Obligation.objects.open().filter(urgent=True), 10), key=_when)[:10]


def _when(obligation: Obligation) -> tuple[datetime, UUID]:
    return obligation.due_at, obligation.pk


MOST_COUNTED = 100
"""A person's own list is counted up to here: more than that is "99+", and no page pays for counting it."""


def my_first(person: Person, at: datetime) -> list[Obligation]:
    """The first hundred things ``person`` must do, soonest due first (so what is late comes first)."""
    found = _each_way(person, at, Obligation.objects.open(), MOST_COUNTED)
    return sorted(found, key=_when)[:MOST_COUNTED]


def _each_way(person: Person, at: datetime, among: Obligations, most: int) -> set[Obligation]:
    """The first of ``among`` that are owned by ``person``, and the first of each role they hold.

    One short query each, so that each walks one index in order; a single query with OR would read everything open.
    """
    if not person.is_active:
        return set()
    among = not_kept_from(among.filter(provider_id=person.provider_id), person).select_related("team", "owner")
    among = among.order_by("due_at", "pk")
    found = set(among.filter(owner=person)[:most])
    named = list(named_stories(person, at))
    for role in sorted(person.roles_anywhere(at)):
        teams = list(teams_covered(person, at, frozenset({role})).values_list("pk", flat=True))
        mine = among.filter(role=role, restricted=False)
        found |= set(mine.filter(team_id__in=teams)[:most])
        if named:
            found |= set(among.filter(role=role, team_id__in=teams, restricted=True, story_id__in=named)[:most])
        if any(h.role is role and h.holds(at) and h.place.service_id is None for h in person.holdings()):
            found |= set(mine.filter(team__isnull=True)[:most])
    return found


def owners_seen(person: Person, at: datetime) -> QuerySet[Person]:
    """People who own something ``person`` may see in the tracker, for its filter."""
    teams = teams_covered(person, at, frozenset(Role))
    if not teams.exists():
        return Person.objects.filter(pk=person.pk)
    return Person.objects.filter(provider_id=person.provider_id, is_active=True).order_by("name")


def story_of(incident: Incident) -> QuerySet[TrailEntry]:
    """The trail of one incident, oldest first."""
    return TrailEntry.objects.story(incident.pk)


def looks_at(incident: Incident, *, hide: UUID | None, most: int = 500) -> list[AccessEntry]:
    """Who has looked at an incident, newest first; ``hide`` leaves out a reporter whose name is withheld."""
    found = AccessEntry.objects.of_story(incident.pk)
    return list((found.exclude(by_id=hide) if hide else found)[:most])


def file_of_provider(person: Person, file_id: UUID) -> StoredFile | None:
    """A file of the person's provider. The page must then open its incident, which checks who asks."""
    return StoredFile.objects.filter(pk=file_id, provider_id=person.provider_id).first()
