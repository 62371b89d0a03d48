"""Rows and tags: what lists show of changes, their proof and their actions. Colours are the templates'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import Person, Team
from saferpractice.access.permissions import allowed
from saferpractice.changes.models import OperationalChange, RolloutProof, TrackedAction
from saferpractice.changes.permissions import check_can_prove
from saferpractice.changes.queries import coverage_of, reach_of, state_of, state_of_action
from saferpractice.changes.rules import (
    GRADES,
    ActionState,
    Answered,
    ChangeState,
    Mix,
    Proof,
    TeamCoverage,
    is_overdue,
    published_mixes,
)
from saferpractice.deadlines.rules import day_label, local_day, local_time_label
from saferpractice.lists.queries import label_of

MEANING_OF_STATE = {
    ChangeState.AGREED: "waiting",
    ChangeState.LIVE: "working",
    ChangeState.PARTLY_PROVEN: "working",
    ChangeState.PROVEN: "good",
    ChangeState.WITHDRAWN: "quiet",
}
MEANING_OF_STRENGTH = {"stronger": "good", "intermediate": "working", "weaker": "warning"}
MEANING_OF_ACTION = {
    ActionState.OPEN: "waiting",
    ActionState.EVIDENCE_GIVEN: "working",
    ActionState.SENT_BACK: "warning",
    ActionState.DONE: "good",
    ActionState.WITHDRAWN: "quiet",
}
MEANING_OF_ANSWER = {Answered.NOT_YET: "warning", Answered.ONLY_WEAKER: "warning", Answered.YES: "good"}


@dataclass(frozen=True, slots=True)
class Tagged:
    """Words with the meaning that gives their tag its colour."""

    text: str
    meaning: str


def state_tag(state: ChangeState) -> Tagged:
    """Where a change stands."""
    return Tagged(state.label, MEANING_OF_STATE[state])


def strength_tag(strength: str) -> Tagged:
    """How strong a change is."""
    return Tagged(strength.capitalize(), MEANING_OF_STRENGTH[strength])


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change in a list."""

    change: OperationalChange
    state: Tagged
    strength: Tagged
    when: str
    reached: str


def change_row(change: OperationalChange) -> ChangeRow:
    """One change as a list shows it."""
    rolled_out = coverage_of(change)
    live = hasattr(change, "go_live")
    when = (
        f"Live since {day_label(local_day(change.go_live.live_at))}" if live else f"From {day_label(change.go_live_on)}"
    )
    return ChangeRow(
        change=change,
        state=state_tag(state_of(change)),
        strength=strength_tag(change.strength),
        when=when,
        reached=f"{rolled_out.reached} of {len(rolled_out.teams)}",
    )


EXPORT_HEADER = (
    "Change",
    "What is different on Monday",
    "Type",
    "Strength",
    "State",
    "Owner",
    "Go-live day agreed",
    "Live since",
    "Teams reached",
    "Teams to reach",
    "Not yet proven in",
    "Agreed",
    "Agreed by",
    "Withdrawn because",
    "Link",
)


def export_lines(changes: Iterable[OperationalChange], base: str) -> Iterator[list[Any]]:
    """The changes as rows of a file; days and moments in London."""

    @cache
    def type_label(code: str, provider_id: UUID) -> str:
        return label_of("change-types", code, provider_id=provider_id)

    for change in changes:
        rolled_out = coverage_of(change)
        names = {team.pk: team.name for team in change.reach.all()}
        yield [
            change.title,
            change.monday,
            type_label(change.change_type, change.provider_id),
            change.strength.capitalize(),
            state_of(change).label,
            change.owner.name,
            change.go_live_on.isoformat(),
            local_day(change.go_live.live_at).isoformat() if hasattr(change, "go_live") else "",
            rolled_out.reached,
            len(rolled_out.teams),
            ", ".join(names[team.team] for team in rolled_out.unreached),
            local_time_label(change.decided_at),
            change.decided_by_name,
            change.withdrawal.reason if hasattr(change, "withdrawal") else "",
            f"{base}{reverse('changes:change', args=[change.pk])}",
        ]


@dataclass(frozen=True, slots=True)
class MixRow:
    """One line of the comparison of strength: whose, of how many, and the share of each grade."""

    label: str
    total: int
    cells: tuple[str, ...]
    about: str = ""
    source: str = ""
    source_url: str = ""


def mix_rows(mix: Mix) -> list[MixRow]:
    """The provider's own mix of strengths, and the published ones below it."""
    own = [f"{mix.percent(grade)}%" if mix.can_compare else str(mix.counts[grade]) for grade in GRADES]
    return [
        MixRow("These changes", mix.total, tuple(own)),
        *(
            MixRow(
                published.label,
                published.recommendations,
                tuple(f"{published.percents[grade]}%" for grade in GRADES),
                published.about,
                published.source,
                published.source_url,
            )
            for published in published_mixes()
        ),
    ]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """What is proven in one team: a cell for each kind of proof, and what is missing with where to record it."""

    team: Team
    cells: tuple[str, ...]
    reached: bool
    missing: str
    may_prove: bool


def coverage_rows(change: OperationalChange, kinds: Iterable[str], by: Person, at: datetime) -> list[CoverageRow]:
    """The coverage of a change, a row for each team of its reach."""
    teams = {team.pk: team for team in reach_of(change)}
    listed = list(kinds)
    return [
        CoverageRow(
            team=teams[covered.team],
            cells=tuple(_cell(covered, kind) for kind in listed),
            reached=covered.is_reached,
            missing=covered.missing,
            may_prove=allowed(check_can_prove, by=by, at=at, change=change, team=teams[covered.team])[0],
        )
        for covered in coverage_of(change).teams
    ]


def _cell(covered: TeamCoverage[UUID], kind: str) -> str:
    best = covered.best_of(kind)
    return "" if best is None else proof_words(best)


def proof_words(proof: Proof[UUID]) -> str:
    """What a proof shows, in a few words: "9 of 10 (90%)", "In use"."""
    if proof.share is None:
        return "In use"
    return f"{proof.reached} of {proof.needed} ({int(100 * proof.share)}%)"


@dataclass(frozen=True, slots=True)
class ProofCard:
    """One proof with what was said and attached."""

    row: RolloutProof
    kind: str
    shows: str
    enough: bool


def proof_card(row: RolloutProof, kind: str) -> ProofCard:
    """One proof as a page shows it; ``kind`` is its kind in words."""
    proof = Proof(row.team_id, row.kind, row.reached, row.needed)
    return ProofCard(row, kind, proof_words(proof), proof.is_enough)


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One tracked action in a list."""

    action: TrackedAction
    state: Tagged
    due: str
    overdue: bool


def action_row(action: TrackedAction, today: date) -> ActionRow:
    """One tracked action as a list shows it on ``today`` (a London day)."""
    state = state_of_action(action)
    overdue = is_overdue(state, action.due_on, today)
    tag = Tagged("Late", "bad") if overdue else Tagged(state.label, MEANING_OF_ACTION[state])
    return ActionRow(action, tag, day_label(action.due_on), overdue)
