"""What came back within the provider's window, and which changes had gone live before it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from saferpractice.evidence.rules.thematic.facts import Happened, QuarterFacts


class Again(StrEnum):
    """How an incident is like an earlier one."""

    PERSON = "person"
    THEME = "theme"
    CONDITION = "condition"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "person": "The same person",
            "theme": "The same theme in the same team",
            "condition": "The same system condition in the same service",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Repeat:
    """An incident of the quarter like earlier ones. ``about`` is the theme or condition, "" for a person.

    ``after`` are the changes that answer one of the earlier incidents and had gone live before this one: it came after
    them, which does not say that they failed.
    """

    kind: Again
    about: str
    incident: str
    earlier: tuple[str, ...]
    after: tuple[str, ...]


def repeats(facts: QuarterFacts) -> tuple[Repeat, ...]:
    """Everything that came back in the quarter: same person, same theme in the team, same condition in the service."""
    found = []
    conditions = _conditions_by_incident(facts)
    for one in facts.in_quarter:
        near = list(_near(facts, one))
        for kind, about, alike in _alike(one, near, conditions):
            if alike:
                earlier = tuple(sorted(other.id for other in alike))
                found.append(Repeat(kind, about, one.id, earlier, _came_after(facts, one.on, set(earlier))))
    return tuple(sorted(found, key=lambda each: (list(Again).index(each.kind), each.about, each.incident)))


def _near(facts: QuarterFacts, one: Happened) -> Iterator[Happened]:
    since = one.on - timedelta(days=facts.repeat_days)
    for other in facts.incidents:
        before = (other.on, other.id) < (one.on, one.id)
        if before and other.on >= since:
            yield other


def _conditions_by_incident(facts: QuarterFacts) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in facts.findings:
        found.setdefault(one.incident, set()).add(one.condition)
    return found


def _alike(
    one: Happened, near: list[Happened], conditions: dict[str, set[str]]
) -> Iterator[tuple[Again, str, list[Happened]]]:
    if one.person is not None:
        yield Again.PERSON, "", [other for other in near if other.person == one.person]
    for theme in sorted(one.themes):
        yield (
            Again.THEME,
            theme,
            [o for o in near if theme in o.themes and (o.service, o.team) == (one.service, one.team)],
        )
    for condition in sorted(conditions.get(one.id, ())):
        same = [o for o in near if condition in conditions.get(o.id, ()) and o.service == one.service]
        yield Again.CONDITION, condition, same


def _came_after(facts: QuarterFacts, on: date, earlier: set[str]) -> tuple[str, ...]:
    """The changes that answer one of the earlier incidents and went live on a day before ``on``."""
    return tuple(
        sorted(
            change.id
            for change in facts.changes
            if change.live_on is not None and change.live_on < on and change.incidents & earlier
        )
    )
