"""Draw for an audit: freeze the list, and enter the seed that draws from it (R16, R37)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from saferpractice.access.decisions import decided
from saferpractice.access.rules import Role
from saferpractice.access.turns import after_disposals
from saferpractice.assurance.models import AuditPlan, AuditPopulation, AuditSample, AuditSeed
from saferpractice.assurance.operations.audits import standing_plan
from saferpractice.assurance.operations.shared import story_of
from saferpractice.assurance.permissions.audits import check_can_plan_audit
from saferpractice.assurance.queries.audit_populations import listed_records, population_words, what_is_read
from saferpractice.assurance.queries.audits import (
    claim_of,
    ids_of,
    is_as_frozen,
    line_for,
    order_of,
    percent_of,
    source_of,
    under_way,
    went_live_on,
)
from saferpractice.assurance.rules.audits import (
    MOST_LISTED,
    Size,
    per_team,
    problems_of_period,
    problems_of_seed,
    size_for,
)
from saferpractice.assurance.rules.sampling import SampleRefused
from saferpractice.changes.operations.shared import ask, incidents_of, only_once
from saferpractice.deadlines.rules import local_day, working_days
from saferpractice.design.typed import as_written
from saferpractice.trail.draws import METHOD, Ranked, frozen_list, list_hash
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

READ = "assurance.read_sample"
"""The records drawn are read. Owed by the auditors, met by the result."""

READ_WORKING_DAYS = 10


@operation
def freeze_list(*, by: By, at: datetime, plan: AuditPlan, period_from: date, period_to: date) -> Entry[AuditPopulation]:
    """Freeze the list of the records of a period (London days, both in it) and work out how many are to be read.

    Restricted records are left out and counted. Nobody knows the seed yet, so nobody can choose the list by it.

    Raises:
        Refused: ``by`` may not plan it.
        Invalid: the period cannot be audited, or there is nothing (or too much) to draw from.
        Stale: an audit by this plan is under way, or it was ended, or the change withdrawn.
    """
    check_can_plan_audit(by=by, at=at, change=plan.change)
    after_disposals(plan.provider_id)
    plan = standing_plan(plan)
    if under_way(plan) is not None:
        raise Stale("An audit by this plan is under way. Bring it to its result first.")
    live_on = went_live_on(plan.change)
    problems = problems_of_period(period_from, period_to, today=local_day(at), live_on=live_on)
    if problems:
        raise Invalid(problems)
    source, filters = source_of(plan), plan.filters
    found = listed_records(plan.change, source, filters, from_on=period_from, to_on=period_to)
    open_to_all = [one for one in found if not one.restricted]
    size = _size(plan, len(open_to_all))
    lines = frozen_list(line_for(one.record_id, one.team_id, by_team=plan.by_team) for one in open_to_all)
    what = what_is_read(plan.provider_id, source, filters, at)
    population = AuditPopulation.objects.create(
        provider_id=plan.provider_id,
        plan=plan,
        number=plan.populations.count() + 1,
        period_from=period_from,
        period_to=period_to,
        before_live=live_on is None or period_to < live_on,
        words=population_words(what, list(plan.change.reach.all()), period_from, period_to),
        lines=list(lines),
        count=len(lines),
        restricted=len(found) - len(open_to_all),
        list_hash=list_hash(lines),
        size=size.size,
        allowed=size.allowed,
        claim_words=size.sentence,
        **decided(by, at),
    )
    return Entry(
        result=population,
        subject=population,
        story_id=story_of(plan.change),
        sentence=f"froze the list of {len(lines)} records for the audit “{plan.title}”",
        facts={"list": population.list_hash, "records": len(lines), "size": size.size, "query": population.words},
    )


def _size(plan: AuditPlan, count: int) -> Size:
    if not count:
        raise Invalid("No record of this kind was kept in this period in these teams. Choose a longer period.")
    if count > MOST_LISTED:
        raise Invalid(
            {"period_to": f"There are {count:,} such records. Choose a period with {MOST_LISTED:,} or fewer."}
        )
    try:
        return size_for(claim_of(plan), percent_of(plan), count)
    except SampleRefused as refused:
        raise Invalid(str(refused)) from None


@operation
def enter_seed(
    *,
    by: By,
    at: datetime,
    population: AuditPopulation,
    seed: str,
    published_on: date | None,
    published: bool,
    words: str,
) -> Entry[AuditSeed]:
    """Enter the seed and draw: rank the list by it and take the first. Once, and only after the list was frozen.

    Args:
        published: a value published for a later day (``published_on``, London) than that of the freezing; else dice.
        words: where it comes from, such as who threw the dice before whom, or which draw was published where.

    Raises:
        Refused: ``by`` may not plan it.
        Invalid: the seed cannot be used, or the list is not the one that was frozen.
        Stale: a seed was entered already, or the plan was ended.
    """
    check_can_plan_audit(by=by, at=at, change=population.plan.change)
    plan = standing_plan(population.plan)
    population = AuditPopulation.objects.select_for_update(of=("self",)).get(pk=population.pk)
    if AuditSeed.objects.filter(population=population).exists():
        raise Stale("A seed was entered for this list already, and the draw is made. It is made once.")
    if not is_as_frozen(population):
        raise Invalid("The list is not the one that was frozen. Nothing can be drawn from it.")
    seed, words = " ".join(seed.split()), as_written(words)
    problems = problems_of_seed(
        seed,
        published=published,
        on=published_on if published else None,
        frozen_on=local_day(population.decided_at),
        today=local_day(at),
    )
    if not words:
        problems["words"] = "Say where it comes from: who threw the dice and who saw it, or where it was published."
    if problems:
        raise Invalid(problems)
    entered = only_once(
        lambda: AuditSeed.objects.create(
            population=population,
            seed=seed,
            came_from="published" if published else "dice",
            published_on=published_on if published else None,
            words=words,
            method=METHOD,
            **decided(by, at),
        ),
        "Somebody else entered a seed meanwhile, and the draw is made. It is made once.",
    )
    drawn = _draw(AuditPopulation.objects.select_related("seed", "plan").get(pk=population.pk), at)
    _ask_to_read(plan, population, at)
    return Entry(
        result=entered,
        subject=population,
        story_id=story_of(plan.change),
        sentence=f"entered the seed of the audit “{plan.title}”; {len(drawn)} of {population.count} records were drawn",
        facts={"seed": seed, "method": METHOD, "drawn": [one.record_id for one in drawn], "from": words},
    )


def _draw(population: AuditPopulation, at: datetime) -> list[Ranked]:
    """Take the first of the whole list in rank; or of each team's part, where each is drawn for."""
    order, teams = order_of(population), ids_of(population)
    if population.plan.by_team:
        wanted = Counter(per_team(Counter(teams.values()), population.size))
        taken = [one for one in order if _takes(wanted, teams[one.record_id])]
    else:
        taken = list(order[: population.size])
    AuditSample.objects.bulk_create(sample_of(population, one, teams, at) for one in taken)
    return taken


def _takes(wanted: Counter[str], team: str) -> bool:
    wanted[team] -= 1
    return wanted[team] >= 0


def sample_of(population: AuditPopulation, one: Ranked, teams: Mapping[str, str], at: datetime) -> AuditSample:
    """A record in rank as a row."""
    return AuditSample(
        population=population,
        rank=one.rank,
        record_id=UUID(one.record_id),
        team_id=UUID(teams[one.record_id]) if teams[one.record_id] else None,
        digest=one.digest,
        drawn_at=at,
    )


def _ask_to_read(plan: AuditPlan, population: AuditPopulation, at: datetime) -> None:
    ask(
        about=population,
        incidents=incidents_of(plan.change),
        kind=READ,
        title=f"Read the records drawn for the audit: {plan.title}",
        timescale=working_days(READ_WORKING_DAYS),
        source=f"Local standard, which the provider may change: {READ_WORKING_DAYS} working days after the draw",
        role=Role.QUALITY_LEAD,
        at=at,
    )
