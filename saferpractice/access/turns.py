"""Who takes turns with the disposal of records."""

from __future__ import annotations

from uuid import UUID

from saferpractice.access.models import Provider
from saferpractice.trail.operations import must_be_in_operation


def after_disposals(provider_id: UUID) -> None:
    """Wait for a disposal that is going on at a provider, and hold the next one up until the transaction ends.

    Call it before reading, in an operation that copies what it reads, or that names incidents by ids which no foreign
    key holds. It would otherwise keep what was disposed of while it read.
    """
    must_be_in_operation()
    Provider.objects.select_for_update(no_key=True).get(pk=provider_id)
