"""Addresses of people and places. For everybody but administrators they do not exist."""

from __future__ import annotations

from django.urls import path

from saferpractice.access import views

app_name = "access"
urlpatterns = [
    path("", views.people, name="people"),
    path("people.csv", views.people_file, name="people_file"),
    path("new", views.add_person, name="add_person"),
    path("commissioners", views.commissioners, name="commissioners"),
    path("commissioners/<uuid:assignment_id>/end", views.end_commissioner, name="end_commissioner"),
    path("review", views.review, name="review"),
    path("review.csv", views.review_file, name="review_file"),
    path("places", views.places, name="places"),
    path("places/services/new", views.add_service, name="add_service"),
    path("places/services/<uuid:service_id>/teams/new", views.add_team, name="add_team"),
    path("provider", views.provider, name="provider"),
    path("<uuid:person_id>", views.person, name="person"),
    path("<uuid:person_id>/correct", views.correct_person, name="correct_person"),
    path("<uuid:person_id>/password", views.send_link, name="send_link"),
    path("<uuid:person_id>/sign-in", views.set_sign_in, name="set_sign_in"),
    path("<uuid:person_id>/roles/new", views.give_role, name="give_role"),
    path("<uuid:person_id>/roles/<uuid:assignment_id>/end", views.end_role, name="end_role"),
]
