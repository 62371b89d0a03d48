"""Evidence packs: what was asked for, what a person let out of it, how far the building is, what came of it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Service
from saferpractice.access.rules import SENIOR, Role
from saferpractice.config.models import Row
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.files.models import StoredFile
from saferpractice.incidents.models import Incident, KeptFrom, NamedAccess


class EvidencePacks(models.QuerySet["EvidencePack"]):
    """Named reads of packs. ``visible_to`` is the only way to reach one from a page."""

    def visible_to(self, person: Person, at: datetime) -> EvidencePacks:
        """The packs ``person`` may open at ``at``: those they asked for, and those that are built.

        Only where they lead safeguarding or quality, or direct, over every service of the pack; and never one that
        holds an incident which they may not open now, because it is restricted or because they are kept from it.
        """
        led = services_led(person, at)
        elsewhere = EvidencePack.services.through.objects.exclude(service__in=led.values("pk"))
        hidden = PackIncident.objects.filter(incident__in=_hidden_from(person, at).values("pk"))
        return (
            self.filter(provider_id=person.provider_id, services__in=led.values("pk"))
            .filter(Q(decided_by=person) | Q(built__isnull=False))
            .exclude(pk__in=elsewhere.values("evidencepack_id"))
            .exclude(pk__in=hidden.values("pack_id"))
            .exclude(incident__in=_hidden_from(person, at).values("pk"))
            .distinct()
        )


def services_led(person: Person, at: datetime) -> models.QuerySet[Service]:
    """The services over which ``person`` leads safeguarding or quality, or directs, at ``at``."""
    held = [one.place for one in person.holdings() if one.role in PACKS and one.holds(at)] if person.is_active else []
    where = Q(pk__in=[])
    for place in held:
        if place.team_id is None:
            where |= Q(pk=place.service_id) if place.service_id else Q(provider_id=place.provider_id)
    return Service.objects.filter(where, provider_id=person.provider_id)


PACKS: frozenset[Role] = SENIOR
"""Roles that make and read packs."""


def _hidden_from(person: Person, at: datetime) -> models.QuerySet[Incident]:
    """Incidents that ``person`` may not open whatever their role."""
    holds = Q(until_at__isnull=True) | Q(until_at__gt=at)
    named = NamedAccess.objects.filter(holds, person=person, from_at__lte=at).values("incident_id")
    kept_from = KeptFrom.objects.filter(person=person).values("incident_id")
    ours = Incident.objects.filter(provider_id=person.provider_id)
    return ours.filter(Q(restricted=True) & ~Q(pk__in=named) | Q(pk__in=kept_from))


class EvidencePack(Decided):
    """A pack as it was asked for: about what, for whom, which services, from which to which London day.

    What it says is read as whoever asked for it may read it. ``identity_basis`` is the law that allows an inspector
    to know who the people supported are, ``identity_why`` the reason given; both empty: nobody is told.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    subject = models.CharField(max_length=20, choices=[(each.value, each.label) for each in Subject])
    disclosure = models.CharField(max_length=20, choices=[(each.value, each.label) for each in Disclosure])
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="+")
    theme = models.CharField(max_length=80, blank=True)
    about = models.CharField(max_length=300)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    services = models.ManyToManyField(Service, related_name="+")
    identity_basis = models.CharField(max_length=300, blank=True)
    identity_why = models.CharField(max_length=300, blank=True)
    submission_key = models.CharField(max_length=80, unique=True)

    objects = EvidencePacks.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__in=["incident", "learning"], incident__isnull=False, period_from__isnull=True)
                | Q(incident__isnull=True, period_from__isnull=False, period_to__gte=models.F("period_from")),
                name="pack_of_an_incident_or_a_time",
            ),
            models.CheckConstraint(
                condition=Q(identity_basis="", identity_why="")
                | (~Q(identity_basis="") & ~Q(identity_why="") & Q(disclosure="inspector")),
                name="pack_tells_who_by_a_law",
            ),
        ]
        indexes = [models.Index(fields=["provider", "-decided_at", "-id"], name="pack_newest")]

    def __str__(self) -> str:
        return f"evidence pack, {self.about}"


class PackIncident(Row):
    """An incident whose story a pack tells: whoever may not open the incident may not open the pack."""

    pack = models.ForeignKey(EvidencePack, models.PROTECT, related_name="tells")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "incident"], name="pack_incident_once")]

    def __str__(self) -> str:
        return f"{self.incident} in {self.pack}"


class TextConfirmation(Decided):
    """What a person decided about a typed text that is to go outside: as masked, in other words, or left out.

    ``key`` names the record, the part and the very words (``rules.packs.facts.Said.key``), so one confirmation serves
    every pack until the record changes. A later one stands in its place.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    number = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=20)
    words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "key", "number"], name="text_confirmation_once"),
            models.CheckConstraint(
                condition=Q(choice="left_out", words="") | (Q(choice__in=["masked", "edited"]) & ~Q(words="")),
                name="text_confirmed_has_words",
            ),
        ]

    def __str__(self) -> str:
        return self.choice


class PackBuildings(models.QuerySet["PackBuilding"]):
    """Named reads of what is being built."""

    def waiting(self, at: datetime) -> PackBuildings:
        """Not built, not given up, not withdrawn, and with nobody at it at ``at``; oldest first."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
        open_ = self.filter(pack__built__isnull=True, pack__withdrawal__isnull=True, gave_up_at__isnull=True)
        return open_.filter(free).order_by("decided_at", "pk")


class PackBuilding(Decided):
    """The building of a pack: ordered by a person, done by a worker. ``step`` says how far it is.

    ``tries`` counts how often a worker took it on; one that dies leaves it to the next, from the beginning.
    """

    pack = models.OneToOneField(EvidencePack, models.PROTECT, related_name="building")
    claimed_until = models.DateTimeField(null=True)
    step = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    gave_up_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=300, blank=True)

    objects = PackBuildings.as_manager()

    def __str__(self) -> str:
        return f"building of {self.pack}"


class PackBuilt(Decided):
    """A pack as it was built: its files, which never change, and what it holds in numbers."""

    pack = models.OneToOneField(EvidencePack, models.PROTECT, related_name="built")
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    page = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    bundle = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    incidents = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField()
    statements = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.pack}, built"


class PackWithdrawal(Decided):
    """A pack that is not to be used any more, and why. It stays on record; nobody can fetch it."""

    pack = models.OneToOneField(EvidencePack, models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.pack} withdrawn"
