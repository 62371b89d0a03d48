"""Addresses of changes."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from saferpractice.changes import views

app_name = "changes"
urlpatterns: list[URLPattern | URLResolver] = [
    path("changes", views.changes, name="list"),
    path("changes/file", views.changes_file, name="export"),
    path("changes/<uuid:change_id>", views.change, name="change"),
    path("changes/<uuid:change_id>/go-live", views.go_live, name="go_live"),
    path("changes/<uuid:change_id>/proof", views.proof, name="proof"),
    path("changes/<uuid:change_id>/proof/<uuid:proof_id>", views.versions, name="versions"),
    path("changes/<uuid:change_id>/files/<uuid:file_id>", views.proof_file, name="file"),
    path("changes/<uuid:change_id>/briefing", views.briefing, name="briefing"),
    path("changes/<uuid:change_id>/action", views.new_action, name="new_action"),
    path("changes/<uuid:change_id>/owner", views.hand_over, name="hand_over"),
    path("changes/<uuid:change_id>/withdraw", views.withdraw, name="withdraw"),
    path("changes/by-pathway/<uuid:draft_id>", views.carry_out, name="carry_out"),
    path("changes/by-pathway/<uuid:link_id>/take-off", views.take_off, name="take_off"),
    path("findings/<uuid:finding_id>/answer", views.answer, name="answer"),
    path("reviews/<uuid:review_id>/changes/new", views.new, name="new"),
    path("reviews/<uuid:review_id>/actions/new", views.new_review_action, name="new_review_action"),
    path("reviews/<uuid:review_id>/action-plan", views.action_plan, name="action_plan"),
    path("actions/<uuid:action_id>", views.action, name="action"),
    path("actions/<uuid:action_id>/evidence", views.give_evidence, name="give_evidence"),
    path("actions/<uuid:action_id>/decision", views.decide, name="decide"),
    path("actions/<uuid:action_id>/file/<uuid:file_id>", views.evidence_file, name="evidence_file"),
    path("actions/<uuid:action_id>/owner", views.hand_over_action, name="hand_over_action"),
    path("evidence/<uuid:evidence_id>", views.evidence, name="evidence"),
]
