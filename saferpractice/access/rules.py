"""Pure rules of access: the roles, and how far each sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Role(StrEnum):
    """What a person is here to do. A role is always held at a place: a team, a service or the provider."""

    SUPPORT_WORKER = "support_worker"
    DUTY_MANAGER = "duty_manager"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    QUALITY_LEAD = "quality_lead"
    DIRECTOR = "director"
    ADMINISTRATOR = "administrator"
    COMMISSIONER = "commissioner"
    INSPECTOR = "inspector"

    @property
    def label(self) -> str:
        """The role in words."""
        return self.value.replace("_", " ").capitalize()


SEES_INCIDENTS_OF_PLACE = frozenset(
    {Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.SUPERVISOR, Role.QUALITY_LEAD, Role.DIRECTOR}
)
"""Roles that see every unrestricted incident of the place where they hold the role. Everyone else sees what
they reported themselves (a line per stage) and what they are named on, such as a review they carry out."""

REPORTS = frozenset(
    {
        Role.SUPPORT_WORKER,
        Role.DUTY_MANAGER,
        Role.SAFEGUARDING_LEAD,
        Role.REVIEWER,
        Role.SUPERVISOR,
        Role.QUALITY_LEAD,
        Role.DIRECTOR,
        Role.ADMINISTRATOR,
    }
)
"""Roles that work here and so may report an incident; commissioner and inspector only read."""

SENIOR = frozenset({Role.SAFEGUARDING_LEAD, Role.QUALITY_LEAD, Role.DIRECTOR})
"""Roles senior enough to oversee a formal investigation (when not involved in the incident)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role is held: the whole provider, one service, or one team."""

    provider_id: UUID
    service_id: UUID | None = None
    team_id: UUID | None = None

    def covers(self, other: Place) -> bool:
        """Whether ``other`` lies within this place."""
        return (
            self.provider_id == other.provider_id
            and (self.service_id is None or self.service_id == other.service_id)
            and (self.team_id is None or self.team_id == other.team_id)
        )


@dataclass(frozen=True, slots=True)
class Holding:
    """One role held at one place from a moment until a moment (or still)."""

    role: Role
    place: Place
    from_at: datetime
    until_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the role is held at ``at``."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


def roles_at(holdings: Iterable[Holding], place: Place, at: datetime) -> frozenset[Role]:
    """The roles that cover ``place`` at ``at``."""
    return frozenset(h.role for h in holdings if h.holds(at) and h.place.covers(place))


def role_words(holdings: Iterable[Holding], at: datetime) -> str:
    """The roles held at ``at`` as words for the trail, in the order of the enum: "Duty manager, Reviewer"."""
    held = {h.role for h in holdings if h.holds(at)}
    return ", ".join(role.label for role in Role if role in held) or "No role"


HANDED_OVER = frozenset({Role.SAFEGUARDING_LEAD, Role.DIRECTOR, Role.ADMINISTRATOR})
"""Roles that end when somebody ends them: what nobody else could decide is handed over at that moment, or refused."""


def problem_with_last_day(role: Role, last_on: date | None, at: datetime) -> str:
    """Why ``last_on`` cannot be the last day in London of a role given at ``at``; "" when it can."""
    if last_on is None:
        return ""
    if last_on < at.astimezone(LONDON).date():
        return "The last day must be today or in the future."
    if role in HANDED_OVER:
        return (
            f"Leave this empty and end the role when they leave: what only a {role.label.lower()} decides must be "
            "handed over then."
        )
    return ""
