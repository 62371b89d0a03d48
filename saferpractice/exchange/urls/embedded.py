"""Addresses of the checklist in another system's frame."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from saferpractice.exchange.views import embedded

app_name = "embed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("checklist", embedded.save, name="save"),
    path("checklist/<uuid:integration_id>", embedded.checklist, name="checklist"),
]
