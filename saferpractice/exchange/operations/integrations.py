"""Set up a care record system, renew its keys, revoke it, and write what staff tick through it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider, Service, Team
from saferpractice.config.encryption import encrypt
from saferpractice.design.typed import as_written
from saferpractice.exchange.models import Integration, IntegrationEnd, IntegrationKey
from saferpractice.exchange.permissions import check_can_integrate
from saferpractice.exchange.rules.links import origins_of
from saferpractice.pathways.models import PathwayRecord, PathwayVersion
from saferpractice.pathways.operations import begin_case
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By

TOKEN_PREFIX = "sp_"  # noqa: S105 - what a token begins with, so that scanners of leaked secrets know it
LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class NewKeys:
    """What is shown once and never again."""

    integration: Integration
    token: str
    link_secret: str


def hash_of(token: str) -> str:
    """What is kept of a token. It is long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def context_of(integration: Integration) -> str:
    """What the secret for links is bound to."""
    return f"exchange.integrationkey:{integration.pk}"


@operation
def set_up_integration(
    *, by: By, at: datetime, provider: Provider, name: str, origins: str, services: Sequence[Service]
) -> Entry[NewKeys]:
    """Let a care record system hold the checklist for ``services``, in frames on ``origins`` (one a line).

    Raises:
        Refused: ``by`` is no administrator here.
        Invalid: no name, an origin that cannot be used, no service or one of another provider.
    """
    check_can_integrate(by=by, at=at, provider_id=provider.pk)
    problems: dict[str, str] = {}
    if not as_written(name):
        problems["name"] = "Enter what the system is called"
    allowed: list[str] = []
    try:
        allowed = origins_of(origins)
    except ValueError as error:
        problems["origins"] = str(error)
    if not services or any(service.provider_id != provider.pk for service in services):
        problems["services"] = "Choose one of your services at least"
    if problems:
        raise Invalid(problems)
    integration = Integration.objects.create(
        provider=provider, name=name.strip()[:120], origins=allowed, **decided(by, at)
    )
    integration.services.set(services)
    return Entry(
        result=_new_keys(by, at, integration),
        subject=integration,
        sentence=f"set up the integration “{integration.name}”",
        facts={"origins": allowed, "services": sorted(service.name for service in services)},
    )


@operation
def renew_keys(*, by: By, at: datetime, integration: Integration) -> Entry[NewKeys]:
    """Give an integration new keys; those before stop working at once.

    Raises:
        Refused: ``by`` is no administrator here.
        Invalid: it is revoked.
    """
    check_can_integrate(by=by, at=at, provider_id=integration.provider_id)
    if IntegrationEnd.objects.filter(integration=integration).exists():
        raise Invalid("This integration is revoked. Set up a new one.")
    return Entry(
        result=_new_keys(by, at, integration),
        subject=integration,
        sentence=f"renewed the keys of the integration “{integration.name}”",
    )


@operation
def revoke_integration(
    *, by: By, at: datetime, integration: Integration, reason: str
) -> Entry[IntegrationEnd] | Already[IntegrationEnd]:
    """Revoke an integration, for good: no link, page or call of it works from now on.

    Raises:
        Refused: ``by`` is no administrator here.
        Invalid: no reason.
    """
    check_can_integrate(by=by, at=at, provider_id=integration.provider_id)
    integration = Integration.objects.select_for_update(of=("self",)).get(pk=integration.pk)
    earlier = IntegrationEnd.objects.filter(integration=integration).first()
    if earlier is not None:
        return Already(earlier)
    if not as_written(reason):
        raise Invalid({"reason": "Say why it is revoked"})
    end = IntegrationEnd.objects.create(integration=integration, reason=reason.strip(), **decided(by, at))
    return Entry(result=end, subject=integration, sentence=f"revoked the integration “{integration.name}”")


@operation
def write_through(
    *,
    by: Person,
    at: datetime,
    integration: Integration,
    team: Team,
    version: PathwayVersion,
    person_reference: str,
    happened_at: datetime,
    values: Mapping[str, Any],
    key: str,
) -> Entry[PathwayRecord] | Already[PathwayRecord]:
    """Write what a member of staff ticked in a care record system, by their own name, as ``begin_case`` does.

    ``key`` is the integration's own: the same key again gives the same record.

    Raises:
        Refused: they do not work there, or may not make such records.
        Invalid: as ``begin_case``; or the key is missing or too long.
    """
    if not key or len(key) > LONGEST_KEY:
        raise Invalid({"key": f"Give the request a key of its own, {LONGEST_KEY} characters at most."})
    submission_key = f"{integration.pk.hex}:{key}"
    before = PathwayRecord.objects.filter(case__provider_id=team.provider_id, submission_key=submission_key).exists()
    record = begin_case(
        by=by,
        at=at,
        team=team,
        version=version,
        person_reference=person_reference,
        happened_at=happened_at,
        values=values,
        submission_key=submission_key,
    )
    if before:
        return Already(record)
    return Entry(
        result=record,
        subject=record.case,
        story_id=record.case_id,
        sentence=f"did so in “{integration.name}”",
        facts={"integration": integration.pk, "record": record.pk},
    )


def _new_keys(by: By, at: datetime, integration: Integration) -> NewKeys:
    keys = NewKeys(integration, TOKEN_PREFIX + secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    IntegrationKey.objects.create(
        integration=integration,
        token_hash=hash_of(keys.token),
        link_secret_encrypted=encrypt(keys.link_secret, context_of(integration)),
        **decided(by, at),
    )
    return keys
