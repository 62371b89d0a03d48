"""Learning points: for whom they are, what is new for somebody, and what nobody has put into words yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person, RoleAssignment, Team
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import Role
from saferpractice.assurance.models import LearningPoint, SupervisionDiscussion
from saferpractice.assurance.rules.supervision import Prompt, in_order
from saferpractice.changes.models import WORKS_IN_TEAMS, Briefing, OperationalChange
from saferpractice.deadlines.rules import local_day
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import PathwayCase, SupervisionPick

SHOWN = 20


def teams_of(worker: Person, at: datetime) -> QuerySet[Team]:
    """The teams that ``worker`` works in or over."""
    where = Q(pk__in=[])
    for row in RoleAssignment.objects.filter(person=worker).current(at):
        if row.team_id:
            where |= Q(pk=row.team_id)
        else:
            where |= Q(service_id=row.service_id) if row.service_id else Q(provider_id=row.provider_id)
    return Team.objects.filter(where)


def with_sources(points: QuerySet[LearningPoint]) -> QuerySet[LearningPoint]:
    """``points`` with what they were taken from read along."""
    return points.select_related("change__go_live", "briefing", "finding__team", "withdrawal").prefetch_related("teams")


NOT_SHOWN = "A learning point that is not shown any more"


def wording_shown(point: LearningPoint) -> str:
    """What a point says, on a discussion of it that was held before. Nothing once few people may know of its incident:
    who talked about it then, and who oversees them, need not be among those few."""
    return NOT_SHOWN if point.finding is not None and point.finding.incident.restricted else point.wording


def since_of(point: LearningPoint) -> date | None:
    """From which London day a point holds: its change live, its briefing given, its finding agreed; None: not live."""
    if point.briefing is not None:
        return local_day(point.briefing.decided_at)
    if point.finding is not None:
        return local_day(point.finding.decided_at)
    live = getattr(point.change, "go_live", None)
    return local_day(live.live_at) if live is not None else None


def agreed_on(point: LearningPoint) -> date:
    """The London day on which what a point was taken from came about: nobody discussed it before."""
    return local_day(point.source.decided_at)


def points_for(workers: Collection[Person], at: datetime) -> list[LearningPoint]:
    """The standing points for a team of any of ``workers``, each once."""
    teams: set[UUID] = set()
    for worker in workers:
        teams |= set(teams_of(worker, at).values_list("pk", flat=True))
    return list(with_sources(LearningPoint.objects.standing().filter(teams__in=teams)).distinct().order_by("pk"))


@dataclass(frozen=True, slots=True)
class Prompted:
    """What to talk about with one worker: the last discussion's day, and every point of theirs in order."""

    worker: Person
    last_held: date | None
    prompts: tuple[Prompt[LearningPoint], ...]

    @property
    def new(self) -> tuple[Prompt[LearningPoint], ...]:
        """What came since the last discussion."""
        return tuple(one for one in self.prompts if one.is_new(self.last_held))


def prompted(worker: Person, at: datetime) -> Prompted:
    """What is new for ``worker`` and what was not yet discussed with them, newest first."""
    rows = SupervisionDiscussion.objects.standing().filter(worker=worker).prefetch_related("points")
    held: dict[UUID, date] = {}
    last: date | None = None
    for row in rows.order_by("held_on"):
        last = row.held_on
        held |= {point.pk: row.held_on for point in row.points.all()}
    found = (Prompt(point, since_of(point), held.get(point.pk)) for point in points_for([worker], at))
    return Prompted(worker, last, in_order(found))


def picks_for(person: Person, at: datetime, workers: Iterable[Person]) -> list[SupervisionPick]:
    """Cases drawn for supervision this month in the workers' teams that ``person`` may open, oldest first."""
    teams: set[UUID] = set()
    for worker in workers:
        teams |= set(teams_of(worker, at).values_list("pk", flat=True))
    seen = PathwayCase.objects.visible_to(person, at).values("pk")
    found = SupervisionPick.objects.filter(
        draw__frozen__team_id__in=teams,
        draw__frozen__month=local_day(at).replace(day=1),
        replacement__isnull=True,
        case_id__in=seen,
    )
    return list(found.select_related("case__person_supported", "case__version").order_by("pk"))


def points_seen(person: Person, at: datetime) -> QuerySet[LearningPoint]:
    """The points for the teams that ``person`` works in or over, and those they worded; the newest first, with those
    withdrawn. Not those of an incident that was restricted since."""
    teams = teams_covered(person, at, WORKS_IN_TEAMS).values("pk")
    found = LearningPoint.objects.for_everybody().filter(provider_id=person.provider_id)
    found = found.filter(Q(teams__in=teams) | Q(decided_by=person)).distinct()
    return with_sources(found).order_by("-decided_at", "-pk")


def point_seen(person: Person, at: datetime, point_id: UUID) -> LearningPoint | None:
    """One point of the provider, or None."""
    return points_seen(person, at).filter(pk=point_id).first()


def source_seen(
    person: Person, at: datetime, kind: str, source_id: UUID
) -> OperationalChange | Briefing | Finding | None:
    """The change, briefing or finding that ``person`` may open, to put into words what it teaches; or None."""
    changes = OperationalChange.objects.visible_to(person, at).standing()
    if kind == "change":
        return changes.filter(pk=source_id).first()
    if kind == "briefing":
        return Briefing.objects.filter(pk=source_id, change__in=changes.values("pk")).select_related("change").first()
    if kind == "finding":
        return _findings(person, at).filter(pk=source_id).select_related("team", "incident").first()
    return None


def _findings(person: Person, at: datetime) -> QuerySet[Finding]:
    """Findings of incidents ``person`` may open that not only named people may see."""
    incidents = Incident.objects.visible_to(person, at).filter(restricted=False).values("pk")
    return Finding.objects.standing().filter(incident__in=incidents)


def standing_point(
    *, change: OperationalChange | None = None, briefing: Briefing | None = None, finding: Finding | None = None
) -> LearningPoint | None:
    """The one wording that stands of what a source teaches, or None."""
    found = LearningPoint.objects.standing().filter(change=change, briefing=briefing, finding=finding)
    return found.order_by("decided_at").first()


def without_words(person: Person, at: datetime) -> tuple[list[OperationalChange], list[Finding]]:
    """The newest changes and findings that ``person`` may put into words and of which no wording stands.

    Those they agreed or recorded themselves; for a quality lead every one they may open.
    """
    own = Q() if Role.QUALITY_LEAD in person.roles_anywhere(at) else Q(decided_by=person)
    worded = LearningPoint.objects.filter(withdrawal__isnull=True)
    changes = OperationalChange.objects.visible_to(person, at).standing().filter(own)
    changes = changes.exclude(pk__in=worded.filter(briefing__isnull=True, change__isnull=False).values("change_id"))
    findings = _findings(person, at).filter(own)
    findings = findings.exclude(pk__in=worded.filter(finding__isnull=False).values("finding_id"))
    answered = OperationalChange.objects.standing().filter(findings__isnull=False).values("findings")
    return (
        list(changes.order_by("-decided_at", "-pk")[:SHOWN]),
        list(findings.exclude(pk__in=answered).select_related("team").order_by("-decided_at", "-pk")[:SHOWN]),
    )
