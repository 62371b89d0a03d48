"""What somebody is typing on a section of a thematic review, kept encrypted until they keep it or throw it away."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.evidence.models import CommentaryDraft, ThematicReview

LARGEST = 60_000
"""Characters of one draft: more than can be kept in the end, so that nothing is lost while it is shortened."""


def save_draft(
    *, review: ThematicReview, person: Person, section: str, words: str, based_on: int, at: datetime
) -> bool:
    """Keep what ``person`` has typed so far on a section; False when it is too long to keep. The newest save wins."""
    if len(words) > LARGEST:
        return False
    CommentaryDraft.objects.update_or_create(
        review=review,
        person=person,
        section=section,
        defaults={
            "words_encrypted": encryption.encrypt(words, _context(review, person, section)),
            "based_on": based_on,
            "saved_at": at,
        },
    )
    return True


def drafts_of(*, review: ThematicReview, person: Person) -> dict[str, tuple[str, int]]:
    """What ``person`` has typed and not kept: by section the words, and the commentary they began from by number."""
    found = CommentaryDraft.objects.filter(review=review, person=person)
    return {
        one.section: (encryption.decrypt(one.words_encrypted, _context(review, person, one.section)), one.based_on)
        for one in found
    }


def discard_draft(*, review: ThematicReview, person: Person, section: str) -> None:
    """Throw a draft away: it was kept, or it is not wanted."""
    CommentaryDraft.objects.filter(review=review, person=person, section=section).delete()


def _context(review: ThematicReview, person: Person, section: str) -> str:
    return f"evidence.commentarydraft:{review.pk}:{person.pk}:{section}"
