"""Agencies and the people there, what was shared with them and shown to them, and how they come in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Provider
from saferpractice.config.models import Row
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.trail.rules import Signature


class Agency(Row):
    """An organisation a provider works with, such as a police force or a housing association."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("provider", Lower("name"), name="agency_name_once")]
        ordering = ["name"]
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class Contact(Row):
    """Somebody at an agency. Not a ``Person``: holds no role, covers no place, and no page of staff knows them."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="contacts")
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "provider", Lower("email"), condition=Q(ended_at__isnull=True), name="contact_address_once"
            )
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def signature(self, at: datetime) -> Signature:
        """Name and agency, for records and the trail."""
        return Signature(id=self.pk, name=self.name, role=f"Partner, {self.agency.name}")


class SharingDecision(Decided):
    """One record, as it was then, shared with an agency or taken back. The newest about a record stands.

    It shows nothing by itself: the agency must also be one with which anything may be shared (see ``rules``).
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="sharing_decisions")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    record = models.ForeignKey(PathwayRecord, models.PROTECT, related_name="+")
    shared = models.BooleanField()
    with_name = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["case", "agency", "decided_at"], name="sharing_of_case")]

    def __str__(self) -> str:
        return f"{self.record} {'shared' if self.shared else 'taken back'}"


class PartnerInvitation(Decided):
    """A contact asked to look at what is shared on a case. The link is known by its hash only, and works once.

    ``used_at`` is when the contact came in by it; ``ended_at`` when staff ended it, used or not.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="invitations")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "contact"], name="invitation_of_case")]

    def __str__(self) -> str:
        return f"invitation of {self.contact}"


class SignInCode(Row):
    """A code sent to a contact, by its keyed hash. ``invitation`` is the link it was asked for with, if any."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="codes")
    invitation = models.ForeignKey(PartnerInvitation, models.PROTECT, null=True, related_name="+")
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["contact", "-sent_at"], name="sign_in_code_newest")]

    def __str__(self) -> str:
        return f"code of {self.contact}"


class PartnerSession(Row):
    """A contact at a browser, from the code until it ends. The browser knows it by its id in a signed-out session."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="sessions")
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"session of {self.contact}"


class ShownRecords(models.QuerySet["ShownRecord"]):
    """Named reads of what was shown."""

    def of_case(self, case_id: UUID) -> ShownRecords:
        """Everything of one case that was shown to anybody, the newest first."""
        return self.filter(case_id=case_id).select_related("contact__agency", "record").order_by("-at", "pk")


class ShownRecord(Row):
    """A record shown to a contact: who was shown what, and when. One row for each time."""

    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    record = models.ForeignKey(PathwayRecord, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ShownRecords.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "-at"], name="shown_of_case")]

    def __str__(self) -> str:
        return f"{self.record} shown to {self.contact}"


class PartnerPart(Row):
    """Says which contact, of which agency, wrote a record of a case."""

    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    record = models.OneToOneField(PathwayRecord, models.PROTECT, related_name="partner_part")

    def __str__(self) -> str:
        return f"{self.record} of {self.agency}"
