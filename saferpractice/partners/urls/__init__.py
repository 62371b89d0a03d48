"""Addresses for staff: the partners there are, and the partners of a case."""

from __future__ import annotations

from django.urls import path

from saferpractice.partners import views

app_name = "partners"
urlpatterns = [
    path("", views.agencies, name="agencies"),
    path("new", views.add_agency, name="add_agency"),
    path("<uuid:agency_id>", views.agency, name="agency"),
    path("<uuid:agency_id>/change", views.change_agency, name="change_agency"),
    path("<uuid:agency_id>/end", views.end_agency, name="end_agency"),
    path("<uuid:agency_id>/contacts/new", views.add_contact, name="add_contact"),
    path("contacts/<uuid:contact_id>/end", views.end_contact, name="end_contact"),
    path("cases/<uuid:case_id>", views.case, name="case"),
    path("cases/<uuid:case_id>/summary", views.summary, name="summary"),
    path("cases/<uuid:case_id>/share", views.share, name="share"),
    path("cases/<uuid:case_id>/invite", views.invite, name="invite"),
    path("cases/<uuid:case_id>/take-back/<uuid:agency_id>/<uuid:record_id>", views.take_back, name="take_back"),
    path("cases/<uuid:case_id>/invitations/<uuid:invitation_id>/end", views.end_invitation, name="end_invitation"),
]
