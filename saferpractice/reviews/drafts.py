"""A part of a review being written, kept encrypted: nobody writes a review in one sitting."""

from __future__ import annotations

import json
from datetime import datetime

from django.http import QueryDict

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.reviews.models import Review, ReviewDraft

LARGEST = 600_000
"""Characters of one draft. A dozen long answers fit."""


def typed_in(data: QueryDict) -> dict[str, list[str]]:
    """What a form sent, raw, without what is not an answer."""
    return {
        name: [str(value) for value in data.getlist(name)]
        for name in data
        if name not in {"csrfmiddlewaretoken", "later"}
    }


def save_draft(*, review: Review, person: Person, part: str, answers: dict[str, list[str]], at: datetime) -> bool:
    """Keep what ``person`` has typed so far of one part; False when it is too large to keep. The newest save wins."""
    text = json.dumps(answers)
    if len(text) > LARGEST:
        return False
    ReviewDraft.objects.update_or_create(
        review=review,
        person=person,
        part=part,
        defaults={"answers_encrypted": encryption.encrypt(text, _context(review, person, part)), "saved_at": at},
    )
    return True


def read_draft(*, review: Review, person: Person, part: str) -> dict[str, list[str]] | None:
    """What ``person`` had typed of one part, or None."""
    draft = ReviewDraft.objects.filter(review=review, person=person, part=part).first()
    if draft is None:
        return None
    answers: dict[str, list[str]] = json.loads(
        encryption.decrypt(draft.answers_encrypted, _context(review, person, part))
    )
    return answers


def discard_draft(*, review: Review, person: Person, part: str) -> None:
    """Throw a draft away: the part was supplied, or it is not wanted."""
    ReviewDraft.objects.filter(review=review, person=person, part=part).delete()


def discard_drafts_of(review: Review) -> None:
    """Throw every draft of a review away: it is complete."""
    ReviewDraft.objects.filter(review=review).delete()


def parts_begun(*, review: Review, person: Person) -> dict[str, datetime]:
    """The parts of a review ``person`` has begun and not supplied, and when each was saved."""
    return dict(ReviewDraft.objects.filter(review=review, person=person).values_list("part", "saved_at"))


def _context(review: Review, person: Person, part: str) -> str:
    return f"reviews.reviewdraft:{review.pk}:{person.pk}:{part}"
