"""The cases drawn for supervision each month."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Provider, Team
from saferpractice.pathways.models.cases import PathwayCase
from saferpractice.pathways.models.practice import PathwayVersion


class SupervisionList(Decided):
    """The open cases of a team on a pathway in a month, written down before anybody could know what would be drawn.

    ``month`` is its first day. ``case_ids`` stand in the order in which they were hashed; ``wanted`` is how many are
    looked at.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    version = models.ForeignKey(PathwayVersion, models.PROTECT, related_name="+")
    pathway = models.CharField(max_length=80)
    month = models.DateField()
    wanted = models.PositiveSmallIntegerField()
    case_ids = models.JSONField(default=list)
    list_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "pathway", "month"], name="supervision_list_once_a_month"),
        ]
        indexes = [models.Index(fields=["provider", "pathway", "-month"], name="supervision_list_newest")]

    def __str__(self) -> str:
        return f"{self.version.title}, {self.team.name}, {self.month:%B %Y}"


class SupervisionDraw(Decided):
    """The draw from a list. ``seed`` is the hash of the trail entry ``sealed_by``, by which the list was frozen."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    frozen = models.OneToOneField(SupervisionList, models.PROTECT, related_name="draw")
    seed = models.CharField(max_length=64)
    sealed_by = models.PositiveBigIntegerField()
    method = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"draw for {self.frozen}"


class SupervisionPick(Decided):
    """A case that was drawn, or that took the place of one (``instead_of``) which could not be looked at any more."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    draw = models.ForeignKey(SupervisionDraw, models.PROTECT, related_name="picks")
    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="supervision_picks")
    rank = models.PositiveIntegerField()
    instead_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="replacement")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draw", "rank"], name="supervision_pick_once")]

    def __str__(self) -> str:
        return f"{self.rank} of {self.draw}"
