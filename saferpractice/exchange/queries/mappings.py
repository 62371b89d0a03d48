"""The mappings one may choose from: those that ship, and those a provider has kept."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import UUID

from saferpractice.exchange.models import KeptMapping
from saferpractice.exchange.rules.mapping import ImportMapping, mapping_from_data, mapping_from_text

DATA = Path(__file__).resolve().parent.parent / "data"


@cache
def shipped_mappings() -> dict[str, ImportMapping]:
    """The mappings that ship, by the name of their file. Read and checked once for each process."""
    return {path.stem: mapping_from_text(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.yml"))}


def kept_mappings(provider_id: UUID) -> list[KeptMapping]:
    """The mappings a provider has kept, the newest of each name, by name."""
    newest: dict[str, KeptMapping] = {}
    for kept in KeptMapping.objects.filter(provider_id=provider_id).order_by("name", "decided_at", "pk"):
        newest[kept.name] = kept
    return list(newest.values())


def mapping_choices(provider_id: UUID) -> list[tuple[str, str]]:
    """What may be chosen: a key for ``find_mapping``, and a name."""
    kept = [(f"kept:{one.pk}", one.name) for one in kept_mappings(provider_id)]
    shipped = [(f"shipped:{key}", mapping.name) for key, mapping in shipped_mappings().items()]
    return kept + shipped


def find_mapping(key: str, provider_id: UUID) -> ImportMapping | None:
    """The mapping a key of ``mapping_choices`` stands for, or None."""
    kind, _, rest = key.partition(":")
    if kind == "shipped":
        return shipped_mappings().get(rest)
    kept = next((one for one in kept_mappings(provider_id) if f"kept:{one.pk}" == key), None)
    return mapping_from_data(kept.content) if kept else None
