"""Opening a review for a page: through its incident, which leaves a trace or shows nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404

from saferpractice.access.models import Person
from saferpractice.incidents.looking import open_incident
from saferpractice.reviews.models import Review


def open_the_review(*, by: Person, at: datetime, review_id: UUID, page: str) -> Review:
    """The review, with the look at its incident recorded; or ``Http404``, the same for "not yours" and "no such".

    Args:
        page: a short name of what is shown ("review", "timeline"), for the log of looking.
    """
    review = (
        Review.objects.select_related("completion", "taken_further_by", "builds_on", "tier_decision__proposal")
        .filter(pk=review_id)
        .first()
    )
    if review is None:
        raise Http404("There is no such page, or it is not yours to see.")
    review.incident = open_incident(by=by, at=at, incident_id=review.incident_id, page=page)
    return review
