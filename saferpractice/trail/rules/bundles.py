"""The two files that make a pack checkable by anybody: ``manifest.json`` and ``proofs.json``.

The manifest names every file of a pack with its hash, and every trail entry that the pack cites. Its own hash stands
in the facts of a trail entry (``MANIFEST_FACT``), written when the pack was made; ``proofs.json`` proves by inclusion
proofs (RFC 6962) that this entry and the others which the pack cites are under a signed head. So whoever trusts the
public key needs to trust nothing else. ``proofs.json`` comes after that head and is not in the manifest: the signature
is what holds it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter, ValidationError

from saferpractice.trail.rules.entries import content_hash, hash_of_parts, plain
from saferpractice.trail.rules.heads import BadKey, Forged, Head, PublicKey, read_head
from saferpractice.trail.rules.merkle import included, leaf_hash

MANIFEST = "manifest.json"
PROOFS = "proofs.json"
MANIFEST_FACT = "manifest_sha256"
"""The fact, in the entry that says a pack was made, which holds the hash of its manifest."""
MANIFEST_FORMAT: Literal["saferpractice manifest 1"] = "saferpractice manifest 1"
PROOFS_FORMAT: Literal["saferpractice proofs 1"] = "saferpractice proofs 1"

T = TypeVar("T")


class BadBundle(ValueError):
    """A file is not a manifest or not proofs; the message says so in a sentence."""


class Shown(Enum):
    """How much of a cited entry a pack shows. The proof holds for each; what is not shown cannot be read back."""

    HASH = "hash"
    """That an entry of this hash was there, and nothing of it."""
    PARTS = "parts"
    """When, by whom (name and role), which operation and record; not the words."""
    WORDS = "words"
    """The sentence and the facts too."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an entry says, and the salt without which its hash cannot be made."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    salt: str
    sentence: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an entry that its hash is made of, beside its provider and place; as ``entry_hash`` takes them."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    previous: str
    at: str
    operation: str
    by: str | None
    name: str
    role: str
    subject: str
    subject_id: str
    story: str | None
    content: str


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """One entry that a pack cites.

    Attributes:
        sequence: its place in the provider's trail, from 1.
        hash: lower-case hex; the Merkle tree's leaf is made of its bytes.
        path: the inclusion proof, lowest node first, each lower-case hex.
        parts, words: as much of it as is shown (``Shown``); words never without parts.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    sequence: int
    hash: str
    path: list[str]
    parts: Parts | None = None
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Proofs:
    """What ``proofs.json`` says.

    Attributes:
        head: the signed note (``rules.heads``) of the head that covers every entry here.
        keys: the public keys that heads are signed by, as the pack says; to be compared with what was told elsewhere.
        entries: in the order of their places.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    format: Literal["saferpractice proofs 1"]
    head: str
    keys: list[str]
    entries: list[ProvenEntry]

    def plain(self) -> dict[str, Any]:
        """As JSON's own types."""
        return asdict(self)

    def text(self) -> bytes:
        """The bytes of ``proofs.json``: the same for the same proofs."""
        return _text(self.plain())


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file of a pack: its path inside, with forward slashes, and the SHA-256 of its bytes in lower-case hex."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says.

    Attributes:
        title, provider, made_at: the pack's title, whose it is, and when it was made (UTC).
        files: every file in it.
        entries: the places of the trail entries that it cites, ascending: so that no proof can be taken away unseen.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    format: Literal["saferpractice manifest 1"]
    title: str
    provider: str
    made_at: str
    files: list[ListedFile]
    entries: list[int] = field(default_factory=list)

    def text(self) -> bytes:
        """The bytes of ``manifest.json``: the same for the same manifest."""
        return _text(asdict(self))


def manifest_of(*, title: str, provider_id: UUID, at: datetime, files: Mapping[str, bytes]) -> Manifest:
    """The manifest of a pack's files by their paths; ``MANIFEST`` and ``PROOFS`` are not among them.

    Raises:
        BadBundle: a file has a path that no pack may hold.
    """
    wrong = [path for path in files if bad_path(path) or path in {MANIFEST, PROOFS}]
    if wrong:
        raise BadBundle(f"A pack cannot hold a file called {wrong[0]!r}.")
    listed = [ListedFile(path, hashlib.sha256(files[path]).hexdigest(), len(files[path])) for path in sorted(files)]
    return Manifest(MANIFEST_FORMAT, title, str(provider_id), plain(at), listed)


def manifest_facts(manifest: Manifest) -> dict[str, str]:
    """The facts that the trail entry of making the pack must hold, so that nobody can exchange the list of files."""
    return {MANIFEST_FACT: hashlib.sha256(manifest.text()).hexdigest()}


def bad_path(path: str) -> bool:
    """Whether a path could lead out of the folder a pack is unpacked to, or differ from one system to another."""
    pieces = path.split("/")
    strange = any(ord(letter) < 32 or letter in '\\:*?"<>|\x7f' for letter in path)
    return strange or any(piece in {"", ".", ".."} or piece != piece.strip(" ") or piece[-1] == "." for piece in pieces)


def read_manifest(raw: bytes) -> Manifest:
    """``manifest.json`` read.

    Raises:
        BadBundle: it is not one.
    """
    return _read(MANIFEST, Manifest, raw)


def read_proofs(raw: bytes) -> Proofs:
    """``proofs.json`` read.

    Raises:
        BadBundle: it is not one.
    """
    return _read(PROOFS, Proofs, raw)


def _read(name: str, kind: type[T], raw: bytes) -> T:
    try:
        return TypeAdapter(kind).validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "its first line"
        raise BadBundle(f"{name} is not what it should be, at {where[:80]}: {first['msg'][:120]}.") from error


def _text(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking proofs found.

    Attributes:
        head: the signed head; None when it is forged, and then nothing else was checked.
        troubles: what is wrong, each a sentence; none when every entry is proven.
    """

    head: Head | None
    troubles: tuple[str, ...]


def check_proofs(proofs: Proofs, keys: Collection[PublicKey]) -> Checked:
    """Whether a key of ``keys`` signed the head, and whether each entry is what it says and under that head."""
    try:
        head = read_head(proofs.head, keys)
    except Forged as error:
        return Checked(None, (f"The signed head does not hold: {error}.",))
    found: list[str] = []
    times = Counter(entry.sequence for entry in proofs.entries)
    found += [f"Entry {place} is in the proofs more than once." for place in sorted(times) if times[place] > 1]
    for entry in proofs.entries:
        found += _troubles_of(entry, head)
    return Checked(head, tuple(found))


def _troubles_of(entry: ProvenEntry, head: Head) -> Iterable[str]:
    words, parts = entry.words, entry.parts
    if words is not None and parts is None:
        yield f"Entry {entry.sequence} shows its words and not the rest that its hash is made of."
    if words is not None and parts is not None and _content(words) != parts.content:
        yield f"The words of entry {entry.sequence} are not those that were written."
    if parts is not None and _hashed(entry, parts, head.provider_id) != entry.hash:
        yield (
            f"What is shown of entry {entry.sequence} ({parts.operation}, {parts.at}) is not what was written: its hash"
            " is another."
        )
    if entry.sequence > head.size:
        yield f"Entry {entry.sequence} is not under the signed head, which ends at entry {head.size}."
    elif not _included(entry, head):
        yield f"Entry {entry.sequence} is not proven: its proof does not lead to the signed head."


def _content(words: Words) -> str:
    try:
        return content_hash(salt=words.salt, sentence=words.sentence, facts=words.facts)
    except (ValueError, RecursionError):  # a float, half a character: nothing that an entry can hold
        return ""


def _hashed(entry: ProvenEntry, parts: Parts, provider_id: UUID) -> str:
    try:
        return hash_of_parts(asdict(parts) | {"provider": str(provider_id), "sequence": entry.sequence})
    except ValueError:
        return ""


def _included(entry: ProvenEntry, head: Head) -> bool:
    try:
        leaf, path = leaf_hash(bytes.fromhex(entry.hash)), [bytes.fromhex(node) for node in entry.path]
    except ValueError:
        return False
    return included(leaf, entry.sequence - 1, head.size, path, head.root)


def manifest_named(proofs: Proofs, manifest: bytes) -> int | None:
    """The place of the entry whose facts hold this manifest's hash; None when none does.

    Only worth anything for proofs in which ``check_proofs`` finds nothing wrong.
    """
    wanted = hashlib.sha256(manifest).hexdigest()
    for entry in proofs.entries:
        if entry.words is not None and entry.words.facts.get(MANIFEST_FACT) == wanted:
            return entry.sequence
    return None


def unproven(proofs: Proofs, manifest: Manifest) -> list[int]:
    """The places of the entries that a pack cites and does not prove, ascending."""
    return sorted(set(manifest.entries) - {entry.sequence for entry in proofs.entries})


def keys_in(proofs: Proofs) -> tuple[PublicKey, ...]:
    """The public keys that a pack brings along; what is none is left out."""
    found = []
    for text in proofs.keys:
        try:
            found.append(PublicKey.read(text))
        except BadKey:
            continue
    return tuple(found)
