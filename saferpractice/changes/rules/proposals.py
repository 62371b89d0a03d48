"""What makes a change, a tracked action, its evidence and a proof usable: field names to what must be put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from saferpractice.changes.rules.coverage import MOST_PEOPLE
from saferpractice.design.typed import as_written

LONGEST = 20_000
"""Characters of a text. A longer one is a document, and belongs in a file."""
FURTHEST = timedelta(days=3 * 366)
"""A day further off than about three years is a slip of the keyboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedChange:
    """What is to be agreed. ``change_type`` is a code of the list "change-types"."""

    title: str
    change_type: str
    monday: str
    go_live_on: date
    cannot_be_passed: bool = False
    why_not_passed: str = ""


@dataclass(frozen=True, slots=True)
class TypeOfChange:
    """What the list says of a type of change: its label, and whether anything of the kind can be impassable."""

    label: str
    can_be_impassable: bool


def problems_of_change(
    proposed: ProposedChange, *, today: date, chosen_type: TypeOfChange | None, findings: int, teams: int
) -> dict[str, str]:
    """What must be put right before a change can be agreed.

    Args:
        proposed: what was typed.
        today: the London day.
        chosen_type: the type chosen, None when it is not in force.
        findings: how many findings it answers.
        teams: how many teams it must reach.
    """
    found = _text("title", proposed.title, "a short name for the change", most=200)
    found |= _text("monday", proposed.monday, "what is different for the worker on Monday")
    if chosen_type is None:
        found["change_type"] = "Choose the type of change."
    elif proposed.cannot_be_passed and not chosen_type.can_be_impassable:
        found["cannot_be_passed"] = (
            f"{chosen_type.label} can always be passed by. Untick this, or choose the type of the step that cannot."
        )
    if proposed.cannot_be_passed and not as_written(proposed.why_not_passed):
        found["why_not_passed"] = "Say what stops the work going on without this step."
    if not findings:
        found["findings"] = "Choose at least one finding that this change answers."
    if not teams:
        found["reach"] = "Choose at least one team that this change must reach."
    found |= _day("go_live_on", proposed.go_live_on, today, "the day it goes live")
    return found


def problems_of_action(*, what: str, due_on: date, today: date) -> dict[str, str]:
    """What must be put right before a tracked action can be given to somebody."""
    return _text("what", what, "what must be done") | _day("due_on", due_on, today, "the day it is due")


def problems_of_evidence(*, words: str, has_file: bool, record: str) -> dict[str, str]:
    """What must be put right before completion evidence can be given: words, with a file or a record behind them."""
    found = _text("words", words, "what was done and what shows it")
    if not has_file and not as_written(record):
        found["file"] = "Add a file, or enter the record where the evidence can be found."
    if len(record) > 300:
        found["record"] = "Enter 300 characters or fewer for the record."
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedProof:
    """A proof of rollout as typed. The three flags come from the list "rollout-proof-kinds"."""

    kind: str
    held_on: date
    reached: int | None = None
    needed: int | None = None
    who: str = ""
    words: str = ""
    no_previous_because: str = ""


@dataclass(frozen=True, slots=True)
class KindOfProof:
    """What the list "rollout-proof-kinds" says a kind must carry."""

    label: str
    counts_people: bool
    needs_file: bool
    compares_versions: bool


def problems_of_proof(
    proof: ProposedProof,
    *,
    kind: KindOfProof | None,
    today: date,
    earliest: date,
    has_file: bool,
    has_previous: bool,
) -> dict[str, str]:
    """What must be put right before a proof can be recorded.

    Args:
        proof: what was typed.
        kind: what the list says of the chosen kind, None when it is not in force.
        today: the London day; a proof is of what has happened.
        earliest: the London day the incident became known: what happened before it proves nothing.
        has_file: whether the new version (or the attendance sheet) was attached.
        has_previous: whether the version it replaces was attached.
    """
    if kind is None:
        return {"kind": "Choose what kind of proof this is."}
    found: dict[str, str] = {}
    if proof.held_on > today:
        found["held_on"] = "Enter a day that has passed. Proof is of what has happened."
    elif proof.held_on < earliest:
        found["held_on"] = f"Enter a day from {_said(earliest)} on, when the incident became known."
    if kind.counts_people or not kind.needs_file:
        found |= _counted(proof)
    if kind.needs_file and not has_file:
        found["file"] = "Attach the new version that is now in use."
    if kind.compares_versions and has_file and not has_previous and not as_written(proof.no_previous_because):
        found["previous_file"] = "Attach the version it replaces, or say why there was none."
    for name in ("who", "words"):
        if len(getattr(proof, name)) > LONGEST:
            found[name] = f"Shorten this to {LONGEST:,} characters, and attach the rest as a file."
    if len(proof.no_previous_because) > 300:
        found["no_previous_because"] = "Enter 300 characters or fewer."
    return found


def _counted(proof: ProposedProof) -> dict[str, str]:
    """Who, of how many."""
    found: dict[str, str] = {}
    if not as_written(proof.who):
        found["who"] = "Enter who took part: names or job titles."
    for name, words in (("reached", "how many took part"), ("needed", "how many people of the team need it")):
        count = getattr(proof, name)
        if count is None or count < 1:
            found[name] = f"Enter {words}, as a whole number from 1."
        elif count > MOST_PEOPLE:
            found[name] = f"Enter {words}: {count:,} is more than a team has."
    if not found.keys() & {"reached", "needed"} and (proof.reached or 0) > (proof.needed or 0):
        found["reached"] = f"Enter {proof.needed} or fewer: no more can be reached than the {proof.needed} who need it."
    return found


def _text(name: str, text: str, meaning: str, *, most: int = LONGEST) -> dict[str, str]:
    if not as_written(text):
        return {name: f"Enter {meaning}."}
    return {name: f"Shorten this to {most:,} characters."} if len(text) > most else {}


def _day(name: str, day: date, today: date, meaning: str) -> dict[str, str]:
    if day < today:
        return {name: f"Enter today or a later day as {meaning}."}
    if day > today + FURTHEST:
        return {name: f"Check the year: {_said(day)} is more than three years away."}
    return {}


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
