"""The columns every decision and record carries: who, with the name and role they had then, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from saferpractice.access.models import Person
from saferpractice.config.models import Row
from saferpractice.trail.refusals import Invalid, SentBefore, differing
from saferpractice.trail.rules import By


class Decided(Row):
    """A row that a person (or a named process) added at a moment. Such rows are added, never changed."""

    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField(max_length=200)
    decided_by_role = models.CharField(max_length=200)
    decided_at = models.DateTimeField()

    class Meta:
        abstract = True


def decided(by: By, at: datetime) -> dict[str, Any]:
    """The ``Decided`` columns for ``by`` at ``at``, to spread into ``objects.create(**decided(by, at))``."""
    signature = by.signature(at)
    return {
        "decided_by": by if isinstance(by, Person) else None,
        "decided_by_name": signature.name,
        "decided_by_role": signature.role,
        "decided_at": at,
    }


def check_same_answers(earlier: Decided, *, by: By, sentence: str, answers: Iterable[tuple[str, str, str]]) -> None:
    """Refuse a form that made ``earlier`` when somebody else sent it, or when it now holds other answers.

    Args:
        sentence: what was done with the form when it was first sent.
        answers: of each question its words, what is on record and what was typed now.

    Raises:
        Invalid: the form was somebody else's.
        SentBefore: with what differs.
    """
    if earlier.decided_by_id != (by.pk if isinstance(by, Person) else None):
        raise Invalid("This form was already sent by somebody else. Start a new one.")
    found = tuple(differing(answers))
    if found:
        raise SentBefore(sentence, found)
