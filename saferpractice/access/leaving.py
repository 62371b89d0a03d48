"""What must be handed over when somebody's sign-in is closed or a role of theirs ends. Later rooms say what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from saferpractice.access.models import Person

HandOver = Callable[[Person, datetime], None]

_hand_over: list[HandOver] = []


def register_leaving(hand_over: HandOver) -> None:
    """Let a later room hand over what only ``person`` could do, or refuse (``Invalid``) where nobody can take it."""
    _hand_over.append(hand_over)


def hand_over(person: Person, at: datetime) -> None:
    """Hand over what ``person`` alone could do. Call it inside the operation, after the sign-in or role has ended.

    Raises:
        Invalid: nobody can take it over; then nothing ends.
    """
    fresh = Person.objects.get(pk=person.pk)
    for each in _hand_over:
        each(fresh, at)
