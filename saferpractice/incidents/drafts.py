"""A report being typed, kept encrypted so that nothing is lost on a bus or in a lift."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.incidents.models import Incident, ReportDraft

LARGEST = 400_000
"""Characters of one draft. Four answers of the longest length fit."""
KEPT_FOR = timedelta(days=14)


def save_draft(*, person: Person, key: str, answers: dict[str, Any], at: datetime) -> bool:
    """Keep what has been typed so far under the form's ``key``; False when it is too large to keep.

    The newest save wins: a draft is one person's own, in one form.
    """
    text = json.dumps(answers)
    if len(text) > LARGEST:
        return False
    ReportDraft.objects.update_or_create(
        person=person,
        key=key,
        defaults={"answers_encrypted": encryption.encrypt(text, _context(person, key)), "saved_at": at},
    )
    return True


def drafts_of(*, person: Person, at: datetime) -> list[ReportDraft]:
    """Unsent drafts of ``person`` from the last fortnight, newest first."""
    return list(_unsent(person).filter(saved_at__gt=at - KEPT_FOR).order_by("-saved_at"))


def _unsent(person: Person) -> QuerySet[ReportDraft]:
    """Drafts of reports that were not sent: a save that arrives after its report was sent is no unsent report."""
    sent = Incident.objects.filter(provider_id=person.provider_id, reporter=person, submission_key=OuterRef("key"))
    return ReportDraft.objects.filter(~Exists(sent), person=person)


def read_draft(*, person: Person, key: str, at: datetime) -> dict[str, Any] | None:
    """What ``person`` had typed under ``key`` in the last fortnight, or None.

    Raises:
        CannotDecrypt: it is there and cannot be read, because the secret it was kept under is gone.
    """
    draft = _unsent(person).filter(key=key, saved_at__gt=at - KEPT_FOR).first()
    if draft is None:
        return None
    answers: dict[str, Any] = json.loads(encryption.decrypt(draft.answers_encrypted, _context(person, key)))
    return answers


def discard_draft(*, person: Person, key: str) -> None:
    """Throw a draft away: it was sent, or is not wanted."""
    ReportDraft.objects.filter(person=person, key=key).delete()


def discard_old_drafts(*, at: datetime) -> int:
    """Throw away drafts nobody came back to for a fortnight; how many."""
    count, _ = ReportDraft.objects.filter(saved_at__lte=at - KEPT_FOR).delete()
    return count


def _context(person: Person, key: str) -> str:
    return f"incidents.reportdraft:{person.pk}:{key}"
