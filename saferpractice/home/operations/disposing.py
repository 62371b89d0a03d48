"""Disposal: one person proposes, another approves, the worker disposes, and a certificate says what went."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, unquote_plus
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import AccessEntry, Person, Provider
from saferpractice.access.turns import after_disposals
from saferpractice.config.models import new_id
from saferpractice.deadlines.rules import local_day
from saferpractice.files.models import StoredFile
from saferpractice.home.models import (
    DisposalCertificate,
    DisposalDecision,
    DisposalPermit,
    DisposalProposal,
    DisposalStop,
    DisposedFile,
    ProposedIncident,
)
from saferpractice.home.operations.retaining import written
from saferpractice.home.permissions import check_can_retain
from saferpractice.home.queries.disposal import (
    Key,
    Rows,
    model_of,
    references_of,
    rows_of,
    some,
    standing_of,
    together,
    uuids_of,
    why_not,
)
from saferpractice.home.queries.holding import may_name_incident
from saferpractice.home.rules.belonging import CASE, CHANGE, INCIDENT, PERSON, order_of_reading
from saferpractice.incidents.models import Incident
from saferpractice.incidents.search import forget
from saferpractice.lists.queries import choices
from saferpractice.lists.rules.retention import LIST
from saferpractice.trail.emptied import FACT, content_of, digest_of
from saferpractice.trail.models import EmptiedEntry, TrailEntry
from saferpractice.trail.operations import Already, Entry, hold_trail, operation
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By

GONE = "It is gone already, or was proposed in another form"


@operation
def propose_disposal(
    *, by: By, at: datetime, incident: Incident, reason: str, submission_key: str
) -> Entry[DisposalProposal] | Already[DisposalProposal]:
    """Propose that an incident goes, and with it those that share a change with it. Sent twice, it is one proposal.

    The reason stays off the trail.

    Raises:
        Refused: ``by`` may not, may not read all of them, or something keeps one of them; it says what.
        Invalid: no reason.
    """
    person = _person(by, at, incident.provider)
    words = written(reason)
    earlier = DisposalProposal.objects.filter(provider=incident.provider_id, submission_key=submission_key).first()
    if earlier is not None:
        ids = set(earlier.incidents.values_list("incident_id", flat=True))
        before = (
            incident.reference if incident.pk in ids else ", ".join(one.reference for one in earlier.incidents.all())
        )
        answers = [("Which incident", before, incident.reference), ("The reason", earlier.reason, words)]
        check_same_answers(earlier, by=by, sentence="This disposal was already proposed.", answers=answers)
        return Already(earlier)
    incidents = _locked(together(incident))
    _check_readable(person, at, incidents)
    _check_due(incidents, at)
    ids = {one.pk for one in incidents}
    waiting = DisposalProposal.objects.filter(incidents__incident_id__in=ids)
    if waiting.open().exists() or waiting.to_do().exists():
        raise Refused("Its disposal is proposed already.")
    proposal = DisposalProposal.objects.create(
        provider=incident.provider, reason=words, submission_key=submission_key, **decided(by, at)
    )
    stands = standing_of(incidents, at)
    for one in incidents:
        retained = stands[one.pk]
        if retained.years is None or retained.kept_until is None:
            raise Refused("No period is set for it, so it is kept.")
        ProposedIncident.objects.create(
            proposal=proposal,
            incident_id=one.pk,
            reference=one.reference,
            team=one.team,
            code=retained.code,
            years=retained.years,
            kept_until=retained.kept_until,
            counted_on=local_day(one.occurred_at or one.known_at),
        )
    return Entry(result=proposal, subject=proposal, sentence=f"proposed to dispose of {_named(proposal)}")


@operation
def decide_disposal(
    *, by: By, at: datetime, proposal: DisposalProposal, approved: bool, reason: str
) -> Entry[DisposalDecision] | Already[DisposalDecision]:
    """Approve a proposal of somebody else, refuse it, or take back one's own. The same twice is one decision.

    Raises:
        Refused: ``by`` may not, may not read all of it, proposed it and would approve it, it was decided already, or
            something keeps it since; it says what.
        Invalid: no reason.
    """
    person = _person(by, at, proposal.provider)
    words = written(reason)
    held = DisposalProposal.objects.select_for_update().get(pk=proposal.pk)
    earlier = DisposalDecision.objects.filter(proposal=held).first()
    if earlier is not None:
        if (earlier.decided_by_id, earlier.approved, earlier.reason) == (person.pk, approved, words):
            return Already(earlier)
        raise Refused("Somebody decided about this proposal already.")
    if approved and held.decided_by_id == person.pk:
        raise Refused("You proposed it, so somebody else approves it.")
    incidents = _locked(_incidents_of(held))
    _check_readable(person, at, incidents)
    if approved:
        if len(incidents) != held.incidents.count():
            raise Refused(f"{GONE}.")
        _check_due(incidents, at)
    decision = DisposalDecision.objects.create(proposal=held, approved=approved, reason=words, **decided(by, at))
    did = "approved" if approved else ("took back" if held.decided_by_id == person.pk else "refused")
    return Entry(result=decision, subject=held, sentence=f"{did} the disposal of {_named(held)}")


@operation
def dispose(
    *, by: By, at: datetime, proposal: DisposalProposal
) -> Entry[DisposalCertificate | DisposalStop] | Already[DisposalCertificate | DisposalStop]:
    """Dispose of what was proposed and approved, in this transaction, or write down what keeps it. Once.

    Everything is asked again first. The files go afterwards (``sweep_disposed_files``).

    Raises:
        Refused: a person asks, or two people did not decide.
        OperationalError: somebody is at work on it (``sweeps.AT_WORK``): nothing was done, and it can be tried again.
    """
    if isinstance(by, Person):
        raise Refused("The worker disposes of what two people decided.")
    held = DisposalProposal.objects.select_for_update().select_related("provider").get(pk=proposal.pk)
    done = (
        DisposalCertificate.objects.filter(proposal=held).first() or DisposalStop.objects.filter(proposal=held).first()
    )
    if done is not None:
        return Already(done)
    decision = DisposalDecision.objects.filter(proposal=held, approved=True).first()
    if decision is None or decision.decided_by_id in {None, held.decided_by_id}:
        raise Refused("Two people have to decide: one proposes, another approves.")
    after_disposals(held.provider_id)
    hold_trail(held.provider_id)  # nobody ends anything from here on: what is asked below is so until it is gone
    _wait_for_nobody()
    incidents = _locked(_incidents_of(held))
    rows = _locked_rows(incidents) if incidents else {}
    why = why_not(incidents, rows, at) if incidents else []
    if len(incidents) != held.incidents.count():
        why.append(GONE)
    if why:
        stop = DisposalStop.objects.create(proposal=held, why=why, **decided(by, at))
        sentence = f"did not dispose of {_named(held)}: something keeps it"
        return Entry(result=stop, subject=held, sentence=sentence)
    certificate = _dispose(held, rows, by, at)
    facts = {
        "certificate": certificate.pk,
        FACT: certificate.emptied_sha256,
        "rows_sha256": certificate.rows_sha256,
        "rows": sum(certificate.counts.values()),
    }
    sentence = f"disposed of {_named(held)}, as {held.decided_by_name} proposed and {decision.decided_by_name} approved"
    return Entry(result=certificate, subject=certificate, sentence=sentence, facts=facts)


def _person(by: By, at: datetime, provider: Provider) -> Person:
    check_can_retain(by=by, at=at, provider_id=provider.pk)
    if not isinstance(by, Person):
        raise Refused("People decide what is disposed of.")
    return by


def _check_readable(person: Person, at: datetime, incidents: Iterable[Incident]) -> None:
    if not all(may_name_incident(person, at, one) for one in incidents):
        raise Refused(
            "It shares a change with an incident that you may not read. Somebody who may read both proposes it."
        )


def _check_due(incidents: Collection[Incident], at: datetime) -> None:
    why = why_not(incidents, rows_of(incidents), at)
    if why:
        raise Refused(f"It is kept. {'. '.join(why)}.")


def _incidents_of(proposal: DisposalProposal) -> list[Incident]:
    ids = list(proposal.incidents.values_list("incident_id", flat=True))
    return list(Incident.objects.filter(pk__in=ids, provider=proposal.provider_id))


def _locked(incidents: Collection[Incident]) -> list[Incident]:
    """The incidents, held so that nothing is added to them until the end: rows that name them wait."""
    found = Incident.objects.select_for_update(of=("self",)).select_related("team__service")
    return list(found.filter(pk__in=[one.pk for one in incidents]).order_by("reference"))


def _locked_rows(incidents: Collection[Incident]) -> Rows:
    """All that would go, with the changes, cases and people held as well. Read again once nobody can add to them."""
    rows = rows_of(incidents)
    for table in (CHANGE, CASE, PERSON):
        for lot in some(rows[table]):
            list(model_of(table)._base_manager.select_for_update().filter(pk__in=lot).values_list("pk"))
    return rows_of(incidents)


def _wait_for_nobody() -> None:
    """Give up, to be tried again, where somebody holds a row: they may wait for the trail, and be ended for it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20ms'")  # far less than the second after which one is ended


def _named(proposal: DisposalProposal) -> str:
    return ", ".join(one.reference for one in proposal.incidents.all())


def _dispose(proposal: DisposalProposal, rows: Rows, by: By, at: datetime) -> DisposalCertificate:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")  # or the words stay in pages that are free
    certificate_id, named = new_id(), uuids_of(rows)
    emptied = _empty_trail(proposal, certificate_id, named)
    looks = _empty_looks(proposal, named, references_of(rows[PERSON]))
    paths = [
        path
        for lot in some(rows["files_storedfile"])
        for path in StoredFile.objects.filter(pk__in=lot).values_list("path", flat=True)
    ]
    going = [table for table in reversed(order_of_reading()) if rows[table]]
    for table in going:
        _delete(proposal, table, rows[table])
    forget({key for key in rows[INCIDENT] if not isinstance(key, int)})
    DisposalPermit.objects.all()._raw_delete("default")
    certificate = DisposalCertificate.objects.create(
        id=certificate_id,
        proposal=proposal,
        provider_id=proposal.provider_id,
        basis=_basis(proposal, at),
        counts={table: len(rows[table]) for table in sorted(going)},
        emptied={"trail_trailentry": len(emptied), "access_accessentry": looks},
        files=len(paths),
        rows_sha256=_digest(f"{table} {key}" for table in going for key in rows[table]),
        emptied_sha256=digest_of(emptied),
        **decided(by, at),
    )
    DisposedFile.objects.bulk_create([DisposedFile(certificate=certificate, path=path) for path in paths])
    return certificate


def _permit(proposal: DisposalProposal, table: str, keys: Collection[Key]) -> None:
    DisposalPermit.objects.bulk_create([
        DisposalPermit(proposal=proposal, table_name=table, row_id=_text(key), until_the_end_id=new_id())
        for key in keys
    ])  # fmt: skip


def _text(key: Key) -> str:
    """A key as the database writes it."""
    return str(key) if isinstance(key, int) or connection.vendor == "postgresql" else key.hex


def _delete(proposal: DisposalProposal, table: str, keys: Collection[Key]) -> None:
    gone = 0
    for lot in some(keys):
        _permit(proposal, table, lot)
        gone += model_of(table)._base_manager.filter(pk__in=lot)._raw_delete("default")
    if gone != len(keys):
        raise RuntimeError(f"{gone} rows of {table} went, and {len(keys)} should have")


def _empty_trail(proposal: DisposalProposal, certificate_id: Any, named: set[Any]) -> list[tuple[int, str]]:
    """Take the words out of every entry about any of that; the number and the hash of what each said."""
    mine = TrailEntry.objects.filter(provider_id=proposal.provider_id)
    found = {
        row.pk: row
        for lot in some(named)
        for about in ({"story_id__in": lot}, {"subject_id__in": lot})
        for row in mine.filter(**about)
    }
    kept = [row for row in found.values() if row.salt]
    pairs = sorted((row.sequence, content_of(row)) for row in kept)
    EmptiedEntry.objects.bulk_create([
        EmptiedEntry(provider_id=proposal.provider_id, sequence=number, content=content, certificate_id=certificate_id)
        for number, content in pairs
    ])  # fmt: skip
    for lot in some(row.pk for row in kept):
        _permit(proposal, "trail_trailentry", lot)
        TrailEntry.objects.filter(pk__in=lot).update(sentence="", facts={}, salt="")
    return pairs


def _empty_looks(proposal: DisposalProposal, named: set[Any], references: Collection[str]) -> int:
    """Take what was typed out of the looks at any of that; how many."""
    typed = AccessEntry.objects.filter(provider_id=proposal.provider_id).exclude(detail="")
    found = {pk for lot in some(named) for pk in typed.filter(story_id__in=lot).values_list("pk", flat=True)}
    found |= {pk for reference in references for pk in _typed(typed, reference)}
    for lot in some(found):
        _permit(proposal, "access_accessentry", lot)
        AccessEntry.objects.filter(pk__in=lot).update(detail="")
    return len(found)


def _typed(looks: QuerySet[AccessEntry], reference: str) -> Iterator[UUID]:
    """The looks for which somebody typed a reference, alone or among other words, however they wrote its letters."""
    word = re.compile(rf"(?<![\w-]){re.escape(reference)}(?![\w-])", re.IGNORECASE)
    maybe = looks.filter(Q(detail__icontains=reference) | Q(detail__icontains=quote_plus(reference)))
    yield from (pk for pk, detail in maybe.values_list("pk", "detail") if word.search(unquote_plus(detail)))


def _basis(proposal: DisposalProposal, at: datetime) -> list[dict[str, Any]]:
    """By which rule each went: the entry of the schedule as it stands, and until when it was kept."""
    listed = {one.code: one for one in choices(LIST, provider_id=proposal.provider_id, on=local_day(at))}
    return [
        {
            "incident": one.reference,
            "rule": listed[one.code].label,
            "years": one.years,
            "kept_until": one.kept_until.isoformat(),
            "basis": list(listed[one.code].detail["basis"]),
        }
        for one in proposal.incidents.all()
    ]


def _digest(lines: Iterator[str]) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
