"""Addresses of exchange."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from saferpractice.exchange.views import batches, files

app_name = "exchange"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", batches.imports, name="imports"),
    path("new", files.new, name="new"),
    path("mappings/<str:key>.yml", files.mapping_file, name="mapping"),
    path("files/<uuid:file_id>", files.preview, name="preview"),
    path("files/<uuid:file_id>/columns", files.columns, name="columns"),
    path("files/<uuid:file_id>/values", files.values, name="values"),
    path("files/<uuid:file_id>/problems.csv", files.problems, name="problems"),
    path("files/<uuid:file_id>/mapping.yml", files.chosen_mapping_file, name="chosen_mapping"),
    path("files/<uuid:file_id>/keep", files.keep, name="keep"),
    path("files/<uuid:file_id>/give-up", files.give_up, name="give_up"),
    path("<uuid:batch_id>", batches.batch, name="batch"),
    path("<uuid:batch_id>/progress", batches.progress, name="progress"),
    path("<uuid:batch_id>/held.csv", batches.held_file, name="held_file"),
    path("<uuid:batch_id>/undo", batches.undo, name="undo"),
    path("lines/<uuid:line_id>", batches.line, name="line"),
    path("lines/<uuid:line_id>/leave-out", batches.leave_out, name="leave_out"),
]
