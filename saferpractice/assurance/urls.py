"""Addresses of stage 6."""

from __future__ import annotations

from django.urls import path

from saferpractice.assurance.views import audit_reading, audits, charts, impact, measures
from saferpractice.assurance.views.supervision import arranging, discussing, learning, looking

app_name = "assurance"
urlpatterns = [
    path("changes/<uuid:change_id>/impact/new", impact.new_plan, name="new_plan"),
    path("changes/<uuid:change_id>/impact/new/measure", impact.new_own_plan, name="new_own_plan"),
    path("impact/<uuid:plan_id>", impact.plan, name="plan"),
    path("impact/looks/<uuid:look_id>", impact.look, name="look"),
    path("impact/<uuid:plan_id>/result", impact.result, name="result"),
    path("impact/<uuid:plan_id>/read", impact.read_numbers, name="read_numbers"),
    path("impact/<uuid:plan_id>/amend", impact.amend, name="amend"),
    path("measures", measures.measures, name="measures"),
    path("measures.csv", measures.measures_file, name="measures_file"),
    path("measures/<str:measure_key>", measures.measure, name="measure"),
    path("measures/<str:measure_key>/series.csv", measures.measure_file, name="measure_file"),
    path("measures/<str:measure_key>/rebase", charts.rebase, name="rebase"),
    path(
        "measures/<str:measure_key>/rebases/<uuid:rebase_id>/withdraw", charts.withdraw_rebase, name="withdraw_rebase"
    ),
    path("measures/<str:measure_key>/teams", charts.teams, name="measure_teams"),
    path("measures/<str:measure_key>/teams.csv", charts.teams_file, name="measure_teams_file"),
    path("measures/<str:measure_key>/rows", measures.measure_rows, name="measure_rows"),
    path("measures/<str:measure_key>/rows.csv", measures.measure_rows_file, name="measure_rows_file"),
    path("supervision", looking.supervision, name="supervision"),
    path("supervision/file", looking.supervision_file, name="supervision_file"),
    path("supervision/people", looking.my_people, name="my_people"),
    path("supervision/record", discussing.record_discussion, name="record_discussion"),
    path("supervision/owed/<uuid:expected_id>", looking.supervise, name="supervise"),
    path("supervision/workers/<uuid:worker_id>", looking.worker, name="worker"),
    path("supervision/workers/<uuid:worker_id>/away", arranging.away, name="away"),
    path("supervision/absences/<uuid:absence_id>", arranging.change_absence, name="correct_absence"),
    path("supervision/discussions/<uuid:discussion_id>", discussing.discussion, name="discussion"),
    path("supervision/discussions/<uuid:discussion_id>/correct", discussing.correct, name="correct_discussion"),
    path("supervision/learning", learning.learning, name="learning"),
    path("supervision/learning/<slug:kind>/<uuid:source_id>", learning.word_point, name="word_point"),
    path("supervision/points/<uuid:point_id>/withdraw", learning.withdraw_point, name="withdraw_point"),
    path("supervision/arrange", arranging.arrange, name="arrange"),
    path("supervision/arrange/<slug:kind>/<uuid:place_id>", arranging.set_supervisors, name="set_supervisor"),
    path("supervision/needs", arranging.needs, name="supervision_needs"),
    path("changes/<uuid:change_id>/audits/size", audits.size, name="audit_size"),
    path("changes/<uuid:change_id>/audits/new", audits.new, name="new_audit"),
    path("audits/", audits.audits, name="audits"),
    path("audits/file", audits.audits_file, name="audits_file"),
    path("audits/<uuid:plan_id>", audits.plan, name="audit"),
    path("audits/<uuid:plan_id>/freeze", audits.freeze, name="audit_freeze"),
    path("audits/<uuid:plan_id>/end", audits.end, name="audit_end"),
    path("audits/lists/<uuid:population_id>", audits.audit_round, name="audit_round"),
    path("audits/lists/<uuid:population_id>/seed", audits.seed, name="audit_seed"),
    path("audits/lists/<uuid:population_id>/file", audits.ids, name="audit_ids"),
    path("audits/lists/<uuid:population_id>/read", audit_reading.go_on, name="audit_read"),
    path("audits/records/<uuid:sample_id>", audit_reading.sample, name="audit_sample"),
    path("audits/records/<uuid:sample_id>/settle", audit_reading.settle, name="audit_settle"),
    path("audits/records/<uuid:sample_id>/follow-up", audit_reading.follow_up, name="audit_follow_up"),
]
