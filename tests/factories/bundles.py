"""What others read of a lesson, as plain data."""

from __future__ import annotations

from typing import Any

from saferpractice.pathways.rules.reading import content_of, load_library

SELF_NEGLECT = content_of(load_library()["self-neglect"])


def a_lesson(**changed: Any) -> dict[str, Any]:
    """A lesson as plain data, with parts of it ``changed``."""
    return {
        "lesson": "01a2195e-6e0b-7b8f-9f25-8f0e5c0a7c11",
        "provider": "Far Away Care",
        "published_on": "2026-10-02",
        "title": "Ask five questions",
        "problem": "Nobody looked.",
        "change": "Everybody looks.",
        "advice": "",
        "strength": "Intermediate",
        "verdict": {
            "word": "Improved",
            "sentence": "Before: 12 of 50. After: 45 of 50.",
            "measure": "Notes with all parts",
            "looked_on": "2026-07-01",
            "before": {"count": 12, "out_of": "50"},
            "after": {"count": 45, "out_of": "50.5"},
            "exploratory": False,
        },
        "pathway": {
            "code": "self-neglect",
            "title": SELF_NEGLECT["title"],
            "version": 2,
            "live_on": "2026-03-04",
            "definition": SELF_NEGLECT,
        },
    } | changed
