"""Setting up providers, places and people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person, Provider, RoleAssignment, Service, Team
from saferpractice.access.permissions import check_can_manage_people
from saferpractice.access.rules import Place, Role
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By, Process


@operation
def create_provider(
    *,
    by: By,
    at: datetime,
    name: str,
    health_service_body: bool = False,
    nhs_funded: bool = True,
    secure_unit: bool = False,
    repeat_window_days: int = 90,
) -> Entry[Provider]:
    """Create a provider. Only a named process (set-up) may: nobody inside a provider can make another."""
    if not isinstance(by, Process):
        raise Refused("Providers are set up from the command line, not from inside another provider.")
    if not name.strip():
        raise Invalid({"name": "Enter the provider's name."})
    provider = Provider.objects.create(
        name=name.strip(),
        health_service_body=health_service_body,
        nhs_funded=nhs_funded,
        secure_unit=secure_unit,
        repeat_window_days=repeat_window_days,
    )
    return Entry(result=provider, subject=provider, sentence=f"set up the provider {provider.name}")


@operation
def create_service(*, by: By, at: datetime, provider: Provider, name: str) -> Entry[Service]:
    """Create a service of a provider."""
    check_can_manage_people(by=by, at=at, provider_id=provider.pk)
    if not name.strip():
        raise Invalid({"name": "Enter the service's name."})
    if provider.services.filter(name__iexact=name.strip()).exists():
        raise Invalid({"name": "There is already a service with this name."})
    service = Service.objects.create(provider=provider, name=name.strip())
    return Entry(result=service, subject=service, sentence=f"set up the service {service.name}")


@operation
def create_team(*, by: By, at: datetime, service: Service, name: str) -> Entry[Team]:
    """Create a team of a service."""
    check_can_manage_people(by=by, at=at, provider_id=service.provider_id)
    if not name.strip():
        raise Invalid({"name": "Enter the team's name."})
    if service.teams.filter(name__iexact=name.strip()).exists():
        raise Invalid({"name": "There is already a team with this name in the service."})
    team = Team.objects.create(provider_id=service.provider_id, service=service, name=name.strip())
    return Entry(result=team, subject=team, sentence=f"set up the team {team.name} of {service.name}")


@operation
def create_person(
    *, by: By, at: datetime, provider: Provider, name: str, email: str, password: str | None = None
) -> Entry[Person]:
    """Create somebody who can sign in. Without a password they set one through "forgotten password"."""
    check_can_manage_people(by=by, at=at, provider_id=provider.pk)
    problems = {}
    if not name.strip():
        problems["name"] = "Enter the person's name."
    if not email.strip():
        problems["email"] = "Enter the person's e-mail address."
    elif Person.objects.filter(email__iexact=email.strip()).exists():
        problems["email"] = "Somebody already signs in with this e-mail address."
    if problems:
        raise Invalid(problems)
    person = Person(provider=provider, name=name.strip(), email=email.strip().lower())
    if password is None:
        person.set_unusable_password()
    else:
        person.set_password(password)
    person.save()
    return Entry(result=person, subject=person, sentence=f"added {person.name}")


@operation
def assign_role(*, by: By, at: datetime, person: Person, role: Role, place: Place) -> Entry[RoleAssignment]:
    """Let ``person`` hold ``role`` over ``place`` from ``at`` on."""
    check_can_manage_people(by=by, at=at, provider_id=person.provider_id)
    if place.provider_id != person.provider_id:
        raise Invalid({"place": "Choose a place of the person's own provider."})
    held = RoleAssignment.objects.create(
        person=person,
        role=role,
        provider_id=place.provider_id,
        service_id=place.service_id,
        team_id=place.team_id,
        from_at=at,
    )
    person.__dict__.pop("_holdings", None)
    where = held.team or held.service or held.provider
    return Entry(result=held, subject=held, sentence=f"made {person.name} {role.label.lower()} of {where}")


@operation
def end_role(*, by: By, at: datetime, assignment: RoleAssignment) -> Entry[RoleAssignment]:
    """End a role at ``at``. What the person could see through it closes with the same moment."""
    check_can_manage_people(by=by, at=at, provider_id=assignment.provider_id)
    ended = RoleAssignment.objects.filter(pk=assignment.pk, until_at__isnull=True).update(until_at=at)
    if not ended:
        raise Invalid("This role has already ended.")
    assignment.refresh_from_db()
    name, role = assignment.person.name, Role(assignment.role).label.lower()
    return Entry(result=assignment, subject=assignment, sentence=f"ended the role of {role} for {name}")


@operation
def set_active(*, by: By, at: datetime, person: Person, active: bool) -> Entry[Person]:
    """Close or reopen somebody's sign-in; a leaver's open sessions stop with their next request."""
    check_can_manage_people(by=by, at=at, provider_id=person.provider_id)
    if isinstance(by, Person) and by.pk == person.pk:
        raise Invalid("You cannot close your own sign-in. Ask another administrator.")
    Person.objects.filter(pk=person.pk).update(is_active=active)
    person.refresh_from_db()
    return Entry(
        result=person, subject=person, sentence=f"{'reopened' if active else 'closed'} the sign-in of {person.name}"
    )


def place_of(*, provider_id: UUID, service: Service | None = None, team: Team | None = None) -> Place:
    """A ``Place`` from rows: the team if given, else the service, else the whole provider."""
    if team is not None:
        return team.place
    return Place(provider_id, service.pk if service else None)
