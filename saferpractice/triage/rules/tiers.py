"""The tier of review, proposed by a written table: which rule fired, why, and what could still raise it (R8)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from pydantic import Field

from saferpractice.lists.rules import Checked, ListFile, ListMistakes, Mistake, reason_problem
from saferpractice.lists.rules.mistakes import Shape, parse
from saferpractice.triage.rules.answers import Answer, RepeatKind, TierCode
from saferpractice.triage.rules.cells import FACTS, Cell, CellMistake, FactValue, all_of, cells_from, meets


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFacts:
    """What is known when the tier is proposed. None, or ``Answer.UNKNOWN``, where it is not known yet.

    ``repeat_kinds`` is empty when earlier incidents were looked for and none was found, None when nobody looked.
    ``nationally_required`` holds codes of the list of that name; empty when none fits.

    Raises:
        ValueError: a level of harm that does not exist.
    """

    physical_harm: str | None = None
    psychological_harm: str | None = None
    prolonged_psychological_harm: Answer = Answer.UNKNOWN
    repeat_kinds: frozenset[RepeatKind] | None = None
    multi_agency_breakdown: Answer = Answer.UNKNOWN
    high_risk_failure: Answer = Answer.UNKNOWN
    nationally_required: frozenset[str] | None = None

    def __post_init__(self) -> None:
        for name in ("physical_harm", "psychological_harm"):
            level, known = getattr(self, name), FACTS[name].levels
            if level is not None and level not in known:
                raise ValueError(f"{name} cannot be {level!r}; it is one of {', '.join(known)}, or None")

    def values(self) -> dict[str, FactValue]:
        """The facts as conditions read them."""
        return {field.name: _value(getattr(self, field.name)) for field in fields(self)}

    def as_data(self) -> dict[str, Any]:
        """Plain values, to be kept with the proposal."""
        return {name: sorted(v) if isinstance(v, frozenset) else v for name, v in self.values().items()}


def _value(value: object) -> FactValue:
    if isinstance(value, Answer):
        return value.known
    if isinstance(value, frozenset):
        return frozenset(str(code) for code in value)
    return None if value is None else str(value)


class TierRuleDetail(Shape):
    """What the list "tier-rules" holds of each rule."""

    tier: Literal["A", "B", "C"] = Field(description="A, B or C")
    when: dict[str, Any] = Field(description="the conditions, all of which must be met")
    if_unknown: Literal["asks", "counts"] = Field(
        default="asks",
        description="asks (say what is missing) or counts (take the rule as met while a fact is not known)",
    )
    why: str = Field(min_length=1, max_length=500, description="the sentence shown when the rule fires")


@dataclass(frozen=True, slots=True)
class TierRule:
    """One row of the table."""

    id: str
    label: str
    tier: TierCode
    when: Mapping[str, Cell]
    counts_unknown: bool
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class TierTable:
    """The rules from tier C to tier A. The first that fires decides."""

    version: str
    rules: tuple[TierRule, ...]


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that fired. ``leaning`` when it did so only because a fact is not known and safety comes first."""

    rule_id: str
    tier: TierCode
    label: str
    why: str
    leaning: bool


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that is not known and could raise the tier to ``could_be``."""

    fact: str
    could_be: TierCode
    sentence: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposed tier, the rule that decided it, all that fired, and what could still raise it."""

    tier: TierCode
    rule_id: str
    why: str
    source: str
    table_version: str
    fired: tuple[FiredRule, ...]
    missing: tuple[MissingFact, ...]


def tier_table(listed: ListFile) -> TierTable:
    """The decision table in the list "tier-rules", checked to be whole.

    Every possible combination of facts is tried: each must find a rule, and each rule must decide for some.

    Raises:
        ListMistakes: every mistake, each with what to write instead.
    """
    rules: list[TierRule] = []
    mistakes: list[tuple[str, str]] = []
    for entry in listed.entries:
        detail, wrong = parse(TierRuleDetail, entry.detail, under="detail")
        mistakes += [(entry.code, sentence) for sentence in wrong]
        if detail is None:
            continue
        try:
            when = cells_from(detail.when)
        except CellMistake as mistake:
            mistakes.append((entry.code, str(mistake)))
            continue
        counts = detail.if_unknown == "counts"
        tier = TierCode(detail.tier)
        rules.append(TierRule(entry.code, entry.label, tier, when, counts, detail.why, str(entry.source)))
    table = TierTable(f"{listed.list_code} {listed.version}", tuple(rules))
    mistakes = mistakes or [*_out_of_order(rules), *_gaps_and_idle_rules(table)]
    if mistakes:
        raise ListMistakes([Mistake(f"{listed.list_code}.yml", code, sentence) for code, sentence in mistakes])
    return table


def propose_tier(table: TierTable, facts: TierFacts) -> Proposal:
    """The tier that the table proposes for ``facts``, with all that fired and what is still missing."""
    values = facts.values()
    readings = [(rule, meets(rule.when, values)) for rule in table.rules]
    firing = [(rule, reading is None) for rule, reading in readings if _fires(rule, reading)]
    fired = tuple(
        FiredRule(rule.id, rule.tier, rule.label, _why(rule, values) if leaning else rule.why, leaning)
        for rule, leaning in firing
    )
    decided = fired[0]
    undecided = [rule for rule, reading in readings if reading is None and rule.tier > decided.tier]
    return Proposal(
        tier=decided.tier,
        rule_id=decided.rule_id,
        why=decided.why,
        source=firing[0][0].source,
        table_version=table.version,
        fired=fired,
        missing=tuple(_missing(undecided, values)),
    )


def check_tier_choice(*, proposed: TierCode, chosen: TierCode, reason: str) -> Checked:
    """Whether ``chosen`` may stand. A departure from the proposal, up or down, needs a reason somebody can follow."""
    if chosen == proposed:
        return Checked()
    problem = reason_problem(reason, what=f"why you choose {chosen.label} where the rules propose {proposed.label}")
    problems = {"reason": problem} if problem else {}
    if chosen > proposed:
        return Checked(problems=problems)
    prompt = (
        "You choose a lighter review than the rules propose. What could still be learned here that earlier reviews "
        "have not shown?"
    )
    return Checked(problems=problems, prompts={"tier": prompt})


def _fires(rule: TierRule, reading: bool | None) -> bool:  # noqa: FBT001
    return reading is True or (reading is None and rule.counts_unknown)


def _why(rule: TierRule, values: Mapping[str, FactValue]) -> str:
    questions = " ".join(FACTS[name].question for name in rule.when if values.get(name) is None)
    return f"Not known yet: {questions} Until it is known, {rule.tier.label} is the safer proposal."


def _missing(undecided: Sequence[TierRule], values: Mapping[str, FactValue]) -> Iterator[MissingFact]:
    """Each unknown fact once, with the highest tier it could lead to (the rules come highest first)."""
    seen: set[str] = set()
    for rule in undecided:
        for name in rule.when:
            if values.get(name) is None and name not in seen:
                seen.add(name)
                yield MissingFact(
                    name,
                    rule.tier,
                    f"Not known yet: {FACTS[name].question} The answer could make it {rule.tier.label}.",
                )


def _out_of_order(rules: Sequence[TierRule]) -> Iterator[tuple[str, str]]:
    for earlier, later in itertools.pairwise(rules):
        if later.tier > earlier.tier:
            yield (
                later.id,
                f"Move this rule above {earlier.id}: rules stand from tier C to tier A, so the first decides.",
            )


def _gaps_and_idle_rules(table: TierTable) -> Iterator[tuple[str, str]]:
    """Try every combination of the facts the table asks about."""
    asked = sorted({name for rule in table.rules for name in rule.when})
    spaces = [FACTS[name].values() for name in asked]
    # Each condition is read once for each value; the product below only looks these readings up.
    reads = {
        (rule.id, name): [cell.reads(value) for value in FACTS[name].values()]
        for rule in table.rules
        for name, cell in rule.when.items()
    }
    deciding: set[str] = set()
    gap: dict[str, FactValue] | None = None
    for place in itertools.product(*(range(len(space)) for space in spaces)):
        at = dict(zip(asked, place, strict=True))
        first = next(
            (
                rule.id
                for rule in table.rules
                if _fires(rule, all_of(reads[rule.id, name][at[name]] for name in rule.when))
            ),
            None,
        )
        if first is None:
            gap = gap or {name: FACTS[name].values()[at[name]] for name in asked}
        else:
            deciding.add(first)
    if gap is not None:
        yield "table", f"No rule fires when {_in_words(gap)}. Add one, or widen one."
    for rule in table.rules:
        if rule.id not in deciding:
            yield rule.id, "This rule can never decide: rules above it always fire first. Take it out or narrow those."


def _in_words(facts: Mapping[str, FactValue]) -> str:
    def word(value: FactValue) -> str:
        if value is None:
            return "not known"
        if isinstance(value, frozenset):
            return ", ".join(sorted(value)) or "none"
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value

    return "; ".join(f"{name} is {word(value)}" for name, value in facts.items()) or "nothing is asked"
