"""A form of this stage that was sent before: the same answers are the same thing, other answers are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.files.base import File

from saferpractice.access.decisions import check_same_answers
from saferpractice.access.models import Person, Team
from saferpractice.changes.models import Briefing, OperationalChange, RolloutProof, TrackedAction
from saferpractice.changes.rules import ProposedChange, ProposedProof
from saferpractice.deadlines.rules import day_label
from saferpractice.files.models import StoredFile
from saferpractice.files.storage import digest_of
from saferpractice.findings.models import Finding
from saferpractice.lists.queries import label_of
from saferpractice.trail.rules import By

YES_NO = {True: "Yes", False: "No"}


def check_same_change(
    earlier: OperationalChange,
    *,
    by: By,
    findings: Iterable[Finding],
    proposed: ProposedChange,
    owner: Person,
    reach: Iterable[Team],
    briefing: str,
) -> None:
    """Refuse a form that agreed ``earlier`` when somebody else sent it, or when it now holds other answers.

    Compared with what was agreed, whoever owns the change by now.

    Raises:
        Invalid: the form was somebody else's; ``SentBefore``: the answers differ.
    """
    kept = earlier.briefings.filter(submission_key=f"{earlier.submission_key}:briefing").first()
    reason = proposed.why_not_passed.strip() if proposed.cannot_be_passed else ""
    check_same_answers(
        earlier,
        by=by,
        sentence=f"This form was already sent, and the change “{earlier.title}” was agreed with it.",
        answers=[
            ("What it answers", _in_order(earlier.findings.all(), "statement"), _in_order(findings, "statement")),
            ("What is different on Monday", earlier.monday, proposed.monday.strip()),
            ("Type", _type(earlier, earlier.change_type), _type(earlier, proposed.change_type)),
            ("The step cannot be passed over", YES_NO[earlier.cannot_be_passed], YES_NO[proposed.cannot_be_passed]),
            ("Why it cannot be passed over", earlier.why_not_passed, reason),
            ("Title", earlier.title, proposed.title.strip()),
            ("Owner", *_owners(earlier, owner)),
            ("Goes live", day_label(earlier.go_live_on), day_label(proposed.go_live_on)),
            ("Teams to reach", _teams(earlier.reach.all()), _teams(reach)),
            ("Briefing", kept.text if kept else "", briefing.strip()),
        ],
    )


def check_same_action(earlier: TrackedAction, *, by: By, what: str, owner: Person, due_on: date) -> None:
    """Refuse a form that gave out ``earlier`` when somebody else sent it, or when it now holds other answers.

    Raises:
        Invalid: the form was somebody else's; ``SentBefore``: the answers differ.
    """
    check_same_answers(
        earlier,
        by=by,
        sentence="This form was already sent, and an action was given out with it.",
        answers=[
            ("What must be done", earlier.what, what.strip()),
            ("Owner", *_owners(earlier, owner)),
            ("Due", day_label(earlier.due_on), day_label(due_on)),
        ],
    )


def check_same_briefing(earlier: Briefing, *, by: By, text: str) -> None:
    """Refuse a form that kept ``earlier`` when somebody else sent it, or when it now holds other words.

    Raises:
        Invalid: the form was somebody else's; ``SentBefore``: the words differ.
    """
    check_same_answers(
        earlier,
        by=by,
        sentence="This form was already sent, and a briefing was kept with it.",
        answers=[("The message or reminder", earlier.text, text.strip())],
    )


def check_same_proof(
    earlier: Sequence[RolloutProof],
    *,
    by: By,
    teams: Iterable[Team],
    proof: ProposedProof,
    upload: File[bytes] | None,
    previous: File[bytes] | StoredFile | None,
) -> None:
    """Refuse a form that recorded the rows ``earlier`` when somebody else sent it, or when it now holds other answers.

    Files are compared by what is in them.

    Raises:
        Invalid: the form was somebody else's; ``SentBefore``: the answers differ.
    """
    first = earlier[0]
    listed, provider_id = "rollout-proof-kinds", first.change.provider_id
    kinds = {code: label_of(listed, code, provider_id=provider_id) for code in (first.kind, proof.kind)}
    # What a kind of proof does not ask is not kept, so what was typed there is not compared either.
    counted = first.needed is not None
    check_same_answers(
        first,
        by=by,
        sentence="This form was already sent, and a proof was recorded with it.",
        answers=[
            ("Kind of proof", kinds[first.kind], kinds[proof.kind]),
            ("Team", _teams(row.team for row in earlier), _teams(teams)),
            ("Day", day_label(first.held_on), day_label(proof.held_on)),
            ("People who took part", _number(first.reached), _number(proof.reached if counted else None)),
            ("People who need it", _number(first.needed), _number(proof.needed if counted else None)),
            ("Who took part", first.who, proof.who.strip() if counted else ""),
            ("In words", first.words, proof.words.strip()),
            ("File", *_files(first.file, upload)),
            ("The version it replaces", *_files(first.previous_file, previous)),
            ("Why there is none", first.no_previous_because, "" if previous else proof.no_previous_because.strip()),
        ],
    )


def _in_order(rows: Iterable[Any], name: str) -> str:
    return "; ".join(sorted(str(getattr(row, name)) for row in rows))


def _teams(teams: Iterable[Team]) -> str:
    """Teams by name and service: two services may each have a team of one name."""
    return "; ".join(sorted(f"{team.name}, {team.service.name}" for team in teams))


def _type(change: OperationalChange, code: str) -> str:
    return label_of("change-types", code, provider_id=change.provider_id)


def _owners(earlier: OperationalChange | TrackedAction, owner: Person) -> tuple[str, str]:
    """Who it was given to at first, and who it is given to now; two people of one name are told apart by their mail."""
    passed = earlier.handovers.order_by("decided_at", "pk").first()
    first = passed.previous_owner if passed else earlier.owner
    if first.pk != owner.pk and first.name == owner.name:
        return f"{first.name} ({first.email})", f"{owner.name} ({owner.email})"
    return first.name, owner.name


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _files(kept: StoredFile | None, given: File[bytes] | StoredFile | None) -> tuple[str, str]:
    """The names of two files; empty for both when there is one and the same content, under whatever name."""
    digests = [kept.sha256 if kept else "", _digest(given)]
    if digests[0] == digests[1]:
        return "", ""
    names = [kept.name if kept else "", str(given.name) if given else ""]
    return (names[0], names[1]) if names[0] != names[1] else (f"{names[0]}, as it was", f"{names[1]}, another content")


def _digest(given: File[bytes] | StoredFile | None) -> str:
    if given is None:
        return ""
    return given.sha256 if isinstance(given, StoredFile) else digest_of(given)
