"""Who hears of late work: the roles of a chain, whoever stands in where nobody holds one, and who must never hear."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

import structlog

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import ChainDecision, DirectorCover, Obligation
from saferpractice.deadlines.rules import (
    OWNER,
    ChainFound,
    ChainSet,
    Cover,
    EscalationChain,
    EscalationStep,
    chain_in_force,
    may_hear,
    on_call,
    standing_in,
)

log = structlog.get_logger()

_kept_from: list[Callable[[UUID], Collection[UUID]]] = []


def register_kept_from(find: Callable[[UUID], Collection[UUID]]) -> None:
    """Let a later room say who must never hear of an incident: ``find`` gives the people's ids for a story's id."""
    _kept_from.append(find)


def kept_from(story_id: UUID | None) -> frozenset[UUID]:
    """The ids of everybody who must not hear of this story, whatever their role."""
    return frozenset(pk for find in _kept_from for pk in find(story_id)) if story_id else frozenset()


@dataclass(slots=True)
class Recipients:
    """Who is told, and which roles nobody holds (``gaps``, in words)."""

    people: dict[UUID, Person] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)

    def add(self, people: Iterable[Person]) -> bool:
        """Tell ``people`` too; whether there were any."""
        found = {person.pk: person for person in people}
        self.people |= found
        return bool(found)

    @property
    def nobody(self) -> bool:
        """Whether only the administrators are left: they hear that there is a gap, not of what."""
        return bool(self.gaps) and not self.people


@dataclass(frozen=True)
class Matter:
    """What people are told of: where it belongs and who may hear."""

    provider_id: UUID
    team: Team | None
    story_id: UUID | None
    restricted: bool
    at: datetime

    @classmethod
    def of(cls, obligation: Obligation, at: datetime) -> Matter:
        """The matter of an obligation."""
        return cls(obligation.provider_id, obligation.team, obligation.story_id, obligation.restricted, at)

    @cached_property
    def hidden(self) -> frozenset[UUID]:
        """Who must not hear of it."""
        return kept_from(self.story_id)

    def holding(self, roles: Iterable[str]) -> list[Person]:
        """Everybody who holds one of ``roles`` here and may hear of it, by role and name."""
        place = self.team.place if self.team else Place(self.provider_id)
        heard = dict.fromkeys(may_hear(role, restricted=self.restricted) for role in roles)
        people = (person for role in heard for person in Person.objects.holding(role, place, self.at))
        return [person for person in people if person.pk not in self.hidden]

    def called(self, role: str) -> list[Person]:
        """Everybody who is told when late work goes up to ``role``: of the directors, those who are on call.

        Where nobody is on call, or whoever is holds the role no longer or must not hear of it, every director is.
        """
        holding = self.holding([role])
        if role != Role.DIRECTOR:
            return holding
        rows = DirectorCover.objects.standing(self.provider_id).filter(until_at__gt=self.at)
        covers = [Cover(row.person_id, row.service_id, row.from_at, row.until_at) for row in rows]
        whose = on_call(covers, self.team.service_id if self.team else None, self.at)
        return [person for person in holding if person.pk in whose] or holding

    def next_after(self, role: str) -> tuple[tuple[str, ...], ...]:
        """Who is told when nobody holds ``role``, in order: what is above its level, or above level 1."""
        chain = chain_for(self.provider_id, self.team.service_id if self.team else None, role).chain
        levels = [step.level for step in chain.steps if role in step.to_roles]
        return standing_in(chain, levels[0] if levels else 1)


def chain_for(provider_id: UUID, service_id: UUID | None, role: str) -> ChainFound:
    """The escalation chain that holds now for work owed by ``role`` (or "") in a service (or None)."""
    found = chain_in_force(decisions_of(provider_id), service_id, role)
    if found.unreadable:
        log.error("an escalation chain cannot be read; the one as shipped is used", provider=str(provider_id))
    return found


def decisions_of(provider_id: UUID) -> list[ChainSet]:
    """What the provider decided about its chains, oldest first."""
    rows = ChainDecision.objects.filter(provider_id=provider_id).order_by("decided_at", "pk")
    return [ChainSet(row.service_id, row.role, row.steps, row.decided_at) for row in rows]


def recipients_of(obligation: Obligation, step: EscalationStep, chain: EscalationChain, at: datetime) -> Recipients:
    """Who is told at one level. Where nobody holds a role, the next in the chain is told in their place."""
    matter, found = Matter.of(obligation, at), Recipients()
    for name in step.to_roles:
        owes = name == OWNER
        if found.add(answering(obligation, matter) if owes else matter.called(name)):
            continue
        role = obligation.role if owes else name
        gap = Role(role).label.lower() if role else "its owner"
        if gap not in found.gaps:
            found.gaps.append(gap)
            _add_first(found, matter, standing_in(chain, step.level))
    return found


def answering(obligation: Obligation, matter: Matter) -> list[Person]:
    """Who owes it: the owner, and whoever holds the role it was opened for."""
    owner = obligation.owner
    people = [owner] if owner is not None and owner.is_active and owner.pk not in matter.hidden else []
    return people + (matter.holding([obligation.role]) if obligation.role else [])


def _add_first(found: Recipients, matter: Matter, groups: Iterable[Iterable[str]]) -> None:
    """Tell the first of ``groups`` that has anybody."""
    any(found.add(person for role in roles for person in matter.called(role)) for roles in groups)


def holders_or_next(role: Role, matter: Matter) -> Recipients:
    """Everybody who holds ``role`` here; where nobody does, the next in the chain of that place."""
    found = Recipients()
    if not found.add(matter.holding([role])):
        found.gaps.append(role.label.lower())
        _add_first(found, matter, matter.next_after(role))
    return found


def role_that_answers(role: Role, matter: Matter, among: Collection[Role]) -> Role:
    """``role`` if somebody holds it here; else the next of ``among`` up the chain that is held; else ``role``."""
    if matter.holding([role]):
        return role
    others = (other for roles in matter.next_after(role) for other in roles if other in among)
    return next((Role(other) for other in others if matter.holding([other])), role)


def administrators(provider_id: UUID, at: datetime) -> list[Person]:
    """Who looks after people and places, and so can mend a gap."""
    return list(Person.objects.holding(Role.ADMINISTRATOR, Place(provider_id), at))
