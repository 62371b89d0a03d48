"""What would go with incidents, and what keeps any of it: asked whole, whoever may read it, as ``keeping`` is."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from saferpractice.deadlines.models import OutboxMessage
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import EvidencePack, TextConfirmation, ThematicDraft
from saferpractice.findings.models import Finding
from saferpractice.home.models import GatheredRecords
from saferpractice.home.queries.holding import people_concerned, standing_holds
from saferpractice.home.queries.keeping import retention_facts_of, years_kept
from saferpractice.home.rules.belonging import GOES, INCIDENT, PACK, PERSON, order_of_reading, why_shared
from saferpractice.home.rules.retention import Retained, answer_is_over, due_for_disposal
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.pathways.models import PathwayCase
from saferpractice.trail.models import TrailEntry

Key = UUID | int
Rows = dict[str, set[Key]]
"""Keys of rows, by table."""

AT_ONCE = 500
CONFIRMS = "evidence.confirm_texts"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def model_of(table: str) -> type[models.Model]:
    """The model of a table."""
    return next(model for model in apps.get_models(include_auto_created=True) if model._meta.db_table == table)


def together(incident: Incident) -> list[Incident]:
    """The incidents that go with one or not at all: those of which one change answers findings, and so on from each."""
    known, new = set[UUID](), {incident.pk}
    while new:
        known |= new
        changes = Finding.changes.through.objects.filter(finding__incident__in=new).values("operationalchange")
        linked = Finding.objects.filter(changes__in=changes).values_list("incident_id", flat=True)
        new = set(linked) - known
    return list(Incident.objects.filter(pk__in=known).select_related("team__service").order_by("reference"))


def rows_of(incidents: Collection[Incident]) -> Rows:
    """All rows that go with incidents of one provider."""
    found: Rows = {INCIDENT: {one.pk for one in incidents}, PERSON: set(_people_going(incidents))}
    for table in order_of_reading():
        if table not in found:
            manager = model_of(table)._base_manager
            found[table] = {
                key
                for way in GOES[table]
                for lot in some(_keys(way.table, way.key, found))
                for key in manager.filter(**{f"{way.column}__in": lot}).values_list("pk", flat=True)
            }
    provider = next(iter(incidents)).provider_id
    found["evidence_textconfirmation"] = set(_confirmations(provider, found[PACK]))
    found["deadlines_outboxmessage"] = set(_messages(provider, uuids_of(found)))
    return found


def uuids_of(rows: Rows) -> set[UUID]:
    """The ids of all of them that others may name."""
    return {key for keys in rows.values() for key in keys if isinstance(key, UUID)}


def some(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """Keys in lots that one statement can name."""
    whole = sorted(keys)
    yield from (whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE))


def _keys(table: str, key: str, found: Rows) -> set[Any]:
    if key == "id":
        return found[table]
    manager = model_of(table)._base_manager
    return {
        value
        for lot in some(found[table])
        for value in manager.filter(pk__in=lot).values_list(key, flat=True)
        if value is not None
    }


def _people_going(incidents: Collection[Incident]) -> Iterator[UUID]:
    """The people of whom nothing is held but these incidents and the cases opened from them."""
    ids = [one.pk for one in incidents]
    for person in {person for people in people_concerned(list(incidents)).values() for person in people}:
        others = Incident.objects.filter(person_supported=person).exclude(pk__in=ids)
        cases = PathwayCase.objects.filter(person_supported=person)
        if not (others.exists() or cases.exclude(incident__in=ids).exists() or cases.filter(incident=None).exists()):
            yield person


def _confirmations(provider_id: UUID, packs: Iterable[Key]) -> Iterator[UUID]:
    """What was decided about texts of these packs: rows have no pack, so by who did it when."""
    for lot in some(packs):
        did = TrailEntry.objects.filter(provider_id=provider_id, operation=CONFIRMS, subject_id__in=lot)
        for by, at in did.values_list("by_id", "at"):
            made = TextConfirmation.objects.filter(provider_id=provider_id, decided_by=by, decided_at=at)
            yield from made.values_list("pk", flat=True)


def _messages(provider_id: UUID, ids: set[UUID]) -> Iterator[UUID]:
    """Messages about any of that: their keys name it."""
    names = {str(one) for one in ids}
    sent = OutboxMessage.objects.filter(provider_id=provider_id).values_list("pk", "key")
    yield from (pk for pk, key in sent.iterator(chunk_size=2000) if not names.isdisjoint(_ID.findall(key)))


def standing_of(incidents: Collection[Incident], at: datetime) -> dict[UUID, Retained]:
    """Where each stands at ``at``, by all that is on record."""
    if not incidents:
        return {}
    provider, day = next(iter(incidents)).provider_id, local_day(at)
    holds = standing_holds(provider, list(incidents))
    facts, years = retention_facts_of(provider, list(incidents), at, holds), years_kept(provider, day)
    return {pk: due_for_disposal(each, years, day) for pk, each in facts.items()}


def why_not(incidents: Collection[Incident], rows: Rows, at: datetime) -> list[str]:
    """What keeps them at ``at``, a sentence each: their time, open work, holds, and whatever is kept and needs them."""
    said: list[str] = []
    standing = standing_of(incidents, at)
    for one in incidents:
        stands = standing[one.pk]
        if not stands.over:
            said.append(f"The time of {one.reference} is not over")
        said += [f"{one.reference}: {work.label}" for work in stands.open_work]
        said += [f"{one.reference}: A hold stands"] * bool(stands.holds)
    return [*said, *sorted(set(_needed(incidents, rows, at)))]


def _needed(incidents: Collection[Incident], rows: Rows, at: datetime) -> Iterator[str]:
    yield from (why_shared(table) for table in _kept_referring(rows))
    names = {str(one.pk) for one in incidents}
    provider = next(iter(incidents)).provider_id
    if _drawn_elsewhere(rows):
        yield why_shared("assurance_auditsample")
    unsigned = ThematicDraft.objects.filter(review__provider=provider, review__signature__isnull=True)
    if any(not names.isdisjoint(_ID.findall(json.dumps(data))) for data in unsigned.values_list("data", flat=True)):
        yield why_shared("evidence_thematicdraft")
    day = local_day(at)
    years = years_kept(provider, day)
    for lot in some(rows["home_gatheredrecords"]):
        for one in GatheredRecords.objects.filter(pk__in=lot).select_related("release"):
            given_at = one.release.decided_at if hasattr(one, "release") else one.decided_at
            if not answer_is_over(given_at, years, day):
                yield why_shared("home_gatheredrecords")
    if _looked_through(incidents, rows[PACK]):
        yield why_shared("evidence_textconfirmation")


def _kept_referring(rows: Rows) -> Iterator[str]:
    """Tables with a row that stays and refers to one that would go, by any foreign key there is."""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        for field in model._meta.local_fields:
            to = field.remote_field.model._meta.db_table if field.remote_field else ""
            for lot in some(rows.get(to, ())):
                referring = model._base_manager.filter(**{f"{field.attname}__in": lot}).values_list("pk", flat=True)
                if set(referring) - rows.get(table, set()):
                    yield table


def _drawn_elsewhere(rows: Rows) -> bool:
    """Whether an audit that is kept drew a record that would go: samples name records of any table."""
    manager = model_of("assurance_auditsample")._base_manager
    return any(
        set(manager.filter(record_id__in=lot).values_list("pk", flat=True)) - rows["assurance_auditsample"]
        for lot in some(uuids_of(rows))
    )


def _looked_through(incidents: Collection[Incident], going: set[Key]) -> bool:
    """Whether texts were decided about for a pack that was never built and may have told of any of them."""
    provider = next(iter(incidents)).provider_id
    packs = EvidencePack.objects.filter(provider_id=provider, built__isnull=True, period_from__isnull=False)
    for pack in packs.exclude(pk__in=[*going]).prefetch_related("services"):
        services = {service.pk for service in pack.services.all()}
        days = {
            local_day(at)
            for one in incidents
            if one.team.service_id in services
            for at in (one.occurred_at, one.known_at, one.recorded_at)
            if at is not None
        }
        covered = any(pack.period_from <= day <= pack.period_to for day in days)  # type: ignore[operator]
        did = TrailEntry.objects.filter(provider_id=provider, operation=CONFIRMS, subject_id=pack.pk)
        if covered and did.exists():
            return True
    return False


def references_of(people: Iterable[Key]) -> list[str]:
    """The references of people."""
    return list(PersonSupported.objects.filter(pk__in=list(people)).values_list("reference", flat=True))
