"""Incidents: what happened, to whom, how it is known, and who may see it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Team
from saferpractice.access.queries import team_ids_seen
from saferpractice.config.models import Row


class PersonSupported(Row):
    """Somebody the provider supports, known by a reference that means nothing outside.

    The name is optional and encrypted (bound to this row); it is never in a list, an e-mail or an export.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60)
    name_encrypted = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "reference"], name="person_supported_once")]

    def __str__(self) -> str:
        return self.reference


class ContactPreference(Decided):
    """How a person wants to be reached, in order, as somebody wrote it down. Never changed; a later row stands instead.

    ``ways_encrypted`` holds the list (method, number or address, what to mind), bound to this row: it is on the page
    of the person's own case, and never in a list, an e-mail or an export. It holds from ``from_on``, a London day.
    """

    person_supported = models.ForeignKey(PersonSupported, models.PROTECT, related_name="contact_preferences")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    ways_encrypted = models.TextField()
    from_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["person_supported", "-from_on", "-decided_at"], name="contact_preference_newest")
        ]

    def __str__(self) -> str:
        return f"how {self.person_supported} wants to be reached"


class PersonCharacteristics(Decided):
    """What is recorded of a person for the equity view. Never changed; a later row stands in its place.

    ``answers_encrypted`` holds the answer to each characteristic as a code of the list "characteristics", bound to this
    row: it is on the person's own page, and anywhere else only in counts in which nobody can be picked out.
    """

    person_supported = models.ForeignKey(PersonSupported, models.PROTECT, related_name="characteristics")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    answers_encrypted = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["person_supported", "-decided_at"], name="characteristics_newest")]

    def __str__(self) -> str:
        return f"characteristics of {self.person_supported}"


class Incidents(models.QuerySet["Incident"]):
    """Named reads of incidents. ``visible_to`` is the only way to reach one from a page."""

    def standing(self) -> Incidents:
        """Without those withdrawn (an import undone, a report made twice)."""
        return self.filter(withdrawal__isnull=True)

    def visible_to(self, person: Person, at: datetime) -> Incidents:
        """The incidents ``person`` may open at ``at``.

        Unrestricted incidents of the places where they hold a role that sees, and any they are named on;
        never one they are kept from (alleged source of harm, relative…), whatever their role.
        """
        return self.standing().readable_by(person, at)

    def readable_by(self, person: Person, at: datetime) -> Incidents:
        """As ``visible_to``, and also those withdrawn: only for answering what is held about somebody."""
        if not person.is_active:
            return self.none()
        found = self.filter(provider_id=person.provider_id)
        return found.filter(seen_by_role(person, at) | named_to(person, at)).exclude(kept_from(person))

    def reported_by(self, person: Person) -> Incidents:
        """What ``person`` reported: they see what became of it, a line for each stage, and no more.

        A withdrawn one too: a report that vanished would say that nobody listened.
        """
        return self.filter(reporter=person, provider_id=person.provider_id)


def seen_by_role(person: Person, at: datetime) -> Q:
    """Not restricted, and of a place where ``person`` holds a role that sees its incidents."""
    return Q(restricted=False, team_id__in=team_ids_seen(person, at))


def named_to(person: Person, at: datetime) -> Q:
    """``person`` is named on it at ``at``."""
    holds = Q(until_at__isnull=True) | Q(until_at__gt=at)
    return Q(pk__in=NamedAccess.objects.filter(holds, person=person, from_at__lte=at).values("incident_id"))


def kept_from(person: Person) -> Q:
    """``person`` is kept from it, whatever their role and whoever names them."""
    return Q(pk__in=KeptFrom.objects.filter(person=person).values("incident_id"))


class Incident(Row):
    """One safeguarding incident, as reported. The report is never rewritten: corrections stand beside it.

    ``occurred_at`` is when it happened as far as known (``occurred_precision``: exact, about, day, unknown);
    ``known_at`` when the service came to know; ``recorded_at`` when it was written down.
    ``physical_harm`` and ``psychological_harm`` mirror the newest ``HarmGrading``, ``restricted`` the newest
    ``RestrictionDecision``.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=30)
    reporter = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    name_withheld = models.BooleanField(default=False)
    person_supported = models.ForeignKey(PersonSupported, models.PROTECT, null=True, related_name="incidents")
    what_happened = models.TextField()
    done_at_once = models.TextField(blank=True)
    also_known = models.TextField(blank=True)
    occurred_at = models.DateTimeField(null=True)
    occurred_precision = models.CharField(max_length=10)
    known_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    themes = models.JSONField(default=list)
    physical_harm = models.CharField(max_length=40)
    psychological_harm = models.CharField(max_length=40)
    still_at_risk = models.CharField(max_length=10)
    risk_words = models.TextField(blank=True)
    restricted = models.BooleanField(default=False)
    submission_key = models.CharField(max_length=80)
    source_system = models.CharField(max_length=60, blank=True)
    source_reference = models.CharField(max_length=120, blank=True)

    objects = Incidents.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "reference"], name="incident_reference_once"),
            models.UniqueConstraint(fields=["provider", "submission_key"], name="incident_submitted_once"),
        ]
        indexes = [
            models.Index(fields=["provider", "-recorded_at", "-id"], name="incident_newest"),
            models.Index(fields=["team", "-recorded_at", "-id"], name="incident_team_newest"),
            models.Index(fields=["person_supported", "-recorded_at"], name="incident_person_newest"),
            models.Index(fields=["reporter", "-recorded_at", "-id"], name="incident_reporter_newest"),
            models.Index(fields=["provider", "source_system", "source_reference"], name="incident_source"),
            models.Index(F("provider"), Coalesce("occurred_at", "known_at"), name="incident_happened"),
        ]

    def __str__(self) -> str:
        return self.reference


class IncidentTheme(Row):
    """The themes of an incident as rows, for counting and for finding repeats. Mirrors ``Incident.themes``."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="theme_rows")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    theme = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "theme"], name="incident_theme_once")]
        indexes = [models.Index(fields=["team", "theme", "-recorded_at"], name="incident_theme_repeat")]

    def __str__(self) -> str:
        return self.theme


class HarmGrading(Decided):
    """A grading of harm; the first comes with the report, later ones stand beside it with their reason."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="harm_gradings")
    physical_harm = models.CharField(max_length=40)
    psychological_harm = models.CharField(max_length=40)
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.physical_harm}, {self.psychological_harm}"


class Correction(Decided):
    """A correction to the report, or something learnt later. What was first written stays."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="corrections")
    part = models.CharField(max_length=40)
    text = models.TextField()
    reason = models.TextField()

    def __str__(self) -> str:
        return self.part


class RestrictionDecision(Decided):
    """A decision to restrict an incident to named people, or to lift that, with its reason."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="restriction_decisions")
    restricted = models.BooleanField()
    reason = models.TextField()

    def __str__(self) -> str:
        return "restricted" if self.restricted else "not restricted"


class NamedAccess(Row):
    """Somebody named on an incident (asked to review it, or let into a restricted one), from when until when."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="named_access")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    given_by_name = models.CharField(max_length=200)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "incident"], name="named_access_person")]

    def __str__(self) -> str:
        return f"{self.person} named on {self.incident}"


class KeptFrom(Decided):
    """Somebody who must never read this incident: alleged source of harm, a relative, another conflict."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="kept_from")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    because = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "person"], name="kept_from_once")]
        indexes = [models.Index(fields=["person", "incident"], name="kept_from_person")]

    def __str__(self) -> str:
        return f"{self.person} kept from {self.incident}"


class Withdrawal(Decided):
    """An incident that should not stand (an import undone, a double report). The row stays; pages leave it out."""

    incident = models.OneToOneField(Incident, models.PROTECT, related_name="withdrawal")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.incident} withdrawn"


class ReportDraft(Row):
    """A report being typed. One for each person and form key; gone when it is submitted or thrown away."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    answers_encrypted = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="report_draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.saved_at:%Y-%m-%d %H:%M}"


class ReferenceCounter(models.Model):
    """The last incident number given in a provider's year."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "year"], name="reference_counter_once")]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
