"""Assurance shows itself on the page of a change."""

from __future__ import annotations

from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    """Registers the impact check with changes when Django starts: on their pages, and when one is given up."""

    name = "saferpractice.assurance"

    def ready(self) -> None:
        """Register."""
        from saferpractice.assurance.operations import cancel_checks, pass_checks
        from saferpractice.assurance.presenters import beside_change
        from saferpractice.changes import beside, following

        beside.register(beside_change)
        following.register(following.Follower(withdrawn=cancel_checks, passed_on=pass_checks))
