"""What later stages show beside the earlier incidents of a repeated pattern: they register, this room knows none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person


@dataclass(frozen=True, slots=True)
class ChangedAfter:
    """Something that was changed after an incident: where it stands, and whether it was shown to work.

    ``worked`` is empty while nothing was checked.
    """

    title: str
    href: str
    state: str
    meaning: str
    worked: str = ""
    worked_meaning: str = "quiet"


Asked = Callable[[Sequence[UUID], Person, datetime], Mapping[UUID, Sequence[ChangedAfter]]]
"""What was changed after each of these incidents, which the person may open, as they may see it."""

_registered: list[Asked] = []


def register_changed_after(asked: Asked) -> None:
    """Ask ``asked`` whenever earlier incidents are shown. Call from ``AppConfig.ready``."""
    if asked not in _registered:
        _registered.append(asked)


def changed_after(incident_ids: Sequence[UUID], *, by: Person, at: datetime) -> Mapping[UUID, list[ChangedAfter]]:
    """What was changed after each of ``incident_ids``, in the order registered. Pass only incidents ``by`` may open."""
    found: dict[UUID, list[ChangedAfter]] = {one: [] for one in incident_ids}
    for asked in _registered:
        for one, changed in asked(incident_ids, by, at).items():
            found[one] += changed
    return found
