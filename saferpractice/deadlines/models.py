"""Obligations (who must do what by when, proven by which record), their escalations, and the outbox."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Service, Team
from saferpractice.access.rules import Role
from saferpractice.config.models import Row


class Obligations(models.QuerySet["Obligation"]):
    """Named reads of obligations."""

    def open(self) -> Obligations:
        """Neither met nor cancelled."""
        return self.filter(met_at__isnull=True, cancelled_at__isnull=True)

    def late(self, at: datetime) -> Obligations:
        """Open, and due before ``at`` (UTC)."""
        return self.open().filter(due_at__lt=at)

    def to_escalate(self, at: datetime) -> Obligations:
        """Open, with an escalation step due at or before ``at`` (UTC); soonest first."""
        return self.open().filter(next_escalation_at__lte=at).order_by("next_escalation_at")


class Obligation(Row):
    """Something a person or a role must do by a moment. Met by a record, never by a tick.

    ``subject_type`` and ``subject_id`` say what it is about (a review, a tracked action…), ``met_by_type`` and
    ``met_by_id`` which record met it. ``story_id`` is the incident; ``restricted`` mirrors the incident so that
    a list of obligations can hide what only named people may know of. ``urgent`` ones stand first, whatever is late.
    ``chain`` is an escalation chain of its own, as a pathway states it; empty for the one its service set.
    ``standard`` says which standard asks for it where its kind alone does not ("self-neglect.consult"), and
    ``person_supported_id`` for whom, where that is one person: measures read both.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    story_id = models.UUIDField(null=True)
    restricted = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    kind = models.CharField(max_length=60)
    standard = models.CharField(max_length=170, blank=True, default="")
    person_supported_id = models.UUIDField(null=True)
    title = models.CharField(max_length=300)
    subject_type = models.CharField(max_length=100)
    subject_id = models.UUIDField()
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="obligations")
    role = models.CharField(max_length=40, blank=True, choices=[(r.value, r.label) for r in Role])
    opened_at = models.DateTimeField()
    timescale = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    clock = models.CharField(max_length=20)
    clock_source = models.CharField(max_length=300, blank=True)
    chain = models.JSONField(default=list)
    met_at = models.DateTimeField(null=True)
    met_by_type = models.CharField(max_length=100, blank=True)
    met_by_id = models.UUIDField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_because = models.CharField(max_length=300, blank=True)
    escalated_level = models.SmallIntegerField(default=-1)
    next_escalation_at = models.DateTimeField(null=True)

    objects = Obligations.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(owner__isnull=False) | ~Q(role=""), name="obligation_has_somebody"),
            models.CheckConstraint(condition=Q(due_at__gte=models.F("opened_at")), name="obligation_due_after_opening"),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True) | Q(cancelled_at__isnull=True), name="obligation_met_or_cancelled"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_escalation_at"],
                name="obligation_to_escalate",
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True, next_escalation_at__isnull=False),
            ),
            models.Index(fields=["provider", "due_at"], name="obligation_provider_due"),
            models.Index(
                fields=["provider", "due_at", "id"],
                name="obligation_open_due",
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "due_at", "id"],  # the id too, or SQLite walks all open ones for their order
                name="obligation_owner_open",
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.Index(
                fields=["provider", "role", "due_at", "id"],
                name="obligation_role_open",
                condition=Q(met_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.Index(
                fields=["provider", "role"],
                name="obligation_urgent",
                condition=Q(urgent=True, met_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.Index(fields=["subject_id"], name="obligation_subject"),
            models.Index(fields=["story_id", "due_at"], name="obligation_story"),
            models.Index(fields=["provider", "kind", "standard", "opened_at"], name="obligation_measured"),
            models.Index(
                fields=["person_supported_id", "standard", "opened_at"],
                name="obligation_of_person",
                condition=Q(person_supported_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Escalation(Row):
    """One step of telling people that an obligation is due soon (level 0) or late (1 and up). Once each."""

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="escalations")
    level = models.SmallIntegerField()
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    told = models.ManyToManyField(Person, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["obligation", "level"], name="escalation_once_per_level")]

    def __str__(self) -> str:
        return f"level {self.level} of {self.obligation}"


class EscalationSeen(Row):
    """Somebody who was told by an escalation has seen it on their page: it is not shown to them any more."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="seen")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["escalation", "person"], name="escalation_seen_once")]

    def __str__(self) -> str:
        return f"{self.escalation} seen by {self.person}"


class OutboxMessage(Row):
    """A message to leave the system, written in the transaction that caused it; the worker sends it.

    ``key`` is unique, so that the same cause writes one message however often it is tried. The text names no
    person supported: it says where to look after signing in.

    Most go ``to`` a person. One to somebody who is nobody here goes to an ``address`` instead; what it says lets its
    reader in (a link, a code), so ``body`` is encrypted until it is sent and emptied then. One to a server outside
    goes to a ``destination``: the digest of an address in the settings, which may hold a secret. Such a one is given
    up when it is not taken for a day.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    key = models.CharField(max_length=200, unique=True)
    to = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    address = models.EmailField(blank=True)
    destination = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    send_after = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["send_after"], name="outbox_unsent", condition=Q(sent_at__isnull=True)),
            models.Index(
                fields=["provider", "destination", "created_at"], name="outbox_outside", condition=~Q(destination="")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(to__isnull=False, address="", destination="")
                | (Q(to__isnull=True) & (Q(address="") ^ Q(destination=""))),
                name="outbox_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(given_up_at__isnull=True), name="outbox_sent_or_given_up"
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class NonWorkingDays(models.QuerySet["NonWorkingDay"]):
    """Named reads of days off."""

    def in_force(self, provider_id: UUID) -> NonWorkingDays:
        """The provider's own days off that stand: added, and not taken away since."""
        return self.filter(provider_id=provider_id, off=True, replaced_by__isnull=True)


class NonWorkingDay(Row):
    """A day that is not a working day for a provider beyond weekends and bank holidays (or a late-announced one).

    Rows are added, never changed: one with ``off`` False says that the day it ``replaces`` is worked again, and why.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    day = models.DateField()
    off = models.BooleanField(default=True)
    reason = models.CharField(max_length=200)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=200, default="")

    objects = NonWorkingDays.as_manager()

    class Meta:
        constraints = [
            # The first row about a day; each later one names the row it replaces, once.
            models.UniqueConstraint(
                fields=["provider", "day"], condition=Q(replaces__isnull=True), name="non_working_day_first_once"
            ),
            models.CheckConstraint(condition=Q(off=True) | Q(replaces__isnull=False), name="non_working_day_was_off"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.reason}"


class MovedDeadline(Row):
    """A deadline that a change of days off moved: when it was due, when it is due since, and which day did it."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="moves")
    because = models.ForeignKey(NonWorkingDay, models.PROTECT, related_name="moved")
    was_due_at = models.DateTimeField()
    now_due_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["obligation", "because"], name="moved_once_by_a_day")]

    def __str__(self) -> str:
        return f"{self.obligation} from {self.was_due_at:%Y-%m-%d} to {self.now_due_at:%Y-%m-%d}"


class ChainDecision(Decided):
    """Who is told when work is late, as an administrator decided it. The newest for a place and a role holds.

    ``service`` None is the provider's default; ``role`` "" means work that anybody owes. ``steps`` is an
    ``EscalationChain`` as data; None goes back to what would hold without this decision.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=40, blank=True, choices=[(r.value, r.label) for r in Role])
    steps = models.JSONField(null=True)
    reason = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["provider", "decided_at"], name="chain_decision_newest")]

    def __str__(self) -> str:
        return f"chain of {self.service or self.provider}"


class DirectorCovers(models.QuerySet["DirectorCover"]):
    """Named reads of who is on call."""

    def standing(self, provider_id: UUID) -> DirectorCovers:
        """The provider's entries that hold: added, and not taken away since."""
        return self.filter(provider_id=provider_id, taken_away=False, replaced_by__isnull=True)


class DirectorCover(Decided):
    """Which director is on call, from when until when, in a service or (``service`` None) everywhere.

    Rows are added, never changed: one with ``taken_away`` True says that the one it ``replaces`` does not hold.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    taken_away = models.BooleanField(default=False)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    reason = models.CharField(max_length=300, blank=True)

    objects = DirectorCovers.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=models.F("from_at")), name="director_cover_has_length"),
            models.CheckConstraint(
                condition=Q(taken_away=False) | Q(replaces__isnull=False), name="director_cover_was_there"
            ),
        ]
        indexes = [models.Index(fields=["provider", "until_at"], name="director_cover_until")]

    def __str__(self) -> str:
        return f"{self.person} on call from {self.from_at:%Y-%m-%d %H:%M}"
