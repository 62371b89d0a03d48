"""Leaving a trace of looking. A page that cannot leave its trace is not shown."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import AccessEntry, Person


def record_look(*, by: Person, at: datetime, page: str, story_id: UUID | None, detail: str = "") -> None:
    """Write that ``by`` looked at ``page`` (a short name such as "incident") at ``at``.

    Call it before the page is rendered: a look that cannot be written must not happen.
    """
    signature = by.signature(at)
    AccessEntry.objects.create(
        provider_id=by.provider_id,
        at=at,
        by_id=by.pk,
        by_name=signature.name,
        by_role=signature.role,
        page=page,
        story_id=story_id,
        detail=detail[:500],
    )
