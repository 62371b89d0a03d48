"""Incidents tell the rooms below who must never hear of one, and what a leaver hands over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from saferpractice.access.models import Person


class IncidentsConfig(AppConfig):
    """Registers who is kept from an incident, and what a leaver hands over, when Django starts."""

    name = "saferpractice.incidents"

    def ready(self) -> None:
        """Say it to whoever sends e-mails about late work, and to whoever closes a sign-in."""
        from saferpractice.access.leaving import register_leaving
        from saferpractice.deadlines.recipients import register_kept_from

        register_kept_from(_kept_from)
        register_leaving(_hand_over)


def _kept_from(story_id: UUID) -> Collection[UUID]:
    from saferpractice.incidents.queries import people_kept_from

    return people_kept_from(story_id)


def _hand_over(person: Person, at: datetime) -> None:
    from saferpractice.incidents.operations import pass_on_what_only_they_decide

    pass_on_what_only_they_decide(person=person, at=at)
