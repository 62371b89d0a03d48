"""The append-only trail: one row for every thing done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models

from saferpractice.config.models import Row
from saferpractice.trail.rules import GENESIS


class TrailEntries(models.QuerySet["TrailEntry"]):
    """Named reads of the trail."""

    def story(self, story_id: UUID) -> TrailEntries:
        """Everything done about one incident, oldest first."""
        return self.filter(story_id=story_id).order_by("at", "sequence")

    def since(self, at: datetime) -> TrailEntries:
        """Entries from ``at`` (UTC) on."""
        return self.filter(at__gte=at)


class TrailEntry(Row):
    """Who did what, when, to which record, in a sentence. Never changed, never deleted (trigger)."""

    provider_id = models.UUIDField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    operation = models.CharField(max_length=100)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=100)
    subject_id = models.UUIDField()
    story_id = models.UUIDField(null=True)
    sentence = models.TextField()
    facts = models.JSONField(default=dict)
    salt = models.CharField(max_length=32)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = TrailEntries.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_id", "sequence"], name="trail_one_sequence")]
        indexes = [
            models.Index(fields=["story_id", "at"], name="trail_story"),
            models.Index(fields=["subject_id", "at"], name="trail_subject"),
            models.Index(fields=["provider_id", "at"], name="trail_provider_at"),
        ]

    def __str__(self) -> str:
        return f"{self.by_name} {self.sentence}"


class TrailHead(models.Model):
    """The newest link of one provider's chain; locking this row orders the writers."""

    provider_id = models.UUIDField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    def __str__(self) -> str:
        return f"{self.provider_id} at {self.sequence}"


class Seal(Row):
    """A signed head over the first ``size`` entries of a provider's trail. Never changed, never deleted (trigger).

    ``note`` is what was signed and what others keep; number, size and moment are in it too. ``peaks`` are the hashes
    from which the Merkle tree grows on, hex: the root that is signed follows from them.
    """

    provider_id = models.UUIDField()
    number = models.BigIntegerField()
    size = models.BigIntegerField()
    at = models.DateTimeField()
    note = models.TextField()
    peaks = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider_id", "number"], name="seal_one_number"),
            models.UniqueConstraint(fields=["provider_id", "size"], name="seal_one_size"),
        ]

    def __str__(self) -> str:
        return f"head {self.number} over {self.size} entries"


class TimeStamp(Row):
    """What a time stamp authority answered about a signed head (RFC 3161). Never changed, never deleted (trigger).

    Checked before it was kept. ``at`` is when, by our clock, and ``stamped_at`` the moment that the authority signed.
    ``authority`` is where it was asked, and ``answer`` all that it sent.
    """

    provider_id = models.UUIDField()
    number = models.BigIntegerField()
    at = models.DateTimeField()
    stamped_at = models.DateTimeField()
    authority = models.CharField(max_length=300)
    answer = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_id", "number"], name="timestamp_one_of_a_head")]

    def __str__(self) -> str:
        return f"time stamp of head {self.number}"


class Verification(Row):
    """What verifying a provider's trail found. Never changed, never deleted (trigger).

    ``troubles`` are the first that were named, each a sentence, and ``more`` how many others there were.
    """

    provider_id = models.UUIDField()
    at = models.DateTimeField()
    entries = models.BigIntegerField()
    heads = models.BigIntegerField()
    kept = models.BigIntegerField()
    troubles = models.JSONField(default=list)
    more = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["provider_id", "-at"], name="verification_newest")]

    def __str__(self) -> str:
        return f"{self.entries} entries verified"


class EmptiedEntry(Row):
    """An entry whose words were taken away, and the hash of what it said. Never changed, never deleted (trigger).

    ``certificate_id`` is by what; the entry of that certificate holds the hash of the list of them.
    """

    provider_id = models.UUIDField()
    sequence = models.BigIntegerField()
    content = models.CharField(max_length=64)
    certificate_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_id", "sequence"], name="emptied_entry_once")]
        indexes = [models.Index(fields=["certificate_id", "sequence"], name="emptied_by_certificate")]

    def __str__(self) -> str:
        return f"entry {self.sequence}, emptied"
