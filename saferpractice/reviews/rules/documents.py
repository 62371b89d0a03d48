"""Which documents a tier requires, and what makes one of them good enough to stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from saferpractice.design.typed import as_written

LONGEST_ANSWER = 20_000
"""Characters. What is longer is a document of its own: attach it as a file."""

DECISION_REVIEW = "decision-review"
"""The document that also asks a view of each threshold decision, one by one (R10)."""

DEFAULT_WORKING_DAYS = {"A": 5, "B": 20, "C": 60}
"""Used only where a provider has ended every document of a tier, so that a review still has a day to end on."""


class SuppliedBy(StrEnum):
    """How a document comes about: answers to its questions, a file, or a record kept elsewhere in the loop."""

    ANSWERS = "answers"
    FILE = "file"
    RECORD = "record"


class Record(StrEnum):
    """The records that can be a document."""

    TIMELINE = "timeline"
    FINDINGS = "findings"
    SAFETY_ACTIONS = "safety-actions"
    TRACKED_ACTIONS = "tracked-actions"
    SIGN_OFF = "sign-off"


class Verdict(StrEnum):
    """A reviewer's view of one decision, judged by what was known then and not by how it turned out."""

    SOUND = "sound"
    NOT_SOUND = "not_sound"
    CANNOT_TELL = "cannot_tell"

    @property
    def label(self) -> str:
        """The verdict in words."""
        return {
            "sound": "Sound on what was known then",
            "not_sound": "Not sound on what was known then",
            "cannot_tell": "Cannot tell from the record",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Question:
    """One question a document answers."""

    code: str
    ask: str
    hint: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class RequiredDoc:
    """One document that a tier requires. ``working_days`` count from the tier decision; ``clock`` says who set them."""

    kind: str
    label: str
    hint: str
    working_days: int
    clock: str
    supplied_by: SuppliedBy
    record: str = ""
    questions: tuple[Question, ...] = ()


class ListedDocument(Protocol):
    """An entry of the list "required-documents"."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def hint(self) -> str: ...  # noqa: D102
    @property
    def detail(self) -> Mapping[str, Any]: ...  # noqa: D102


def required_for(tier: str, listed: Iterable[ListedDocument]) -> tuple[RequiredDoc, ...]:
    """The documents a review of ``tier`` requires (R9 to R12), soonest due first, else in the order of the list."""
    found = [_required(entry, tier) for entry in listed if tier in entry.detail.get("tiers", ())]
    return tuple(sorted(found, key=lambda document: document.working_days))


def _required(entry: ListedDocument, tier: str) -> RequiredDoc:
    detail = entry.detail
    return RequiredDoc(
        kind=entry.code,
        label=entry.label,
        hint=entry.hint.strip(),
        working_days=int((detail.get("due_working_days") or {}).get(tier) or DEFAULT_WORKING_DAYS[tier]),
        clock=str(detail.get("clock") or "local"),
        supplied_by=SuppliedBy(detail.get("supplied_by", SuppliedBy.ANSWERS)),
        record=str(detail.get("record") or ""),
        questions=tuple(
            Question(
                code=str(question["code"]),
                ask=str(question["ask"]),
                hint=str(question.get("hint") or "").strip(),
                required=bool(question.get("required", True)),
            )
            for question in detail.get("questions", ())
        ),
    )


def working_days_for(tier: str, required: Iterable[RequiredDoc]) -> int:
    """How many working days a review of ``tier`` has: until the last of its documents is due."""
    return max((document.working_days for document in required), default=DEFAULT_WORKING_DAYS[tier])


def problems_of_answers(questions: Iterable[Question], answers: Mapping[str, str]) -> dict[str, str]:
    """What must be put right in ``answers`` (by question code): field name "answer_<code>" to a sentence."""
    found: dict[str, str] = {}
    for question in questions:
        answer = as_written(answers.get(question.code, ""))
        if question.required and not answer:
            found[f"answer_{question.code}"] = f"Answer “{question.ask}”"
        elif len(answer) > LONGEST_ANSWER:
            found[f"answer_{question.code}"] = (
                f"Shorten this to {LONGEST_ANSWER:,} characters, and attach the rest as a file."
            )
    return found


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What the reviewer thinks of one decision, and why."""

    verdict: Verdict | None
    why: str


def problems_of_verdicts(decisions: Iterable[str], views: Mapping[str, DecisionView]) -> dict[str, str]:
    """What is lacking in the view of each decision (by its id): "verdict_<id>" or "why_<id>" to a sentence.

    Every decision needs a view, and every view its reason: also "sound", or nobody learns why it was.
    """
    found: dict[str, str] = {}
    for decision in decisions:
        view = views.get(decision, DecisionView(None, ""))
        if view.verdict is None:
            found[f"verdict_{decision}"] = "Say whether this decision was sound on what was known then."
        if not as_written(view.why):
            found[f"why_{decision}"] = "Say why you think so: what was known, and which guidance there was to use."
        elif len(view.why) > LONGEST_ANSWER:
            found[f"why_{decision}"] = f"Shorten this to {LONGEST_ANSWER:,} characters."
    return found
