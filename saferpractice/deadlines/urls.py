"""Addresses of days off and escalation. For everybody but administrators they do not exist."""

from __future__ import annotations

from django.urls import path

from saferpractice.deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("days-off", views.days_off, name="days_off"),
    path("days-off/new", views.add_day_off, name="add_day_off"),
    path("days-off/<uuid:day_id>", views.day_off, name="day_off"),
    path("days-off/<uuid:day_id>/worked", views.day_worked, name="day_worked"),
    path("who-is-told", views.who_is_told, name="who_is_told"),
    path("on-call", views.on_call, name="on_call"),
    path("on-call/<uuid:cover_id>/away", views.off_call, name="off_call"),
    path("who-is-told/set", views.set_chain, name="set_chain"),
    path("who-is-told/back", views.go_back, name="go_back"),
]
