"""Addresses of stage 6."""

from __future__ import annotations

from django.urls import path

from saferpractice.assurance.views import impact

app_name = "assurance"
urlpatterns = [
    path("changes/<uuid:change_id>/impact/new", impact.new_plan, name="new_plan"),
    path("impact/<uuid:plan_id>", impact.plan, name="plan"),
    path("impact/looks/<uuid:look_id>", impact.look, name="look"),
    path("impact/<uuid:plan_id>/result", impact.result, name="result"),
    path("impact/<uuid:plan_id>/amend", impact.amend, name="amend"),
]
