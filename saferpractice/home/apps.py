"""Home fills what several rooms know of: the header."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse

from saferpractice.design import navigation
from saferpractice.design.navigation import Identity, Item


class HomeConfig(AppConfig):
    """Registers what home fills when Django starts."""

    name = "saferpractice.home"

    def ready(self) -> None:
        """Fill the header."""
        navigation.register_navigation(_ways)
        navigation.register_identity(_identity)


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
