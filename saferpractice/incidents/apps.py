"""Incidents tell the rooms below who must never hear of one."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Registers who is kept from an incident when Django starts."""

    name = "saferpractice.incidents"

    def ready(self) -> None:
        """Say it to whoever sends e-mails about late work."""
        from saferpractice.deadlines.recipients import register_kept_from

        register_kept_from(_kept_from)


def _kept_from(story_id: UUID) -> Collection[UUID]:
    from saferpractice.incidents.queries import people_kept_from

    return people_kept_from(story_id)
