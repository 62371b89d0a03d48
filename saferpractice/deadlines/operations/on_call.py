"""The rota of directors on call: put somebody on it, take an entry away. Each stays on record."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider, Service
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import DirectorCover
from saferpractice.deadlines.permissions import check_can_arrange_cover
from saferpractice.deadlines.rules import cover_problems, local_time_label
from saferpractice.design.typed import as_written
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

LONGEST_REASON = 300


@operation
def add_cover(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    service: Service | None,
    person: Person,
    from_at: datetime,
    until_at: datetime,
) -> Entry[DirectorCover]:
    """Put a director on call from a moment until another, in a service or (None) wherever no service says else.

    While somebody is on call, late work that goes up to a director goes to them and to no other.

    Raises:
        Refused: ``by`` is neither an administrator nor a director there.
        Invalid: the moments do not fit, or the person does not direct the place then ("person").
    """
    check_can_arrange_cover(by=by, at=at, provider_id=provider.pk, service=service)
    problems = cover_problems(from_at, until_at, at=at)
    if service is not None and service.provider_id != provider.pk:
        problems["service"] = "Choose a service of this provider."
    place = Place(provider.pk, service.pk if service else None)
    if not person.is_active or person.provider_id != provider.pk or Role.DIRECTOR not in person.roles(place, from_at):
        problems["person"] = "Choose somebody who is a director of this place then. Give them the role first."
    if problems:
        raise Invalid(problems)
    cover = DirectorCover.objects.create(
        provider=provider, service=service, person=person, from_at=from_at, until_at=until_at, **decided(by, at)
    )
    return Entry(
        result=cover,
        subject=cover,
        sentence=f"put {person.name} on call as director {_where(cover)} from {local_time_label(from_at)} "
        f"until {local_time_label(until_at)}",
        facts={"person": person.pk, "from": from_at, "until": until_at},
    )


@operation
def take_cover_away(*, by: By, at: datetime, cover: DirectorCover, reason: str) -> Entry[DirectorCover]:
    """Say that an entry of the rota does not hold any more. The entry stays; a row beside it says so, and why.

    Raises:
        Refused: ``by`` is neither an administrator nor a director there.
        Invalid: no reason ("reason").
        Stale: somebody took it away meanwhile.
    """
    check_can_arrange_cover(by=by, at=at, provider_id=cover.provider_id, service=cover.service)
    if not as_written(reason) or len(reason.strip()) > LONGEST_REASON:
        raise Invalid({"reason": f"Say why, in {LONGEST_REASON} characters at most."})
    stale = Stale("Somebody took this entry away meanwhile. Look at the rota again.")
    if not DirectorCover.objects.standing(cover.provider_id).filter(pk=cover.pk).exists():
        raise stale
    try:
        with transaction.atomic():
            gone = DirectorCover.objects.create(
                provider=cover.provider,
                service=cover.service,
                person=cover.person,
                from_at=cover.from_at,
                until_at=cover.until_at,
                taken_away=True,
                replaces=cover,
                reason=reason.strip(),
                **decided(by, at),
            )
    except IntegrityError:
        raise stale from None
    return Entry(
        result=gone,
        subject=gone,
        sentence=f"took {cover.person.name} off call as director {_where(cover)}",
        facts={"person": cover.person_id, "from": cover.from_at, "until": cover.until_at},
    )


def _where(cover: DirectorCover) -> str:
    return f"in {cover.service.name}" if cover.service else "of the provider"
