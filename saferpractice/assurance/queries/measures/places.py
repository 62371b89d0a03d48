"""The places whose numbers somebody may read, by the roles they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person, Service, Team
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.permissions.measures import READS_EVERYTHING, READS_OWN_TEAM
from saferpractice.assurance.queries.measures.buckets import Each


@dataclass(frozen=True, slots=True)
class Placed:
    """A place to read numbers of. ``everything`` says whether also those of incidents, and small ones."""

    place: Place
    name: str
    everything: bool

    @property
    def id(self) -> UUID | None:
        """The id of the team or service, or None for the whole provider."""
        return self.place.team_id or self.place.service_id

    @property
    def code(self) -> str:
        """How addresses name it."""
        return str(self.id or "all")


def places_read(person: Person, at: datetime) -> list[Placed]:
    """The places whose numbers ``person`` reads: the provider where they cover all of it, then services, then teams."""
    covering = [h.place for h in person.holdings() if h.role in READS_EVERYTHING and h.holds(at)]
    full = _teams(person, at, READS_EVERYTHING)
    if not person.is_active:
        return []
    found: list[Placed] = []
    if any(place.service_id is None for place in covering):
        found.append(Placed(Place(person.provider_id), person.provider.name, everything=True))
    for service in dict.fromkeys(team.service for team in full):
        place = Place(person.provider_id, service.pk)
        if any(each.covers(place) for each in covering):
            found.append(Placed(place, service.name, everything=True))
    found += [placed_of(team, everything=True) for team in full]
    seen = {team.pk for team in full}
    own = [team for team in _teams(person, at, READS_OWN_TEAM) if team.pk not in seen]
    return found + [placed_of(team, everything=False) for team in own]


def _teams(person: Person, at: datetime, among: frozenset[Role]) -> Sequence[Team]:
    found = teams_covered(person, at, among)
    return list(found.select_related("service").order_by("service__name", "name"))


def placed_of(team: Team, *, everything: bool) -> Placed:
    """A team as a place to read numbers of."""
    return Placed(team.place, f"{team.name}, {team.service.name}", everything)


def parts_of(placed: Placed) -> dict[Each, list[Placed]]:
    """What a place is made of, by name: a provider of services and teams, a service of teams, a team of nothing."""
    place = placed.place
    if place.team_id is not None:
        return {}
    teams = Team.objects.filter(provider_id=place.provider_id).select_related("service")
    if place.service_id is not None:
        teams = teams.filter(service_id=place.service_id)
    found = [placed_of(team, everything=placed.everything) for team in teams.order_by("service__name", "name")]
    if place.service_id is not None:
        return {Each.TEAM: found}
    services = Service.objects.filter(provider_id=place.provider_id).order_by("name")
    whole = [Placed(Place(place.provider_id, one.pk), one.name, placed.everything) for one in services]
    return {Each.SERVICE: whole, Each.TEAM: found}
