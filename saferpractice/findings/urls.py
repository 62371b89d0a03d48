"""Addresses of findings."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from saferpractice.findings import views

app_name = "findings"
urlpatterns: list[URLPattern | URLResolver] = [
    path("reviews/<uuid:review_id>/rapid", views.rapid, name="rapid"),
    path("reviews/<uuid:review_id>/findings", views.of_review, name="of_review"),
    path("reviews/<uuid:review_id>/findings/new", views.new, name="new"),
    path("findings/<uuid:finding_id>", views.finding, name="finding"),
    path("findings/<uuid:finding_id>/correct", views.correct, name="correct"),
    path("conditions", views.pareto, name="pareto"),
    path("conditions.csv", views.pareto_file, name="pareto_file"),
]
