"""Facts of a quarter for the rules of thematic reviews."""

from __future__ import annotations

from datetime import date
from typing import Any

from saferpractice.evidence.rules.thematic.facts import Changed, Found, Happened, Labels, OpenRisks, QuarterFacts
from saferpractice.evidence.rules.thematic.quarters import Quarter

QUARTER = Quarter(2025, 3)
HARMS = ("No harm", "Low harm", "Moderate harm", "Severe harm", "The person died")
THEMES = {
    "self-neglect": "Self-neglect",
    "exploitation": "Exploitation",
    "lost-contact": "Lost contact",
    "other": "Something else",
}


def incident(name: str, on: date, **changes: Any) -> Happened:
    """An incident of lost contact in North team, known on the day it happened."""
    given: dict[str, Any] = {
        "id": name,
        "on": on,
        "known_on": on,
        "themes": frozenset({"lost-contact"}),
        "harm": 1,
        "team": "North",
        "service": "Riverside",
        "person": None,
    }
    given |= changes
    return Happened(**(given | {"themes": frozenset(given["themes"])}))


def finding(name: str, of: str, condition: str = "no-duty-cover", on: date = date(2025, 11, 20)) -> Found:
    """A finding in the quarter."""
    return Found(id=name, incident=of, condition=condition, found_on=on)


def change(name: str, answers: set[str], **changes: Any) -> Changed:
    """A change agreed and live before the quarter, that nobody checked."""
    given: dict[str, Any] = {
        "id": name,
        "incidents": frozenset(answers),
        "agreed_on": date(2025, 8, 1),
        "live_on": date(2025, 9, 1),
        "verdict": "",
        "planned": False,
    }
    return Changed(**(given | changes))


def facts(*incidents: Happened, **changes: Any) -> QuarterFacts:
    """The facts of October to December 2025, drawn in January."""
    given: dict[str, Any] = {
        "quarter": QUARTER,
        "drawn_on": date(2026, 1, 12),
        "recorded_since": min((one.on for one in incidents), default=QUARTER.first),
        "repeat_days": 90,
        "labels": Labels(themes=THEMES, conditions={"no-duty-cover": "No duty cover"}, harms=HARMS, groups={}),
        "incidents": incidents,
        "findings": (),
        "changes": (),
        "risks": OpenRisks(late_actions=0, late_duties={}, at_risk=()),
    }
    return QuarterFacts(**(given | changes))
