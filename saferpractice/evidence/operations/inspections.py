"""Opening and ending an inspection, drawing incidents in it, releasing a restricted one to it (R34)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person, Provider, Service
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import Place, Role
from saferpractice.access.turns import after_disposals
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day, local_time_label
from saferpractice.design.typed import as_written
from saferpractice.design.words import plural
from saferpractice.evidence.models import (
    Inspection,
    InspectionDraw,
    InspectionEnd,
    InspectionPopulation,
    InspectionRelease,
)
from saferpractice.evidence.permissions import (
    check_can_disclose,
    check_can_inspect,
    check_can_oversee_inspections,
    check_can_release,
)
from saferpractice.evidence.queries.inspections import (
    Wanted,
    ids_to_draw_from,
    incidents_in,
    incidents_shown,
    words_of,
)
from saferpractice.evidence.rules.inspections import (
    MOST_DRAWN,
    problems_of_disclosure,
    problems_of_draw,
    problems_of_opening,
)
from saferpractice.incidents.models import Incident
from saferpractice.incidents.queries import named_access_of
from saferpractice.lists.queries import choices
from saferpractice.trail.draws import METHOD, list_hash, ranked
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

LONGEST_REFERENCE = 60
"""Characters of the inspector's own reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """That an inspection shows who its incidents concern: by which power, and why."""

    power: str
    because: str


@operation
def open_inspection(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    inspector: Person,
    services: Sequence[Service],
    authority: str,
    reference: str,
    period_from: date,
    period_to: date,
    ends_at: datetime,
    submission_key: str,
    identity: Disclosure | None = None,
) -> Entry[Inspection] | Already[Inspection]:
    """Let an inspector look at the incidents of some services that became known in a period, until ``ends_at``.

    Args:
        period_from: London days, both in it.
        identity: given, who the incidents concern is shown to them too.

    Raises:
        Refused: ``by`` does not open inspections of the provider, or may not decide that identity is shown.
        Invalid: the inspector, the services, the period, the end or the power cannot be right.
        SentBefore: the form was sent before, with other answers.
    """
    check_can_oversee_inspections(by=by, at=at, provider_id=provider.pk)
    earlier = Inspection.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        _check_same(earlier, by, (reference.strip(), inspector.name, ends_at), identity)
        return Already(earlier)
    if identity is not None:
        check_can_disclose(by=by, at=at, provider_id=provider.pk)
    problems = problems_of_opening(
        period_from=period_from,
        period_to=period_to,
        ends_at=ends_at,
        at=at,
        today=local_day(at),
        services=len(services),
    )
    problems |= _problems_of_power(provider, authority, reference, identity, at)
    problems |= _problems_of_place(provider, inspector, services, at)
    if problems:
        raise Invalid(problems)
    made = Inspection.objects.create(
        provider=provider,
        inspector=inspector,
        reference=reference.strip(),
        authority=authority,
        period_from=period_from,
        period_to=period_to,
        ends_at=ends_at,
        identity_power=identity.power if identity else "",
        identity_because=identity.because.strip() if identity else "",
        submission_key=submission_key,
        **decided(by, at),
    )
    made.services.set(services)
    shown = ", showing who the incidents concern" if identity else ""
    return Entry(
        result=made,
        subject=made,
        sentence=f"opened inspection {made.reference} for {inspector.name} until {local_time_label(ends_at)}{shown}",
        facts={"services": [service.name for service in services], "authority": authority},
    )


def _check_same(earlier: Inspection, by: By, typed: tuple[str, str, datetime], identity: Disclosure | None) -> None:
    reference, inspector, ends_at = typed
    answers = [
        ("Reference", earlier.reference, reference),
        ("Inspector", earlier.inspector.name, inspector),
        ("Until", local_time_label(earlier.ends_at), local_time_label(ends_at)),
        ("Why identity is shown", earlier.identity_because, identity.because.strip() if identity else ""),
    ]
    check_same_answers(earlier, by=by, sentence="This inspection was opened before.", answers=answers)


def _problems_of_power(
    provider: Provider, authority: str, reference: str, identity: Disclosure | None, at: datetime
) -> dict[str, str]:
    powers = {one.code: one for one in choices("inspection-powers", provider_id=provider.pk, on=local_day(at))}
    found: dict[str, str] = {}
    if not as_written(reference) or len(reference.strip()) > LONGEST_REFERENCE:
        found["reference"] = f"Enter the reference that the inspector gave, in {LONGEST_REFERENCE} characters or fewer."
    if authority not in powers:
        found["authority"] = "Choose the power by which they inspect."
    if identity is not None:
        power = powers.get(identity.power)
        allows = bool(power and power.detail["reaches_identity"])
        found |= problems_of_disclosure(identity.power, identity.because, allows=allows)
    return found


def _problems_of_place(
    provider: Provider, inspector: Person, services: Sequence[Service], at: datetime
) -> dict[str, str]:
    if any(service.provider_id != provider.pk for service in services):
        return {"services": "Choose services of this provider."}
    if not _inspects(inspector, provider, services, at):
        return {"inspector": "Choose somebody who holds the role of inspector over every service chosen."}
    return {}


def _inspects(inspector: Person, provider: Provider, services: Sequence[Service], at: datetime) -> bool:
    return (
        Role.INSPECTOR in inspector.roles_anywhere(at)
        and inspector.provider_id == provider.pk
        and all(Role.INSPECTOR in inspector.roles(Place(provider.pk, service.pk), at) for service in services)
    )


@operation
def end_inspection(*, by: By, at: datetime, inspection: Inspection, reason: str) -> Entry[InspectionEnd]:
    """End an inspection before its time. The inspector's next page is not there any more.

    Raises:
        Refused: ``by`` does not open inspections of the provider.
        Invalid: there is no reason.
        Stale: it was ended before, or its time is over.
    """
    check_can_oversee_inspections(by=by, at=at, provider_id=inspection.provider_id)
    if not as_written(reason):
        raise Invalid({"reason": "Say why it ends now."})
    if inspection.ends_at <= at:
        raise Stale("Its time is over already. Nothing can be seen through it.")
    try:
        with transaction.atomic():
            end = InspectionEnd.objects.create(inspection=inspection, reason=reason.strip(), **decided(by, at))
    except IntegrityError:
        raise Stale("It was ended already. Nothing can be seen through it.") from None
    return Entry(result=end, subject=inspection, sentence=f"ended inspection {inspection.reference}")


@operation
def freeze_incidents(
    *, by: By, at: datetime, inspection: Inspection, wanted: Wanted, size: int, submission_key: str
) -> Entry[InspectionPopulation] | Already[InspectionPopulation]:
    """Freeze the list of incidents that the inspector chose to draw from, before there is a seed.

    Restricted incidents are on it like any other.

    Raises:
        Refused: ``by`` is not its inspector, or it is over.
        Invalid: nothing fits what was chosen, or too many are to be drawn.
        SentBefore: the form was sent before, with other choices.
    """
    check_can_inspect(by=by, at=at, inspection=inspection)
    after_disposals(inspection.provider_id)
    Inspection.objects.select_for_update(of=("self",)).get(pk=inspection.pk)
    earlier = InspectionPopulation.objects.filter(submission_key=submission_key, inspection=inspection).first()
    if earlier is not None:
        answers = [
            ("Which incidents", earlier.words, words_of(wanted, inspection)),
            ("How many to draw", str(earlier.size), str(min(size, earlier.count))),
        ]
        check_same_answers(earlier, by=by, sentence="This list was frozen before.", answers=answers)
        return Already(earlier)
    if not 1 <= size <= MOST_DRAWN:
        raise Invalid({"size": f"Enter a number from 1 to {MOST_DRAWN}."})
    ids, restricted = ids_to_draw_from(inspection, wanted, at)
    if not ids:
        raise Invalid("No incident of this inspection fits. Choose another level of harm, tier, service or period.")
    frozen = InspectionPopulation.objects.create(
        inspection=inspection,
        number=inspection.populations.count() + 1,
        words=words_of(wanted, inspection),
        ids=list(ids),
        count=len(ids),
        restricted=restricted,
        size=min(size, len(ids)),
        list_hash=list_hash(ids),
        submission_key=submission_key,
        **decided(by, at),
    )
    return Entry(
        result=frozen,
        subject=inspection,
        sentence=f"froze a list of {plural(len(ids), 'incident')} to draw from in inspection {inspection.reference}",
        facts={"list": frozen.list_hash, "incidents": len(ids), "query": frozen.words},
    )


@operation
def draw_incidents(
    *, by: By, at: datetime, population: InspectionPopulation, seed: str
) -> Entry[InspectionDraw] | Already[InspectionDraw]:
    """Draw from a frozen list by the seed that the inspector enters: rank it by the seed and take the first. Once.

    Raises:
        Refused: ``by`` is not its inspector, or it is over.
        Invalid: the seed is too short, or the list is not the one that was frozen.
        Stale: the draw was made, with another seed.
    """
    check_can_inspect(by=by, at=at, inspection=population.inspection)
    population = InspectionPopulation.objects.select_for_update(of=("self",)).get(pk=population.pk)
    seed = " ".join(seed.split())
    made = InspectionDraw.objects.filter(population=population).first()
    if made is not None and made.seed == seed:
        return Already(made)
    if made is not None:
        raise Stale("The draw from this list is made. It is made once; freeze another list to draw again.")
    problems = problems_of_draw(seed)
    if problems:
        raise Invalid(problems)
    if list_hash(population.ids) != population.list_hash:
        raise Invalid("The list is not the one that was frozen. Nothing can be drawn from it.")
    first = ranked(seed, population.ids)[: population.size]
    drawn = InspectionDraw.objects.create(
        population=population, seed=seed, method=METHOD, drawn=[one.record_id for one in first], **decided(by, at)
    )
    inspection = population.inspection
    _tell_who_decides(inspection, drawn, at)
    return Entry(
        result=drawn,
        subject=inspection,
        sentence=f"drew {len(first)} of {plural(population.count, 'incident')} in inspection {inspection.reference}",
        facts={"seed": seed, "method": METHOD, "drawn": drawn.drawn, "list": population.list_hash},
    )


def _tell_who_decides(inspection: Inspection, drawn: InspectionDraw, at: datetime) -> None:
    """Tell those named on a restricted incident that was drawn, who decide who sees it: nobody else may know of it."""
    shown = incidents_shown(inspection, at).values("pk")
    for incident in incidents_in(inspection, at).filter(pk__in=drawn.drawn).exclude(pk__in=shown):
        for named in named_access_of(incident, at):
            if allowed(check_can_release, by=named.person, at=at, incident=incident)[0]:
                ledger.tell(
                    to=named.person,
                    key=f"inspection:{inspection.pk}:{incident.pk}",
                    subject="Decide whether an inspector may see a restricted incident",
                    body="An inspector drew, at random, an incident that only named people may see. They see nothing "
                    "of it until somebody decides to show it. Sign in to Safer Practice and open Inspections.",
                    at=at,
                )


@operation
def release_incident(
    *, by: By, at: datetime, inspection: Inspection, incident: Incident, reason: str
) -> Entry[InspectionRelease] | Already[InspectionRelease]:
    """Show a restricted incident to an inspection.

    Raises:
        Refused: ``by`` may not open the incident, or does not decide who may see it.
        Invalid: there is no reason, or the incident is not one that the inspection covers.
        Stale: the inspection is over.
    """
    check_can_release(by=by, at=at, incident=incident)
    earlier = InspectionRelease.objects.filter(inspection=inspection, incident=incident).first()
    if earlier is not None:
        return Already(earlier)
    if not as_written(reason):
        raise Invalid({"reason": "Say why the inspector should see it."})
    if not incidents_in(inspection, at).filter(pk=incident.pk).exists():
        raise Invalid("This inspection does not cover the incident.")
    if inspection.ends_at <= at or InspectionEnd.objects.filter(inspection=inspection).exists():
        raise Stale("The inspection is over.")
    made = InspectionRelease.objects.create(
        inspection=inspection, incident=incident, reason=reason.strip(), **decided(by, at)
    )
    return Entry(
        result=made,
        subject=incident,
        story_id=incident.pk,
        sentence=f"showed this restricted incident to inspection {inspection.reference}",
    )
