"""Addresses of the dated lists."""

from __future__ import annotations

from django.urls import path

from saferpractice.lists import views

app_name = "lists"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:list_code>", views.one, name="one"),
    path("<slug:list_code>/new", views.add, name="add"),
    path("<slug:list_code>/entries/<slug:code>", views.entry, name="entry"),
    path("<slug:list_code>/entries/<slug:code>/replace", views.replace, name="replace"),
    path("<slug:list_code>/entries/<slug:code>/end", views.end, name="end"),
]
