"""The pathways there are, which are in use, and what a service set for itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects

from saferpractice.access.models import Person, Service
from saferpractice.pathways.models import (
    CaseMoved,
    LocalValues,
    PathwayCase,
    PathwayRecord,
    PathwayVersion,
)
from saferpractice.pathways.rules.definition import Definition, Value
from saferpractice.pathways.rules.reading import kept_definition, load_library
from saferpractice.pathways.rules.versions import VersionFact, VersionState, states


@cache
def library() -> dict[str, Definition]:
    """The pathways that ship with the product, by their codes, read once.

    Raises:
        ListMistakes: a file cannot be used.
    """
    return load_library()


@lru_cache(maxsize=256)
def _definition(version_id: UUID) -> Definition:
    version = PathwayVersion.objects.get(pk=version_id)
    return kept_definition(version.content, name=str(version))


@dataclass(frozen=True, slots=True)
class Worked:
    """The versions a case was worked by, oldest first: the first since its opening, each later one since a move."""

    versions: tuple[PathwayVersion, ...]
    moves: tuple[CaseMoved, ...]

    @property
    def version(self) -> PathwayVersion:
        """The one it is worked by now."""
        return self.versions[-1]

    @property
    def definition(self) -> Definition:
        """The definition it is worked by now."""
        return definition_of_version(self.version)

    def when_written(self, record: PathwayRecord) -> Definition:
        """The definition that was in force when ``record`` was written, and so its note standard."""
        passed = sum(move.decided_at <= record.decided_at for move in self.moves)
        written_by = definition_of_version(self.versions[passed])
        return written_by if record.kind in written_by.kinds else self.asking_for(record.kind) or written_by

    def asking_for(self, kind: str) -> Definition | None:
        """The newest definition of the case that has this kind of record."""
        found = (definition_of_version(version) for version in reversed(self.versions))
        return next((definition for definition in found if kind in definition.kinds), None)


def worked_by(case: PathwayCase) -> Worked:
    """The versions ``case`` was worked by."""
    prefetch_related_objects([case], "moves__to_version")
    moves = sorted(case.moves.all(), key=lambda move: (move.decided_at, move.pk))
    return Worked((case.version, *(move.to_version for move in moves)), tuple(moves))


def definition_of(case: PathwayCase) -> Definition:
    """The definition a case is worked by."""
    return worked_by(case).definition


def definition_of_version(version: PathwayVersion) -> Definition:
    """The definition that a version holds."""
    return _definition(version.pk)


def in_use(provider_id: UUID, at: datetime) -> list[PathwayVersion]:
    """The version of each pathway that is in use at the provider at ``at``, by title."""
    found = PathwayVersion.objects.filter(provider_id=provider_id).select_related("retirement").order_by("number")
    by_pathway: dict[str, list[PathwayVersion]] = {}
    for version in found:
        by_pathway.setdefault(version.pathway, []).append(version)
    used = [
        version
        for versions in by_pathway.values()
        for version in versions
        if states(facts_of(versions), at)[version.number] is VersionState.LIVE
    ]
    return sorted(used, key=lambda version: version.title)


def version_in_use(provider_id: UUID, pathway: str, at: datetime) -> PathwayVersion | None:
    """The version of one pathway that is in use, or None."""
    return next((version for version in in_use(provider_id, at) if version.pathway == pathway), None)


def facts_of(versions: Iterable[PathwayVersion]) -> list[VersionFact]:
    """Versions of one pathway as the rules read them."""
    return [
        VersionFact(
            version.number,
            version.live_from,
            version.retirement.retired_at if hasattr(version, "retirement") else None,
        )
        for version in versions
    ]


def values_of(service_id: UUID, definition: Definition) -> dict[str, Value]:
    """The values a service set for itself on a pathway, those that its definition still allows."""
    newest = (
        LocalValues.objects.filter(service_id=service_id, pathway=definition.pathway).order_by("-decided_at").first()
    )
    return {
        name: value
        for name, value in (newest.values if newest else {}).items()
        if name in definition.locals and definition.locals[name].problem_with(value) is None
    }


def service_to_set(person: Person, service_id: UUID) -> Service | None:
    """A service of the provider of ``person``, or None."""
    return Service.objects.filter(provider_id=person.provider_id, pk=service_id).first()


def services_of(person: Person) -> QuerySet[Service]:
    """The services of the provider of ``person``, by name."""
    return Service.objects.filter(provider_id=person.provider_id).order_by("name")


def versions_in_use(provider_id: UUID, at: datetime) -> QuerySet[PathwayVersion]:
    """The versions in use, as a form offers them."""
    newest = [version.pk for version in in_use(provider_id, at)]
    return PathwayVersion.objects.filter(pk__in=newest).order_by("title")
