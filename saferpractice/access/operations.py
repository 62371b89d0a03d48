"""Setting up providers, places and people."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from saferpractice.access.leaving import hand_over
from saferpractice.access.models import Person, Provider, RoleAssignment, Service, Team
from saferpractice.access.permissions import check_can_manage_people
from saferpractice.access.rules import Place, Role, problem_with_last_day
from saferpractice.design.moments import end_of
from saferpractice.design.typed import as_written
from saferpractice.design.words import localday
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
    if not as_written(name):
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
    if not as_written(name):
        raise Invalid({"name": "Enter the service's name."})
    if provider.services.filter(name__iexact=name.strip()).exists():
        raise Invalid({"name": "There is already a service with this name."})
    service = Service.objects.create(provider=provider, name=name.strip())
    return Entry(result=service, subject=service, sentence=f"set up the service {service.name}")


@operation
def create_team(*, by: By, at: datetime, service: Service, name: str) -> Entry[Team]:
    """Create a team of a service."""
    check_can_manage_people(by=by, at=at, provider_id=service.provider_id)
    if not as_written(name):
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
    problems = _problems_of_person(name=name, email=email, others=Person.objects.all())
    if problems:
        raise Invalid(problems)
    person = Person(provider=provider, name=name.strip(), email=email.strip().lower())
    if password is None:
        person.set_unusable_password()
    else:
        person.set_password(password)
    person.save()
    return Entry(result=person, subject=person, sentence=f"added {person.name}")


def _problems_of_person(*, name: str, email: str, others: QuerySet[Person]) -> dict[str, str]:
    problems = {}
    if not as_written(name):
        problems["name"] = "Enter the person's name."
    if not as_written(email):
        problems["email"] = "Enter the person's e-mail address."
    elif others.filter(email__iexact=email.strip()).exists():
        problems["email"] = "Somebody already signs in with this e-mail address."
    return problems


@operation
def assign_role(
    *, by: By, at: datetime, person: Person, role: Role, place: Place, last_on: date | None = None
) -> Entry[RoleAssignment]:
    """Let ``person`` hold ``role`` over ``place`` from ``at`` on.

    Args:
        last_on: the last day in London on which they hold it; None until somebody ends it.

    Raises:
        Refused: ``by`` does not look after these people.
        Invalid: the place is not one, they hold the role there, or the last day has passed or cannot be set.
    """
    check_can_manage_people(by=by, at=at, provider_id=person.provider_id)
    if place.provider_id != person.provider_id:
        raise Invalid({"place": "Choose a place of the person's own provider."})
    if role is Role.ADMINISTRATOR and (place.service_id or place.team_id):
        raise Invalid({"place": "An administrator looks after the whole provider. Choose the whole provider."})
    problem = problem_with_last_day(role, last_on, at)
    if problem:
        raise Invalid({"last_on": problem})
    held_already = RoleAssignment.objects.filter(person=person, role=role).current(at).at_place(place)
    if held_already.exists():
        raise Invalid({"role": f"{person.name} already holds this role there."})
    held = RoleAssignment.objects.create(
        person=person,
        role=role,
        provider_id=place.provider_id,
        service_id=place.service_id,
        team_id=place.team_id,
        from_at=at,
        until_at=end_of(last_on) if last_on else None,
    )
    person.__dict__.pop("_holdings", None)
    where = held.team or held.service or held.provider
    until = f", to the end of {localday(last_on)}" if last_on else ""
    return Entry(result=held, subject=held, sentence=f"made {person.name} {role.label.lower()} of {where}{until}")


NO_COMMISSIONER = "No commissioner of another provider signs in with this address. Check it with them."
"""The same for whatever reason: an address must not tell who works where."""


@operation
def let_commissioner_read(
    *, by: By, at: datetime, provider: Provider, email: str, place: Place
) -> Entry[RoleAssignment]:
    """Let a commissioner of another provider read what this one publishes, about the whole of it or a service.

    The only role that anybody holds outside their own provider. It counts only while they are a commissioner there.

    Args:
        email: the whole address they sign in with; nobody is searched for.

    Raises:
        Refused: ``by`` does not look after the people of ``provider``.
        Invalid: nobody such signs in with this address, they hold the role there already, or the place is not one.
    """
    check_can_manage_people(by=by, at=at, provider_id=provider.pk)
    if place.provider_id != provider.pk or place.team_id is not None:
        raise Invalid({"place": "Choose the whole provider or one of its services."})
    person = Person.objects.filter(email__iexact=email.strip(), is_active=True).exclude(provider=provider).first()
    if person is None or Role.COMMISSIONER not in person.roles(Place(person.provider_id), at):
        raise Invalid({"email": NO_COMMISSIONER})
    Provider.objects.select_for_update().get(pk=provider.pk)  # nobody is let in twice at once
    held_already = RoleAssignment.objects.filter(person=person, role=Role.COMMISSIONER).current(at).at_place(place)
    if held_already.exists():
        raise Invalid({"email": f"{person.name} reads this already."})
    held = RoleAssignment.objects.create(
        person=person,
        role=Role.COMMISSIONER,
        provider=provider,
        service_id=place.service_id,
        from_at=at,
    )
    person.__dict__.pop("_holdings", None)
    where = held.service or held.provider
    return Entry(result=held, subject=held, sentence=f"let {person.name} read what is published of {where}")


@operation
def end_role(*, by: By, at: datetime, assignment: RoleAssignment) -> Entry[RoleAssignment]:
    """End a role at ``at``. What the person could see through it closes with the same moment.

    Raises:
        Invalid: it has ended, it is the last administrator's, or nobody could take over what only they could do.
    """
    check_can_manage_people(by=by, at=at, provider_id=assignment.provider_id)
    Provider.objects.select_for_update().get(pk=assignment.provider_id)  # two may not end each other's role at once
    if assignment.role == Role.ADMINISTRATOR and not _other_administrator(assignment, at):
        raise Invalid("This is the only administrator. Make somebody else an administrator first.")
    ended = RoleAssignment.objects.filter(pk=assignment.pk).current(at).update(until_at=at)
    if not ended:
        raise Invalid("This role has already ended.")
    hand_over(assignment.person, at)
    assignment.refresh_from_db()
    name, role = assignment.person.name, Role(assignment.role).label.lower()
    return Entry(result=assignment, subject=assignment, sentence=f"ended the role of {role} for {name}")


def _other_administrator(assignment: RoleAssignment, at: datetime) -> bool:
    held = RoleAssignment.objects.filter(role=Role.ADMINISTRATOR).current(at).at_place(Place(assignment.provider_id))
    return held.filter(person__is_active=True).exclude(pk=assignment.pk).exists()


@operation
def correct_person(*, by: By, at: datetime, person: Person, name: str, email: str) -> Entry[Person]:
    """Correct somebody's name or e-mail address. What they signed before keeps the name they had then."""
    check_can_manage_people(by=by, at=at, provider_id=person.provider_id)
    problems = _problems_of_person(name=name, email=email, others=Person.objects.exclude(pk=person.pk))
    if problems:
        raise Invalid(problems)
    was = {"name": person.name, "email": person.email}
    Person.objects.filter(pk=person.pk).update(name=name.strip(), email=email.strip().lower())
    # Sign-in also looks among addresses confirmed earlier: the old one must not open the account any more.
    if was["email"] != email.strip().lower():
        EmailAddress.objects.filter(user=person).delete()
    person.refresh_from_db()
    return Entry(
        result=person,
        subject=person,
        sentence=f"corrected the name or e-mail address of {person.name}",
        facts={"was": was, "now": {"name": person.name, "email": person.email}},
    )


@operation
def ask_for_password(*, by: By, at: datetime, person: Person) -> Entry[Person]:
    """Have a link sent to somebody with which they set their password. The page that calls this sends it."""
    check_can_manage_people(by=by, at=at, provider_id=person.provider_id)
    if not person.is_active:
        raise Invalid("Their sign-in is closed. Reopen it first.")
    return Entry(result=person, subject=person, sentence=f"had a link to set a password sent to {person.name}")


@operation
def record_access_review(*, by: By, at: datetime, provider: Provider) -> Entry[Provider]:
    """Record that somebody looked through who holds which role. How many there were stays with the entry."""
    check_can_manage_people(by=by, at=at, provider_id=provider.pk)
    held = RoleAssignment.objects.filter(provider=provider).current(at)
    roles, people = held.count(), held.values("person").distinct().count()
    return Entry(
        result=provider,
        subject=provider,
        sentence=f"reviewed who holds which role ({roles} roles, {people} people)",
        facts={"roles": roles, "people": people},
    )


@operation
def set_provider_profile(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    health_service_body: bool,
    nhs_funded: bool,
    secure_unit: bool,
    repeat_window_days: int,
) -> Entry[Provider]:
    """Say what kind of provider this is: it decides which duties are offered, and how far back a repeat is looked for.

    Args:
        repeat_window_days: an earlier incident within so many days makes this one a repeat; 7 to 730.
    """
    check_can_manage_people(by=by, at=at, provider_id=provider.pk)
    if not 7 <= repeat_window_days <= 730:
        raise Invalid({"repeat_window_days": "Enter a number of days from 7 to 730."})
    now = {
        "health_service_body": health_service_body,
        "nhs_funded": nhs_funded,
        "secure_unit": secure_unit,
        "repeat_window_days": repeat_window_days,
    }
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    was = {name: getattr(locked, name) for name in now}
    Provider.objects.filter(pk=provider.pk).update(**now)
    provider.refresh_from_db()
    changed = [name for name in now if was[name] != now[name]]
    said = ", ".join(f"{name.replace('_', ' ')} {_words(now[name])}" for name in changed) or "nothing differs"
    return Entry(
        result=provider,
        subject=provider,
        sentence=f"set the profile of {provider.name} ({said})",
        facts={"was": was, "now": now},
    )


def _words(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


@operation
def set_active(*, by: By, at: datetime, person: Person, active: bool) -> Entry[Person]:
    """Close or reopen somebody's sign-in; a leaver's open sessions stop with their next request.

    Raises:
        Invalid: it is one's own, or nobody could take over what only they could do.
    """
    check_can_manage_people(by=by, at=at, provider_id=person.provider_id)
    Provider.objects.select_for_update().get(pk=person.provider_id)  # two who could stand in may not go at once
    if isinstance(by, Person) and by.pk == person.pk:
        raise Invalid("You cannot close your own sign-in. Ask another administrator.")
    Person.objects.filter(pk=person.pk).update(is_active=active)
    if not active:
        hand_over(person, at)
    person.refresh_from_db()
    return Entry(
        result=person, subject=person, sentence=f"{'reopened' if active else 'closed'} the sign-in of {person.name}"
    )


def place_of(*, provider_id: UUID, service: Service | None = None, team: Team | None = None) -> Place:
    """A ``Place`` from rows: the team if given, else the service, else the whole provider."""
    if team is not None:
        return team.place
    return Place(provider_id, service.pk if service else None)
