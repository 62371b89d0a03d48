"""Addresses of assurance."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "assurance"
urlpatterns: list[URLPattern | URLResolver] = []
