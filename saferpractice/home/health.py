"""Whether the worker is alive and on time, judged from what it should have done, not from its word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.jobs.models import Heartbeat

LATE_AFTER = timedelta(minutes=5)
"""An escalation or a message that has waited this long is an alarm."""

REFUSED_FOR = timedelta(hours=1)
"""A message that was tried and has not left for this long is an alarm, though each try was on time."""


@dataclass(frozen=True, slots=True)
class Health:
    """Well or not, with the sentence a page shows."""

    well: bool
    sentence: str


def check_health(at: datetime) -> Health:
    """Look for escalations and messages that should have gone out five minutes before ``at``.

    The age of the oldest waiting step decides, not a process that says it lives: a worker can run and do nothing.
    """
    limit = at - LATE_AFTER
    if Obligation.objects.to_escalate(limit).exists():
        return Health(False, "Late work is not being escalated: the worker is not running or is behind.")
    if OutboxMessage.objects.filter(sent_at__isnull=True, send_after__lte=limit, to__is_active=True).exists():
        return Health(False, "E-mails are waiting to go out: the worker is not running or the mail server is away.")
    refused = OutboxMessage.objects.filter(
        sent_at__isnull=True, created_at__lte=at - REFUSED_FOR, attempts__gt=0, to__is_active=True
    )
    if refused.exists():
        return Health(False, "E-mails have been refused for an hour: the mail server, or somebody's address, is wrong.")
    beat = Heartbeat.objects.filter(name="worker").first()
    if beat is None or beat.at < limit:
        return Health(False, "The worker that watches deadlines has not been seen for five minutes.")
    return Health(True, "ready")
