"""Assurance shows itself on the page of a change, and in the header."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse

from saferpractice.design import navigation
from saferpractice.design.navigation import Item


class AssuranceConfig(AppConfig):
    """Registers impact checks and audits with changes when Django starts: on their pages, and when one is given up."""

    name = "saferpractice.assurance"

    def ready(self) -> None:
        """Register."""
        from saferpractice.assurance.operations import cancel_audits, cancel_checks, pass_audits, pass_checks
        from saferpractice.assurance.presenters import beside_change
        from saferpractice.assurance.presenters.audits import beside_audits
        from saferpractice.changes import beside, following

        navigation.register_navigation(_ways)
        beside.register(beside_change)
        beside.register(beside_audits)
        following.register(following.Follower(withdrawn=cancel_checks, passed_on=pass_checks))
        following.register(following.Follower(withdrawn=cancel_audits, passed_on=pass_audits))


def _ways(request: HttpRequest) -> Iterable[Item]:
    from saferpractice.access.models import Person
    from saferpractice.assurance.permissions.measures import can_read_measures
    from saferpractice.config import clock

    user = getattr(request, "user", None)
    if isinstance(user, Person) and can_read_measures(user, clock.now()):
        yield Item("Measures", reverse("assurance:measures"), order=45)
