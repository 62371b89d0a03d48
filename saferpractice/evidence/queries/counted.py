"""What is counted for commissioners, before it is guarded. Only ``queries.to_publish`` reads it, and guards it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef

from saferpractice.access.models import Provider, Service
from saferpractice.access.rules import Place
from saferpractice.assurance.queries.measures import Each, measures_of, read, where_of
from saferpractice.assurance.queries.measures.buckets import Where
from saferpractice.assurance.queries.measures.owed import IN_TIME, NOT_IN_TIME, opened, standing_at
from saferpractice.assurance.rules.measures.defined import Defined, Shows
from saferpractice.assurance.rules.measures.periods import between
from saferpractice.assurance.rules.measures.series import Better
from saferpractice.changes.models import EvidenceDecision
from saferpractice.changes.operations import ACTION
from saferpractice.deadlines.models import Obligation
from saferpractice.evidence.queries.facts import facts_of
from saferpractice.evidence.rules.commissioning.published import Counted, Section, Told
from saferpractice.evidence.rules.disclosure.tables import Counts, pairs
from saferpractice.evidence.rules.thematic.facts import QuarterFacts
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.evidence.rules.thematic.repeats import Again, repeats
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review

REVIEW, REVIEW_MEASURE = "reviews.complete", "loop.review.in-time"
TIERS = {"A": "Rapid reviews (tier A)", "B": "Structured reviews (tier B)", "C": "Formal investigations (tier C)"}
SHOWN = {Shows.AUDITED: Section.AUDITS, Shows.SUPERVISED: Section.AUDITS, Shows.IN_TIME: Section.TIMELINESS}
"""The measures of the catalogue that are published. One of each set of rows: two that count nearly the same would let
what one holds back be read in the other."""
Rows = Mapping[UUID | None, tuple[int, ...]]
"""By service (None for what belongs to none): how many in each part."""


def counted(provider: Provider, quarter: Quarter, at: datetime) -> list[Counted]:
    """Everything that is published of a finished quarter, counted by what was known at ``at``."""
    services = list(Service.objects.filter(provider=provider).order_by("name", "pk").values_list("pk", flat=True))
    found = [*_reviews(provider, quarter, at), *_measured(provider, quarter, at, services)]
    found += [_actions(provider, quarter, at), _repeats(provider, quarter, at)]
    return [_table(services, rows, told) for rows, told in found]


def _table(services: list[UUID], rows: Rows, told: tuple[Told, ...]) -> Counted:
    """The rows as a table, with a last place for what belongs to no service where there is any."""
    parts = len(told) + 1
    found = [rows.get(one, (0,) * parts) for one in services]
    rest = rows.get(None, (0,) * parts)
    if any(rest) or not services:
        found.append(rest)
    counts = Counts(tuple(found), frozenset(range(len(told))), rest=len(found) > len(services))
    return Counted(counts, tuple(str(one) for one in services), tuple(enumerate(told)))


def _pair(met: int, out_of: int) -> tuple[int, ...]:
    return pairs([met], [out_of]).counts[0]


def _where(provider: Provider, quarter: Quarter, at: datetime, by: Each) -> Where:
    return where_of(Place(provider.pk), (between(quarter.first, quarter.last),), at, by)


def _reviews(provider: Provider, quarter: Quarter, at: datetime) -> Iterator[tuple[Rows, tuple[Told, ...]]]:
    owed = opened(_where(provider, quarter, at, Each.WHOLE), [(REVIEW, "")])
    for tier, title in TIERS.items():
        of_tier = owed.filter(subject_id__in=Review.objects.filter(tier=tier).values("pk"))
        yield (
            _stands(of_tier.values("team__service", "state")),
            (
                Told(
                    code=f"reviews.{tier.lower()}.in-time",
                    title=f"{title} completed in time",
                    section=Section.REVIEWS,
                    better=Better.HIGHER,
                    counts="Reviews completed at or before they were due, of those opened in the quarter that were "
                    "completed or have fallen due.",
                ),
            ),
        )


def _stands(rows: Any) -> Rows:
    found: dict[UUID | None, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows.annotate(how_many=Count("pk")):
        if row["state"] in {IN_TIME, NOT_IN_TIME}:
            found[row["team__service"]][row["state"] == NOT_IN_TIME] += row["how_many"]
    return {service: tuple(counts) for service, counts in found.items()}


def _measured(
    provider: Provider, quarter: Quarter, at: datetime, services: list[UUID]
) -> Iterator[tuple[Rows, tuple[Told, ...]]]:
    wanted = list(_published(measures_of(provider.pk, at)))
    whole = read(wanted, _where(provider, quarter, at, Each.WHOLE))
    parts = read(wanted, _where(provider, quarter, at, Each.SERVICE), {one: (one,) for one in services})
    for defined in wanted:
        rows: dict[UUID | None, tuple[int, ...]] = {}
        for service in services:
            (one,) = parts[defined.key][service]
            rows[service] = _pair(int(one.count or 0), int(one.out_of or 0))
        (all_of,) = whole[defined.key][None]
        total = _pair(int(all_of.count or 0), int(all_of.out_of or 0))
        rows[None] = tuple(here - sum(row[part] for row in rows.values()) for part, here in enumerate(total))
        measure = defined.measure
        told = Told(
            code=defined.key,
            title=measure.name,
            section=SHOWN[defined.source.shows],
            better=measure.better,
            counts=f"{_capital(measure.numerator)}; out of {measure.denominator}",
        )
        yield rows, (told,)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _published(measures: Iterable[Defined]) -> Iterator[Defined]:
    seen: set[tuple[str, str]] = set()
    for one in measures:
        source = one.source
        if not one.named or source.shows not in SHOWN or one.key == REVIEW_MEASURE:
            continue
        rows = (source.kind or source.shows, source.standard)
        if rows not in seen:
            seen.add(rows)
            yield one


def _actions(provider: Provider, quarter: Quarter, at: datetime) -> tuple[Rows, tuple[Told, ...]]:
    """Actions that fell due in the quarter: with evidence in time, with evidence late, without."""
    accepted = EvidenceDecision.objects.filter(
        accepted=True, evidence__action=OuterRef("subject_id"), decided_at__lte=at
    )
    due = Obligation.objects.filter(
        provider=provider, kind=ACTION, restricted=False, due_at__gte=quarter.starts_at, due_at__lt=quarter.ends_at
    ).annotate(state=standing_at(at), evidenced=Exists(accepted), service=F("team__service"))
    found: dict[UUID | None, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in due.filter(state__in=[IN_TIME, NOT_IN_TIME]).values("service", "state", "evidenced"):
        found[one["service"]][2 if not one["evidenced"] else int(one["state"] == NOT_IN_TIME)] += 1
    counts = "actions that fell due in the quarter. What nobody accepted as evidence is no evidence."
    told = (
        Told(
            code="actions.evidenced-in-time",
            title="Actions done in time, with accepted evidence",
            section=Section.ACTIONS,
            better=Better.HIGHER,
            counts=f"Actions whose accepted evidence was given at or before they were due, of all {counts}",
        ),
        Told(
            code="actions.evidenced-late",
            title="Actions done late, with accepted evidence",
            section=Section.ACTIONS,
            better=Better.LOWER,
            counts=f"Actions whose accepted evidence was given late, of all {counts}",
        ),
    )
    return {service: tuple(each) for service, each in found.items()}, told


def _repeats(provider: Provider, quarter: Quarter, at: datetime) -> tuple[Rows, tuple[Told, ...]]:
    facts = _without_restricted(facts_of(provider, quarter, at=at), provider)
    again = {one.incident for one in repeats(facts) if one.kind in {Again.PERSON, Again.THEME}}
    by_name = dict(Service.objects.filter(provider=provider).values_list("name", "pk"))
    found: dict[UUID | None, list[int]] = defaultdict(lambda: [0, 0])
    for one in facts.in_quarter:
        found[by_name[one.service]][one.id not in again] += 1
    told = Told(
        code="incidents.repeats",
        title="Incidents like an earlier one",
        section=Section.REPEATS,
        better=Better.LOWER,
        counts=f"Incidents of the same person, or of the same theme in the same team, as one in the "
        f"{facts.repeat_days} days before, of all incidents of the quarter. Those that only named people may open are "
        "left out, as everywhere here. More reports can mean better looking.",
    )
    return {service: tuple(each) for service, each in found.items()}, (told,)


def _without_restricted(facts: QuarterFacts, provider: Provider) -> QuarterFacts:
    """No other number holds restricted incidents: what this one had more than they would be those."""
    rows = Incident.objects.filter(provider=provider, restricted=True)
    restricted = {str(pk) for pk in rows.values_list("pk", flat=True)}
    return replace(facts, incidents=tuple(one for one in facts.incidents if one.id not in restricted))
