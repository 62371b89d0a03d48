"""A person supported as somebody who works with them may know them: by the cases and incidents they may open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person, Service, Team
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.rules import kept_reference
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.queries.cases import cases_seen, teams_worked_in
from saferpractice.pathways.queries.practice import definition_of


def _known(by: Person, at: datetime) -> QuerySet[PersonSupported]:
    """Those about whom ``by`` may open a case or an incident. Nobody else is there, whoever else works with them."""
    cases = PathwayCase.objects.visible_to(by, at).values("person_supported_id")
    incidents = Incident.objects.visible_to(by, at).filter(person_supported__isnull=False).values("person_supported_id")
    return PersonSupported.objects.filter(Q(pk__in=cases) | Q(pk__in=incidents), provider_id=by.provider_id)


def person_known(by: Person, at: datetime, person_id: UUID) -> PersonSupported | None:
    """A person supported by id, when ``by`` may know of them; else None."""
    return _known(by, at).filter(pk=person_id).first()


def person_named(by: Person, at: datetime, reference: str) -> PersonSupported | None:
    """A person supported by reference, when ``by`` may know of them; else None."""
    return _known(by, at).filter(reference=kept_reference(reference)).first()


def case_to_tick(
    by: Person, at: datetime, reference: str, pathway: str, teams: QuerySet[Team] | None = None
) -> PathwayCase | None:
    """The newest open case of a person on a pathway that ``by`` may open, in one of ``teams`` where they are given."""
    found = (
        cases_seen(by, at)
        .open()
        .filter(person_supported__reference=kept_reference(reference), version__pathway=pathway)
    )
    if teams is not None:
        found = found.filter(team__in=teams)
    return found.select_related("team__service", "incident", "provider").first()


def latest_case_on(by: Person, at: datetime, reference: str, pathway: str) -> PathwayCase | None:
    """The newest case of a person on a pathway that ``by`` may open, open or closed."""
    found = cases_seen(by, at).filter(person_supported__reference=kept_reference(reference), version__pathway=pathway)
    return found.first()


def last_ticked(case: PathwayCase | None) -> PathwayRecord | None:
    """The newest checklist on ``case`` that stands, of the kind a case begins with."""
    if case is None:
        return None
    kind = definition_of(case).begins_with
    standing = case.records.filter(kind=kind.id, withdrawn=False, corrections__isnull=True)
    return standing.order_by("-happened_at", "-decided_at").first() if kind.ticks else None


def teams_to_begin_in(by: Person, at: datetime, services: QuerySet[Service] | None = None) -> QuerySet[Team]:
    """The teams in which ``by`` may begin a case, within ``services`` where they are given."""
    teams = teams_worked_in(by, at)
    return teams if services is None else teams.filter(service__in=services)


def team_of_person(by: Person, at: datetime, reference: str, teams: QuerySet[Team]) -> Team | None:
    """The one of ``teams`` to begin in: the only one, or that of the person's newest case which ``by`` may open."""
    few = list(teams[:2])
    if len(few) == 1:
        return few[0]
    newest = cases_seen(by, at).filter(person_supported__reference=kept_reference(reference), team__in=teams).first()
    return newest.team if newest else None
