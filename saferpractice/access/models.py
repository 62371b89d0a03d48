"""Providers, services, teams, people, the roles they hold, and the log of looking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from saferpractice.access.rules import Holding, Place, Role, role_words, roles_at
from saferpractice.config.models import Row, new_id
from saferpractice.trail.rules import Signature


class Provider(Row):
    """An organisation that gives care. Nothing of one provider is ever seen by another.

    The profile fields decide which duties apply (see the list "duties").
    """

    name = models.CharField(max_length=200, unique=True)
    health_service_body = models.BooleanField(default=False)
    nhs_funded = models.BooleanField(default=True)
    secure_unit = models.BooleanField(default=False)
    repeat_window_days = models.PositiveSmallIntegerField(default=90)

    def __str__(self) -> str:
        return self.name


class Service(Row):
    """One service of a provider, for example a community crisis service."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="services")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "name"], name="service_name_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(Row):
    """A team of a service; every incident happened in one."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="teams")
    service = models.ForeignKey(Service, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "name"], name="team_name_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Place:
        """This team as a place."""
        return Place(self.provider_id, self.service_id, self.pk)


class People(BaseUserManager["Person"]):
    """Named reads of people."""

    def get_by_natural_key(self, username: str | None) -> Person:
        """Sign-in looks people up by e-mail address, whatever its capitals."""
        return self.get(email__iexact=username)

    def holding(self, role: Role | str, place: Place, at: datetime) -> models.QuerySet[Person]:
        """Active people who hold ``role`` at ``at`` over ``place`` (its team, its service or the provider)."""
        over = Q(service__isnull=True, team__isnull=True)
        if place.service_id:
            over |= Q(service_id=place.service_id, team__isnull=True)
        if place.team_id:
            over |= Q(team_id=place.team_id)
        held = RoleAssignment.objects.filter(
            over,
            Q(until_at__isnull=True) | Q(until_at__gt=at),
            provider_id=place.provider_id,
            role=role,
            from_at__lte=at,
        )
        return self.filter(is_active=True, pk__in=held.values("person_id")).order_by("name")


class Person(AbstractBaseUser):
    """Somebody who signs in. What they may do comes from the roles they hold, nothing else."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="people")
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    objects = People()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def holdings(self) -> tuple[Holding, ...]:
        """Every role ever held. Read once for each ``Person`` object, so within one request it does not change."""
        if not hasattr(self, "_holdings"):
            self._holdings = tuple(
                Holding(Role(r.role), Place(r.provider_id, r.service_id, r.team_id), r.from_at, r.until_at)
                for r in self.role_assignments.all()
            )
        return self._holdings

    def roles(self, place: Place, at: datetime) -> frozenset[Role]:
        """The roles held over ``place`` at ``at``; none for somebody who has left."""
        return roles_at(self.holdings(), place, at) if self.is_active else frozenset()

    def roles_anywhere(self, at: datetime) -> frozenset[Role]:
        """The roles held at any place at ``at``; none for somebody who has left."""
        return frozenset(h.role for h in self.holdings() if h.holds(at)) if self.is_active else frozenset()

    def signature(self, at: datetime) -> Signature:
        """Name and roles at ``at``, for the trail."""
        return Signature(id=self.pk, name=self.name, role=role_words(self.holdings(), at))


class RoleAssignments(models.QuerySet["RoleAssignment"]):
    """Named reads of the roles people hold."""

    def current(self, at: datetime) -> RoleAssignments:
        """Held at ``at`` (UTC)."""
        return self.filter(Q(until_at__isnull=True) | Q(until_at__gt=at), from_at__lte=at)

    def at_place(self, place: Place) -> RoleAssignments:
        """Held at exactly this place: not above it, not within it."""
        service = Q(service_id=place.service_id) if place.service_id else Q(service__isnull=True)
        team = Q(team_id=place.team_id) if place.team_id else Q(team__isnull=True)
        return self.filter(service, team, provider_id=place.provider_id)


class RoleAssignment(Row):
    """A role held at a place from a moment; ``until_at`` is set when it ends. Never deleted."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=40, choices=[(r.value, r.label) for r in Role])
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    objects = RoleAssignments.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(service__isnull=False), name="role_team_names_its_service"
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=models.F("from_at")), name="role_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["provider", "role"], name="role_by_provider")]

    def __str__(self) -> str:
        return f"{self.person} as {self.role}"


class AccessEntries(models.QuerySet["AccessEntry"]):
    """Named reads of the log of looking."""

    def of_story(self, story_id: UUID) -> AccessEntries:
        """Who has looked at one incident, newest first."""
        return self.filter(story_id=story_id).order_by("-at")


class AccessEntry(Row):
    """One look at a sensitive record: who, when, at what. Never changed, never deleted (trigger)."""

    provider_id = models.UUIDField()
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=200)
    page = models.CharField(max_length=100)
    story_id = models.UUIDField(null=True)
    detail = models.CharField(max_length=500, blank=True)

    objects = AccessEntries.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["story_id", "at"], name="access_story"),
            models.Index(fields=["by_id", "at"], name="access_by"),
            models.Index(fields=["provider_id", "detail"], condition=Q(story_id__isnull=True), name="access_detail"),
        ]

    def __str__(self) -> str:
        return f"{self.by_name} looked at {self.page}"
