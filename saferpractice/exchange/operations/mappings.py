"""Keeping a mapping to use it again."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Provider
from saferpractice.exchange.models import KeptMapping
from saferpractice.exchange.permissions import check_can_import
from saferpractice.exchange.rules.mapping import ImportMapping, as_data
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.rules import By


@operation
def keep_mapping(
    *, by: By, at: datetime, provider: Provider, mapping: ImportMapping
) -> Entry[KeptMapping] | Already[KeptMapping]:
    """Keep a mapping under its name. An earlier one of that name stays on record; the newest is in force."""
    check_can_import(by=by, at=at, provider_id=provider.pk)
    data = as_data(mapping)
    named = KeptMapping.objects.filter(provider=provider, name=mapping.name)
    newest = named.order_by("-decided_at", "-pk").first()
    if newest is not None and newest.content == data:
        return Already(newest)
    kept = KeptMapping.objects.create(provider=provider, name=mapping.name, content=data, **decided(by, at))
    return Entry(result=kept, subject=kept, sentence=f"kept the import mapping {mapping.name}")
