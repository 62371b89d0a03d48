"""Addresses of lists."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "lists"
urlpatterns: list[URLPattern | URLResolver] = []
