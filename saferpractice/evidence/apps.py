"""What evidence shows on the pages of earlier stages."""

from __future__ import annotations

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Registers with changes and pathways when Django starts: lessons beside a change, and where a draft came from."""

    name = "saferpractice.evidence"

    def ready(self) -> None:
        """Register."""
        from saferpractice.changes import beside as beside_changes
        from saferpractice.changes import following
        from saferpractice.evidence.operations.register import cancel_register
        from saferpractice.evidence.presenters.lessons import beside_change, beside_draft
        from saferpractice.evidence.presenters.register import beside_change_register
        from saferpractice.pathways import beside as beside_drafts

        beside_changes.register(beside_change_register)
        beside_changes.register(beside_change)
        beside_drafts.register(beside_draft)
        following.register(following.Follower(withdrawn=cancel_register, passed_on=lambda change, owner: None))
