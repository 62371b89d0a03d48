"""Many rows at once for measures to count, by chance from a seed, and kept as plain values to check against."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from saferpractice.access.models import Team
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import INCIDENT_WITHDRAWN, NOT_DUE_AFTER_ALL
from saferpractice.incidents.models import Incident, IncidentTheme, PersonSupported, Withdrawal
from saferpractice.pathways.models import CaseClosing, PathwayCase, PathwayRecord, PathwayVersion
from tests.factories.pathways import used
from tests.personas import Cast

PROCESS = {"decided_by_name": "A test", "decided_by_role": "process"}
CODES = ("consult", "refer", "decide-again")
KINDS = ("consultation", "referral")
THEMES = ("self-neglect", "exploitation", "other")
HARMS = ("none", "low", "moderate", "severe")
_numbers = itertools.count(1)


@dataclass
class Rows:
    """What was made, as plain values."""

    obligations: list[Obligation] = field(default_factory=list)
    cases: list[tuple[PathwayCase, datetime | None]] = field(default_factory=list)
    """Each with when it was closed."""
    records: list[tuple[PathwayRecord, bool]] = field(default_factory=list)
    """Each as first written, with whether it was withdrawn."""
    incidents: list[tuple[Incident, tuple[str, ...], bool]] = field(default_factory=list)
    """Each with its themes and whether it was withdrawn."""


def obligation(
    team: Team,
    opened_at: datetime,
    *,
    due: float = 8,
    met: float | None = None,
    cancelled: float | None = None,
    because: str = "Its pathway says that it is over",
    standard: str = "self-neglect.consult",
    kind: str = "pathways.owed",
    person: UUID | None = None,
) -> Obligation:
    """An obligation as its row stands, not saved: ``due``, ``met`` and ``cancelled`` are hours after its opening."""

    def after(number: float | None) -> datetime | None:
        return None if number is None else opened_at + timedelta(hours=number)

    return Obligation(
        provider_id=team.provider_id, team=team, kind=kind, standard=standard, person_supported_id=person,
        title="Asked", subject_type="a.row", subject_id=uuid4(), role="support_worker", clock="local",
        opened_at=opened_at, due_at=after(due), met_at=after(met), cancelled_at=after(cancelled),
        cancelled_because=because if cancelled is not None else "",
    )  # fmt: skip


def some_rows(cast: Cast, rng: random.Random, first: datetime, days: int, count: int) -> Rows:
    """``count`` of each kind in the three teams, from ``first`` for so many days, saved."""
    found, version = Rows(), used(cast)
    teams, people = [cast.north, cast.south, cast.east], _people(cast, 8)

    def moment() -> datetime:
        return first + timedelta(minutes=rng.randint(0, days * 1440))

    for _ in range(count):
        found.obligations.append(_obligation(rng, rng.choice(teams), moment(), rng.choice(people).pk))
        found.cases.append(_case(rng, version, rng.choice(teams), rng.choice(people), moment()))
        found.incidents.append(_incident(rng, cast, rng.choice(teams), rng.choice([None, *people]), moment()))
    Obligation.objects.bulk_create(found.obligations)
    PathwayCase.objects.bulk_create(case for case, _ in found.cases)
    CaseClosing.objects.bulk_create(
        CaseClosing(case=case, reason="Over.", decided_at=closed, **PROCESS) for case, closed in found.cases if closed
    )
    _save_incidents(found)
    for _ in range(count):
        found.records.append(_record(rng, rng.choice(found.cases)[0], moment()))
    PathwayRecord.objects.bulk_create(record for record, _ in found.records)
    PathwayRecord.objects.bulk_create(_correction(record, withdrawn=True) for record, gone in found.records if gone)
    return found


def _people(cast: Cast, count: int) -> list[PersonSupported]:
    made = [PersonSupported(provider=cast.provider, reference=f"R-{next(_numbers)}") for _ in range(count)]
    return PersonSupported.objects.bulk_create(made)


def _obligation(rng: random.Random, team: Team, opened_at: datetime, person: UUID) -> Obligation:
    fate = rng.choice(["met", "met", "met", "open", "cancelled"])
    hours = rng.choice([0.0, rng.uniform(0, 16), 8.0, rng.uniform(0, 400)])
    return obligation(
        team,
        opened_at,
        met=hours if fate == "met" else None,
        cancelled=hours if fate == "cancelled" else None,
        because=rng.choice(["Over", "Over", NOT_DUE_AFTER_ALL, INCIDENT_WITHDRAWN]),
        standard=f"self-neglect.{rng.choice(CODES)}",
        person=person,
    )


def _case(
    rng: random.Random, version: PathwayVersion, team: Team, person: PersonSupported, at: datetime
) -> tuple[PathwayCase, datetime | None]:
    case = PathwayCase(
        provider_id=team.provider_id, team=team, person_supported=person, version=version, decided_at=at,
        submission_key=f"counted-{next(_numbers)}", **PROCESS,
    )  # fmt: skip
    return case, at + timedelta(hours=rng.uniform(0, 2000)) if rng.random() < 0.6 else None


def _record(rng: random.Random, case: PathwayCase, at: datetime) -> tuple[PathwayRecord, bool]:
    record = PathwayRecord(
        case=case, kind=rng.choice(KINDS), happened_at=at, decided_at=at + timedelta(hours=rng.uniform(0, 100)),
        complete=rng.random() < 0.7, submission_key=f"counted-{next(_numbers)}", **PROCESS,
    )  # fmt: skip
    return record, rng.random() < 0.2


def _correction(record: PathwayRecord, *, withdrawn: bool = False) -> PathwayRecord:
    return PathwayRecord(
        case=record.case, kind=record.kind, happened_at=record.happened_at, complete=None, corrects=record,
        decided_at=record.decided_at, withdrawn=withdrawn, submission_key=f"counted-{next(_numbers)}", **PROCESS,
    )  # fmt: skip


def _incident(
    rng: random.Random, cast: Cast, team: Team, person: PersonSupported | None, at: datetime
) -> tuple[Incident, tuple[str, ...], bool]:
    known_at = at + timedelta(hours=rng.uniform(0, 30))
    themes = tuple(rng.sample(THEMES, rng.randint(1, 2)))
    incident = Incident(
        provider=cast.provider, team=team, reference=f"R-{next(_numbers)}", person_supported=person,
        what_happened="Something.", occurred_at=at if rng.random() < 0.8 else None, occurred_precision="about",
        known_at=known_at, recorded_at=known_at + timedelta(hours=rng.uniform(0, 300)), themes=list(themes),
        physical_harm=rng.choice([*HARMS, "fatal"]), psychological_harm=rng.choice(HARMS), still_at_risk="no",
        restricted=rng.random() < 0.3, submission_key=f"counted-{next(_numbers)}",
    )  # fmt: skip
    return incident, themes, rng.random() < 0.15


def _save_incidents(found: Rows) -> None:
    Incident.objects.bulk_create(incident for incident, _, _ in found.incidents)
    IncidentTheme.objects.bulk_create(
        IncidentTheme(incident=incident, team=incident.team, theme=theme, recorded_at=incident.recorded_at)
        for incident, themes, _ in found.incidents
        for theme in themes
    )
    Withdrawal.objects.bulk_create(
        Withdrawal(incident=incident, reason="Twice.", decided_at=incident.recorded_at, **PROCESS)
        for incident, _, gone in found.incidents
        if gone
    )


def saved(*obligations: Obligation) -> list[Any]:
    """Obligations, saved as they stand."""
    return Obligation.objects.bulk_create(obligations)
