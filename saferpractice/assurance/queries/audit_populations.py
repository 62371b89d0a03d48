"""The records an audit can be drawn from: a closed list of named queries, scoped to the change's reach and a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from saferpractice.access.models import Person, Team
from saferpractice.assurance.rules.audits import Source
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import end_of_day, local_day
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import choices, labels_of
from saferpractice.pathways.models import CaseObligation, PathwayCase, PathwayRecord
from saferpractice.pathways.queries import definition_of_version, in_use, version_in_use
from saferpractice.reviews.models import ReviewDocument
from saferpractice.triage.models import TierDecision

Filters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A record that belongs on a list: its id, its team, and whether its incident is restricted."""

    record_id: UUID
    team_id: UUID
    restricted: bool


@dataclass(frozen=True, slots=True)
class RecordShown:
    """A record drawn, as the page of an auditor shows it: what it is without its content, and where to read it."""

    words: str
    team_id: UUID
    story_id: UUID | None
    address: str
    made_by: frozenset[UUID]
    case_id: UUID | None = None


def listed_records(
    change: OperationalChange, source: Source, filters: Filters, *, from_on: date, to_on: date
) -> list[Listed]:
    """The records of the teams the change must reach and of a period: London days, both in it. Restricted ones too."""
    began, ended = end_of_day(from_on - timedelta(days=1)), end_of_day(to_on)
    found = _standing(change.provider_id, source, filters)
    path = _PATHS[source]
    if source is Source.OBLIGATIONS:
        opened = Obligation.objects.filter(
            provider_id=change.provider_id,
            subject_type="pathways.caseobligation",
            opened_at__gte=began,
            opened_at__lt=ended,
        )
        found = found.filter(pk__in=opened.values("subject_id"))
    else:
        found = found.filter(**{f"{path.moment}__gte": began, f"{path.moment}__lt": ended})
    rows = found.filter(**{f"{path.team}__in": change.reach.values("pk")}).order_by("pk")
    columns = rows.values_list("pk", path.team, path.restricted).distinct()
    return [Listed(pk, team_id, bool(restricted)) for pk, team_id, restricted in columns]


def still_readable(source: Source, ids: Collection[UUID]) -> set[UUID]:
    """Those of ``ids`` whose incident was neither restricted nor withdrawn meanwhile.

    One that was put right meanwhile is read as it stood: the page shows both.
    """
    path = _PATHS[source]
    found = _MODELS[source]._default_manager.filter(pk__in=list(ids)).exclude(**{path.restricted: True})
    if source in {Source.INCIDENTS, Source.DOCUMENTS}:
        found = found.filter(**{path.restricted.replace("restricted", "withdrawal__isnull"): True})
    return set(found.values_list("pk", flat=True))


def openable(person: Person, at: datetime, source: Source, ids: Collection[UUID]) -> set[UUID]:
    """Those of ``ids`` that ``person`` may open themselves."""
    model = _MODELS[source]
    cases = PathwayCase.objects.visible_to(person, at).values("pk")
    incidents = Incident.objects.visible_to(person, at).values("pk")
    may = {
        Source.CASE_RECORDS: Q(case__in=cases),
        Source.OBLIGATIONS: Q(case__in=cases),
        Source.INCIDENTS: Q(pk__in=incidents),
        Source.DOCUMENTS: Q(review__incident__in=incidents),
    }[source]
    return set(model._default_manager.filter(may, pk__in=list(ids)).values_list("pk", flat=True))


def shown_records(source: Source, ids: Collection[UUID], provider_id: UUID) -> dict[UUID, RecordShown]:
    """Each of ``ids`` as an auditor is led to it."""
    match source:
        case Source.CASE_RECORDS:
            return _case_records(ids)
        case Source.OBLIGATIONS:
            return _obligations(ids)
        case Source.INCIDENTS:
            return _incidents(ids)
        case Source.DOCUMENTS:
            return _documents(ids, labels_of("required-documents", provider_id=provider_id))


def choices_of(provider_id: UUID, source: Source, at: datetime) -> list[tuple[str, str]]:
    """What can be audited from a source at the provider: what a form sends, and its words."""
    if source is Source.INCIDENTS:
        themes = choices("themes", provider_id=provider_id, on=local_day(at))
        return [
            ("incidents::", "Every incident"),
            *((f"incidents:{one.code}:", f"Incidents of the theme {one.label}") for one in themes),
            *((f"incidents::{tier}", f"Incidents of tier {tier}") for tier in "ABC"),
        ]
    if source is Source.DOCUMENTS:
        kinds = choices("required-documents", provider_id=provider_id, on=local_day(at))
        return [(f"documents:{one.code}", one.label) for one in kinds]
    found = []
    for version in in_use(provider_id, at):
        definition = definition_of_version(version)
        parts = (
            [(kind.id, kind.label) for kind in definition.records]
            if source is Source.CASE_RECORDS
            else [(one.id, one.title) for one in definition.obligations]
        )
        found += [(f"{source}:{version.pathway}:{code}", f"{version.title}: {label}") for code, label in parts]
    return found


def read_choice(text: str) -> tuple[Source, dict[str, str]]:
    """What a form sent, as a source and its filters.

    Raises:
        ValueError: it names no source.
    """
    name, *rest = text.split(":")
    source = Source(name)
    keys = {
        Source.CASE_RECORDS: ("pathway", "kind"),
        Source.OBLIGATIONS: ("pathway", "code"),
        Source.INCIDENTS: ("theme", "tier"),
        Source.DOCUMENTS: ("document",),
    }[source]
    return source, {key: value for key, value in zip(keys, rest, strict=True) if value}


def what_is_read(provider_id: UUID, source: Source, filters: Filters, at: datetime) -> str:
    """The query in words: "Records “Consultation” on the pathway “Self-neglect”"."""
    if source is Source.INCIDENTS:
        theme = filters.get("theme", "")
        label = labels_of("themes", provider_id=provider_id).get(theme, theme)
        parts = [f"of the theme “{label}”" if theme else "", f"of tier {filters['tier']}" if "tier" in filters else ""]
        return " ".join(["Incidents", *(part for part in parts if part)])
    if source is Source.DOCUMENTS:
        code = filters["document"]
        return f"Review documents “{labels_of('required-documents', provider_id=provider_id).get(code, code)}”"
    code = filters["kind"] if source is Source.CASE_RECORDS else filters["code"]
    version = version_in_use(provider_id, filters["pathway"], at)
    title, label = filters["pathway"], code
    if version is not None:
        definition = definition_of_version(version)
        title = version.title
        named = (
            {kind.id: kind.label for kind in definition.records}
            if source is Source.CASE_RECORDS
            else {one.id: one.title for one in definition.obligations}
        )
        label = named.get(code, code)
    start = "Records" if source is Source.CASE_RECORDS else "Each time it was asked to"
    words = f"“{label}”" if source is Source.CASE_RECORDS else f"“{label[:1].lower()}{label[1:]}”"
    return f"{start} {words} on the pathway “{title}”"


def population_words(what: str, teams: Collection[Team], from_on: date, to_on: date) -> str:
    """The whole query of a list in words."""
    where = ", ".join(sorted(team.name for team in teams))
    return f"{what}, from {_day(from_on)} to {_day(to_on)}, in {where}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@dataclass(frozen=True, slots=True)
class _Path:
    team: str
    moment: str
    restricted: str


_PATHS = {
    Source.CASE_RECORDS: _Path("case__team", "decided_at", "case__incident__restricted"),
    Source.OBLIGATIONS: _Path("case__team", "", "case__incident__restricted"),
    Source.INCIDENTS: _Path("team", "recorded_at", "restricted"),
    Source.DOCUMENTS: _Path("review__incident__team", "decided_at", "review__incident__restricted"),
}
_MODELS: dict[Source, Any] = {
    Source.CASE_RECORDS: PathwayRecord,
    Source.OBLIGATIONS: CaseObligation,
    Source.INCIDENTS: Incident,
    Source.DOCUMENTS: ReviewDocument,
}


def _standing(provider_id: UUID, source: Source, filters: Filters) -> QuerySet[Any]:
    """The provider's records of a named query that stand: neither corrected, nor withdrawn, nor supplied anew."""
    match source:
        case Source.CASE_RECORDS:
            return PathwayRecord.objects.filter(
                case__provider_id=provider_id,
                case__version__pathway=filters["pathway"],
                kind=filters["kind"],
                withdrawn=False,
                corrections__isnull=True,
            )
        case Source.OBLIGATIONS:
            return CaseObligation.objects.filter(
                provider_id=provider_id, case__version__pathway=filters["pathway"], code=filters["code"]
            )
        case Source.INCIDENTS:
            found = Incident.objects.standing().filter(provider_id=provider_id)
            if "theme" in filters:
                found = found.filter(theme_rows__theme=filters["theme"])
            if "tier" in filters:
                newest = TierDecision.objects.filter(incident=OuterRef("pk")).order_by("-decided_at", "-pk")
                found = found.annotate(tier_now=Subquery(newest.values("tier")[:1])).filter(tier_now=filters["tier"])
            return found
        case Source.DOCUMENTS:
            documents = ReviewDocument.objects.filter(
                review__incident__provider_id=provider_id,
                review__incident__withdrawal__isnull=True,
                kind=filters["document"],
            )
            newer = ReviewDocument.objects.filter(
                Q(decided_at__gt=OuterRef("decided_at")) | Q(decided_at=OuterRef("decided_at"), pk__gt=OuterRef("pk")),
                review=OuterRef("review"),
                kind=OuterRef("kind"),
            )
            return documents.exclude(Exists(newer))


def _case_records(ids: Collection[UUID]) -> dict[UUID, RecordShown]:
    rows = PathwayRecord.objects.filter(pk__in=list(ids)).select_related("case__version", "case__team", "corrects")
    found = {}
    for row in rows:
        kind = definition_of_version(row.case.version).kinds.get(row.kind)
        makers = {row.decided_by_id, row.corrects.decided_by_id if row.corrects else None}
        found[row.pk] = RecordShown(
            f"{kind.label if kind else row.kind}, written {_day(local_day(row.decided_at))}",
            row.case.team_id,
            row.case.incident_id,
            f"{reverse('pathways:case', args=[row.case_id])}#written",
            frozenset(one for one in makers if one),
            row.case_id,
        )
    return found


def _obligations(ids: Collection[UUID]) -> dict[UUID, RecordShown]:
    rows = list(CaseObligation.objects.filter(pk__in=list(ids)).select_related("case__version", "case__team"))
    owed = {one.subject_id: one for one in Obligation.objects.filter(subject_id__in=[row.pk for row in rows])}
    met_by = {one.met_by_id: one.subject_id for one in owed.values() if one.met_by_id}
    because = {UUID(str(record)): row.pk for row in rows for record in row.because}
    makers: dict[UUID, set[UUID]] = defaultdict(set)
    written = PathwayRecord.objects.filter(pk__in=[*met_by, *because]).exclude(decided_by=None)
    for pk, by_id in written.values_list("pk", "decided_by_id"):
        for of in (met_by.get(pk), because.get(pk)):
            if of is not None and by_id is not None:
                makers[of].add(by_id)
    return {
        row.pk: RecordShown(
            owed[row.pk].title if row.pk in owed else row.code,
            row.case.team_id,
            row.case.incident_id,
            reverse("pathways:owed", args=[row.pk]),
            frozenset(makers[row.pk]),
            row.case_id,
        )
        for row in rows
    }


def _incidents(ids: Collection[UUID]) -> dict[UUID, RecordShown]:
    return {
        row.pk: RecordShown(
            f"Incident {row.reference}, reported {_day(local_day(row.recorded_at))}",
            row.team_id,
            row.pk,
            reverse("home:incident", args=[row.pk]),
            frozenset([row.reporter_id] if row.reporter_id else []),
        )
        for row in Incident.objects.filter(pk__in=list(ids))
    }


def _documents(ids: Collection[UUID], labels: Mapping[str, str]) -> dict[UUID, RecordShown]:
    rows = ReviewDocument.objects.filter(pk__in=list(ids)).annotate(team_id=F("review__incident__team"))
    return {
        row.pk: RecordShown(
            f"{labels.get(row.kind, row.kind)}, supplied {_day(local_day(row.decided_at))}",
            row.team_id,
            row.review.incident_id,
            reverse("reviews:document", args=[row.review_id, row.kind]),
            frozenset([row.decided_by_id] if row.decided_by_id else []),
        )
        for row in rows.select_related("review")
    }
