"""One writer at a time for one review, and no writing once it has ended."""

from __future__ import annotations

from saferpractice.reviews.models import Review
from saferpractice.trail.refusals import Stale


def lock(review: Review) -> Review:
    """The review, held until the operation ends, so that two people cannot complete it or add the same thing twice.

    Take it before asking who may: somebody who waited for it is judged by what stands once it is theirs, for example
    after another took the review over.
    """
    Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    return review


def must_go_on(review: Review) -> Review:
    """The review, if it still goes on. Call it with the review held.

    Raises:
        Stale: it was completed, or a later review took it further.
    """
    completion = getattr(Review.objects.select_related("completion").get(pk=review.pk), "completion", None)
    if completion is not None:
        raise Stale(f"{completion.decided_by_name} completed this review. It can be corrected, and no longer added to.")
    if was_taken_further(review):
        raise Stale("A later review takes this one further. Go on in that one: this one stays as it is.")
    return review


def was_taken_further(review: Review) -> bool:
    """Whether a later review builds on this one."""
    return Review.objects.filter(builds_on=review).exists()
