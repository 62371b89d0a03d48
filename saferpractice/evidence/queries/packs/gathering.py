"""What a pack is made of, read as whoever asked for it may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import end_of_day
from saferpractice.evidence.models import EvidencePack
from saferpractice.evidence.queries.packs.altered import altered_of
from saferpractice.evidence.queries.packs.attached import attached_to
from saferpractice.evidence.queries.packs.cases import cases_of
from saferpractice.evidence.queries.packs.charts import charts_of
from saferpractice.evidence.queries.packs.meetings import meetings_of
from saferpractice.evidence.queries.packs.naming import Labels, Roles
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Gathered, Subject
from saferpractice.incidents.models import Incident

MOST_INCIDENTS = 500
"""A pack of more could not be confirmed, or read, by anybody."""


@dataclass(frozen=True, slots=True)
class InScope:
    """The incidents a pack is about that its maker may open, oldest first, and how many more there are."""

    incidents: Sequence[Incident]
    left_out: int


def in_scope(pack: EvidencePack, person: Person, at: datetime) -> InScope:
    """The standing incidents that ``pack`` is about, as far as ``person`` may open them at ``at``."""
    wanted = _wanted(pack)
    seen = wanted.filter(pk__in=Incident.objects.visible_to(person, at).values("pk"))
    listed = seen.select_related("team__service", "person_supported", "reporter").order_by("happened", "pk")
    return InScope(list(listed), wanted.count() - seen.count())


def how_many(pack: EvidencePack) -> int:
    """How many standing incidents a pack is about, whoever may open them."""
    return _wanted(pack).count()


def _wanted(pack: EvidencePack) -> QuerySet[Any]:
    standing = Incident.objects.standing().filter(provider_id=pack.provider_id)
    found = standing.annotate(happened=Coalesce("occurred_at", "known_at"))
    if pack.incident_id is not None:
        return found.filter(pk=pack.incident_id)
    found = found.filter(team__service__in=[one.pk for one in pack.services.all()])
    first, last = period_of(pack)
    found = found.filter(happened__gte=_begins(first), happened__lt=end_of_day(last))
    if pack.theme:
        found = found.filter(theme_rows__theme=pack.theme)
    return found


def _begins(first: date) -> datetime:
    return end_of_day(date.fromordinal(first.toordinal() - 1))


def period_of(pack: EvidencePack) -> tuple[date, date]:
    """From which London day to which a pack of a time reaches."""
    if pack.period_from is None or pack.period_to is None:
        raise ValueError("a pack of one incident has no period")
    return pack.period_from, pack.period_to


def gathered(pack: EvidencePack, person: Person, at: datetime) -> tuple[Gathered, Sequence[Incident]]:
    """Everything a pack is made of, as ``person`` may read it at ``at``, and the incidents whose stories it tells.

    The number of statements does not grow with the incidents.
    """
    scope = in_scope(pack, person, at)
    labels, roles = Labels(pack.provider_id), Roles(pack.provider_id, at)
    subject = Subject(pack.subject)
    cases = cases_of(scope.incidents, labels, roles, names=bool(pack.identity_basis))
    period = None if pack.incident_id is not None else period_of(pack)
    return (
        Gathered(
            subject=subject,
            about=pack.about,
            period=period,
            services=tuple(sorted(service.name for service in pack.services.all())),
            cases=cases,
            changes=altered_of(scope.incidents, labels, roles),
            meetings=meetings_of(pack.provider_id, *period, roles) if period else (),
            charts=charts_of(cases, period) if period else (),
            left_out=scope.left_out,
            attached=attached_to(scope.incidents) if pack.disclosure == Disclosure.FULL else (),
        ),
        scope.incidents,
    )
