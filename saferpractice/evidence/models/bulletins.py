"""The learning bulletin of a quarter (R33)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import REPORTS
from saferpractice.evidence.rules.thematic.quarters import Quarter


class Bulletins(models.QuerySet["Bulletin"]):
    """Named reads of bulletins. ``visible_to`` is the only way to reach one from a page."""

    def standing(self) -> Bulletins:
        """The newest edition of each quarter."""
        later = Bulletin.objects.filter(
            provider=OuterRef("provider"),
            year=OuterRef("year"),
            number=OuterRef("number"),
            edition__gt=OuterRef("edition"),
        )
        return self.filter(~Exists(later))

    def visible_to(self, person: Person, at: datetime) -> Bulletins:
        """Those of their own provider, for everybody who works there."""
        found = self.filter(provider=person.provider_id)
        return found if person.roles_anywhere(at) & REPORTS else found.none()


class Bulletin(Decided):
    """What a quarter taught, on one page in plain words, as ``decided_by`` read and published it.

    ``year`` is the one in which the financial year begins, ``number`` the quarter. ``words`` holds the parts that were
    written, by their name. ``stays`` holds what looked like an identifier and, as whoever published it said, names
    nobody. A later edition stands in the place of an earlier one.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    edition = models.PositiveSmallIntegerField()
    words = models.JSONField()
    stays = models.JSONField(default=list)
    submission_key = models.CharField(max_length=80, unique=True)

    objects = Bulletins.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "year", "number", "edition"], name="bulletin_edition_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=4), name="bulletin_of_a_quarter"),
        ]

    def __str__(self) -> str:
        return f"learning bulletin of {self.quarter.short}"

    @property
    def quarter(self) -> Quarter:
        """The quarter it is about."""
        return Quarter(self.year, self.number)
