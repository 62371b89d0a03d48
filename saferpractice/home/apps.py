"""Home fills what several rooms know of: the header, and the worker's round."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse

from saferpractice.assurance import gone
from saferpractice.design import navigation
from saferpractice.design.navigation import Identity, Item
from saferpractice.jobs import further


class HomeConfig(AppConfig):
    """Registers what home fills when Django starts."""

    name = "saferpractice.home"

    def ready(self) -> None:
        """Fill the header, and give the worker what is to be disposed of."""
        navigation.register_navigation(_ways)
        navigation.register_identity(_identity)
        further.also_do(_dispose)
        gone.register(_lost_rows)


def _lost_rows(provider_id: UUID, first: date, last: date) -> bool:
    from saferpractice.home.queries.disposals import lost_rows

    return lost_rows(provider_id, first, last)


def _dispose(at: datetime) -> int:
    from saferpractice.home.sweeps import dispose_of_what_was_decided

    return dispose_of_what_was_decided(at)


def _ways(request: HttpRequest) -> Iterable[Item]:
    from saferpractice.access.models import Person
    from saferpractice.config import clock
    from saferpractice.home.presenters import ways

    user = getattr(request, "user", None)
    return ways(user, clock.now()) if isinstance(user, Person) else ()


def _identity(request: HttpRequest) -> Identity | None:
    from saferpractice.access.models import Person

    user = getattr(request, "user", None)
    if not isinstance(user, Person):
        return None
    return Identity(user.name, user.provider.name, reverse("account_change_password"))
