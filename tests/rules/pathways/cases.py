"""Short ways to write a case down: records, and what became of the obligations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from saferpractice.deadlines.rules import ENGLAND
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.reading import definition_from_data, load_library
from saferpractice.pathways.rules.state import Owed, PathwayState
from saferpractice.pathways.rules.timeline import Record

LIBRARY = load_library()
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Nine in the morning on a working Monday in winter, when London keeps UTC."""

CONSULTATION = {
    "consulted": "duty_manager",
    "decision": "do-not-refer",
    "rationale": "Support is in place and she accepts it.",
    "capacity": "Presumed; she weighed the risk of the stairs.",
    "wishes": "To stay at home.",
    "safety-actions": "Shopping brought today.",
}
NOTE = {
    "told": "duty_manager",
    "risk-indicators": "Stopped medication in January.",
    "actions-taken": "Two visits, three calls.",
    "partner-contacts": "The GP has not seen him since May.",
    "welfare-check": "started",
    "next-review": MONDAY + timedelta(days=2),
}
REVIEW = {
    "attended": ("police", "housing"),
    "decision": "The lock is changed today.",
    "dissent": "no",
    "risk-level": "high",
    "has-fallen": "no",
}


def hours(number: float) -> datetime:
    """So many hours after ``MONDAY``."""
    return MONDAY + timedelta(hours=number)


def record(
    key: str,
    kind: str,
    happened: float,
    *,
    written: float | None = None,
    corrects: str | None = None,
    withdrawn: bool = False,
    values: dict[str, Any] | None = None,
    **more: Any,
) -> Record:
    """A record that happened so many hours after ``MONDAY`` and was written down then or at hour ``written``."""
    return Record(
        id=key,
        kind=kind,
        happened_at=hours(happened),
        recorded_at=hours(happened if written is None else written),
        values={**(values or {}), **{name.replace("_", "-"): value for name, value in more.items()}},
        corrects=corrects,
        withdrawn=withdrawn,
    )


def ticks(key: str, happened: float, *present: str, written: float | None = None, **more: Any) -> Record:
    """A checklist with these indicators."""
    return record(key, "checklist", happened, written=written, values={"present": present}, **more)


def state_of(definition: Definition, *records: Record, at: float, **more: Any) -> PathwayState:
    """The case so many hours after ``MONDAY``."""
    return assess(definition, records, hours(at), ENGLAND, **more)


def owed_for(state: PathwayState, obligation: str) -> list[Owed]:
    """What was ever owed of one obligation."""
    return [each for each in state.owed if each.obligation.id == obligation]


def standing_of(state: PathwayState) -> dict[str, list[str]]:
    """Every obligation ever owed, by its code, with the state of each time."""
    found: dict[str, list[str]] = {}
    for each in state.owed:
        found.setdefault(each.obligation.id, []).append(each.state(state.at).value)
    return found


SMALL: dict[str, Any] = {
    "pathway": "small",
    "title": "Small",
    "about": "For tests.",
    "applies_to": "Nobody.",
    "source": "Invented for tests.",
    "local": [
        {
            "id": "how-many",
            "label": "How many",
            "type": "count",
            "default": 2,
            "lowest": 1,
            "highest": 3,
            "reason": "An example.",
        },
        {
            "id": "window",
            "label": "Window",
            "type": "span",
            "default": "7 days",
            "lowest": "1 day",
            "highest": "28 days",
            "reason": "An example.",
        },
    ],
    "indicators": [{"id": code, "label": code.upper(), "look_for": ["a sign"]} for code in ("a", "b", "c")],
    "records": [
        {
            "id": "checklist",
            "label": "Checklist",
            "made_by": ["support_worker"],
            "fields": [{"id": "present", "label": "Present", "type": "indicators"}],
        },
        {
            "id": "sign",
            "label": "Sign",
            "made_by": ["support_worker"],
            "fields": [
                {
                    "id": "sort",
                    "label": "Sort",
                    "type": "choice",
                    "options": [{"id": "real", "label": "Real"}, {"id": "other", "label": "Other"}],
                },
                {"id": "by", "label": "By", "type": "moment"},
            ],
        },
        {
            "id": "answer",
            "label": "Answer",
            "made_by": ["duty_manager"],
            "fields": [
                {"id": "said", "label": "Said", "type": "text", "required": True},
                {
                    "id": "level",
                    "label": "Level",
                    "type": "level",
                    "options": [{"id": each, "label": each} for each in ("low", "high")],
                },
                {"id": "sign", "label": "Which sign", "type": "record"},
            ],
        },
    ],
    "obligations": [],
    "closing": {"when": {"records": {"record": "answer"}}, "says": "An answer."},
}


def small(*obligations: dict[str, Any], **more: Any) -> Definition:
    """A definition with these obligations; each needs ``id`` and ``when``, the rest has defaults."""
    usual = {
        "title": "Answer",
        "who": "support_worker",
        "met_by": [{"record": "answer"}],
        "within": "same day",
        "then": [{"tell": ["owner"]}],
    }
    data = {**SMALL, "obligations": [{**usual, **each} for each in obligations], **more}
    return definition_from_data(data, name="small")
