"""Who may do what in supervision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.permissions import check_can_manage_people
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.models import SupervisionDiscussion
from saferpractice.assurance.queries.supervision import ARRANGES, oversees, places_of, supervises
from saferpractice.changes.models import Briefing, OperationalChange
from saferpractice.findings.models import Finding
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process


def check_can_hold(*, by: By, at: datetime, worker: Person) -> None:
    """Refuse unless ``by`` supervises ``worker`` today, or oversees a place where they work (in a supervisor's stead).

    Raises:
        Refused: with the reason as a sentence.
    """
    _check_about(by, at, worker, supervises, oversees)


def check_can_arrange(*, by: By, at: datetime, worker: Person) -> None:
    """Refuse unless ``by`` may say who supervises ``worker``."""
    _check_about(by, at, worker, _arranges)


def check_can_say_away(*, by: By, at: datetime, worker: Person) -> None:
    """Refuse unless ``by`` may record that ``worker`` is away: their supervisor, or who arranges or oversees."""
    _check_about(by, at, worker, supervises, oversees, _arranges)


def check_can_answer(*, by: By, at: datetime, discussion: SupervisionDiscussion) -> None:
    """Refuse everybody but the worker: nobody else says whether it was so."""
    if not isinstance(by, Person) or by.pk != discussion.worker_id or not by.is_active:
        raise Refused("Only the worker says whether this is how it was.")


def check_can_correct(*, by: By, at: datetime, discussion: SupervisionDiscussion) -> None:
    """Refuse unless ``by`` held the discussion, or may hold one with its worker."""
    if isinstance(by, Person) and by.is_active and by.pk == discussion.supervisor_id:
        return
    check_can_hold(by=by, at=at, worker=discussion.worker)


def check_can_word(*, by: By, at: datetime, source: OperationalChange | Briefing | Finding) -> None:
    """Refuse unless ``by`` agreed the change, gave the briefing or recorded the finding, or leads on quality there.

    Raises:
        Refused: with the reason as a sentence.
    """
    if isinstance(by, Process):
        return
    if isinstance(by, Person) and by.is_active:
        of = source.change if isinstance(source, Briefing) else source
        teams = [of.team] if isinstance(of, Finding) else list(of.reach.all())
        leads = any(Role.QUALITY_LEAD in by.roles(team.place, at) for team in teams)
        if leads or by.pk in {source.decided_by_id, of.decided_by_id}:
            return
    raise Refused("Only whoever agreed it, or a quality lead of its place, may say what it teaches.")


def check_can_set_needs(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` looks after people at the provider."""
    check_can_manage_people(by=by, at=at, provider_id=provider_id)


def _arranges(by: Person, at: datetime, worker: Person) -> bool:
    if Role.ADMINISTRATOR in by.roles(Place(worker.provider_id), at):
        return True
    return any(by.roles(place, at) & ARRANGES for place in places_of(worker, at))


def _check_about(by: By, at: datetime, worker: Person, *ways: Callable[[Person, datetime, Person], bool]) -> None:
    if isinstance(by, Process):
        return
    if isinstance(by, Person) and by.pk == worker.pk:
        raise Refused("Somebody else does this about you.")
    if not isinstance(by, Person) or by.provider_id != worker.provider_id or not any(w(by, at, worker) for w in ways):
        raise Refused("Only their supervisor, or whoever runs or oversees the place where they work, may do this.")
