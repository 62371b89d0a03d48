"""Supervision: what changes and findings teach, who supervises whom, discussions, and what workers say of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Team
from saferpractice.changes.models import Briefing, OperationalChange
from saferpractice.findings.models import Finding
from saferpractice.pathways.models import SupervisionPick


class SupervisedBys(models.QuerySet["SupervisedBy"]):
    """Named reads of who supervises whom."""

    def in_order(self) -> SupervisedBys:
        """In the order in which they came to hold: the last that began holds."""
        return self.order_by("from_on", "decided_at", "pk")


class SupervisedBy(Decided):
    """From a London day on, ``worker`` is supervised by ``supervisor`` (None: by nobody), until a later row says else.

    Rows are added in the order of their days, so the history of who supervised whom stays.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Person, models.PROTECT, related_name="supervised_by")
    supervisor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="supervises")
    from_on = models.DateField()

    objects = SupervisedBys.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(supervisor__isnull=True) | ~Q(supervisor=models.F("worker")), name="supervised_by_another"
            )
        ]
        indexes = [models.Index(fields=["worker", "from_on"], name="supervised_by_from")]

    def __str__(self) -> str:
        return f"{self.worker} by {self.supervisor or 'nobody'} from {self.from_on}"


class Absences(models.QuerySet["Absence"]):
    """Named reads of absences."""

    def standing(self) -> Absences:
        """Those that hold: not corrected, not taken back."""
        return self.filter(corrected_by__isnull=True, taken_back=False)


class Absence(Decided):
    """``worker`` is away from a London day to another (None: until further notice). Never why: that is theirs.

    A correction is a newer row naming this one; ``taken_back`` says that they were not away after all.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Person, models.PROTECT, related_name="absences")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    taken_back = models.BooleanField(default=False)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")

    objects = Absences.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=models.F("from_on")),
                name="absence_ends_after_start",
            ),
            models.CheckConstraint(condition=Q(taken_back=False) | Q(corrects__isnull=False), name="absence_was_there"),
        ]

    def __str__(self) -> str:
        return f"{self.worker} away from {self.from_on}"


class LearningPoints(models.QuerySet["LearningPoint"]):
    """Named reads of learning points."""

    def standing(self) -> LearningPoints:
        """Without those withdrawn, those of a change that was withdrawn, and those that few may know of."""
        stands = Q(change__isnull=True) | Q(change__withdrawal__isnull=True)
        return self.for_everybody().filter(stands, withdrawal__isnull=True)

    def for_everybody(self) -> LearningPoints:
        """Without those of a finding whose incident is restricted now: few people may know of it."""
        return self.exclude(finding__incident__restricted=True)


class LearningPoint(Decided):
    """What a change, a briefing about one, or a finding teaches the teams it is for, in one wording (R38, R33).

    Never of nothing: it names its ``change`` (and ``briefing``) or its ``finding``.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    wording = models.CharField(max_length=300)
    change = models.ForeignKey(OperationalChange, models.PROTECT, null=True, related_name="learning_points")
    briefing = models.ForeignKey(Briefing, models.PROTECT, null=True, related_name="learning_points")
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="learning_points")
    teams = models.ManyToManyField(Team, related_name="+")
    submission_key = models.CharField(max_length=80, unique=True)

    objects = LearningPoints.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(change__isnull=False, finding__isnull=True)
                | Q(change__isnull=True, finding__isnull=False, briefing__isnull=True),
                name="learning_point_of_one_thing",
            )
        ]
        indexes = [models.Index(fields=["provider", "-decided_at"], name="learning_point_newest")]

    def __str__(self) -> str:
        return self.wording

    @property
    def source(self) -> OperationalChange | Briefing | Finding:
        """What it was taken from."""
        return next(one for one in (self.briefing, self.finding, self.change) if one is not None)


class LearningPointWithdrawal(Decided):
    """A learning point that is not to be discussed any more, and why. Discussions of it stay."""

    point = models.OneToOneField(LearningPoint, models.PROTECT, related_name="withdrawal")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.point} withdrawn"


class SupervisionDiscussions(models.QuerySet["SupervisionDiscussion"]):
    """Named reads of discussions."""

    def standing(self) -> SupervisionDiscussions:
        """Those that hold: not corrected, not taken back."""
        return self.filter(corrected_by__isnull=True, taken_back=False)

    def seen_by(self, person: Person, teams: models.QuerySet[Team]) -> SupervisionDiscussions:
        """One's own, those one held, and those of workers of ``teams``."""
        return self.filter(provider_id=person.provider_id).filter(
            Q(worker=person) | Q(supervisor=person) | Q(team__in=teams.values("pk"))
        )


class SupervisionDiscussion(Decided):
    """A supervisor and a worker talked about safeguarding learning on a London day (R38).

    ``words`` say what will be done differently. ``team`` is the worker's then (None: no single team). ``pick`` is a
    case drawn for supervision that they looked at (R19). A correction is a newer row naming this one; ``taken_back``
    says that the discussion was not held.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    worker = models.ForeignKey(Person, models.PROTECT, related_name="discussions")
    supervisor = models.ForeignKey(Person, models.PROTECT, related_name="discussions_held")
    held_on = models.DateField()
    points = models.ManyToManyField(LearningPoint, related_name="discussions")
    words = models.TextField()
    pick = models.ForeignKey(SupervisionPick, models.PROTECT, null=True, related_name="discussions")
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    corrected_because = models.CharField(max_length=300, blank=True)
    taken_back = models.BooleanField(default=False)
    submission_key = models.CharField(max_length=80)

    objects = SupervisionDiscussions.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission_key", "worker"], name="discussion_once"),
            models.CheckConstraint(condition=~Q(supervisor=models.F("worker")), name="discussion_of_two"),
            models.CheckConstraint(
                condition=Q(taken_back=False) | Q(corrects__isnull=False), name="discussion_was_there"
            ),
        ]
        indexes = [models.Index(fields=["worker", "held_on"], name="discussion_of_worker")]

    def __str__(self) -> str:
        return f"{self.supervisor} and {self.worker} on {self.held_on}"


class DiscussionAnswer(Decided):
    """What the worker says of a discussion on record: that it is so, or, with words, that it was not. Both stand."""

    discussion = models.ForeignKey(SupervisionDiscussion, models.PROTECT, related_name="answers")
    confirmed = models.BooleanField()
    words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(confirmed=True) | ~Q(words=""), name="dispute_has_words"),
        ]

    def __str__(self) -> str:
        return "confirmed" if self.confirmed else "disputed"


class SupervisionSetting(Decided):
    """Who is owed a discussion each month, as a provider decided it. It holds from the month ``from_month`` on."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    roles = models.JSONField()
    fewest_days = models.PositiveSmallIntegerField()
    joiner_days = models.PositiveSmallIntegerField()
    from_month = models.DateField()

    def __str__(self) -> str:
        return f"supervision of {self.provider} from {self.from_month:%B %Y}"


class ExpectedDiscussion(Decided):
    """In ``month`` a discussion was owed to ``worker``, and was asked for: what the obligation is about."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    month = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worker", "month"], name="expected_once_a_month")]
        indexes = [models.Index(fields=["provider", "month"], name="expected_in_month")]

    def __str__(self) -> str:
        return f"{self.worker} in {self.month:%B %Y}"


__all__ = [
    "Absence",
    "DiscussionAnswer",
    "ExpectedDiscussion",
    "LearningPoint",
    "LearningPointWithdrawal",
    "SupervisedBy",
    "SupervisionDiscussion",
    "SupervisionSetting",
]
