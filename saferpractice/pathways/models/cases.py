"""The cases worked by a pathway, and what is written down about each."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Team
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import Role
from saferpractice.config.models import Row
from saferpractice.incidents.models import Incident, KeptFrom, NamedAccess, PersonSupported
from saferpractice.pathways.models.practice import PathwayVersion

WORKS_ON_CASES = frozenset(
    {
        Role.SUPPORT_WORKER,
        Role.DUTY_MANAGER,
        Role.SAFEGUARDING_LEAD,
        Role.REVIEWER,
        Role.SUPERVISOR,
        Role.QUALITY_LEAD,
        Role.DIRECTOR,
    }
)
"""Roles that see the cases of the place where they are held: a pathway is worked by the whole team."""


class PathwayCases(models.QuerySet["PathwayCase"]):
    """Named reads of cases. ``visible_to`` is the only way to reach one from a page."""

    def open(self) -> PathwayCases:
        """Not closed."""
        return self.filter(closing__isnull=True)

    def worked_by_earlier_than(self, version: PathwayVersion) -> PathwayCases:
        """Those on the pathway of ``version`` that are worked by an earlier version of it (see ``CaseMoved``)."""
        moves = CaseMoved.objects.filter(case=OuterRef("pk")).order_by("-to_version__number")
        worked = Coalesce(Subquery(moves.values("to_version__number")[:1]), F("version__number"))
        same = self.filter(provider_id=version.provider_id, version__pathway=version.pathway)
        return same.annotate(worked_number=worked).filter(worked_number__lt=version.number)

    def visible_to(self, person: Person, at: datetime) -> PathwayCases:
        """The cases ``person`` may open at ``at``: those of the teams they work in or for.

        One opened from an incident is hidden from whoever is kept from that incident, and while the incident is
        restricted it shows to the people named on it only.
        """
        if not person.is_active:
            return self.none()
        teams = teams_covered(person, at, WORKS_ON_CASES).values("pk")
        named = NamedAccess.objects.filter(
            Q(until_at__isnull=True) | Q(until_at__gt=at), person=person, from_at__lte=at
        ).values("incident_id")
        kept_from = KeptFrom.objects.filter(person=person).values("incident_id")
        free = Q(incident__isnull=True) | (Q(incident__restricted=False) & ~Q(incident_id__in=kept_from))
        told = Q(incident_id__in=named) & ~Q(incident_id__in=kept_from)
        return self.filter(provider_id=person.provider_id).filter(Q(team_id__in=teams) & free | told)


class PathwayCase(Decided):
    """One person supported on one pathway, from its opening until it is closed."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    person_supported = models.ForeignKey(PersonSupported, models.PROTECT, related_name="pathway_cases")
    version = models.ForeignKey(PathwayVersion, models.PROTECT, related_name="cases")
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="pathway_cases")
    submission_key = models.CharField(max_length=80)

    objects = PathwayCases.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "submission_key"], name="pathway_case_submitted_once"),
        ]
        indexes = [
            models.Index(fields=["team", "-decided_at", "-id"], name="pathway_case_team_newest"),
            models.Index(fields=["person_supported", "-decided_at"], name="pathway_case_person"),
        ]

    def __str__(self) -> str:
        return f"{self.version.title}: {self.person_supported.reference}"


class PathwayRecord(Decided):
    """Something written down on a case. Never changed: a correction is a record that names the one it puts right.

    ``decided_at`` is when it was written, ``happened_at`` when it happened. ``withdrawn`` says that nothing of the
    sort happened; ``reason`` why it is put right. ``complete`` says whether, when it was written, it had every part
    that its note standard asks for; None for what was written before that was kept.
    """

    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="records")
    kind = models.CharField(max_length=80)
    happened_at = models.DateTimeField()
    values = models.JSONField(default=dict)
    complete = models.BooleanField(null=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    withdrawn = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    submission_key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "submission_key"], name="pathway_record_submitted_once"),
        ]
        indexes = [
            models.Index(fields=["case", "decided_at"], name="pathway_record_of_case"),
            models.Index(fields=["kind", "happened_at"], name="pathway_record_measured"),
            models.Index(fields=["corrects"], name="pathway_record_withdrawn", condition=Q(withdrawn=True)),
        ]

    def __str__(self) -> str:
        return self.kind


class CaseObligation(Row):
    """What the engine found to be owed on a case, and so what an ``Obligation`` about this row stands for.

    ``because`` names the records that made it due, the first of them first.
    """

    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="obligations")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    occurrence = models.PositiveIntegerField()
    because = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["case", "code"], name="case_obligation_of_case")]

    def __str__(self) -> str:
        return f"{self.code} {self.occurrence}"


class CaseClosing(Decided):
    """A case closed, and why."""

    case = models.OneToOneField(PathwayCase, models.PROTECT, related_name="closing")
    reason = models.TextField()

    def __str__(self) -> str:
        return "closed"


class CaseMoved(Decided):
    """An open case moved to another version, with everything that was owed on it at that moment.

    ``carried`` keeps each as it stood: the version that asked for it, its code and occurrence, the records that made
    it due, its moments in UTC, and the record that met it.
    """

    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="moves")
    from_version = models.ForeignKey(PathwayVersion, models.PROTECT, related_name="+")
    to_version = models.ForeignKey(PathwayVersion, models.PROTECT, related_name="+")
    carried = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "to_version"], name="case_moved_once")]
        indexes = [models.Index(fields=["case", "-decided_at"], name="case_moved_newest")]

    def __str__(self) -> str:
        return f"moved to version {self.to_version.number}"
