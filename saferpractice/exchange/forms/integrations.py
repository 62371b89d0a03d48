"""Forms of integrations."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from saferpractice.access.models import Service
from saferpractice.design import forms


class IntegrationForm(forms.Form):
    """A care record system: its name, the sites that may show the checklist, and for which services."""

    name = forms.TextField("What is the system called?", max_length=120, required_message="Enter what it is called")
    origins = forms.LongTextField(
        "Which sites may show the checklist in a frame?",
        hint="One a line, scheme and host only, like https://records.example.org. Leave empty if it only makes calls.",
        rows=3,
        required=False,
    )
    services = forms.RecordsField(
        "For which services?",
        label_from=lambda service: service.name,
        required_message="Choose one of your services at least",
    )

    def __init__(self, *args: Any, services: QuerySet[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["services"].queryset = services  # type: ignore[attr-defined]


class RevokeForm(forms.Form):
    """Why an integration is revoked."""

    reason = forms.LongTextField("Why is it revoked?", rows=3, required_message="Enter why it is revoked")
