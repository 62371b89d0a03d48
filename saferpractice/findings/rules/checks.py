"""What a finding needs before it stands: a condition, a statement, the two questions answered, evidence (R1, R13)."""

from __future__ import annotations

from collections.abc import Collection

from saferpractice.findings.rules.blame import BlameMatch, BlameWords, blame_in
from saferpractice.findings.rules.causation import causation_hints
from saferpractice.lists.rules import Checked, reason_problem

TEXTS = {
    "statement": "the statement: which condition, and what it led to",
    "made_more_likely": "what conditions made the incident more likely",
    "reduces_recurrence": "what change to the system would make it less likely to happen again",
}
"""The texts of a finding, and what each asks for. The last two are the brief's two questions."""


def check_finding(
    *,
    condition: str,
    statement: str,
    made_more_likely: str,
    reduces_recurrence: str,
    evidence_count: int,
    kept_reason: str = "",
    conditions: Collection[str] | None = None,
    wording: BlameWords | None = None,
) -> Checked:
    """Whether a finding can stand, by field; and what is worth a second thought.

    Wording that blames a person is prompted with a question about the system. It may stay, with ``kept_reason``.

    Args:
        condition: the code of a system condition.
        statement: the finding in words.
        made_more_likely: the answer to the first question.
        reduces_recurrence: the answer to the second.
        evidence_count: how many timeline entries it rests on.
        kept_reason: why wording that blames stays as it is.
        conditions: the codes in force; None where the caller has checked that already.
        wording: the wording to look for; what ships, when None.
    """
    texts = {"statement": statement, "made_more_likely": made_more_likely, "reduces_recurrence": reduces_recurrence}
    problems: dict[str, str] = {}
    if not condition or (conditions is not None and condition not in conditions):
        problems["condition"] = "Choose the system condition that this is about."
    for field, asks in TEXTS.items():
        problem = reason_problem(texts[field], what=asks)
        if problem:
            problems[field] = problem
    if evidence_count < 1:
        problems["evidence"] = "Choose at least one timeline entry that this rests on, or add one first."
    blame = {field: blame_in(text, wording) for field, text in texts.items()}
    if any(blame.values()) and reason_problem(kept_reason):
        problems["kept_reason"] = (
            "Some wording points at a person. Write it again with the question beside it, or say why it stays as it is."
        )
    prompts = {field: _prompt(found) for field, found in blame.items() if found}
    hints = (
        causation_hints(statement, {match.kind for match in blame["statement"]}) if "statement" not in problems else ()
    )
    if hints:
        own = [prompts["statement"]] if "statement" in prompts else []
        prompts["statement"] = " ".join([*own, *(hint.hint for hint in hints)])
    return Checked(problems, prompts)


def _prompt(found: tuple[BlameMatch, ...]) -> str:
    """Each wording once, with its question; a question that serves several is asked once."""
    by_question: dict[str, list[str]] = {}
    for match in found:
        words = by_question.setdefault(match.question, [])
        if f"“{match.words}”" not in words:
            words.append(f"“{match.words}”")
    return " ".join(f"{', '.join(words)}: {question}" for question, words in by_question.items())
