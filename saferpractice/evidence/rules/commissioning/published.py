"""A quarter as commissioners read it: guarded before it is kept, so that nothing else can be shown (R32).

What is counted (``Counted``) becomes what is published (``Published``) in one place, ``publish``. Pages, charts and
files take ``Published`` alone, and it holds no true count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from saferpractice.assurance.rules.measures.series import Better
from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.disclosure.tables import WHOLE, Counts, guard_table
from saferpractice.evidence.rules.thematic.small import HIDDEN, Guard, Guarded

RULE = "small-numbers 1"
"""The rule by which numbers are guarded, kept with what it guarded."""


class Section(StrEnum):
    """What a measure tells of."""

    REVIEWS = "reviews"
    TIMELINESS = "timeliness"
    ACTIONS = "actions"
    AUDITS = "audits"
    REPEATS = "repeats"

    @property
    def heading(self) -> str:
        """As a heading."""
        return {
            "reviews": "How incidents were reviewed",
            "timeliness": "Escalation and follow-up",
            "actions": "Action plans",
            "audits": "Audit and supervision",
            "repeats": "Incidents that came back",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a measure is: how contracts name it, its words, and which way is better."""

    code: str
    title: str
    section: Section
    better: Better
    counts: str
    """What is counted, out of what: a sentence."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A table with the measures that are read from its parts. ``places`` are the ids of its places, in order."""

    table: Counts
    places: tuple[str, ...]
    measures: tuple[tuple[int, Told], ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure as everybody may read it: of the provider, and of each of its services by id."""

    told: Told
    whole: Share
    places: Mapping[str, Share]

    def of(self, place: str | None) -> Share:
        """The share of a service, or of the provider (None). A service without a number has one that is held back."""
        return self.whole if place is None else self.places.get(place, Share(HIDDEN, HIDDEN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A change that was made, told outside: its title as a person confirmed it, and words from lists.

    ``condition`` is what was learned: the system conditions it answers, "" where nobody wrote that down with it.
    ``training`` and ``specification`` say how far it went into what staff learn and what the contract asks for (R33).
    """

    title: str
    kind: str
    rollout: str
    verdict: str
    training: str
    specification: str
    condition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Everything a commissioner may read of a quarter."""

    counted_on: str
    services: Mapping[str, str]
    measures: tuple[Measure, ...]
    learned: tuple[Learned, ...] = ()

    def measure(self, code: str) -> Measure | None:
        """The measure a contract names so, or None where the quarter has none."""
        return next((one for one in self.measures if one.told.code == code), None)

    def of(self, section: Section) -> list[Measure]:
        """The measures of a section."""
        return [one for one in self.measures if one.told.section is section]


def publish(
    counted: Sequence[Counted], *, counted_on: str, services: Mapping[str, str], learned: Sequence[Learned] = ()
) -> Published:
    """What everybody may read of what was counted: the only way from one to the other."""
    measures = []
    for one in counted:
        shown = guard_table(one.table)
        for part, told in one.measures:
            places = {name: Share(shown[(place, part)], shown[(place, WHOLE)]) for place, name in enumerate(one.places)}
            measures.append(Measure(told, Share(shown[(WHOLE, part)], shown[(WHOLE, WHOLE)]), places))
    return Published(counted_on=counted_on, services=dict(services), measures=tuple(measures), learned=tuple(learned))


def as_data(published: Published) -> dict[str, Any]:
    """A published quarter as it is kept."""
    return {
        "rule": RULE,
        "counted_on": published.counted_on,
        "services": dict(published.services),
        "measures": [
            {
                "code": one.told.code,
                "title": one.told.title,
                "section": str(one.told.section),
                "better": str(one.told.better),
                "counts": one.told.counts,
                "whole": _kept(one.whole),
                "places": {place: _kept(share) for place, share in one.places.items()},
            }
            for one in published.measures
        ],
        "learned": [
            {
                "title": one.title,
                "kind": one.kind,
                "rollout": one.rollout,
                "verdict": one.verdict,
                "training": one.training,
                "specification": one.specification,
                "condition": one.condition,
            }
            for one in published.learned
        ],
    }


def from_data(data: Mapping[str, Any]) -> Published:
    """The published quarter that was kept as ``data``.

    Raises:
        KeyError, ValueError: it is none.
    """
    return Published(
        counted_on=data["counted_on"],
        services=data["services"],
        measures=tuple(
            Measure(
                Told(
                    code=one["code"],
                    title=one["title"],
                    section=Section(one["section"]),
                    better=Better(one["better"]),
                    counts=one["counts"],
                ),
                _read(one["whole"]),
                {place: _read(share) for place, share in one["places"].items()},
            )
            for one in data["measures"]
        ),
        learned=tuple(Learned(**one) for one in data["learned"]),
    )


def _kept(share: Share) -> list[int | None]:
    return [one.value if one.guard is Guard.ROUNDED else None for one in (share.count, share.out_of)]


def _read(kept: Sequence[int | None]) -> Share:
    count, out_of = (HIDDEN if one is None else Guarded(Guard.ROUNDED, one) for one in kept)
    return Share(count, out_of)
