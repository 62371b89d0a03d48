"""Similar fills what earlier stages leave open: what was changed after an incident, and what is like a finding."""

from __future__ import annotations

from django.apps import AppConfig


class SimilarConfig(AppConfig):
    """Registers with triage and with findings when Django starts."""

    name = "saferpractice.similar"

    def ready(self) -> None:
        """Register."""
        from saferpractice.findings import beside
        from saferpractice.similar.after import what_was_changed
        from saferpractice.similar.presenters import beside_findings
        from saferpractice.triage.beside import register_changed_after

        register_changed_after(what_was_changed)
        beside.register(beside_findings)
