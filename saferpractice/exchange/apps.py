"""Exchange adds its way in to the header, for those who may import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse

if TYPE_CHECKING:
    from saferpractice.design.navigation import Item


class ExchangeConfig(AppConfig):
    """Registers the header's link when Django starts."""

    name = "saferpractice.exchange"

    def ready(self) -> None:
        """Add the link."""
        from saferpractice.design import navigation

        navigation.register_navigation(_ways)


def _ways(request: HttpRequest) -> Iterable[Item]:
    from saferpractice.access.models import Person
    from saferpractice.config import clock
    from saferpractice.design.navigation import Item
    from saferpractice.exchange.permissions import can_import, can_integrate

    user = getattr(request, "user", None)
    if not isinstance(user, Person):
        return
    at = clock.now()
    if can_import(by=user, at=at):
        yield Item("Import", reverse("exchange:imports"), order=80)
    if can_integrate(by=user, at=at):
        yield Item("Integrations", reverse("integrations:all"), order=85)
