"""Addresses of stage 6."""

from __future__ import annotations

from django.urls import path

from saferpractice.assurance import views

app_name = "assurance"
urlpatterns = [
    path("changes/<uuid:change_id>/impact/new", views.new_plan, name="new_plan"),
    path("impact/<uuid:plan_id>", views.plan, name="plan"),
    path("impact/looks/<uuid:look_id>", views.look, name="look"),
    path("impact/<uuid:plan_id>/result", views.result, name="result"),
    path("impact/<uuid:plan_id>/amend", views.amend, name="amend"),
]
