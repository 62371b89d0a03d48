"""Changes follow the pathways that carry them out."""

from __future__ import annotations

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """Registers with pathways when Django starts: what follows when a version goes live or is used, and its page."""

    name = "saferpractice.changes"

    def ready(self) -> None:
        """Register."""
        from saferpractice.changes.operations.carrying_out import met_on_case, version_went_live
        from saferpractice.changes.presenters import beside_draft
        from saferpractice.pathways import beside, following

        beside.register(beside_draft)
        following.register(following.Follower(went_live=version_went_live, met=met_on_case))
