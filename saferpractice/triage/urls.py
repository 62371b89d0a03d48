"""Addresses of stage 2."""

from __future__ import annotations

from django.urls import path

from saferpractice.triage import views

app_name = "triage"
urlpatterns = [
    path("incidents/<uuid:incident_id>/triage", views.record, name="record"),
    path("incidents/<uuid:incident_id>/threshold", views.threshold, name="threshold"),
    path("incidents/<uuid:incident_id>/telling", views.telling, name="telling"),
    path("incidents/<uuid:incident_id>/referral", views.referral, name="referral"),
    path("incidents/<uuid:incident_id>/handover", views.hand_over, name="hand_over"),
    path("incidents/<uuid:incident_id>/tier", views.tier, name="tier"),
    path("referrals/<uuid:referral_id>/acknowledgement", views.acknowledge, name="acknowledge"),
    path("safety-actions/<uuid:action_id>/done", views.safety_action_done, name="safety_action_done"),
]
