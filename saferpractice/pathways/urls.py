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
    path("people/", views.people, name="people"),
    path("people/<uuid:person_id>", views.person, name="person"),
    path("people/<uuid:person_id>/characteristics", views.characteristics, name="characteristics"),
    path("begin/<slug:pathway>", views.begin, name="begin"),
    path("supervision/", views.supervision, name="supervision"),
    path("supervision/<uuid:list_id>", views.supervision_list, name="supervision_list"),
    path("supervision/cases/<uuid:pick_id>", views.supervise, name="supervise"),
    path("owed/<uuid:owed_id>", views.owed, name="owed"),
    path("drafts/<uuid:draft_id>", views.draft, name="draft"),
    path("drafts/<uuid:draft_id>/edit", views.edit_draft, name="edit_draft"),
    path("drafts/<uuid:draft_id>/words", views.draft_words, name="draft_words"),
    path("drafts/<uuid:draft_id>/propose", views.propose, name="propose"),
    path("drafts/<uuid:draft_id>/go-on", views.go_on, name="go_on"),
    path("drafts/<uuid:draft_id>/drop", views.drop, name="drop"),
    path("drafts/<uuid:draft_id>/approve", views.approve, name="approve"),
    path("drafts/<uuid:draft_id>/send-back", views.send_back, name="send_back"),
    path("drafts/<uuid:draft_id>/take-back", views.take_back, name="take_back"),
    path("proposals/<uuid:proposal_id>", views.proposal, name="proposal"),
    path("<slug:pathway>/versions", views.versions, name="versions"),
    path("<slug:pathway>/versions/compare", views.compare, name="compare"),
    path("<slug:pathway>/versions/<int:number>", views.version, name="version"),
    path("<slug:pathway>/versions/<int:number>/retire", views.retire, name="retire"),
    path("<slug:pathway>/draft", views.begin_draft, name="begin_draft"),
    path("replays/<uuid:replay_id>", views.replay, name="replay"),
    path("replays/<uuid:replay_id>/progress", views.replay_progress, name="replay_progress"),
    path("replays/<uuid:replay_id>/file", views.replay_file, name="replay_file"),
    path("replays/<uuid:replay_id>/stop", views.stop_replay, name="stop_replay"),
    path("<slug:pathway>", views.one, name="one"),
    path("<slug:pathway>/replays", views.replays, name="replays"),
    path("<slug:pathway>/values/<uuid:service_id>", views.local_values, name="local_values"),
    path("<slug:pathway>/in-use", views.put_in_use, name="put_in_use"),
]
