"""What people keep for themselves, what was gathered for somebody who asked, and which records are kept longer."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Team
from saferpractice.config.models import Row
from saferpractice.home.rules.retention import HoldKind
from saferpractice.incidents.models import Incident, PersonSupported

LONGEST_VIEW = 500
"""Characters of a kept query string; a letter beyond ASCII takes six or more of them."""


class SavedView(Row):
    """A way of looking at the tracker that somebody named: its filters and order, as a query string."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=LONGEST_VIEW)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_view_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class GatheredRecords(Decided):
    """Everything held about a person, as it was when it was gathered for their request. Never changed (trigger).

    ``content_encrypted`` holds it as text, bound to this row; ``asked_on`` is the London day on which they asked.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    person_supported = models.ForeignKey(PersonSupported, models.PROTECT, related_name="gathered")
    asked_by = models.CharField(max_length=200)
    asked_on = models.DateField()
    content_encrypted = models.TextField()
    submission_key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "submission_key"], name="gathered_once"),
        ]
        indexes = [models.Index(fields=["person_supported", "-decided_at"], name="gathered_newest")]

    def __str__(self) -> str:
        return f"records about {self.person_supported}, gathered"


class AddedWords(Decided):
    """Words that somebody wants taken out of what was gathered, wherever they stand; kept encrypted."""

    gathered = models.ForeignKey(GatheredRecords, models.PROTECT, related_name="added")
    words_encrypted = models.TextField()

    def __str__(self) -> str:
        return "words to take out"


class PlacesConfirmed(Decided):
    """Places that may tell of somebody else, each looked at by a person: taken out, or kept. The newest counts."""

    gathered = models.ForeignKey(GatheredRecords, models.PROTECT, related_name="confirmed")
    taken_out = models.JSONField(default=list)
    kept = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{len(self.taken_out)} places taken out, {len(self.kept)} kept"


class RecordsRelease(Decided):
    """What was gathered, given to somebody: to whom and how.

    ``files_encrypted`` holds the files they got, by path; ``manifest_sha256`` is the hash of the list of them.
    """

    gathered = models.OneToOneField(GatheredRecords, models.PROTECT, related_name="release")
    to_whom = models.CharField(max_length=200)
    how = models.CharField(max_length=200)
    files_encrypted = models.TextField()
    manifest_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"released to {self.to_whom}"


class RetentionHolds(models.QuerySet["RetentionHold"]):
    """Named reads of holds."""

    def standing(self) -> RetentionHolds:
        """Those that nobody ended."""
        return self.filter(end__isnull=True)


class RetentionHold(Decided):
    """Records kept whatever their age, and why: of one incident, of one person, or everything of the provider.

    Never changed (trigger); a ``HoldEnd`` ends it.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="retention_holds")
    person_supported = models.ForeignKey(PersonSupported, models.PROTECT, null=True, related_name="retention_holds")
    kind = models.CharField(max_length=20, choices=[(each.value, each.label) for each in HoldKind])
    reason = models.TextField()
    submission_key = models.CharField(max_length=80)

    objects = RetentionHolds.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "submission_key"], name="retention_hold_once"),
            models.CheckConstraint(
                condition=models.Q(incident__isnull=True) | models.Q(person_supported__isnull=True),
                name="retention_hold_on_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["provider", "-decided_at"], name="retention_hold_newest")]

    def __str__(self) -> str:
        return f"hold on {self.incident or self.person_supported or 'everything'}"


class HoldEnd(Decided):
    """A hold ended, and why. Never changed (trigger)."""

    hold = models.OneToOneField(RetentionHold, models.PROTECT, related_name="end")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.hold}, ended"


class DisposalProposals(models.QuerySet["DisposalProposal"]):
    """Named reads of proposals."""

    def open(self) -> DisposalProposals:
        """Neither decided, nor disposed of, nor stopped."""
        return self.filter(decision__isnull=True)

    def to_do(self) -> DisposalProposals:
        """Approved, and still to be disposed of; the oldest approval first."""
        waiting = self.filter(decision__approved=True, stop__isnull=True, certificate__isnull=True)
        return waiting.order_by("decision__decided_at", "pk")


class DisposalProposal(Decided):
    """Somebody proposed that incidents go, because their time is over, and why. Never changed (trigger)."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    reason = models.TextField()
    submission_key = models.CharField(max_length=80)

    objects = DisposalProposals.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "submission_key"], name="disposal_proposal_once"),
        ]
        indexes = [models.Index(fields=["provider", "-decided_at"], name="disposal_proposal_newest")]

    def __str__(self) -> str:
        return f"disposal proposed on {self.decided_at:%Y-%m-%d}"


class ProposedIncident(Row):
    """An incident of a proposal, by its id and number: the incident itself will be gone. Never changed (trigger).

    ``code``, ``years`` and ``kept_until`` say by which rule its time was over; ``counted_on`` is the London day on
    which measures counted it.
    """

    proposal = models.ForeignKey(DisposalProposal, models.PROTECT, related_name="incidents")
    incident_id = models.UUIDField()
    reference = models.CharField(max_length=30)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    years = models.PositiveSmallIntegerField()
    kept_until = models.DateField()
    counted_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "incident_id"], name="proposed_incident_once")]
        indexes = [models.Index(fields=["incident_id"], name="proposed_incident")]
        ordering = ["reference"]

    def __str__(self) -> str:
        return self.reference


class DisposalDecision(Decided):
    """A proposal approved by somebody else, or refused, or taken back, and why. Never changed (trigger)."""

    proposal = models.OneToOneField(DisposalProposal, models.PROTECT, related_name="decision")
    approved = models.BooleanField()
    reason = models.TextField()

    def __str__(self) -> str:
        return "approved" if self.approved else "refused"


class DisposalStop(Decided):
    """What was approved was not disposed of: something kept it when it was to go. ``why`` holds a sentence for each."""

    proposal = models.OneToOneField(DisposalProposal, models.PROTECT, related_name="stop")
    why = models.JSONField(default=list)

    def __str__(self) -> str:
        return "stopped"


class DisposalCertificate(Decided):
    """What went, and how much of it. Never changed, never deleted (trigger).

    ``counts`` holds the number of rows that went by table, ``emptied`` of those that lost their words. ``rows_sha256``
    is the hash of the list of rows that went, ``emptied_sha256`` of the entries of the trail that were emptied.
    """

    proposal = models.OneToOneField(DisposalProposal, models.PROTECT, related_name="certificate")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    basis = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    emptied = models.JSONField(default=dict)
    files = models.PositiveIntegerField()
    rows_sha256 = models.CharField(max_length=64)
    emptied_sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["provider", "-decided_at"], name="disposal_certificate_newest")]

    def __str__(self) -> str:
        return f"disposal of {self.decided_at:%Y-%m-%d}"


class DisposedFile(Row):
    """A file that is to go from the folder of files, by its place there; ``gone_at`` is when it was found gone."""

    certificate = models.ForeignKey(DisposalCertificate, models.PROTECT, related_name="places")
    path = models.CharField(max_length=200)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="disposed_file_left", condition=models.Q(gone_at__isnull=True))]

    def __str__(self) -> str:
        return self.path


class NeverKept(Row):
    """A table that never holds a row (trigger), for permits to point at."""

    def __str__(self) -> str:
        return "never"


class DisposalPermit(Row):
    """A row that may go within this transaction. None can be committed: ``until_the_end`` points at what never is.

    A trigger lets one in only for a proposal that two people made, and that is still to be done.
    """

    proposal = models.ForeignKey(DisposalProposal, models.PROTECT, related_name="+")
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=36)
    until_the_end = models.ForeignKey(NeverKept, models.DO_NOTHING, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table_name", "row_id"], name="disposal_permit_once")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"
