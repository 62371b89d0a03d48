"""Who may set up people and places."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.rules import Place, Role
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process


def check_has_role(*, by: By, at: datetime, place: Place, among: frozenset[Role], to_do: str) -> None:
    """Refuse unless ``by`` holds one of the roles ``among`` over ``place``. A named process is never refused.

    Raises:
        Refused: with a sentence naming the roles that may.
    """
    if isinstance(by, Process):
        return
    if isinstance(by, Person) and by.roles(place, at) & among:
        return
    names = [role.label.lower() for role in Role if role in among]
    words = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
    article = "an" if words[0] in "aeiou" else "a"
    raise Refused(f"Only {article} {words} of this place may {to_do}.")


def check_can_manage_people(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` is an administrator of the provider (or a process, such as loading example data)."""
    check_has_role(
        by=by, at=at, place=Place(provider_id), among=frozenset({Role.ADMINISTRATOR}), to_do="manage people and places"
    )


def can_manage_people(person: Person, at: datetime) -> bool:
    """Whether ``person`` is an administrator of their provider: the only one for whom these pages exist."""
    return allowed(check_can_manage_people, by=person, at=at, provider_id=person.provider_id)[0]


def allowed(check: object, **kwargs: object) -> tuple[bool, str]:
    """Turn a ``check_can_…`` into (may, why not) for a page that shows a disabled button with its reason."""
    try:
        check(**kwargs)  # type: ignore[operator]
    except Refused as refusal:
        return False, refusal.sentence
    return True, ""
