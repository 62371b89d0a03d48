"""Triage: what was decided straight after an incident. Rows are added, never edited (R7)."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.config.models import Row
from saferpractice.incidents.models import Incident


class Submitted(Decided):
    """A decision sent from a form. The same ``submission_key`` again is the same decision, not a second one."""

    submission_key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        abstract = True


class TriageRecord(Submitted):
    """One filling-in of the standard form (R6). A later one stands beside it and is the one in force.

    The three Care Act answers are yes, no or unknown; the third test is the authority's, asked and never required.
    ``no_safety_actions_because`` is the reason when nothing had to be done at once.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="triage_records")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    needs_care_and_support = models.CharField(max_length=10)
    abuse_or_neglect = models.CharField(max_length=10)
    unable_to_protect_self = models.CharField(max_length=10, blank=True)
    abuse_types = models.JSONField(default=list)
    wishes = models.CharField(max_length=40)
    wishes_words = models.TextField(blank=True)
    family_warning = models.CharField(max_length=10)
    family_warning_words = models.TextField(blank=True)
    healthcare_acts_suspected = models.CharField(max_length=10)
    prolonged_psychological_harm = models.CharField(max_length=10)
    multi_agency_breakdown = models.CharField(max_length=10)
    high_risk_failure = models.CharField(max_length=10)
    nationally_required = models.CharField(max_length=60, blank=True)
    still_at_risk = models.CharField(max_length=10)
    risk_words = models.TextField(blank=True)
    no_safety_actions_because = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["incident", "-decided_at"], name="triage_of_incident")]

    def __str__(self) -> str:
        return f"triage of {self.incident}"


class ImmediateSafetyAction(Row):
    """Something done, or to be done at once, to keep somebody safe.

    ``done_at`` is empty while it was still to be done at triage: see ``SafetyActionDone``.
    """

    triage_record = models.ForeignKey(TriageRecord, models.PROTECT, related_name="safety_actions")
    what = models.TextField()
    who = models.CharField(max_length=200)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.what[:60]


class SafetyActionDone(Submitted):
    """That a safety action which was still to be done has been done."""

    safety_action = models.OneToOneField(ImmediateSafetyAction, models.PROTECT, related_name="done")
    done_at = models.DateTimeField()
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"done: {self.safety_action}"


class ThresholdDecision(Submitted):
    """Refer, do not refer, or more information by a day: always with its rationale. Later ones stand beside it."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="threshold_decisions")
    triage_record = models.ForeignKey(TriageRecord, models.PROTECT, null=True, related_name="threshold_decisions")
    outcome = models.CharField(max_length=30)
    rationale = models.TextField()
    more_information_by = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["incident", "-decided_at"], name="threshold_of_incident")]

    def __str__(self) -> str:
        return self.outcome


class SafeguardingReferral(Submitted):
    """A concern put to the local authority. Sent is not received: see ``ReferralAcknowledgement``."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="safeguarding_referrals")
    threshold_decision = models.ForeignKey(ThresholdDecision, models.PROTECT, related_name="referrals")
    authority = models.CharField(max_length=200)
    sent_at = models.DateTimeField()
    how = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"referral to {self.authority}"


class ReferralAcknowledgement(Submitted):
    """The authority's answer to a referral: its reference, and what it decided if known."""

    referral = models.ForeignKey(SafeguardingReferral, models.PROTECT, related_name="acknowledgements")
    authority_reference = models.CharField(max_length=120)
    received_at = models.DateTimeField()
    answer = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.authority_reference


class TellingOthers(Submitted):
    """Whether somebody outside must be told: required, not required, or done, with the paragraph relied on.

    ``duty_code`` is from the list "duties"; label, paragraph and clocks are kept as they stood then. ``clock`` says
    who set the strictest time: law, contract or local.
    """

    duty_code = models.CharField(max_length=80)
    duty_label = models.CharField(max_length=300)
    paragraph = models.CharField(max_length=300)
    clock = models.CharField(max_length=20)
    clock_words = models.TextField(blank=True)
    state = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    their_reference = models.CharField(max_length=120, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class StatutoryNotification(TellingOthers):
    """A duty in law or contract to tell a body (R6)."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="statutory_notifications")

    class Meta:
        indexes = [models.Index(fields=["incident", "duty_code", "-decided_at"], name="notification_of_incident")]

    def __str__(self) -> str:
        return f"{self.duty_label}: {self.state}"


class PartnerEscalation(TellingOthers):
    """A partner to be told or brought in (R6)."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="partner_escalations")

    class Meta:
        indexes = [models.Index(fields=["incident", "duty_code", "-decided_at"], name="partner_esc_of_incident")]

    def __str__(self) -> str:
        return f"{self.duty_label}: {self.state}"


class RepeatedPattern(Decided):
    """Earlier incidents the software found: same person, same team and theme, or same system condition (R10).

    ``how_many`` counts all of them; ``earlier`` holds the newest.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="repeated_patterns")
    kind = models.CharField(max_length=30)
    what = models.CharField(max_length=200)
    window_days = models.PositiveSmallIntegerField()
    how_many = models.PositiveIntegerField()
    earlier = models.ManyToManyField(Incident, related_name="+")

    def __str__(self) -> str:
        return f"{self.kind} repeated"


class TierProposal(Decided):
    """The tier the written rules propose, which rule fired, and on which facts (R8)."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="tier_proposals")
    triage_record = models.ForeignKey(TriageRecord, models.PROTECT, null=True, related_name="tier_proposals")
    tier = models.CharField(max_length=1)
    rule_id = models.CharField(max_length=80)
    why = models.TextField()
    table_version = models.CharField(max_length=40)
    fired = models.JSONField(default=list)
    facts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"tier {self.tier} proposed by {self.rule_id}"


class TierDecision(Submitted):
    """The tier a person chose; a departure from the proposal, either way, carries its reason (R8)."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="tier_decisions")
    proposal = models.ForeignKey(TierProposal, models.PROTECT, related_name="decisions")
    tier = models.CharField(max_length=1)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["incident", "-decided_at"], name="tier_of_incident")]

    def __str__(self) -> str:
        return f"tier {self.tier}"


class TriageHandover(Submitted):
    """An unsure case handed to the safeguarding lead, with the question and what was filled in so far."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="triage_handovers")
    question = models.TextField()
    so_far = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.incident} handed to the safeguarding lead"
