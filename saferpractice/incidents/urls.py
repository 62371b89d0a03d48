"""Addresses of stage 1."""

from __future__ import annotations

from django.urls import path

from saferpractice.incidents import views

app_name = "incidents"
urlpatterns = [
    path("report", views.report, name="report"),
    path("report/drafts/<str:key>", views.save_draft, name="save_draft"),
    path("report/drafts/<str:key>/discard", views.discard_draft, name="discard_draft"),
    path("incidents/<uuid:incident_id>/harm", views.grade_harm, name="grade_harm"),
    path("incidents/<uuid:incident_id>/correction", views.correct, name="correct"),
    path("incidents/<uuid:incident_id>/who-may-see", views.who_may_see, name="who_may_see"),
    path("incidents/<uuid:incident_id>/restriction", views.restrict, name="restrict"),
    path("incidents/<uuid:incident_id>/named", views.name_person, name="name_person"),
    path("incidents/<uuid:incident_id>/named/<uuid:named_id>/end", views.end_named, name="end_named"),
    path("incidents/<uuid:incident_id>/name", views.name, name="name"),
    path("incidents/<uuid:incident_id>/withdrawal", views.withdraw, name="withdraw"),
    path("incidents/<uuid:incident_id>/kept-from", views.keep_from, name="keep_from"),
]
