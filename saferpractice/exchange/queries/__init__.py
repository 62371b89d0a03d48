"""Reads of exchange: files being brought in, what would become of their rows, and what became of them."""

from saferpractice.exchange.queries.batches import (
    batch_of,
    batch_of_file,
    batches_of,
    cells_of,
    file_of,
    held_lines,
    line_of,
    open_files_of,
    other_lines,
    standing,
    undo_of,
    visible_incidents,
)
from saferpractice.exchange.queries.judging import DryRun, Judged, dry_run, judged, known_for, table_of, untranslated
from saferpractice.exchange.queries.mappings import find_mapping, kept_mappings, mapping_choices, shipped_mappings

__all__ = [
    "DryRun",
    "Judged",
    "batch_of",
    "batch_of_file",
    "batches_of",
    "cells_of",
    "dry_run",
    "file_of",
    "find_mapping",
    "held_lines",
    "judged",
    "kept_mappings",
    "known_for",
    "line_of",
    "mapping_choices",
    "open_files_of",
    "other_lines",
    "shipped_mappings",
    "standing",
    "table_of",
    "undo_of",
    "untranslated",
    "visible_incidents",
]
