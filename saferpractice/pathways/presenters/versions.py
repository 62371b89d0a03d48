"""What the pages of versions and drafts show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.words import tag
from saferpractice.pathways.forms import DraftForm
from saferpractice.pathways.models import PathwayDraft, PathwayVersion, VersionProposal
from saferpractice.pathways.permissions import check_can_decide, check_can_take_back
from saferpractice.pathways.presenters.practice import PARTS
from saferpractice.pathways.queries import Standing, proposals_of, state_of_draft
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.versions import DraftState, Outcome, VersionState
from saferpractice.pathways.rules.words import Changed, Difference, differences

MEANING_OF_VERSION = {
    VersionState.COMING: "waiting",
    VersionState.LIVE: "good",
    VersionState.REPLACED: "quiet",
    VersionState.RETIRED: "quiet",
    VersionState.CALLED_OFF: "quiet",
}
MEANING_OF_DRAFT = {
    DraftState.DRAFT: "working",
    DraftState.PROPOSED: "waiting",
    DraftState.SENT_BACK: "warning",
    DraftState.APPROVED: "good",
    DraftState.DROPPED: "quiet",
}
MEANING_OF_DIFFERENCE = {Difference.NEW: "new", Difference.CHANGED: "warning", Difference.GONE: "bad"}
HEADINGS = {"about": "What it is for", **PARTS}


def version_tag(state: VersionState) -> Markup:
    """Where a version stands."""
    return tag(state.label, MEANING_OF_VERSION[state])


def draft_tag(state: DraftState) -> Markup:
    """Where a draft stands."""
    return tag(state.label, MEANING_OF_DRAFT[state])


def version_rows(found: Iterable[Standing]) -> list[list[Any]]:
    """A row for each version: number, where it stands, since when, who put it in use or approved it."""
    return [
        [
            {
                "text": f"Version {each.version.number}",
                "href": reverse("pathways:version", args=[each.version.pathway, each.version.number]),
            },
            version_tag(each.state),
            local_time_label(each.version.live_from),
            each.version.decided_by_name,
        ]
        for each in found
    ]


def draft_rows(drafts: Iterable[PathwayDraft]) -> list[list[Any]]:
    """A row for each draft: who began it, where it stands, from which version, and when it was changed."""
    rows = []
    for draft in drafts:
        edits = sorted(draft.edits.all(), key=lambda edit: edit.revision)
        changed = edits[-1] if edits else draft
        begun_from = f"version {draft.begun_from.number}" if draft.begun_from else "what ships"
        rows.append(
            [
                {"text": f"Draft by {draft.decided_by_name}", "href": reverse("pathways:draft", args=[draft.pk])},
                draft_tag(state_of_draft(draft)),
                f"From {begun_from}",
                f"{local_time_label(changed.decided_at)} by {changed.decided_by_name}",
            ]
        )
    return rows


@dataclass(frozen=True, slots=True)
class Compared:
    """One difference, as a page shows it."""

    tag: Markup
    before: str
    after: str


def compared(before: Definition | None, after: Definition) -> list[tuple[str, list[Compared]]]:
    """What ``after`` says otherwise than ``before``, part by part, in the same words."""
    found: Sequence[Changed] = differences(before, after) if before else ()
    shown: dict[str, list[Compared]] = {}
    for each in found:
        word = tag(each.kind.label, MEANING_OF_DIFFERENCE[each.kind])
        shown.setdefault(HEADINGS[each.part], []).append(Compared(word, each.before, each.after))
    order = list(HEADINGS.values())
    return sorted(shown.items(), key=lambda part: order.index(part[0]))


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One thing of the edit form: its heading, its fields in rows by name, and whether something is wrong in it."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    wrong: bool


def edit_sections(form: DraftForm) -> list[tuple[str, str, list[ShownItem]]]:
    """The edit form as its page draws it: code and heading of each section, and what stands in it."""
    shown = []
    for section in form.sections:
        items = []
        for item in section.items:
            rows = tuple(tuple(form.names_of(each)) for each in item.inputs)
            wrong = any(name in form.errors for row in rows for name in row)
            items.append(ShownItem(item.title, rows, wrong))
        shown.append((section.code, section.title, items))
    return shown


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """One proposal with what became of it, and what this person can do with it."""

    proposal: VersionProposal
    outcome: str
    reason: str
    who: str
    may_decide: bool
    why_not: str
    may_take_back: bool


def proposals_shown(draft: PathwayDraft, by: Person, at: datetime) -> list[ShownProposal]:
    """The proposals of a draft, the newest first."""
    shown = []
    for proposal in reversed(proposals_of(draft)):
        decision = getattr(proposal, "decision", None)
        may, why_not = allowed(check_can_decide, by=by, at=at, proposal=proposal)
        back, _ = allowed(check_can_take_back, by=by, at=at, proposal=proposal)
        shown.append(
            ShownProposal(
                proposal=proposal,
                outcome=Outcome(decision.outcome).label if decision else "",
                reason=decision.reason if decision else "",
                who=f"{decision.decided_by_name}, {local_time_label(decision.decided_at)}" if decision else "",
                may_decide=may and decision is None,
                why_not=why_not if decision is None else "",
                may_take_back=back and decision is None,
            )
        )
    return shown


def comparable(found: Iterable[Standing]) -> list[tuple[str, str]]:
    """The versions a person can choose to compare, by number."""
    return [(str(each.version.number), f"Version {each.version.number}: {each.state.label}") for each in found]


def approval_lines(version: PathwayVersion) -> list[dict[str, Any]]:
    """Who proposed and approved a version, with their reasons; or who put it in use."""
    when = local_time_label(version.decided_at)
    approval = getattr(version, "approval", None)
    if approval is None:
        return [{"key": "Put in use by", "value": f"{version.decided_by_name}, {when}"}]
    proposal = approval.proposal
    proposed = local_time_label(proposal.decided_at)
    return [
        {"key": "Proposed by", "value": f"{proposal.decided_by_name}, {proposed}"},
        {"key": "Why", "value": proposal.why},
        {"key": "Approved by", "value": f"{version.decided_by_name} ({version.decided_by_role}), {when}"},
        {"key": "Why it is right", "value": approval.reason},
    ]
