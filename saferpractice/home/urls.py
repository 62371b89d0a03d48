"""Addresses across the loop."""

from __future__ import annotations

from django.urls import path

from saferpractice.home import views

app_name = "home"
urlpatterns = [
    path("", views.front, name="front"),
    path("help", views.help_page, name="help"),
    path("accessibility", views.accessibility, name="accessibility"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("work", views.my_work, name="my_work"),
    path("duty", views.duty, name="duty"),
    path("duty/rows", views.duty_rows, name="duty_rows"),
    path("duty.csv", views.duty_file, name="duty_file"),
    path("escalations/<uuid:escalation_id>/seen", views.seen, name="seen"),
    path("reports", views.my_reports, name="my_reports"),
    path("reports/<uuid:incident_id>", views.my_report, name="my_report"),
    path("incidents", views.incidents, name="incidents"),
    path("incidents/<uuid:incident_id>", views.incident, name="incident"),
    path("incidents/<uuid:incident_id>/looks", views.looks, name="looks"),
    path("records", views.records, name="records"),
    path("records/<uuid:person_id>/looks", views.person_looks, name="person_looks"),
    path("records/<uuid:person_id>/looks.csv", views.person_looks_file, name="person_looks_file"),
    path("records/<uuid:person_id>/gather", views.gather, name="gather"),
    path("records/gathered/<uuid:gathered_id>", views.gathered, name="gathered"),
    path("records/gathered/<uuid:gathered_id>/words", views.gathered_words, name="gathered_words"),
    path("records/gathered/<uuid:gathered_id>/as-it-leaves", views.gathered_preview, name="gathered_preview"),
    path("records/gathered/<uuid:gathered_id>/release", views.release_gathered, name="release_gathered"),
    path("records/gathered/<uuid:gathered_id>/file", views.gathered_pack, name="gathered_pack"),
    path("retention", views.schedule, name="schedule"),
    path("retention/over", views.times_over, name="times_over"),
    path("retention/over.csv", views.times_over_file, name="times_over_file"),
    path("retention/holds", views.holds, name="holds"),
    path("retention/holds/new", views.place_hold, name="place_hold"),
    path("retention/holds/<uuid:hold_id>", views.hold, name="hold"),
    path("retention/disposals", views.disposals, name="disposals"),
    path("retention/disposals/new/<uuid:incident_id>", views.propose_disposal, name="propose_disposal"),
    path("retention/disposals/<uuid:disposal_id>", views.disposal, name="disposal"),
    path("retention/certificates", views.certificates, name="certificates"),
    path("retention/certificates.csv", views.certificates_file, name="certificates_file"),
    path("retention/certificates/<uuid:certificate_id>", views.certificate, name="certificate"),
    path("trail", views.trail_state, name="trail_state"),
    path("tracker", views.tracker, name="tracker"),
    path("tracker.csv", views.tracker_file, name="tracker_file"),
    path("tracker/views", views.save_view, name="save_view"),
    path("tracker/views/<uuid:view_id>/forget", views.forget_view, name="forget_view"),
    path("why-seen", views.why_seen, name="why_seen"),
    path("go/<uuid:obligation_id>", views.go, name="go"),
    path("files/<uuid:file_id>", views.file, name="file"),
]
