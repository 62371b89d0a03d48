"""Addresses of reviews."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from saferpractice.reviews import views

app_name = "reviews"
urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/<uuid:incident_id>/reviews/open", views.open_review, name="open"),
    path("reviews/<uuid:review_id>", views.review, name="review"),
    path("reviews/<uuid:review_id>/documents/<str:kind>", views.document, name="document"),
    path("reviews/required/<uuid:required_id>", views.required, name="required"),
    path("reviews/<uuid:review_id>/drafts/<str:part>", views.save_draft, name="draft"),
    path("reviews/<uuid:review_id>/timeline", views.timeline, name="timeline"),
    path("reviews/<uuid:review_id>/timeline/draw", views.draw, name="draw"),
    path("reviews/<uuid:review_id>/timeline/<uuid:entry_id>", views.correct_entry, name="correct_entry"),
    path("reviews/<uuid:review_id>/reviewer", views.reviewer, name="reviewer"),
    path("reviews/<uuid:review_id>/involved", views.involved, name="involved"),
    path("reviews/<uuid:review_id>/support", views.support, name="support"),
    path("reviews/<uuid:review_id>/oversight", views.oversight, name="oversight"),
    path("reviews/<uuid:review_id>/nothing-found", views.nothing_found, name="nothing_found"),
    path("reviews/<uuid:review_id>/complete", views.complete, name="complete"),
]
