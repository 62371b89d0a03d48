"""Addresses of pathways."""

from __future__ import annotations

from django.urls import path

from saferpractice.pathways import views

app_name = "pathways"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:code>", views.one, name="one"),
]
