"""Assurance shows itself on the page of a change."""

from __future__ import annotations

from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    """Registers the impact check with the page of a change when Django starts."""

    name = "saferpractice.assurance"

    def ready(self) -> None:
        """Register."""
        from saferpractice.assurance.presenters import beside_change
        from saferpractice.changes import beside

        beside.register(beside_change)
