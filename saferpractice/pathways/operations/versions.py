"""Put a pathway in use, and set the values a service may choose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider, Service
from saferpractice.pathways.models import LocalValues, PathwayVersion
from saferpractice.pathways.permissions import check_can_put_in_use, check_can_set_values
from saferpractice.pathways.queries import standings
from saferpractice.pathways.rules.definition import Definition, Value
from saferpractice.pathways.rules.reading import content_of
from saferpractice.pathways.rules.versions import VersionState
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def put_in_use(
    *, by: By, at: datetime, provider: Provider, definition: Definition
) -> Entry[PathwayVersion] | Already[PathwayVersion]:
    """Put ``definition`` in use for ``provider`` from ``at``. The very same as the version in use changes nothing.

    This is how a pathway comes into use at first. A person who wants one that is in use to be worked otherwise drafts
    the change, and somebody else approves it (``proposing``); the set-up of a provider may put a newer one.

    Raises:
        Refused: ``by`` may not.
        Invalid: another version is in use, or approved already, and ``by`` is a person.
    """
    check_can_put_in_use(by=by, at=at, provider_id=provider.pk)
    Provider.objects.select_for_update().get(pk=provider.pk)  # one number for each version, also when two put at once
    content = content_of(definition)
    found = standings(provider.pk, definition.pathway, at)
    standing = next((each for each in found if each.state in {VersionState.LIVE, VersionState.COMING}), None)
    if standing is not None and standing.version.content == content:
        return Already(standing.version)
    if standing is not None and isinstance(by, Person):
        raise Invalid("This pathway is in use. Draft the change; somebody else then approves it.")
    newest = found[0].version if found else None
    version = PathwayVersion.objects.create(
        provider=provider,
        pathway=definition.pathway,
        number=newest.number + 1 if newest else 1,
        title=definition.title,
        content=content,
        live_from=at,
        **decided(by, at),
    )
    return Entry(
        result=version, subject=version, sentence=f"put the pathway “{version.title}” in use, version {version.number}"
    )


@operation
def set_local_values(
    *, by: By, at: datetime, service: Service, definition: Definition, values: Mapping[str, Value]
) -> Entry[LocalValues] | Already[LocalValues]:
    """Set what a service may choose on a pathway; what is left out takes its default.

    What is owed already keeps its deadline or comes due sooner, never later.

    Raises:
        Refused: ``by`` may not.
        Invalid: a value outside its bounds, beside its field.
    """
    check_can_set_values(by=by, at=at, service=service)
    problems = {
        name: f"This {problem}"
        for name, value in values.items()
        if name in definition.locals and (problem := definition.locals[name].problem_with(value))
    }
    if set(values) - set(definition.locals):
        problems[""] = "There is no such value on this pathway."
    if problems:
        raise Invalid(problems)
    kept = {name: value for name, value in values.items() if value != definition.locals[name].default}
    newest = LocalValues.objects.filter(service=service, pathway=definition.pathway).order_by("-decided_at").first()
    if (newest.values if newest else {}) == kept:
        return Already(newest or LocalValues(provider=service.provider, service=service, pathway=definition.pathway))
    chosen = LocalValues.objects.create(
        provider=service.provider, service=service, pathway=definition.pathway, values=kept, **decided(by, at)
    )
    return Entry(
        result=chosen,
        subject=chosen,
        sentence=f"set the values of the pathway “{definition.title}” for {service.name}",
        facts={"values": kept},
    )
