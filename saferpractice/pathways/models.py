"""Pathways in use, the cases on them, and what is written down about each."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Service, Team
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import Role
from saferpractice.config.models import Row
from saferpractice.incidents.models import Incident, KeptFrom, NamedAccess, PersonSupported
from saferpractice.pathways.rules.versions import Outcome

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


class PathwayVersion(Decided):
    """A definition as a provider put it in use. ``content`` is the definition itself, never changed."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    pathway = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    content = models.JSONField()
    live_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "pathway", "number"], name="pathway_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class LocalValues(Decided):
    """The values a service set for itself on a pathway. The newest of a service is the one in force."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    pathway = models.CharField(max_length=80)
    values = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["service", "pathway", "-decided_at"], name="local_values_newest")]

    def __str__(self) -> str:
        return f"{self.pathway} in {self.service}"


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
    sort happened; ``reason`` why it is put right.
    """

    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="records")
    kind = models.CharField(max_length=80)
    happened_at = models.DateTimeField()
    values = models.JSONField(default=dict)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    withdrawn = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    submission_key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "submission_key"], name="pathway_record_submitted_once"),
        ]
        indexes = [models.Index(fields=["case", "decided_at"], name="pathway_record_of_case")]

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


class PathwayDraft(Decided):
    """A definition somebody is working on, not yet in use. ``decided_by`` began it, at ``decided_at``.

    It may be changed until it is proposed, and again once it is sent back. ``revision`` counts the changes, so that
    nobody saves over what somebody else saved meanwhile. ``content`` can always be read as a definition: what cannot
    is never saved. ``begun_from`` is the version it was begun from, None for a pathway that is new here.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    pathway = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    content = models.JSONField()
    begun_from = models.ForeignKey(PathwayVersion, models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["provider", "pathway", "-decided_at"], name="pathway_draft_newest")]

    def __str__(self) -> str:
        return f"{self.title}, draft"


class DraftEdit(Decided):
    """A draft was changed: whoever did is an author of it. ``revision`` is what it became."""

    draft = models.ForeignKey(PathwayDraft, models.PROTECT, related_name="edits")
    revision = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "revision"], name="draft_edit_once")]

    def __str__(self) -> str:
        return f"revision {self.revision}"


class DraftDropped(Decided):
    """A draft nobody will go on with, and why."""

    draft = models.OneToOneField(PathwayDraft, models.PROTECT, related_name="dropped")
    reason = models.TextField()

    def __str__(self) -> str:
        return "dropped"


class VersionProposal(Decided):
    """A draft as it was proposed, with the reason. ``content`` is what would be approved, never changed.

    ``number`` counts the proposals of one draft.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    draft = models.ForeignKey(PathwayDraft, models.PROTECT, related_name="proposals")
    number = models.PositiveIntegerField()
    pathway = models.CharField(max_length=80)
    title = models.CharField(max_length=300)
    content = models.JSONField()
    begun_from = models.ForeignKey(PathwayVersion, models.PROTECT, null=True, related_name="+")
    why = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="version_proposal_once")]

    def __str__(self) -> str:
        return f"{self.title}, proposal {self.number}"


class ProposalDecision(Decided):
    """What became of a proposal: approved or sent back by somebody else, or taken back by an author."""

    proposal = models.OneToOneField(VersionProposal, models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=20, choices=[(each.value, each.label) for each in Outcome])
    reason = models.TextField()
    version = models.OneToOneField(PathwayVersion, models.PROTECT, null=True, related_name="approval")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome=Outcome.APPROVED.value, version__isnull=False)
                | ~Q(outcome=Outcome.APPROVED.value) & Q(version__isnull=True),
                name="an_approval_makes_a_version",
            )
        ]

    def __str__(self) -> str:
        return self.outcome


class VersionWentLive(Decided):
    """A version came into force: what follows from that was done with it, once."""

    version = models.OneToOneField(PathwayVersion, models.PROTECT, related_name="went_live")

    def __str__(self) -> str:
        return "went live"


class VersionRetired(Decided):
    """A version is out of use from ``retired_at`` on, and why. Cases open on it are worked to their end."""

    version = models.OneToOneField(PathwayVersion, models.PROTECT, related_name="retirement")
    retired_at = models.DateTimeField()
    reason = models.TextField()

    def __str__(self) -> str:
        return "retired"


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
