"""Why somebody may open an incident, or not: told from the conditions that decide it (``Incidents.visible_to``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from saferpractice.access.models import Person
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE, Role
from saferpractice.incidents.models import Incident, kept_from, named_to, seen_by_role


class Rule(StrEnum):
    """What decides it. The first that holds, in this order."""

    CLOSED = "closed"
    ANOTHER_PROVIDER = "another_provider"
    WITHDRAWN = "withdrawn"
    KEPT_FROM = "kept_from"
    NAMED = "named"
    ROLE = "role"
    RESTRICTED = "restricted"
    NO_ROLE = "no_role"

    @property
    def opens(self) -> bool:
        """Whether the rule lets somebody in."""
        return self in {Rule.NAMED, Rule.ROLE}


@dataclass(frozen=True, slots=True)
class Sight:
    """Whether an incident's pages are there for somebody, and by which rule, in a sentence that says nothing of it."""

    allowed: bool
    rule: Rule
    sentence: str


def sight_of(person: Person, at: datetime, incident: Incident) -> Sight:
    """Whether ``person`` may open ``incident`` at ``at``, and by which rule.

    Raises:
        RuntimeError: what the pages answer and what is told of it differ. Better no answer than a wrong one.
    """
    allowed = Incident.objects.visible_to(person, at).filter(pk=incident.pk).exists()
    rule = _rule(person, at, incident)
    if rule.opens is not allowed:
        raise RuntimeError(f"the pages say {allowed} and the rule told is {rule}")
    return Sight(allowed, rule, _sentence(rule, person, at, incident))


def _rule(person: Person, at: datetime, incident: Incident) -> Rule:
    one = Incident.objects.filter(pk=incident.pk)
    if not person.is_active:
        return Rule.CLOSED
    if person.provider_id != incident.provider_id:
        return Rule.ANOTHER_PROVIDER
    if not one.standing().exists():
        return Rule.WITHDRAWN
    if one.filter(kept_from(person)).exists():
        return Rule.KEPT_FROM
    if one.filter(named_to(person, at)).exists():
        return Rule.NAMED
    if one.filter(seen_by_role(person, at)).exists():
        return Rule.ROLE
    return Rule.RESTRICTED if incident.restricted else Rule.NO_ROLE


def _sentence(rule: Rule, person: Person, at: datetime, incident: Incident) -> str:
    held = person.roles(incident.team.place, at) & SEES_INCIDENTS_OF_PLACE
    roles = " and ".join(role.label.lower() for role in Role if role in held)
    return {
        Rule.CLOSED: "Their sign-in is closed.",
        Rule.ANOTHER_PROVIDER: "It belongs to another provider.",
        Rule.WITHDRAWN: "It was withdrawn, so its pages are there for nobody.",
        Rule.KEPT_FROM: "They are kept from it, whatever their role and whoever names them.",
        Rule.NAMED: "They are named on it.",
        Rule.ROLE: f"They are {roles} of the place it happened in, and it is not restricted.",
        Rule.RESTRICTED: "It is restricted to named people, and they are not named on it.",
        Rule.NO_ROLE: "They hold no role that sees the incidents of the place it happened in, and are not named on it.",
    }[rule]
