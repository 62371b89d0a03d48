"""Put a pathway in use."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Provider
from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.permissions import check_can_put_in_use
from saferpractice.pathways.rules.definition import Definition
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.rules import By


@operation
def put_in_use(
    *, by: By, at: datetime, provider: Provider, definition: Definition
) -> Entry[PathwayVersion] | Already[PathwayVersion]:
    """Put ``definition`` in use for ``provider`` from ``at``. The very same as the version in use changes nothing.

    Raises:
        Refused: ``by`` may not.
    """
    check_can_put_in_use(by=by, at=at, provider_id=provider.pk)
    Provider.objects.select_for_update().get(pk=provider.pk)  # one number for each version, also when two put at once
    content = definition.model_dump(mode="json", by_alias=True, exclude_unset=True)
    newest = PathwayVersion.objects.filter(provider=provider, pathway=definition.pathway).order_by("-number").first()
    if newest is not None and newest.content == content:
        return Already(newest)
    version = PathwayVersion.objects.create(
        provider=provider,
        pathway=definition.pathway,
        number=newest.number + 1 if newest else 1,
        title=definition.title,
        content=content,
        live_from=at,
        **decided(by, at),
    )
    return Entry(
        result=version, subject=version, sentence=f"put the pathway “{version.title}” in use, version {version.number}"
    )
