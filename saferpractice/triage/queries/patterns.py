"""Finding repeats: earlier incidents of the same person, or of the same team and theme, within the window (R10)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models.functions import Coalesce

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import end_of_day, local_day
from saferpractice.incidents.models import Incident, IncidentTheme
from saferpractice.lists.queries import label_of
from saferpractice.triage.models import RepeatedPattern
from saferpractice.triage.rules import RepeatKind

MOST_COUNTED = 200
"""A pattern is counted up to here: past it the number no longer changes what anybody decides."""
AT_ONCE = 250
"""How many rows of a theme are looked at in one go."""
MOST_KEPT = 50
"""How many of the newest are kept with the decision and can be opened from it."""
NO_THEME = frozenset({"other"})
"""Themes that say "none of these": two incidents do not share them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPattern:
    """Earlier incidents that resemble one, newest first. ``how_many`` stops one past ``MOST_COUNTED``."""

    kind: RepeatKind
    what: str
    window_days: int
    how_many: int
    newest: tuple[UUID, ...]


def happened_at(incident: Incident) -> datetime:
    """When an incident happened as far as known, else when the service came to know of it."""
    return incident.occurred_at or incident.known_at


def find_patterns(*, incident: Incident, at: datetime) -> tuple[FoundPattern, ...]:
    """The repeats that ``incident`` is part of, from what was on record at ``at``.

    Two incidents repeat when their London days lie no more than the provider's ``repeat_window_days`` apart, that
    number included. Withdrawn incidents do not count. All incidents of the provider are looked at, whoever asks:
    what may be shown to whom is for ``seen``.
    """
    near = _Near(incident, at)
    found = [*_same_person(incident, near), *_same_theme(incident, near)]
    return tuple(
        FoundPattern(
            kind=kind,
            what=what[:200],
            window_days=near.window_days,
            how_many=len(ids),
            newest=tuple(ids[:MOST_KEPT]),
        )
        for kind, what, ids in found
        if ids
    )


class _Near:
    """The incidents of the same provider that happened within the window of one, on record at a moment."""

    def __init__(self, incident: Incident, at: datetime) -> None:
        self.window_days = incident.provider.repeat_window_days
        day = local_day(happened_at(incident))
        first = end_of_day(day - timedelta(days=self.window_days + 1))
        last = end_of_day(day + timedelta(days=self.window_days))
        # What is recorded has happened, so the indexes on recorded_at narrow first; a day allows for odd clocks.
        self.recorded = (first - timedelta(days=1), at)
        self.incidents = (
            Incident.objects.standing()
            .exclude(pk=incident.pk)
            .filter(provider_id=incident.provider_id)
            .annotate(happened=Coalesce("occurred_at", "known_at"))
            .filter(happened__gte=first, happened__lt=last)
        )


def _same_person(incident: Incident, near: _Near) -> Iterator[tuple[RepeatKind, str, list[UUID]]]:
    if incident.person_supported is None:
        return
    same = near.incidents.filter(
        person_supported_id=incident.person_supported_id, recorded_at__range=near.recorded
    ).order_by("-recorded_at")
    yield RepeatKind.PERSON, incident.person_supported.reference, _ids(same)


def _same_theme(incident: Incident, near: _Near) -> Iterator[tuple[RepeatKind, str, list[UUID]]]:
    for theme in dict.fromkeys(incident.themes):
        if theme in NO_THEME:
            continue
        rows = IncidentTheme.objects.filter(team_id=incident.team_id, theme=theme, recorded_at__range=near.recorded)
        label = label_of("themes", theme, provider_id=incident.provider_id)
        yield RepeatKind.TEAM_THEME, f"{label}, {incident.team.name}", _newest(rows, near)


def _newest(rows: models.QuerySet[IncidentTheme], near: _Near) -> list[UUID]:
    """The newest incidents of ``rows`` that count, one past ``MOST_COUNTED`` at most.

    A few at a time from the index: joined in one statement, PostgreSQL reads every incident of the window instead.
    """
    found: list[UUID] = []
    newest = rows.order_by("-recorded_at", "-pk").values_list("incident_id", flat=True)
    for start in itertools.count(0, AT_ONCE):
        ids = list(newest[start : start + AT_ONCE])
        counting = set(near.incidents.filter(pk__in=ids).values_list("pk", flat=True))
        found += [pk for pk in ids if pk in counting]
        if len(ids) < AT_ONCE or len(found) > MOST_COUNTED:
            break
    return found[: MOST_COUNTED + 1]


def _ids(found: models.QuerySet[Incident]) -> list[UUID]:
    return list(found.values_list("pk", flat=True)[: MOST_COUNTED + 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPattern:
    """A pattern as one person may see it.

    ``incidents`` are those they may open, newest first; ``hidden`` is how many more they may not, ``older`` how many
    further ones are not kept with the pattern.
    """

    kind: RepeatKind
    what: str
    window_days: int
    how_many: int
    incidents: tuple[Incident, ...]
    hidden: int

    @property
    def older(self) -> int:
        """How many incidents are counted beyond those kept."""
        return max(0, self.how_many - len(self.incidents) - self.hidden)


def seen(pattern: FoundPattern | RepeatedPattern, *, by: Person, at: datetime) -> SeenPattern:
    """``pattern`` as ``by`` may see it at ``at``: nothing of what they may not open but the number."""
    if isinstance(pattern, RepeatedPattern):
        kept = list(pattern.earlier.standing().values_list("pk", flat=True))
    else:
        kept = list(pattern.newest)
    visible = Incident.objects.visible_to(by, at).filter(pk__in=kept).order_by("-recorded_at").select_related("team")
    incidents = tuple(visible)
    return SeenPattern(
        kind=RepeatKind(pattern.kind),
        what=pattern.what,
        window_days=pattern.window_days,
        how_many=pattern.how_many,
        incidents=incidents,
        hidden=len(kept) - len(incidents),
    )
