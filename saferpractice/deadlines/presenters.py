"""What the pages about days off and escalation show. Administrators see no incidents: nothing here describes one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Service, Team
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import ChainDecision, DirectorCover, MovedDeadline, NonWorkingDay, Obligation
from saferpractice.deadlines.queries import Chain, Gap, Move
from saferpractice.deadlines.rules import (
    OWNER,
    EscalationStep,
    ObligationState,
    day_label,
    due_label,
    hours_of,
    local_time_label,
)
from saferpractice.design.words import tag

MEANING = {
    ObligationState.OPEN: "working",
    ObligationState.DUE_TODAY: "warning",
    ObligationState.LATE: "bad",
    ObligationState.MET: "good",
    ObligationState.MET_LATE: "quiet",
    ObligationState.CANCELLED: "quiet",
}
"""The meaning, and so the colour, of each state of an obligation (see ``design.words.tag``)."""
WORK = {
    "triage": "A decision after an incident, or telling somebody",
    "reviews": "A review or one of its documents",
    "findings": "An answer to a finding",
    "changes": "A change, an action or its proof",
    "assurance": "A check of impact",
    "pathways": "Something a pathway asks for",
    "supervision": "Something about supervision",
}
"""What kind of work it is, by the room of its kind: an administrator is not told about which incident."""


def work_words(obligation: Obligation) -> str:
    """What kind of work an obligation is, without saying about what."""
    return WORK.get(obligation.kind.partition(".")[0], "Something to do")


def _who(obligation: Obligation) -> str:
    name = obligation.owner.name if obligation.owner else Role(obligation.role).label
    return f"{name}, {obligation.team.name}" if obligation.team else name


def move_rows(moves: Iterable[Move]) -> tuple[list[list[Any]], int]:
    """Rows of what would move, and how many more only named people may know of."""
    listed = [(one.obligation, one.was, one.now) for one in moves]
    return _rows(listed)


def moved_rows(moved: Iterable[MovedDeadline]) -> tuple[list[list[Any]], int]:
    """Rows of what was moved, and how many more only named people may know of."""
    return _rows([(one.obligation, one.was_due_at, one.now_due_at) for one in moved])


def _rows(listed: list[tuple[Obligation, datetime, datetime]]) -> tuple[list[list[Any]], int]:
    shown = [
        [work_words(one), _who(one), _begin(due_label(was)), _begin(due_label(now))]
        for one, was, now in listed
        if not one.restricted
    ]
    return shown, len(listed) - len(shown)


def _begin(words: str) -> str:
    return words[:1].upper() + words[1:]


def own_day_rows(days: Iterable[NonWorkingDay]) -> list[list[Any]]:
    """Rows of the provider's own days off, each with the way to take it away."""
    return [
        [
            day_label(one.day),
            one.reason,
            one.added_by_name or None,
            {"text": "Make it a working day again", "href": reverse("deadlines:day_worked", args=[one.pk])},
        ]
        for one in days
    ]


def holiday_rows(holidays: Iterable[tuple[date, str]]) -> list[list[Any]]:
    """Rows of bank holidays."""
    return [[day_label(day), name] for day, name in holidays]


def record_rows(days: Iterable[NonWorkingDay]) -> list[list[Any]]:
    """Rows of everything decided about days off, newest first."""
    rows: list[list[Any]] = []
    for one in days:
        moved = len(one.moved.all())
        words = f"{moved} deadline{'' if moved == 1 else 's'}"
        rows.append(
            [
                local_time_label(one.added_at),
                f"{day_label(one.day)} became {'a day off' if one.off else 'a working day again'}",
                one.reason,
                one.added_by_name or None,
                {"text": words, "href": reverse("deadlines:day_off", args=[one.pk])} if moved else "None",
            ]
        )
    return rows


def step_words(step: EscalationStep) -> str:
    """When a level comes, in words."""
    hours = hours_of(step)
    return "As soon as it is late" if not hours else f"{hours} hour{'' if hours == 1 else 's'} after the deadline"


def chain_rows(chain: Chain) -> list[list[Any]]:
    """Rows of a chain: level, when, and who is told, with where nobody is."""
    return [
        [str(step.level), step_words(step), Markup("<br>").join(_told(chain, name) for name in step.to_roles)]
        for step in chain.found.chain.steps
    ]


def _told(chain: Chain, name: str) -> Markup:
    if name == OWNER:
        return Markup("Whoever owes it")
    gaps, label = chain.gaps(name), Role(name).label
    names = list(dict.fromkeys(who for people in chain.held[name].values() for who in people))
    words = Markup("{}: {}").format(label, ", ".join(names)) if names else Markup("{}").format(label)
    if not gaps:
        return words
    nobody = tag("Nobody", "bad")
    return Markup("{} {} in {}: the next is told").format(words, nobody, team_words(gaps))


def team_words(teams: Iterable[Team]) -> str:
    """Team names in a sentence."""
    names = [team.name for team in teams]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def gap_words(gap: Gap) -> str:
    """A gap as a sentence."""
    return f"Nobody is {gap.role.label.lower()} in {team_words(gap.teams)}, {gap.service.name}."


def whose_words(role: str) -> str:
    """Whose work a chain is for."""
    return f"Work of the {Role(role).label.lower()}" if role else "Everybody's work"


def source_words(chain: Chain) -> str:
    """Where a chain comes from."""
    if chain.found.unreadable:
        return "What was set cannot be read any more, so the chain as shipped is used. Set it again."
    row = chain.decision
    if row is None:
        return "As Safer Practice ships: no law or contract sets these times."
    whose = "Set for this service" if row.service_id else "The provider's default, set"
    return f"{whose} {local_time_label(row.decided_at)} by {row.decided_by_name}: {row.reason}"


def decision_rows(decisions: Iterable[ChainDecision]) -> list[list[Any]]:
    """Rows of what was decided about chains, newest first."""
    return [
        [
            local_time_label(one.decided_at),
            one.service.name if one.service else "The provider's default",
            whose_words(one.role),
            _steps_words(one.steps),
            one.decided_by_name,
            one.reason,
        ]
        for one in decisions
    ]


def _steps_words(steps: Any) -> str:
    if steps is None:
        return "Back to what holds without it"
    try:
        return "; ".join(
            f"{step['level']}: "
            + ", ".join("whoever owes it" if r == OWNER else Role(r).label.lower() for r in step["to_roles"])
            + (f" after {step['after']['amount']} hours" if step["after"] else " at once")
            for step in steps
        )
    except (KeyError, TypeError, ValueError):
        return "Cannot be read any more"


def place_words(service: Service | None) -> str:
    """Where a chain holds."""
    return service.name if service else "All services that have no chain of their own"


def rota_rows(covers: Iterable[DirectorCover], at: datetime) -> list[list[Any]]:
    """Rows of who is on call: who, where, from when until when, and the way to take them off."""
    link = Markup('<a href="{}">Take off<span class="nhsuk-u-visually-hidden"> {}, {}</span></a>')
    now = Markup("{} {}")
    rows: list[list[Any]] = []
    for one in covers:
        holds = one.from_at <= at < one.until_at
        begins = local_time_label(one.from_at)
        rows.append(
            [
                now.format(one.person.name, tag("On call now", "good")) if holds else one.person.name,
                place_of(one),
                begins,
                local_time_label(one.until_at),
                link.format(reverse("deadlines:off_call", args=[one.pk]), one.person.name, begins),
            ]
        )
    return rows


def rota_record_rows(covers: Iterable[DirectorCover]) -> list[list[Any]]:
    """Rows of everything decided about who is on call."""
    return [
        [
            local_time_label(one.decided_at),
            f"{one.person.name} {'taken off call' if one.taken_away else 'put on call'}, {place_of(one)}, "
            f"{local_time_label(one.from_at)} to {local_time_label(one.until_at)}",
            one.decided_by_name,
            one.reason or None,
        ]
        for one in covers
    ]


def place_of(cover: DirectorCover) -> str:
    """Where somebody is on call, in words."""
    return cover.service.name if cover.service else "Every service"
