"""What a version would have done: asked, worked out part by part, kept."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Provider
from saferpractice.config.models import Row
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models.cases import PathwayCase
from saferpractice.pathways.models.practice import PathwayVersion
from saferpractice.pathways.models.versions import PathwayDraft


class Replay(Decided):
    """A replay begun: the cases recorded by ``decided_at``, under the version in use and under a candidate.

    ``candidate`` is the definition itself. ``setting`` keeps what every part reckons with alike: the calendar, the rule
    of the evening, each service's local values and number of duty managers. ``opened_from`` leaves out older cases.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    pathway = models.CharField(max_length=80)
    live = models.ForeignKey(PathwayVersion, models.PROTECT, related_name="+")
    candidate = models.JSONField()
    candidate_name = models.CharField(max_length=400)
    draft = models.ForeignKey(PathwayDraft, models.PROTECT, null=True, related_name="replays")
    opened_from = models.DateTimeField(null=True)
    cases = models.PositiveIntegerField()
    setting = models.JSONField()
    submission_key = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "submission_key"], name="replay_submitted_once")]
        indexes = [models.Index(fields=["provider", "pathway", "-decided_at"], name="replay_newest")]

    def __str__(self) -> str:
        return f"replay of {self.candidate_name}"


class ReplayParts(models.QuerySet["ReplayPart"]):
    """Named reads of the parts of replays."""

    def left(self) -> ReplayParts:
        """Still to be done: not done, and their replay was not stopped."""
        return self.filter(done_at__isnull=True, replay__stopped__isnull=True)

    def waiting(self, at: datetime) -> ReplayParts:
        """Left to do at ``at``, with nobody at them."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
        return self.left().filter(free).order_by("replay__decided_at", "replay_id", "number")


class ReplayPart(Row):
    """Some cases of a replay, from ``first`` to ``last`` by their ids; whose until when; what they gave, once."""

    replay = models.ForeignKey(Replay, models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    first = models.UUIDField()
    last = models.UUIDField()
    cases = models.PositiveIntegerField()
    claimed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    tally = models.JSONField(null=True)

    objects = ReplayParts.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["replay", "number"], name="replay_part_once")]
        indexes = [models.Index(fields=["replay"], name="replay_part_left", condition=Q(done_at__isnull=True))]

    def __str__(self) -> str:
        return f"part {self.number}"


class ReplayCase(Row):
    """A case that a replay has something to say of: one that differs, or whose person had an incident.

    ``kinds``: how it differs, a comma on either side of each. ``live_at``, ``candidate_at``: when each first asked.
    """

    replay = models.ForeignKey(Replay, models.PROTECT, related_name="found")
    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="+")
    differs = models.BooleanField()
    kinds = models.CharField(max_length=200, blank=True)
    differences = models.JSONField(default=list)
    live_at = models.DateTimeField(null=True)
    candidate_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="+")
    incident_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["replay", "case"], name="replay_case_once")]

    def __str__(self) -> str:
        return f"{self.case} in a replay"


class ReplayStopped(Decided):
    """Somebody stopped a replay before all its cases were looked at."""

    replay = models.OneToOneField(Replay, models.PROTECT, related_name="stopped")

    def __str__(self) -> str:
        return "stopped"


class ReplayResult(Decided):
    """What a finished replay adds up to: the tally of all its parts, and what it means for past incidents."""

    replay = models.OneToOneField(Replay, models.PROTECT, related_name="result")
    tally = models.JSONField()
    incidents = models.JSONField()

    def __str__(self) -> str:
        return "result"
