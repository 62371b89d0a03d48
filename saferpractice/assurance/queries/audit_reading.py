"""What an auditor is led to next, who may read which record, and how the records read share out over teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.assurance.models import AuditPopulation, AuditResult, AuditSample
from saferpractice.assurance.permissions.audits import check_can_read_sample
from saferpractice.assurance.queries.audit_populations import (
    RecordShown,
    openable,
    shown_records,
    still_readable,
)
from saferpractice.assurance.queries.audits import (
    SampleState,
    ids_of,
    needed,
    source_of,
    states_of,
    to_read_by,
)
from saferpractice.assurance.rules.audit_results import Group
from saferpractice.assurance.rules.audits import Standing
from saferpractice.design.typed import as_written
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By

GONE = "Its incident was withdrawn or restricted after the list was frozen."


def record_of_sample(sample: AuditSample) -> RecordShown:
    """What was drawn."""
    plan = sample.population.plan
    return shown_records(source_of(plan), [sample.record_id], plan.provider_id)[sample.record_id]


def is_gone(sample: AuditSample) -> bool:
    """Whether nobody can read the record any more: its incident was withdrawn or restricted since."""
    plan = sample.population.plan
    return sample.record_id not in still_readable(source_of(plan), [sample.record_id])


def check_reads(*, by: By, at: datetime, sample: AuditSample, why_not: str) -> None:
    """Refuse unless ``by`` may read this record for the audit; one that is gone may only be put aside.

    Raises:
        Refused: with the reason as a sentence.
    """
    plan, record, gone = sample.population.plan, record_of_sample(sample), is_gone(sample)
    opens = isinstance(by, Person) and bool(openable(by, at, source_of(plan), [sample.record_id]))
    check_can_read_sample(
        by=by, at=at, change=plan.change, team_id=record.team_id, made_by=record.made_by, opens=opens or gone
    )
    if gone and not as_written(why_not):
        raise Refused(f"This record cannot be audited any more. {GONE}")


def next_for(person: Person, at: datetime, population: AuditPopulation) -> AuditSample | None:
    """The first record, by rank, that ``person`` may read and nobody (or one of two) has; None when there is none."""
    plan = population.plan
    waiting = to_read_by(person, states_of(population), needed(plan))
    ids = [one.sample.record_id for one in waiting]
    source = source_of(plan)
    records, opens = shown_records(source, ids, plan.provider_id), openable(person, at, source, ids)
    readable = still_readable(source, ids)
    for one in waiting:
        record_id = one.sample.record_id
        record = records[record_id]
        may, _ = allowed(
            check_can_read_sample,
            by=person,
            at=at,
            change=plan.change,
            team_id=record.team_id,
            made_by=record.made_by,
            opens=record_id in opens or record_id not in readable,
        )
        if may:
            return one.sample
    return None


def groups_of(population: AuditPopulation, states: Iterable[SampleState]) -> dict[str, Group]:
    """How many of each team (or of the whole list, under "") can be audited, were read, and met the standard.

    Those found not auditable are taken off the list: nobody says anything of them.
    """
    listed: dict[str, int] = defaultdict(int)
    read: dict[str, int] = defaultdict(int)
    met: dict[str, int] = defaultdict(int)
    teams = ids_of(population)
    for team in teams.values():
        listed[team] += 1
    for one in states:
        team = teams[str(one.sample.record_id)]
        listed[team] -= one.standing is Standing.NOT_AUDITABLE
        read[team] += one.standing in {Standing.MET, Standing.NOT_MET}
        met[team] += one.standing is Standing.MET
    return {team: Group(listed[team], read[team], met[team]) for team in sorted(listed)}


def teams_read(population: AuditPopulation, states: Iterable[SampleState]) -> dict[str, tuple[int, int]]:
    """How many records met the standard, and out of how many read, by the id of the team each was kept in.

    Drawn from all teams together, the records of one team are a random part of that team's: fewer, but no choice.
    """
    counted = {
        one.sample.record_id: one.standing is Standing.MET
        for one in states
        if one.standing in {Standing.MET, Standing.NOT_MET}
    }
    plan = population.plan
    found: dict[str, tuple[int, int]] = {}
    for record_id, record in shown_records(source_of(plan), list(counted), plan.provider_id).items():
        met, read = found.get(str(record.team_id), (0, 0))
        found[str(record.team_id)] = (met + counted[record_id], read + 1)
    return dict(sorted(found.items()))


def read_in_teams(result: AuditResult) -> dict[UUID, tuple[int, int]]:
    """The same of a result as it was kept; one from before it was kept is counted from its records."""
    kept = result.numbers.get("read_in")
    if kept is None:
        kept = teams_read(result.population, states_of(result.population))
    return {UUID(team): (met, read) for team, (met, read) in kept.items()}


def opened_ids(person: Person, at: datetime, population: AuditPopulation, ids: Iterable[UUID]) -> set[UUID]:
    """Those records drawn that ``person`` may open."""
    return openable(person, at, source_of(population.plan), list(ids))
