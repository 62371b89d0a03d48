"""Is the learning from an incident defensible? Computed from records; nothing and nobody can set it (R5).

The brief asks four things of learning: the root cause is clear, a change is agreed, its rollout is proven, its impact
is checked. Without the last two it is not defensible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from saferpractice.design.typed import as_written


class Step(StrEnum):
    """The four things a learning record must show, in order."""

    ROOT_CAUSE = "root_cause"
    CHANGE = "change"
    ROLLOUT = "rollout"
    IMPACT = "impact"

    @property
    def label(self) -> str:
        """The step as a statement."""
        return {
            "root_cause": "Root cause clear",
            "change": "Change agreed",
            "rollout": "Rollout proven",
            "impact": "Impact checked",
        }[self.value]


class Supply(StrEnum):
    """Where something missing is supplied. The pages turn it into a link."""

    TRIAGE = "triage"
    OPEN_REVIEW = "open_review"
    REVIEW = "review"
    FINDING = "finding"
    CORRECTION = "correction"
    NEW_CHANGE = "new_change"
    CHANGE = "change"
    PROOF = "proof"
    NEW_PLAN = "new_plan"
    PLAN = "plan"


class Outcome(StrEnum):
    """What the primary impact check of a change says, as far as it matters here."""

    NONE = "none"
    NOT_YET = "not_yet"
    IMPROVED = "improved"
    NOT_IMPROVED = "not_improved"

    @property
    def is_checked(self) -> bool:
        """Whether a verdict was reached, whatever it was: an honest "not shown" is a check too."""
        return self in {Outcome.IMPROVED, Outcome.NOT_IMPROVED}


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: what to do, and where (``about`` is the id of the record, as text)."""

    sentence: str
    supply: Supply
    about: str


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step, present or missing."""

    step: Step
    missing: tuple[Missing, ...]

    @property
    def present(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFact:
    """A standing finding: both questions answered, how many timeline entries it rests on, which changes answer it."""

    id: str
    statement: str
    questions_answered: bool
    evidence: int
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFact:
    """A standing change: live and proven or not, what its primary impact check says, the plan's id if there is one."""

    id: str
    title: str
    live: bool
    proven: bool
    plan: str | None
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningFacts:
    """Everything the question is decided by. ``review`` is the id of the current review, if one was opened."""

    incident: str
    triaged: bool
    review: str | None
    review_complete: bool
    nothing_found_because: str
    findings: tuple[FindingFact, ...]
    changes: tuple[ChangeFact, ...]


@dataclass(frozen=True, slots=True)
class Defensibility:
    """The four steps, and the sentence that sums them up."""

    steps: tuple[StepResult, ...]
    sentence: str

    @property
    def defensible(self) -> bool:
        """Whether every step is present."""
        return all(step.present for step in self.steps)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Everything missing, in the order of the steps."""
        return tuple(one for step in self.steps for one in step.missing)


def assess_learning(facts: LearningFacts) -> Defensibility:
    """Whether the learning from one incident is defensible, and what is missing.

    An impact check that reached a verdict counts, also when it says that the change is not shown to have worked: the
    brief asks for evidence, and an honest "no" is evidence. The sentence then says that it did not.
    A review that found no system condition, with its reason, has nothing to change: its later steps rest on that.
    """
    steps = (
        StepResult(Step.ROOT_CAUSE, tuple(_root_cause(facts))),
        StepResult(Step.CHANGE, tuple(_change(facts))),
        StepResult(Step.ROLLOUT, tuple(_rollout(facts))),
        StepResult(Step.IMPACT, tuple(_impact(facts))),
    )
    return Defensibility(steps, _sentence(facts, steps))


def found_nothing(facts: LearningFacts) -> bool:
    """Whether a complete review says, with its reason, that no system condition was found."""
    return facts.review_complete and not facts.findings and bool(as_written(facts.nothing_found_because))


def _root_cause(facts: LearningFacts) -> Iterator[Missing]:
    if not facts.triaged:
        yield Missing("Triage the incident.", Supply.TRIAGE, facts.incident)
    if facts.review is None:
        yield Missing("Open the review that its tier asks for.", Supply.OPEN_REVIEW, facts.incident)
        return
    if not facts.review_complete:
        yield Missing("Complete the review with every document it requires.", Supply.REVIEW, facts.review)
    if not facts.findings and not found_nothing(facts):
        yield Missing("Record the system conditions behind the incident.", Supply.FINDING, facts.review)
    for finding in facts.findings:
        if not finding.questions_answered:
            yield Missing(f"Answer both questions of the finding “{finding.statement}”.", Supply.CORRECTION, finding.id)
        if not finding.evidence:
            yield Missing(f"Say what the finding “{finding.statement}” rests on.", Supply.CORRECTION, finding.id)


def _change(facts: LearningFacts) -> Iterator[Missing]:
    standing = {change.id for change in facts.changes}
    for finding in facts.findings:
        if not standing & set(finding.changes):
            yield Missing(
                f"Agree a change that answers the finding “{finding.statement}”.", Supply.NEW_CHANGE, finding.id
            )
    if not facts.findings and not found_nothing(facts):
        yield Missing("There is no finding yet, so nothing to answer with a change.", *_where(facts))


def _where(facts: LearningFacts) -> tuple[Supply, str]:
    if facts.review is None:
        return Supply.OPEN_REVIEW, facts.incident
    return Supply.FINDING, facts.review


def _rollout(facts: LearningFacts) -> Iterator[Missing]:
    for change in facts.changes:
        if not change.live:
            yield Missing(f"Take the change “{change.title}” live.", Supply.CHANGE, change.id)
        elif not change.proven:
            yield Missing(
                f"Prove that the change “{change.title}” reached every team it is for.", Supply.PROOF, change.id
            )
    if not facts.changes and not found_nothing(facts):
        yield Missing("There is no change yet whose rollout could be proven.", *_no_change(facts))


def _impact(facts: LearningFacts) -> Iterator[Missing]:
    for change in facts.changes:
        if change.plan is None:
            yield Missing(f"Plan how to check whether “{change.title}” worked.", Supply.NEW_PLAN, change.id)
        elif not change.outcome.is_checked:
            yield Missing(
                f"Check whether “{change.title}” worked: no verdict has been reached yet.", Supply.PLAN, change.plan
            )
    if not facts.changes and not found_nothing(facts):
        yield Missing("There is no change yet whose impact could be checked.", *_no_change(facts))


def _no_change(facts: LearningFacts) -> tuple[Supply, str]:
    if facts.findings:
        return Supply.NEW_CHANGE, facts.findings[0].id
    return _where(facts)


def _sentence(facts: LearningFacts, steps: tuple[StepResult, ...]) -> str:
    lacking = [step.step.label.lower() for step in steps if not step.present]
    if lacking:
        listed = lacking[0] if len(lacking) == 1 else f"{', '.join(lacking[:-1])} and {lacking[-1]}"
        return f"Not defensible yet. Missing: {listed}."
    if found_nothing(facts):
        return "Defensible: reviewed in full, and no system condition was found, for the reason given."
    if all(change.outcome is Outcome.IMPROVED for change in facts.changes):
        return "Defensible: the cause is clear, practice changed everywhere it should, and it is shown to have worked."
    return (
        "Defensible as evidence: every step can be checked. But not every change is shown to have worked, "
        "so the risk may still be there."
    )
