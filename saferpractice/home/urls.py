"""Addresses across the loop."""

from __future__ import annotations

from django.urls import path

from saferpractice.home import views

app_name = "home"
urlpatterns = [
    path("", views.front, name="front"),
    path("help", views.help_page, name="help"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("work", views.my_work, name="my_work"),
    path("duty", views.duty, name="duty"),
    path("duty/rows", views.duty_rows, name="duty_rows"),
    path("duty.csv", views.duty_file, name="duty_file"),
    path("escalations/<uuid:escalation_id>/seen", views.seen, name="seen"),
    path("reports", views.my_reports, name="my_reports"),
    path("reports/<uuid:incident_id>", views.my_report, name="my_report"),
    path("incidents", views.incidents, name="incidents"),
    path("incidents/<uuid:incident_id>", views.incident, name="incident"),
    path("incidents/<uuid:incident_id>/looks", views.looks, name="looks"),
    path("tracker", views.tracker, name="tracker"),
    path("tracker.csv", views.tracker_file, name="tracker_file"),
    path("tracker/views", views.save_view, name="save_view"),
    path("tracker/views/<uuid:view_id>/forget", views.forget_view, name="forget_view"),
    path("go/<uuid:obligation_id>", views.go, name="go"),
    path("files/<uuid:file_id>", views.file, name="file"),
]
