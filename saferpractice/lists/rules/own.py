"""A provider's own entries: their codes, what they may not touch, and where each mistake is shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from saferpractice.lists.rules.details import REFERENCES
from saferpractice.lists.rules.files import Entry
from saferpractice.lists.rules.mistakes import ListMistakes

LONDON = ZoneInfo("Europe/London")
NOT_LOCAL = ("law", "contract")
"""Clocks that a provider can neither set nor take away."""
_BESIDE = re.compile(r'"([^"]+)":? ?(.*)', re.DOTALL)


def london_day(at: datetime) -> date:
    """The calendar day in Europe/London on which the moment ``at`` falls."""
    return at.astimezone(LONDON).date()


def code_from(label: str, taken: Collection[str]) -> str:
    """A code for a new entry, from its label; a number makes it differ from those ``taken``."""
    plain = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:70].strip("-") or "entry"
    if plain not in taken:
        return plain
    return next(f"{plain}-{n}" for n in range(2, len(taken) + 3) if f"{plain}-{n}" not in taken)


def problems_beside(mistakes: ListMistakes) -> dict[str, str]:
    """The mistakes by the part they are about ("label", "detail.ask"; "" for the whole), each as a sentence."""
    found: dict[str, list[str]] = {}
    for mistake in mistakes.mistakes:
        named = _BESIDE.fullmatch(mistake.sentence)
        if named and named[2].startswith(("is ", "has ", "needs ")):
            found.setdefault(named[1], []).append(f"This {named[2]}")
        else:
            found.setdefault("", []).append(mistake.sentence)
    return {path: " ".join(sentences) for path, sentences in found.items()}


def reference_problems(
    list_code: str, detail: Mapping[str, Any], known: Mapping[str, Collection[str]]
) -> dict[str, str]:
    """Codes of other lists that ``detail`` names and that are not there. ``known`` holds the codes by list."""
    found = {}
    for (owner, key), target in REFERENCES.items():
        named = detail.get(key)
        if owner == list_code and named is not None and named not in known[target]:
            found[f"detail.{key}"] = "Choose one that stands in the list."
    return found


def is_law(detail: Mapping[str, Any]) -> bool:
    """Whether the law or a contract sets a time for this entry."""
    return any(clock.get("kind") in NOT_LOCAL for clock in _clocks(detail))


def law_problems(shipped: Mapping[str, Any], proposed: Mapping[str, Any]) -> dict[str, str]:
    """What a replacement may not change: the paragraph and the clocks of the law or the contract, and for whom it is.

    A duty in law cannot be taken off a list, so it cannot be said to be for somebody else either.
    """
    if not is_law(shipped):
        return {}
    found = {}
    if proposed.get("paragraph") != shipped.get("paragraph"):
        found["detail.paragraph"] = "Keep the paragraph as it ships: it is the law's."
    if _not_local(proposed) != _not_local(shipped):
        found["detail.clocks"] = "Keep the clocks of the law and the contract as they ship. Only local ones are yours."
    if proposed.get("kind") != shipped.get("kind"):
        found["detail.kind"] = "Keep it a duty in law or contract, as it ships."
    if _said_of_providers(proposed) != _said_of_providers(shipped):
        found["detail.applies_to"] = "Keep the providers it is for as they ship: the law says whose duty it is."
    return found


def invented_law(proposed: Mapping[str, Any]) -> dict[str, str]:
    """An entry of a provider's own may set a local or a contract clock, never one called law."""
    if any(clock.get("kind") == "law" for clock in _clocks(proposed)):
        return {"detail.clocks": "A time of your own is local, or your contract's. Only shipped entries state the law."}
    return {}


def ending_problem(entry: Entry) -> str | None:
    """Why a shipped entry cannot be taken off the list, or None when it can."""
    if is_law(entry.detail):
        return (
            "The law or a contract sets a time for this, so it cannot be taken off. If it is not for a provider like "
            "yours, an administrator can set the provider's profile."
        )
    return None


def _said_of_providers(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry asks of a provider, without what makes no difference."""
    applies_to = detail.get("applies_to")
    named = applies_to if isinstance(applies_to, Mapping) else {}
    return {name: value for name, value in named.items() if value != "any"}


def _clocks(detail: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    clocks = detail.get("clocks")
    return [clock for clock in clocks if isinstance(clock, Mapping)] if isinstance(clocks, list) else []


def _not_local(detail: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [clock for clock in _clocks(detail) if clock.get("kind") in NOT_LOCAL]
