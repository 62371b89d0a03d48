"""Integrations of a provider, and in whose name one may act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from saferpractice.access.models import Person, Team
from saferpractice.exchange.models import Integration, IntegrationKey, IntegrationUse
from saferpractice.exchange.permissions import can_integrate
from saferpractice.exchange.rules.links import CALLS_A_MINUTE
from saferpractice.incidents.rules import kept_reference
from saferpractice.pathways.models import PathwayCase, PathwayVersion
from saferpractice.pathways.queries import (
    case_to_tick,
    definition_of,
    definition_of_version,
    in_use,
    team_of_person,
    teams_to_begin_in,
)
from saferpractice.pathways.rules.definition import Definition


def integrations_of(by: Person, at: datetime) -> QuerySet[Integration]:
    """The integrations of the provider that ``by`` administers, by name, with when each was last used."""
    if not can_integrate(by=by, at=at):
        return Integration.objects.none()
    found = Integration.objects.filter(provider_id=by.provider_id).select_related("end").prefetch_related("services")
    return found.annotate(last_used_at=Max("uses__at", filter=Q(uses__outcome__startswith="done"))).order_by(
        "name", "pk"
    )


def integration_of(by: Person, at: datetime, integration_id: UUID) -> Integration | None:
    """One integration that ``by`` administers, or None."""
    return integrations_of(by, at).filter(pk=integration_id).first()


def newest_uses(integration: Integration) -> list[IntegrationUse]:
    """The newest 50 things it asked for."""
    return list(integration.uses.select_related("by").order_by("-at", "-pk")[:50])


def integration_in_force(integration_id: UUID) -> Integration | None:
    """An integration that is not revoked, or None."""
    return Integration.objects.filter(pk=integration_id, end__isnull=True).first()


def key_in_force(integration: Integration) -> IntegrationKey:
    """Its newest keys: those before do not work any more."""
    return integration.keys.order_by("-decided_at", "-pk")[:1].get()


def integration_by_token(token_hash: str) -> Integration | None:
    """The integration in force whose newest token has this hash, or None."""
    key = IntegrationKey.objects.filter(token_hash=token_hash).select_related("integration").first()
    if key is None or integration_in_force(key.integration_id) is None:
        return None
    return key.integration if key_in_force(key.integration) == key else None


def asks_too_often(integration: Integration, at: datetime) -> bool:
    """Whether it made as many calls within the last minute as it may."""
    return IntegrationUse.objects.since(integration, at - timedelta(minutes=1)).count() >= CALLS_A_MINUTE


def staff_of(integration: Integration, staff: str, at: datetime) -> Person | None:
    """Whoever has this e-mail address at the provider, can sign in, and works in one of the integration's services."""
    person = Person.objects.filter(
        email__iexact=staff.strip(), provider_id=integration.provider_id, is_active=True
    ).first()
    return person if person is not None and teams_for(integration, person, at).exists() else None


def teams_for(integration: Integration, person: Person, at: datetime) -> QuerySet[Team]:
    """The teams in which ``person`` may begin a case through the integration."""
    return teams_to_begin_in(person, at, integration.services.all())


@dataclass(frozen=True, slots=True)
class Checklist:
    """One checklist about one person, as one member of staff may fill it in through one integration."""

    integration: Integration
    staff: Person
    reference: str
    version: PathwayVersion
    definition: Definition
    teams: QuerySet[Team]
    case: PathwayCase | None
    team: Team | None


def checklist_for(
    integration: Integration, staff: Person, reference: str, pathway: str, at: datetime
) -> Checklist | None:
    """The checklist of a pathway in use, when ``staff`` may write it in one of the integration's teams; else None."""
    version = next((one for one in in_use(integration.provider_id, at) if one.pathway == pathway), None)
    if version is None:
        return None
    wanted = definition_of_version(version).begins_with
    teams = teams_for(integration, staff, at)
    may = [team.pk for team in teams if staff.roles(team.place, at) & set(wanted.made_by)]
    teams = teams.filter(pk__in=may)
    if not may:
        return None
    reference = kept_reference(reference)
    case = case_to_tick(staff, at, reference, pathway, teams)
    return Checklist(
        integration=integration,
        staff=staff,
        reference=reference,
        version=version,
        definition=definition_of(case) if case else definition_of_version(version),
        teams=teams,
        case=case,
        team=case.team if case else team_of_person(staff, at, reference, teams),
    )
