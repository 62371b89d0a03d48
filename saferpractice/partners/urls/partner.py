"""Addresses for partners: their own small area, in which nobody of the provider's staff is signed in."""

from __future__ import annotations

from django.urls import path

from saferpractice.partners import views

app_name = "partner"
urlpatterns = [
    path("", views.home, name="home"),
    path("invitation/<str:token>", views.invitation, name="invitation"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("code", views.code, name="code"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("cases/<uuid:case_id>", views.partner_case, name="case"),
    path("cases/<uuid:case_id>/write/<slug:kind>", views.write, name="write"),
    path("cases/<uuid:case_id>/write/<slug:kind>/<uuid:about_id>", views.answer, name="answer"),
    path("cases/<uuid:case_id>/own/<uuid:record_id>", views.correct, name="correct"),
]
