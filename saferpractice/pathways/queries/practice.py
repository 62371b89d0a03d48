"""The pathways there are, which are in use, and what a service set for itself."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person, Service
from saferpractice.pathways.models import (
    LocalValues,
    PathwayCase,
    PathwayVersion,
)
from saferpractice.pathways.rules.definition import Definition, Value
from saferpractice.pathways.rules.reading import definition_from_data, load_library


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
    return definition_from_data(version.content, name=str(version))


def definition_of(case: PathwayCase) -> Definition:
    """The definition a case is worked by."""
    return _definition(case.version_id)


def in_use(provider_id: UUID, at: datetime) -> list[PathwayVersion]:
    """The newest version of each pathway that the provider had put in use by ``at``, by title."""
    found: dict[str, PathwayVersion] = {}
    for version in PathwayVersion.objects.filter(provider_id=provider_id, live_from__lte=at).order_by("number"):
        found[version.pathway] = version
    return sorted(found.values(), key=lambda version: version.title)


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
