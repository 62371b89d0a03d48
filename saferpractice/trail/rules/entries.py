"""What an entry says, its one text form, and how entries are chained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

GENESIS = "0" * 64
NAME_WITHHELD = "A colleague (name withheld)"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who acted, as it was at that moment: a later change of name or role does not rewrite it."""

    id: UUID | None
    name: str
    role: str


class By(Protocol):
    """Whoever can act: a person, or a named process."""

    def signature(self, at: datetime) -> Signature:
        """Name and role at ``at``."""
        ...


@dataclass(frozen=True, slots=True)
class Process:
    """A named process that acts without a person, such as the worker."""

    name: str

    def signature(self, at: datetime) -> Signature:
        """A process has a name and no id."""
        return Signature(id=None, name=self.name, role="process")


class NotCanonical(ValueError):
    """Facts hold something whose text form is not fixed (a float, an unknown type)."""


def canonical(facts: Mapping[str, Any]) -> str:
    """Facts as JSON text with one possible form: sorted keys, no spaces, no floats, times in UTC.

    Raises:
        NotCanonical: a value is a float or of a type with no fixed text form; write it as a string.
    """
    return canonical_plain(plain(facts))


canonical_plain = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
"""``canonical`` of what is made of JSON's own types already, as it comes out of the database."""


def plain(value: Any) -> Any:
    """``value`` with ids, times and tuples turned into JSON's own types."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    raise NotCanonical(f"{type(value).__name__} cannot stand in a trail entry: write it as text")


def content_hash(*, salt: str, sentence: str, facts: Mapping[str, Any]) -> str:
    """Hash of what an entry says. Salted, so that erasing the words leaves a hash nobody can guess back."""
    return content_hash_of(salt, sentence, canonical(facts))


def content_hash_of(salt: str, sentence: str, facts: str) -> str:
    """The same of facts whose canonical text is known."""
    return hashlib.sha256(f"{salt}\n{sentence}\n{facts}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class About:
    """What an entry is about: the record, and the incident in whose story it stands (None: in none)."""

    subject_type: str
    subject_id: UUID
    story_id: UUID | None


def entry_hash(
    *,
    previous: str,
    provider_id: UUID,
    sequence: int,
    at: datetime,
    operation: str,
    signature: Signature,
    about: About,
    content: str,
) -> str:
    """Hash that chains one entry to the one before it, within one provider; no entry can pass to another story."""
    return hash_of_parts(
        {
            "previous": previous,
            "provider": str(provider_id),
            "sequence": sequence,
            "at": plain(at),
            "operation": operation,
            "by": plain(signature.id),
            "name": signature.name,
            "role": signature.role,
            "subject": about.subject_type,
            "subject_id": plain(about.subject_id),
            "story": plain(about.story_id),
            "content": content,
        }
    )


def hash_of_parts(parts: Mapping[str, str | int | None]) -> str:
    """SHA-256, in lower-case hex, of the canonical text of an entry's parts: its bytes, wherever it is checked."""
    return hashlib.sha256(canonical_plain(parts).encode()).hexdigest()
