"""How a version comes about: drafted, proposed, decided on, live, retired; and the cases that moved to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Provider
from saferpractice.pathways.models.practice import PathwayVersion
from saferpractice.pathways.rules.versions import Outcome


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
