"""Partners tell pathways who they are, what to show on a case, and what follows from a record."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import AppConfig
from django.http import HttpRequest
from django.urls import reverse

from saferpractice.design import navigation


class PartnersConfig(AppConfig):
    """Registers the part of partners in a case when Django starts."""

    name = "saferpractice.partners"

    def ready(self) -> None:
        """Say it to pathways, which may not know this room."""
        from saferpractice.partners.operations.telling import tell_partners
        from saferpractice.partners.presenters.panel import panel
        from saferpractice.partners.queries.listed import partners_of, written_by_partners
        from saferpractice.pathways import beside

        beside.register_partners(partners_of)
        beside.register_panel("partners/panel.html", panel)
        beside.register_after_record(tell_partners)
        beside.register_written_by_others(written_by_partners)
        navigation.register_navigation(_ways)


def _ways(request: HttpRequest) -> Iterable[navigation.Item]:
    from saferpractice.access.models import Person
    from saferpractice.access.permissions import allowed
    from saferpractice.config import clock
    from saferpractice.partners.permissions import check_can_keep_partners

    user = getattr(request, "user", None)
    if not isinstance(user, Person):
        return ()
    may, _ = allowed(check_can_keep_partners, by=user, at=clock.now(), provider_id=user.provider_id)
    return [navigation.Item("Partners", reverse("partners:agencies"), order=75)] if may else ()
