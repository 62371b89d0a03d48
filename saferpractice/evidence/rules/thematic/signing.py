"""What a signature covers, who may give it, and what is lacking before it can be given."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from saferpractice.design.typed import as_written
from saferpractice.evidence.rules.thematic.draft import NEEDS_COMMENTARY
from saferpractice.trail.rules import canonical

MOST_WORDS = 20_000
"""Characters of a commentary or a decision."""


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of ``content`` as text with one possible form, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedWords:
    """Words that are signed: of which section or meeting, by whom, in which version."""

    id: UUID
    about: str
    words: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMeeting:
    """The meeting that is signed with it, with who was there."""

    id: UUID
    held_on: date
    chaired_by: UUID
    there: Sequence[tuple[str, str, bool]]


def content_to_sign(
    *, draft_sha256: str, commentary: Iterable[SignedWords], meeting: SignedMeeting, decisions: Iterable[SignedWords]
) -> dict[str, Any]:
    """Everything a signature covers: the numbers by their hash, what was said, who was there, what was decided."""
    return {
        "draft": draft_sha256,
        "commentary": [_words(one) for one in sorted(commentary, key=lambda one: one.about)],
        "meeting": {
            "id": meeting.id,
            "held_on": meeting.held_on,
            "chaired_by": meeting.chaired_by,
            "there": sorted([name, role, present] for name, role, present in meeting.there),
        },
        "decisions": [_words(one) for one in sorted(decisions, key=lambda one: str(one.id))],
    }


def _words(one: SignedWords) -> dict[str, Any]:
    return {"id": one.id, "about": one.about, "words": one.words, "by": one.by}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a review has come. ``meeting_draft`` is the draft that the newest meeting saw."""

    draft: int | None
    commented: Collection[str]
    meeting_draft: int | None
    decisions: int
    signed: bool


def lacking(standing: Standing, titles: Mapping[str, str]) -> list[str]:
    """What must be done before the review can be signed, in order, each as a sentence. None: it can."""
    if standing.draft is None:
        return ["Draw the numbers of the quarter."]
    found = [
        f"Say something on “{titles.get(section, section)}”."
        for section in NEEDS_COMMENTARY
        if section not in standing.commented
    ]
    if standing.meeting_draft is None:
        return [*found, "Put it before a quality meeting."]
    if standing.meeting_draft != standing.draft:
        found.append("The numbers were drawn again after the meeting. Put them before a meeting as they are now.")
    if not standing.decisions:
        found.append("Write down what the meeting decided, also if it is that nothing more is needed.")
    return found


def signer_problem(*, signer: UUID, chair: UUID | None, drawn_by: UUID | None) -> str:
    """Why ``signer`` may not sign; "" where they may.

    The chair answers for the meeting, so nobody else signs. Whoever drew the numbers does not: a signature by the
    same hand would show that somebody agrees with themselves.
    """
    if chair is None:
        return "It has not been before a meeting yet."
    if signer != chair:
        return "Only whoever chaired the meeting signs."
    if signer == drawn_by:
        return "You drew these numbers. Another chair signs, or somebody else draws them again before the meeting."
    return ""


_REFERENCE = re.compile(r"(?<![\w-])\d{4}-\d{5}(?![\w-])")


def references_in(words: str) -> tuple[str, ...]:
    """The incident numbers that a text names, each once: everybody who works here reads it, and not everybody may
    know of each incident."""
    return tuple(dict.fromkeys(_REFERENCE.findall(words)))


def problems_of_words(words: str, *, field: str, asked: str) -> dict[str, str]:
    """What keeps a commentary or a decision from standing, beside its field."""
    if not as_written(words):
        return {field: asked}
    if len(words) > MOST_WORDS:
        return {field: f"Shorten this to {MOST_WORDS:,} characters."}
    named = references_in(words)
    if named:
        return {
            field: f"Take out {' and '.join(named)}. Everybody who works here reads this, and not everybody may know "
            "of each incident. Those who may see the incidents of a section find them below it."
        }
    return {}


def changed_since(signed: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What the records say now that differs from what was signed: a sentence for each section whose number moved."""
    then = {section["code"]: section for section in signed["sections"]}
    found = []
    for section in now["sections"]:
        before = then.get(section["code"])
        if before is None or "total" not in section or section["code"] == "risks":
            continue  # what is open changes every day, and is not what the quarter was
        if before["total"] != section["total"]:
            found.append(f"{section['title']}: {before['total']} when it was signed, {section['total']} now.")
        elif sorted(before.get("incidents", ())) != sorted(section.get("incidents", ())):
            found.append(f"{section['title']}: as many as when it was signed, and not the same ones.")
    return found
