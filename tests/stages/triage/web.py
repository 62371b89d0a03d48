"""A form of triage as a browser sends it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

HALF = {
    "rows": "1",
    "action-0-what": "Stopped the bank card with her",
    "action-0-who": "Wren Ashdown",
    "action-0-done": "to_do",
    "still_at_risk": "no",
    "needs_care_and_support": "yes",
    "abuse_or_neglect": "yes",
    "abuse_types": ["financial"],
    "unable_to_protect_self": "",
    "wishes": "asked-expressed",
    "wishes_said": "I want my card back.",
    "family_warning": "no",
    "healthcare_acts_suspected": "no",
    "prolonged_psychological_harm": "no",
    "multi_agency_breakdown": "no",
    "high_risk_failure": "no",
    "nationally_required": "none-of-these",
    "threshold-outcome": "refer",
    "threshold-rationale": "She has needs, her brother takes her money, and she asks for help with it.",
}
LIKELY = ("police", "cqc-18-abuse", "lfpse")
"""What the answers of ``HALF`` point to."""


def half(**changes: Any) -> dict[str, Any]:
    """The first half, to be worked out; ``changes`` replace or, when None, leave out answers ("-" written "__")."""
    return _changed({"submission_key": uuid4().hex, "work_out": "yes", **HALF}, changes)


def whole(**changes: Any) -> dict[str, Any]:
    """Both halves, to be recorded."""
    told = {f"tell-{code}-state": "required" for code in LIKELY}
    sent = {"submission_key": uuid4().hex, "record": "yes", **HALF, **told, "tier-tier": "A", "tier-seen": "A"}
    return _changed(sent, changes)


def _changed(sent: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    sent |= {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in sent.items() if value is not None}


def moment(name: str, *, day: int = 4, month: int = 3, year: int = 2026, time: str = "2:05am") -> dict[str, str]:
    """The inputs of a day and time, as a page names them."""
    return {f"{name}-day": str(day), f"{name}-month": str(month), f"{name}-year": str(year), f"{name}-time": time}
