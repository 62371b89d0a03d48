"""Addresses of evidence."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from saferpractice.evidence import views

app_name = "evidence"
urlpatterns: list[URLPattern | URLResolver] = [
    path("thematic-reviews", views.thematic_reviews, name="thematic_reviews"),
    path("thematic-reviews/draw", views.draw, name="draw"),
    path("thematic-reviews/<uuid:thematic_id>", views.thematic, name="thematic"),
    path("thematic-reviews/<uuid:thematic_id>/file", views.thematic_file, name="thematic_file"),
    path("thematic-reviews/<uuid:thematic_id>/commentary/<str:section>", views.comment, name="comment"),
    path(
        "thematic-reviews/<uuid:thematic_id>/commentary/<str:section>/draft", views.comment_draft, name="comment_draft"
    ),
    path("thematic-reviews/<uuid:thematic_id>/meeting", views.meeting, name="meeting"),
    path("thematic-reviews/<uuid:thematic_id>/decision", views.decision, name="decision"),
    path("thematic-reviews/<uuid:thematic_id>/decisions/<uuid:decision_id>", views.give_out, name="give_out"),
    path("thematic-reviews/<uuid:thematic_id>/sign", views.sign, name="sign"),
]
