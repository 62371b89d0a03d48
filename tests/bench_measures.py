"""Cases with obligations and records in the number that a provider has: what the pages of measures are timed on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from saferpractice.pathways.rules.standards import standard_of

ASKED = {
    "self-neglect": (("consult", "consultation"), ("refer", "referral"), ("decide-again", "consultation")),
    "lost-contact": (
        ("try-preferred-ways", "attempt"),
        ("tell-leadership", "escalation-note"),
        ("follow-up", "follow-up"),
    ),
    "exploitation": (
        ("share-what-is-known", "shared-risk-summary"),
        ("decide-on-sharing", "sharing-decision"),
        ("review-risk", "risk-review"),
    ),
}
"""What each pathway asks for on every case here, and the kind of record that meets it."""
OBLIGATIONS_A_CASE = 6
CASES_A_PERSON = 3
AT_ONCE = 2000


def fill(cast: Any, obligations: int, history: timedelta, at: datetime) -> None:
    """So many obligations of pathways through ``history``: most met, some late, a few cancelled or still open."""
    from saferpractice.pathways.models import CaseClosing, CaseObligation, PathwayCase, PathwayRecord

    versions = {pathway: _version(cast, pathway) for pathway in ASKED}
    rng, cases = random.Random(23), obligations // OBLIGATIONS_A_CASE
    numbers = iter(range(cases))
    people: list[Any] = []
    while some := list(itertools.islice(numbers, AT_ONCE)):
        people = _people(cast, len(some), some[0])
        rows: dict[Any, list[Any]] = {PathwayCase: [], PathwayRecord: [], CaseObligation: [], CaseClosing: []}
        owed: list[Any] = []
        for number in some:
            begin = at - history * ((number + 1) / cases)
            for row in _case(rng, cast, versions, rng.choice(people), begin, number, at):
                (owed if type(row).__name__ == "Obligation" else rows[type(row)]).append(row)
        for model, made in rows.items():
            model._base_manager.bulk_create(made, batch_size=AT_ONCE)
        type(owed[0])._base_manager.bulk_create(owed, batch_size=AT_ONCE)


def _version(cast: Any, pathway: str) -> Any:
    from saferpractice.pathways.queries import newest_version
    from tests.factories.pathways import used

    return newest_version(cast.provider.pk, pathway) or used(cast, pathway)


def _people(cast: Any, cases: int, first: int) -> list[Any]:
    from saferpractice.incidents.models import PersonSupported

    count = max(1, cases // CASES_A_PERSON)
    found = [PersonSupported(provider=cast.provider, reference=f"M-{first + number}") for number in range(count)]
    PersonSupported._base_manager.bulk_create(found, batch_size=AT_ONCE)
    return found


def _case(
    rng: random.Random, cast: Any, versions: dict[str, Any], person: Any, begin: datetime, number: int, at: datetime
) -> Iterator[Any]:
    from saferpractice.deadlines.models import Obligation
    from saferpractice.pathways.models import CaseClosing, CaseObligation, PathwayCase, PathwayRecord

    pathway = rng.choice(sorted(ASKED))
    team = rng.choice([cast.north, cast.south, cast.east])
    by = {"decided_by": cast.worker, "decided_by_name": cast.worker.name, "decided_by_role": "Support worker"}
    case = PathwayCase(
        provider=cast.provider, team=team, person_supported=person, version=versions[pathway],
        submission_key=f"m-{number}", decided_at=begin, **by,
    )  # fmt: skip
    yield case
    for place in range(OBLIGATIONS_A_CASE):
        code, kind = ASKED[pathway][place % len(ASKED[pathway])]
        opened = begin + timedelta(days=4 * place, minutes=rng.randint(0, 600))
        if opened >= at:
            break
        took = timedelta(hours=rng.expovariate(1 / 9))
        row = CaseObligation(case=case, provider=cast.provider, code=code, occurrence=1, because=[])
        met = opened + took if rng.random() < 0.93 and opened + took < at else None
        yield row
        yield Obligation(
            provider=cast.provider, team=team, kind="pathways.owed", title=f"{code}: {person.reference}",
            standard=standard_of(pathway, code), person_supported_id=person.pk, role="support_worker",
            subject_type="pathways.caseobligation", subject_id=row.pk, opened_at=opened,
            due_at=opened + timedelta(hours=14), clock="local", met_at=met,
            cancelled_at=opened + timedelta(hours=20) if met is None and opened < at - timedelta(days=30) else None,
        )  # fmt: skip
        if met is not None:
            yield PathwayRecord(
                case=case, kind=kind, happened_at=met, decided_at=met, values={}, complete=rng.random() < 0.9,
                submission_key=uuid4().hex, **by,
            )  # fmt: skip
    if begin < at - timedelta(days=60):
        yield CaseClosing(case=case, reason="Over.", decided_at=begin + timedelta(days=45), **by)
