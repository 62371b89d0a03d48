"""Addresses of pathways."""

from __future__ import annotations

from django.urls import path

from saferpractice.pathways import views

app_name = "pathways"
urlpatterns = [
    path("", views.index, name="index"),
    path("cases/", views.cases, name="cases"),
    path("cases/file", views.cases_file, name="cases_file"),
    path("cases/new", views.new_case, name="new_case"),
    path("cases/<uuid:case_id>", views.case, name="case"),
    path("cases/<uuid:case_id>/write/<slug:kind>", views.write, name="write"),
    path("cases/<uuid:case_id>/records/<uuid:record_id>", views.correct, name="correct"),
    path("cases/<uuid:case_id>/attempt/<slug:kind>", views.attempt, name="attempt"),
    path("cases/<uuid:case_id>/ways", views.ways, name="ways"),
    path("cases/<uuid:case_id>/close", views.close, name="close"),
    path("owed/<uuid:owed_id>", views.owed, name="owed"),
    path("<slug:pathway>", views.one, name="one"),
    path("<slug:pathway>/values/<uuid:service_id>", views.local_values, name="local_values"),
    path("<slug:pathway>/in-use", views.put_in_use, name="put_in_use"),
]
