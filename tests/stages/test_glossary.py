"""One word for one thing: the glossary names every table, and nothing that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

pytestmark = pytest.mark.requirement("R34")

IDEAS = {"Defensibility", "LearningRecord", "SystemCondition", "Tier"}
"""Words that are not tables: computed, or codes of a list."""


def words() -> set[str]:
    """The words the glossary explains."""
    text = (Path(settings.BASE_DIR) / "docs" / "reference" / "glossary.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def tables() -> set[str]:
    """The names of our tables."""
    return {
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("saferpractice.") and not model._meta.auto_created
    }


def test_every_table_is_explained_and_nothing_else() -> None:
    assert sorted(tables() - words()) == [], "explain these in docs/reference/glossary.md"
    assert sorted(words() - tables() - IDEAS) == [], "these words name nothing any more"


def test_bare_words_are_no_tables() -> None:
    assert not tables() & {"Action", "Audit", "Change", "Event", "Notification", "Task"}
