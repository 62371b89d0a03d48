"""Addresses of stage 6."""

from __future__ import annotations

from django.urls import path

from saferpractice.assurance.views import charts, impact, measures

app_name = "assurance"
urlpatterns = [
    path("changes/<uuid:change_id>/impact/new", impact.new_plan, name="new_plan"),
    path("impact/<uuid:plan_id>", impact.plan, name="plan"),
    path("impact/looks/<uuid:look_id>", impact.look, name="look"),
    path("impact/<uuid:plan_id>/result", impact.result, name="result"),
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
]
