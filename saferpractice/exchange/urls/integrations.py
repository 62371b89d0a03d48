"""Addresses where integrations are set up."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from saferpractice.exchange.views import integrations

app_name = "integrations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", integrations.integrations, name="all"),
    path("new", integrations.new_integration, name="new"),
    path("<uuid:integration_id>", integrations.integration, name="one"),
    path("<uuid:integration_id>/keys", integrations.renew_keys, name="renew_keys"),
    path("<uuid:integration_id>/revoke", integrations.revoke_integration, name="revoke"),
]
