"""Reads of audits: the plans of a change, each list with what was drawn, and how every record stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from saferpractice.access.models import Person, Team
from saferpractice.assurance.models import (
    AuditPlan,
    AuditPopulation,
    AuditResult,
    AuditSample,
    AuditScore,
    AuditSettlement,
)
from saferpractice.assurance.rules.audits import Claim, Question, Reading, Source, Standing, question_from, standing
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.draws import Ranked, frozen_list, list_hash, ranked


def questions_of(plan: AuditPlan) -> tuple[Question, ...]:
    """The question set, in order."""
    return tuple(question_from(one) for one in plan.questions)


def needed(plan: AuditPlan) -> int:
    """How many auditors read each record."""
    return 2 if plan.read_by_two else 1


def percent_of(plan: AuditPlan) -> dict[str, float]:
    """The numbers of the claim, in per cent."""
    return {name: float(value) for name, value in plan.numbers.items()}


def claim_of(plan: AuditPlan) -> Claim:
    """What the sample is to allow."""
    return Claim(plan.claim)


def source_of(plan: AuditPlan) -> Source:
    """Where its records come from."""
    return Source(plan.source)


# ---- what a person may open


def audit_plans_seen(person: Person, at: datetime) -> QuerySet[AuditPlan]:
    """The audit plans of the changes ``person`` may open, newest first."""
    changes = OperationalChange.objects.visible_to(person, at)
    found = AuditPlan.objects.filter(change__in=changes.values("pk"))
    return found.select_related("change__owner", "change__withdrawal", "end").order_by("-decided_at", "-pk")


def audit_plan_seen(person: Person, at: datetime, plan_id: UUID) -> AuditPlan | None:
    """One audit plan, when ``person`` may open its change."""
    return audit_plans_seen(person, at).filter(pk=plan_id).first()


def population_seen(person: Person, at: datetime, population_id: UUID) -> AuditPopulation | None:
    """One frozen list, when ``person`` may open the change it audits."""
    plans = audit_plans_seen(person, at).order_by().values("pk")
    found = AuditPopulation.objects.filter(plan__in=plans, pk=population_id)
    return found.select_related("plan__change__owner", "plan__change__withdrawal", "plan__end", "seed").first()


def sample_seen(person: Person, at: datetime, sample_id: UUID) -> AuditSample | None:
    """One record drawn, when ``person`` may open the change it audits."""
    plans = audit_plans_seen(person, at).order_by().values("pk")
    found = AuditSample.objects.filter(population__plan__in=plans, pk=sample_id)
    return found.select_related("population__plan__change__owner", "population__plan__end", "team").first()


def standing_changes_seen(person: Person, at: datetime, ids: Iterable[UUID]) -> list[OperationalChange]:
    """Those of these changes that stand and that ``person`` may open, oldest first."""
    found = OperationalChange.objects.visible_to(person, at).filter(pk__in=list(ids), withdrawal__isnull=True)
    return list(found.select_related("owner").order_by("decided_at", "pk"))


def audit_plans_of(change: OperationalChange) -> list[AuditPlan]:
    """The audit plans of a change, newest first."""
    return list(change.audit_plans.select_related("end").order_by("-decided_at", "-pk"))


def populations_of(plan: AuditPlan) -> list[AuditPopulation]:
    """The audits made by a plan, newest first."""
    results = AuditResult.objects.filter(corrected_by__isnull=True)
    found = plan.populations.select_related("seed").order_by("-number")
    return list(found.prefetch_related(Prefetch("results", queryset=results, to_attr="standing_results")))


def is_over(plan: AuditPlan) -> bool:
    """Whether nothing more is audited by it: it was ended, or its change withdrawn."""
    return hasattr(plan, "end") or hasattr(plan.change, "withdrawal")


def result_of(population: AuditPopulation) -> AuditResult | None:
    """The result that stands."""
    return population.results.filter(corrected_by__isnull=True).first()


def under_way(plan: AuditPlan) -> AuditPopulation | None:
    """The audit of the plan that has no result yet."""
    return plan.populations.filter(results__isnull=True).order_by("-number").first()


# ---- the list and its order


def ids_of(population: AuditPopulation) -> dict[str, str]:
    """The ids on a list, each with its team's id where the list is by team."""
    return {record: team for record, _, team in (line.partition(",") for line in population.lines)}


def line_for(record_id: UUID, team_id: UUID, *, by_team: bool) -> str:
    """A record as a line of the list."""
    return f"{record_id},{team_id}" if by_team else str(record_id)


def is_as_frozen(population: AuditPopulation) -> bool:
    """Whether the list is still the one that was hashed."""
    lines = population.lines
    return (
        len(lines) == population.count
        and list(frozen_list(lines)) == list(lines)
        and list_hash(lines) == population.list_hash
    )


def order_of(population: AuditPopulation) -> tuple[Ranked, ...]:
    """Every record on a list in the order of its draw; nothing before the seed is entered."""
    return ranked(population.seed.seed, ids_of(population)) if hasattr(population, "seed") else ()


# ---- how each record stands


@dataclass(frozen=True)
class SampleState:
    """A record drawn with the readings that stand, what settled them, and how it stands."""

    sample: AuditSample
    scores: tuple[AuditScore, ...]
    settled: AuditSettlement | None
    standing: Standing

    @property
    def counts(self) -> Reading | None:
        """The reading that counts, once it stands for good."""
        if not self.standing.is_final:
            return None
        return reading_of(self.settled) if self.settled else reading_of(self.scores[0])

    def score_by(self, person_id: UUID) -> AuditScore | None:
        """What one auditor found in it."""
        return next((one for one in self.scores if one.decided_by_id == person_id), None)

    @cached_property
    def readers(self) -> frozenset[UUID]:
        """Who has read it."""
        return frozenset(one.decided_by_id for one in self.scores if one.decided_by_id)


def reading_of(row: AuditScore | AuditSettlement) -> Reading:
    """A score or a settlement as the rules read it."""
    return Reading(row.decided_by_name, row.answers, row.why_not)


def states_of(population: AuditPopulation) -> list[SampleState]:
    """Every record drawn, by rank."""
    samples = population.samples.select_related("team", "instead_of", "follow_up__action__owner").order_by("rank")
    scores = AuditScore.objects.filter(corrected_by__isnull=True).order_by("reader")
    settled = AuditSettlement.objects.filter(corrected_by__isnull=True)
    found = samples.prefetch_related(
        Prefetch("scores", queryset=scores, to_attr="standing_scores"),
        Prefetch("settlements", queryset=settled, to_attr="standing_settlements"),
    )
    plan = population.plan
    return [_state(sample, questions_of(plan), needed(plan)) for sample in found]


def state_of_sample(sample: AuditSample) -> SampleState:
    """How one record drawn stands."""
    return next(one for one in states_of(sample.population) if one.sample.pk == sample.pk)


def _state(sample: AuditSample, questions: tuple[Question, ...], of: int) -> SampleState:
    scores: tuple[AuditScore, ...] = tuple(sample.standing_scores)  # type: ignore[attr-defined]
    settled = next(iter(sample.standing_settlements), None)  # type: ignore[attr-defined]
    stands = standing(
        questions, [reading_of(one) for one in scores], reading_of(settled) if settled else None, needed=of
    )
    return SampleState(sample, scores, settled, stands)


def to_read_by(person: Person, states: Iterable[SampleState], of: int) -> list[SampleState]:
    """What ``person`` has not read of what is still to be read, by rank: their own read ones are left out."""
    return [
        one
        for one in states
        if one.standing is Standing.TO_READ and person.pk not in one.readers and len(one.readers) < of
    ]


# ---- lists of audits


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """How a list of audits is narrowed. ``answer`` is that of the newest result; "none" where there is none yet."""

    words: str = ""
    answer: str = ""
    team_id: UUID | None = None


def audits_listed(person: Person, at: datetime, wanted: AuditFilter) -> QuerySet[AuditPlan]:
    """The audit plans ``person`` may see that fit, newest first, each with its newest result."""
    newest = AuditResult.objects.filter(population__plan=OuterRef("pk"), corrected_by__isnull=True)
    newest = newest.order_by("-population__number")
    found = audit_plans_seen(person, at).annotate(
        newest_answer=Subquery(newest.values("answer")[:1]),
        newest_met=Subquery(newest.values("met")[:1]),
        newest_read=Subquery(newest.values("read")[:1]),
        newest_at=Subquery(newest.values("decided_at")[:1]),
    )
    if wanted.answer == "none":
        found = found.filter(newest_answer__isnull=True)
    elif wanted.answer:
        found = found.filter(newest_answer=wanted.answer)
    if wanted.team_id is not None:
        reaching = OperationalChange.reach.through.objects.filter(team_id=wanted.team_id)
        found = found.filter(change__in=reaching.values("operationalchange_id"))
    for word in wanted.words.split()[:6]:
        found = found.filter(Q(title__icontains=word) | Q(change__title__icontains=word))
    return found


def teams_of_lists(population: AuditPopulation) -> Mapping[str, str]:
    """The names of the teams on a list that is by team, by id."""
    teams = Team.objects.filter(pk__in=set(ids_of(population).values()) - {""})
    return {str(pk): name for pk, name in teams.values_list("pk", "name")}


def results_to_count(change: OperationalChange) -> list[AuditResult]:
    """The results of audits of a change that are plain counts: not drawn by team, newest first."""
    found = AuditResult.objects.filter(
        population__plan__change=change, population__plan__by_team=False, corrected_by__isnull=True, read__gt=0
    )
    return list(found.select_related("population__plan").order_by("-decided_at", "-pk"))


def went_live_on(change: OperationalChange) -> date | None:
    """The London day on which a change went live, or None."""
    return local_day(change.go_live.live_at) if hasattr(change, "go_live") else None


def owed_next(plan: AuditPlan, kind: str) -> Obligation | None:
    """What is owed about a plan at present, of one kind."""
    return Obligation.objects.open().filter(subject_id=plan.pk, kind=kind).order_by("-opened_at").first()
