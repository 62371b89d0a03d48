"""Who outside must be told: the duties that apply to a provider, and those that a situation points to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol

from saferpractice.lists.rules import ListMistakes, Mistake
from saferpractice.lists.rules.details import AppliesTo, DutyDetail
from saferpractice.lists.rules.mistakes import parse
from saferpractice.triage.rules.answers import Answer
from saferpractice.triage.rules.cells import CellMistake, cells_from, meets
from saferpractice.triage.rules.tiers import TierFacts


class DutyKind(StrEnum):
    """Whether somebody must be told, or is to be brought in."""

    NOTIFICATION = "notification"
    PARTNER = "partner"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {"notification": "Statutory notification", "partner": "Partner escalation"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderProfile:
    """What decides which duties apply. None where it is not known: then the duty is offered.

    ``nhs_funded`` belongs to the record (who pays for this care), not only to the provider.
    """

    health_service_body: bool | None = None
    secure_unit: bool | None = None
    nhs_funded: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationFacts(TierFacts):
    """What triage knows that can point to a duty: the facts of the tier, and a few more."""

    needs_care_and_support: Answer = Answer.UNKNOWN
    abuse_or_neglect: Answer = Answer.UNKNOWN
    abuse_types: frozenset[str] | None = None
    healthcare_acts_suspected: Answer = Answer.UNKNOWN
    family_warning: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class DutyClock:
    """How soon, in whose words. ``timescale`` is plain data (kind, amount), None where no number is set."""

    kind: Literal["law", "contract", "local"]
    words: str
    timescale: Mapping[str, Any] | None

    @property
    def sentence(self) -> str:
        """The time and who set it: "law: without delay"."""
        return f"{self.kind}: {self.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Somebody outside to be told. ``clocks`` come law first, then contract, then local.

    ``likely`` when what is known points to it: such duties are shown first. It decides nothing.
    """

    code: str
    label: str
    hint: str
    kind: DutyKind
    body: str
    trigger: str
    paragraph: str
    clocks: tuple[DutyClock, ...]
    link: str | None
    source: str
    likely: bool

    @property
    def first_clock(self) -> DutyClock:
        """The clock of the highest standing, whose words are shown first."""
        return self.clocks[0]

    @property
    def due_clock(self) -> DutyClock | None:
        """The clock of the highest standing that has a number; None when none has."""
        return next((clock for clock in self.clocks if clock.timescale is not None), None)


class Listed(Protocol):
    """An entry of a list in force, as it ships or as a provider put it in place."""

    @property
    def code(self) -> str:
        """What records keep."""

    @property
    def label(self) -> str:
        """What people read."""

    @property
    def hint(self) -> str:
        """Help under the label."""

    @property
    def detail(self) -> Mapping[str, Any]:
        """The further facts of its list."""

    @property
    def source(self) -> object:
        """Where it comes from; its text is shown."""


def duties_for(
    profile: ProviderProfile, in_force: Iterable[Listed], facts: SituationFacts | None = None
) -> tuple[Duty, ...]:
    """The duties of a provider with ``profile``, in the order of the list.

    ``in_force`` are the entries of the list "duties" on the day (``current(entries, on)`` or a provider's choices).

    Raises:
        ListMistakes: an entry does not hold what a duty needs.
    """
    return tuple(duty_from(entry, facts) for entry in in_force if _applies(_detail(entry).applies_to, profile))


def duty_from(entry: Listed, facts: SituationFacts | None = None) -> Duty:
    """``entry`` of the list "duties" as a duty; ``facts`` decide whether it is likely.

    Raises:
        ListMistakes: the entry does not hold what a duty needs.
    """
    detail = _detail(entry)
    values = facts.values() if facts else {}
    try:
        likely = any(meets(cells_from(when), values) is True for when in detail.likely_when if when)
    except CellMistake as mistake:
        raise ListMistakes([Mistake("duties", entry.code, f'"detail.likely_when": {mistake}')]) from None
    return Duty(
        code=entry.code,
        label=entry.label,
        hint=entry.hint,
        kind=DutyKind(detail.kind),
        body=detail.body,
        trigger=detail.trigger,
        paragraph=detail.paragraph,
        clocks=tuple(
            DutyClock(c.kind, c.words, c.timescale.model_dump(exclude_none=True) if c.timescale else None)
            for c in detail.clocks
        ),
        link=detail.link,
        source=str(entry.source),
        likely=likely,
    )


def _detail(entry: Listed) -> DutyDetail:
    detail, wrong = parse(DutyDetail, entry.detail, under="detail")
    if detail is None:
        raise ListMistakes([Mistake("duties", entry.code, sentence) for sentence in wrong])
    return detail


def _applies(to: AppliesTo, profile: ProviderProfile) -> bool:
    """Not known leans towards offering: telling twice is safer than telling nobody."""
    return all(
        wanted == "any" or known is None or wanted == known
        for wanted, known in (
            (to.health_service_body, profile.health_service_body),
            (to.secure_unit, profile.secure_unit),
            (to.nhs_funded, profile.nhs_funded),
        )
    )
